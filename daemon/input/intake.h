/* What inputs over the network do with bytes, whoever brings them: bytes → a reader's units → a
 * teller's messages → the fold and the bus. One intake for each input; one feed for each peer that
 * sends to it. Loop thread. */
#ifndef HZ_DAEMON_INPUT_INTAKE_H
#define HZ_DAEMON_INPUT_INTAKE_H

#include "daemon/input/input.h"
#include "daemon/input/net.h"

struct hz_intake;
struct hz_feed;

/* conf is borrowed. NULL: no memory. */
struct hz_intake *hz_intake_new(const struct hz_input_env *env,
                                const struct hz_conf_net_input *conf);
/* Frees it; its timer is closed, so the loop must still run. Its feeds are freed before. */
void hz_intake_close(struct hz_intake *in, void (*closed)(void *ctx), void *ctx);

/* Messages may come now: what our own channels hear is held for their copies (bus/fold.h). */
void hz_intake_up(struct hz_intake *in, bool up);
/* Adds its counters to the input's status. */
void hz_intake_status(const struct hz_intake *in, cJSON *item);

/* Peer: for the log. NULL: no memory. */
struct hz_feed *hz_feed_new(struct hz_intake *in, const char *peer);
void hz_feed_free(struct hz_feed *f);
/* Takes of n bytes as many as the time left in this turn allows, and returns their number. */
size_t hz_feed_take(struct hz_feed *f, const char *p, size_t n);
/* Takes a datagram, whole. */
void hz_feed_datagram(struct hz_feed *f, const char *p, size_t n);
/* What the peer said is wrong; "": nothing. Of format json. */
const char *hz_feed_error(const struct hz_feed *f);
/* How long a peer that is alive is silent at most, in ms; 0: for ever. */
uint64_t hz_feed_silence_ms(const struct hz_feed *f);
/* The line that a client of another hertzd sends first, with its newline: it asks for messages from
 * where the last connection ended. 0: the format has none. */
size_t hz_intake_greeting(const struct hz_intake *in, char *text, size_t size);

#endif
