/* The speech of channels on its way to those who listen: pages, by a feed (daemon/serve/feed.h),
 * and players (daemon/serve/http_audio.c). Frames of speech come from the bus once for all of them.
 *
 * A page gets speech only. A player gets a piece of 20 ms for each 20 ms of time, silence where
 * there is no speech, since players stop when nothing comes. A piece of a transmission is never
 * held up: what comes faster than time passes is made up for by less silence after it. */
#ifndef HZ_DAEMON_SERVE_SOUND_H
#define HZ_DAEMON_SERVE_SOUND_H

#include "daemon/bus/bus.h"
#include "daemon/serve/client.h"
#include "dsp/opus.h"

struct hz_decoder;
struct hz_sounds;
struct hz_sound;

/* Loop thread: everything here. bus and decoders are borrowed. NULL: no memory. */
struct hz_sounds *hz_sounds_new(uv_loop_t *loop, struct hz_bus *bus,
                                const struct hz_decoder *const *decoders);
/* All clients must be gone. It is freed in a later iteration of the loop. NULL is allowed. */
void hz_sounds_close(struct hz_sounds *s);

/* The rate of the speech of a channel, of those that there are now. 0: no channel of that name has
 * speech; err says so, and which do. */
unsigned hz_sounds_rate(const struct hz_sounds *s, const char *channel, char *err, size_t err_len);

/* ---- players ---------------------------------------------------------------------------- */

enum { HZ_PLAYER_QUEUE = 512 }; /* pieces: 10 s */

/* One who gets a piece of 20 ms every 20 ms. Embedded in its owner, which fills in client and opus.
 */
struct hz_player {
    struct hz_client *client; /* woken when pieces are new */
    bool opus;                /* needs the packets, not only the samples */
    struct hz_sound *sound;
    struct hz_player *next;
    size_t first, n;
    struct hz_frame *waiting[HZ_PLAYER_QUEUE]; /* a ring; NULL: silence */
};

/* Begins with what comes next. -ENOMEM. */
int hz_player_join(struct hz_player *p, struct hz_sounds *s, const char *channel);
void hz_player_leave(struct hz_player *p);
/* Takes the oldest piece, with a reference for the caller; *piece is NULL: it is silence. False:
 * none waits. When the queue is full, all in it are dropped and counted as missed by the client: it
 * goes on with what is said now. */
bool hz_player_next(struct hz_player *p, struct hz_frame **piece);
/* A packet of silence. */
const uint8_t *hz_sounds_silence(const struct hz_sounds *s, size_t *n);

/* ---- pages ------------------------------------------------------------------------------ */

/* Of sound_feed.c: what a WebSocket client asks with {"audio":{…}} (daemon/serve/mux.h). */
int hz_sound_take(struct hz_client *c, const cJSON *words, char *err, size_t err_len);

/* Between sound.c and sound_feed.c. */
extern const struct hz_feed_kind hz_sound_feed;
struct hz_feed;
/* The feed of a channel that hz_sounds_rate knows, whose client may join; NULL: no memory. After
 * that: hz_sound_changed. */
struct hz_feed *hz_sounds_feed(struct hz_sounds *s, const char *channel);
/* Somebody has come or gone; frees it when nobody is left. */
void hz_sound_changed(struct hz_feed *f);
/* Gives a frame of speech with a packet to the feed's clients. */
void hz_sound_push(struct hz_feed *f, const struct hz_frame *piece);

#endif
