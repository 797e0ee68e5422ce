/* The channels of one receiver, and the order in which their messages are published.
 *
 * A wideband decoder gets the blocks of samples as they come. All other decoders share the spectra
 * that the band strand makes of them. In a live stream each result is published at once. A replay
 * is cut into *turns* of a fixed length, and messages are published in the order of turn, then
 * channel, no matter which job finished first. So the same recording gives the same bytes with any
 * number of workers and any length of blocks.
 *
 * Loop thread: everything here. */
#ifndef HZ_DAEMON_RECEIVE_CHANNELS_H
#define HZ_DAEMON_RECEIVE_CHANNELS_H

#include "daemon/receive/band.h"
#include "daemon/receive/visits.h"

struct hz_channels_env {
    struct hz_jobs *jobs;
    struct hz_bus *bus;
    struct hz_fold *fold;                    /* where repeats are merged; NULL: they are not */
    const struct hz_conf_receiver *receiver; /* borrowed */
    bool live;
    bool timed; /* the stream runs in real time; otherwise as fast as possible */
    /* Called with each new batch of spectra before the channels get it. A visit that is opened here
     * (hz_channels_visit) gives the same messages in every replay. NULL: not called. */
    void (*batch)(void *ctx, struct hz_spectra *s);
    size_t held; /* batches that `batch` may hold */
    /* Whether it wants spectra of the whole band, not only of the part where channels lie. NULL: it
     * does not. */
    bool (*wants_all)(const void *ctx);
    /* As in struct hz_channel_env. NULL: not called. */
    void (*heard)(void *ctx, const struct hz_channel *c, const struct hz_record *rec, double ppm);
    /* Called when something was published, or when there may be room again. */
    void (*progress)(void *ctx);
    void *ctx;
};

struct hz_channels {
    struct hz_channels_env env;
    double rate_hz, centre_hz;  /* of the stream; 0: no stream has begun */
    double latitude, longitude; /* of the receiver's antenna; NAN: unknown */
    double shift_ppm;           /* hz_channels_shift */
    bool may_shift;             /* that was called */
    const char *mark;           /* mark of the stream's lines (see struct hz_sink) */
    bool hops;                  /* a channel is given only the bands that hold it */
    bool audio;                 /* the stream is audio, not I/Q samples; all channels get it */
    /* channels of the configuration and of visits, in the order they were added */
    struct hz_channel **list;
    size_t n;
    struct hz_visits visits;
    bool anywhere;             /* visits may open anywhere, also where no channel takes bursts */
    struct hz_jobs_call go_on; /* results are ready, or there is room again */
    int64_t added;             /* channels ever added */
    /* NULL: no channel needs spectra, or there are none (see `error`) */
    struct hz_band_strand *band;
    char error[160];     /* why there are no spectra; "": no fault */
    uint64_t turn;       /* turn of the next block */
    uint64_t shared;     /* turn of the next batch of spectra */
    bool patient;        /* hz_channels_patient */
    uint64_t publishing; /* turn that is being published */
    /* index of the channel whose result of that turn is published next */
    size_t next;
};

void hz_channels_init(struct hz_channels *c, const struct hz_channels_env *env);

/* Adds a channel, at any time. 0 or -ENOMEM. */
int hz_channels_add(struct hz_channels *c, const struct hz_conf_channel *conf);
/* Removes a channel without disturbing the others. 0, or -ENOENT if there is no such channel. */
int hz_channels_remove(struct hz_channels *c, const char *name);

/* The channel of that section learns what it knows now (hz_channel_learn). False: no channel's
 * section says the same. */
bool hz_channels_learn(struct hz_channels *c, const struct hz_conf_channel *conf);

/* Allows so many visits at once (HZ_VISITS_MAX at most); from now on there are spectra, whether a
 * channel wants them or not. Before the stream begins. -ENOMEM. */
int hz_channels_allow_visits(struct hz_channels *c, size_t limit);
/* Opens a channel for a while, from the past on: daemon/receive/visits.h. The number of the visit,
 * from 1 on; -EAGAIN, -EINVAL, -ENOBUFS (the pool is used up, which is counted), -ENOMEM, with a
 * line in err. Its messages are those of a channel named DECODER@MHZ. */
int64_t hz_channels_visit(struct hz_channels *c, const struct hz_visit *visit, char *err,
                          size_t err_len);
/* Ends a visit with the next batch. -ENOENT: the visit is over already. */
int hz_channels_leave(struct hz_channels *c, uint64_t visit);

/* Sets the mark of the lines of the next stream; NULL: none. */
void hz_channels_mark(struct hz_channels *c, const char *mark);
/* Sets the position of the receiver's antenna: see hz_channel_place. */
void hz_channels_place(struct hz_channels *c, double latitude, double longitude);

/* Begins a stream. The stream before it must be finished and published. centre_hz is 0 if it is
 * unknown. */
void hz_channels_begin(struct hz_channels *c, enum hz_format format, double rate_hz,
                       double centre_hz);
/* Live streams: sets whether the next blocks can wait outside, as those of a server can. If so,
 * spectra wait for room as in a replay, and the caller stops delivering while there is none. If
 * not, blocks and spectra that find no room are dropped. */
void hz_channels_patient(struct hz_channels *c, bool patient);

/* Whether the receiver dwells in several bands, of which the stream's present one is around
 * centre_hz. Then a channel has no part in a band that does not hold it: it is *away*. A change of
 * the band is the end of a stream and the beginning of the next one. */
void hz_channels_hop(struct hz_channels *c, bool hops, double centre_hz);
/* Whether a channel has a part in that band. */
bool hz_channels_hears(const struct hz_channels *c, const struct hz_channel *channel,
                       double centre_hz);
/* Whether something is being received in the stream's band: a squelch or a burst is open,
 * or a decoder is in the middle of a transmission. */
bool hz_channels_busy(const struct hz_channels *c);
/* Moves all channels to where their carriers are, as hz_channel_shift. */
void hz_channels_shift(struct hz_channels *c, double ppm);

/* The next block, with its clock; b->ends_turn counts in a replay. */
void hz_channels_push(struct hz_channels *c, struct hz_block *b, struct hz_stamp stamp);
/* Ends the stream: all channels decode what they still hold. */
void hz_channels_finish(struct hz_channels *c, struct hz_stamp stamp);

/* Replay: whether there is room for another block. */
bool hz_channels_have_room(const struct hz_channels *c);
/* True if everything that was pushed has been decoded and published. */
bool hz_channels_done(const struct hz_channels *c);

/* Closes all channels and the band strand. Each part (hz_channels_parts counts them) is freed when
 * its job in flight is done, and closed is called once for each. */
void hz_channels_close(struct hz_channels *c, void (*closed)(void *ctx), void *ctx);
size_t hz_channels_parts(const struct hz_channels *c);

#endif
