/* The channels that listen to one receiver, and the order in which what they find is published.
 *
 * A decoder of the whole band is fed the blocks as they come; all others share the spectra that the
 * band strand makes of them. Live, each result goes on the bus at once. In a replay the stream is
 * cut into *turns* of a fixed length, and messages go out in the order of turn, then channel,
 * whoever finished first: so the same recording gives the same bytes with any number of workers
 * and any length of blocks. Loop thread: everything here. */
#ifndef HZ_DAEMON_RECEIVE_CHANNELS_H
#define HZ_DAEMON_RECEIVE_CHANNELS_H

#include "daemon/receive/band.h"
#include "daemon/receive/visits.h"

struct hz_channels_env {
    struct hz_jobs *jobs;
    struct hz_bus *bus;
    struct hz_fold *fold;                    /* NULL: repeats are not folded */
    const struct hz_conf_receiver *receiver; /* borrowed */
    bool live;
    bool timed; /* the stream goes on as time does; else as fast as it can */
    bool fixed; /* no channel comes once the stream runs: a part of the band may do */
    /* A batch of spectra was made and is about to be given out: the place where hz_channels_visit
     * gives the same messages in every replay. NULL: nobody asks. */
    void (*batch)(void *ctx, const struct hz_spectra *s);
    /* Something was published, or there may be room again. */
    void (*progress)(void *ctx);
    void *ctx;
};

struct hz_channels {
    struct hz_channels_env env;
    double rate_hz, centre_hz; /* of the stream; 0: none was begun */
    const char *mark;          /* of its lines: see struct hz_sink */
    bool audio;                /* it is no band, but audio, which all channels hear */
    struct hz_channel **list;  /* those of the configuration and of visits, as they came */
    size_t n;
    struct hz_visits visits;
    int64_t added;               /* channels ever added */
    struct hz_band_strand *band; /* NULL: no channel wants spectra, or `error` */
    char error[160];             /* why there are no spectra; "" */
    uint64_t turn;               /* of the next block */
    uint64_t shared;             /* of the next batch of spectra */
    bool patient;                /* hz_channels_patient */
    uint64_t publishing;         /* whose turn it is: this one, */
    size_t next;                 /* and this channel in it */
};

void hz_channels_init(struct hz_channels *c, const struct hz_channels_env *env);

/* Adds a channel, at any time. -ENOMEM. */
int hz_channels_add(struct hz_channels *c, const struct hz_conf_channel *conf);
/* Removes one; the others do not notice. -ENOENT. */
int hz_channels_remove(struct hz_channels *c, const char *name);

/* Allows so many visits at once (HZ_VISITS_MAX at most); from now on there are spectra, whether a
 * channel wants them or not. Before the stream begins. -ENOMEM. */
int hz_channels_allow_visits(struct hz_channels *c, size_t limit);
/* Opens a channel for a while, from the past on: daemon/receive/visits.h. The number of the visit,
 * from 1 on; -EAGAIN, -EINVAL, -ENOBUFS (the pool is used up, which is counted), -ENOMEM, with a
 * line in err. Its messages are those of a channel named DECODER@MHZ. */
int64_t hz_channels_visit(struct hz_channels *c, const struct hz_visit *visit, char *err,
                          size_t err_len);
/* Ends a visit with the next batch. -ENOENT: it is over. */
int hz_channels_leave(struct hz_channels *c, uint64_t visit);

/* What lines of the stream that begins next are marked with; NULL: nothing. */
void hz_channels_mark(struct hz_channels *c, const char *mark);
/* The receiver's place may be another than before. */
void hz_channels_place(struct hz_channels *c);

/* A stream begins; that before was finished and published. centre_hz: 0 when nobody knows. */
void hz_channels_begin(struct hz_channels *c, enum hz_format format, double rate_hz,
                       double centre_hz);
/* Live: whether the next blocks can wait on their way here. If so, spectra too wait for room as in
 * a replay, and the caller stops delivering while there is none; else what finds no room is shed.
 */
void hz_channels_patient(struct hz_channels *c, bool patient);

/* The next block, with its clock; b->ends_turn counts in a replay. */
void hz_channels_push(struct hz_channels *c, struct hz_block *b, struct hz_stamp stamp);
/* The end of the stream: all decode what they hold. */
void hz_channels_finish(struct hz_channels *c, struct hz_stamp stamp);

/* Replay: whether a block more is wanted. */
bool hz_channels_have_room(const struct hz_channels *c);
/* Everything pushed was decoded and published. */
bool hz_channels_done(const struct hz_channels *c);

/* Frees each of its hz_channels_parts when its job in flight is done, and calls closed for each. */
void hz_channels_close(struct hz_channels *c, void (*closed)(void *ctx), void *ctx);
size_t hz_channels_parts(const struct hz_channels *c);

#endif
