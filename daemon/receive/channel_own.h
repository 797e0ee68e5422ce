/* The structure of a channel, for channel.c (its jobs, blocks and results), channel_spectra.c (its
 * gate and its spectra) and channel_burst.c (a channel whose decoder takes bursts, and the channels
 * that serve them). Loop thread. */
#ifndef HZ_DAEMON_RECEIVE_CHANNEL_OWN_H
#define HZ_DAEMON_RECEIVE_CHANNEL_OWN_H

#include "daemon/receive/channel.h"
#include "daemon/receive/channel_turns.h"
#include "daemon/receive/decoding.h"
#include "daemon/receive/sightings.h"

struct hz_channel {
    struct hz_channel_env env;
    struct hz_conf_channel conf;
    char receiver[HZ_NAME_MAX + 1];
    struct hz_topic *topic;
    struct hz_channel *host;        /* whose burst it serves, and whose topic it has; or NULL */
    bool hosts;                     /* bursts: it has no samples itself */
    struct hz_sightings *sightings; /* of a host */
    struct hz_channel_stats stats;
    struct hz_tally tally;        /* of what was published */
    struct hz_channel_stats told; /* as the last `stats` line had them */
    struct hz_tally tally_told;
    struct hz_strand strand;
    struct hz_turner *turner;       /* its decoder hears turns, the strand commits; or NULL */
    struct hz_spectra_gate *gate;   /* of the batches that are made now; NULL: none */
    uint64_t first_turn, last_turn; /* first and last turn in which the channel takes part */
    uint64_t silent_to;             /* there is no result of the turns before this one */
    double latitude, longitude;     /* position of the receiver, for the next job */
    double shift_hz;                /* as struct hz_decoding has it, for the next job */
    uint64_t shed;                  /* samples lost since the last gap line */
    uint64_t shed_sample;           /* sample index of the first lost sample */
    uint32_t epoch;                 /* epoch of the piece that was queued last */
    bool fresh;                     /* nothing queued yet */
    struct hz_piece current;        /* the piece that the job in flight decodes */
    int64_t until_ns;               /* UTC up to which it has decoded; 0: nothing yet */
    /* the arena holds results of the current turn, which is not complete */
    bool goes_on;
    struct hz_decoding decoding;
    char reason[160]; /* why the channel does not decode; the loop's own copy, for status */
    bool deaf;        /* a narrow channel that gets no spectra */
    void (*closed)(void *ctx);
    void *closed_ctx;
};

/* Whether its decoder hears turns at the same time, and the strand commits them. */
static inline bool hz_channel_turns(const struct hz_channel *c)
{
    return c->turner && !c->decoding.audio;
}

/* It has decoded a piece: takes what the sink tells. */
void hz_channel_did(struct hz_channel *c, const struct hz_piece *p, const struct hz_sink *sink,
                    uint64_t cpu_ns);
/* struct hz_strand_ops.destroy. */
void hz_channel_destroy(void *owner);

/* Logs why the decoder could not be set up, if that is new. */
void hz_channel_tell_error(struct hz_channel *c);

/* Where its messages come from. */
struct hz_fold_from hz_channel_fold_from(const struct hz_channel *c);
/* Whether the stream was interrupted before the piece that it is given now. */
bool hz_channel_broke(struct hz_channel *c, uint32_t epoch, bool gap, struct hz_stamp stamp);
/* Counts a batch, and takes the level and the noise that its gate measured. */
void hz_channel_count_spectra(struct hz_channel *c, const struct hz_spectra *s,
                              const struct hz_mark *marks);

/* It has decoded a batch: up to where a slice of the last spectrum ends. */
void hz_channel_advance(struct hz_channel *c, const struct hz_spectra *s);

static inline int64_t hz_channel_utc_ns(const struct hz_stamp *stamp, uint64_t sample)
{
    double ahead = (double)(int64_t)(sample - stamp->sample);
    return stamp->utc_ns + (int64_t)(ahead * stamp->ns_per_sample);
}

/* What a burst's channel has counted becomes its host's. */
void hz_channel_hand_over(struct hz_channel *c);

#endif
