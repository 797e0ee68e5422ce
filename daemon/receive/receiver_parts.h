/* The structure and internal functions shared by receiver.c (states), receiver_flow.c (blocks),
 * receiver_clock.c (sample index and time), receiver_tune.c (tuning), receiver_hop.c (dwells of
 * several bands) and receiver_info.c (status). Loop thread. */
#ifndef HZ_DAEMON_RECEIVE_RECEIVER_PARTS_H
#define HZ_DAEMON_RECEIVE_RECEIVER_PARTS_H

#include "daemon/base/backoff.h"
#include "daemon/receive/adjust.h"
#include "daemon/receive/hop.h"
#include "daemon/receive/receiver.h"

/* Changes of the tuning, by a control client or by the configuration. */
struct hz_receiver_tuning {
    struct hz_tuning now;    /* the present tuning, or that of the next opening */
    char text[320];          /* outcome of the last change: hz_receiver_tuning_text */
    struct hz_tuning wanted; /* the tuning that the change in progress asks for */
    bool changing;
    bool hopping; /* the change in progress is a hop of the plan */
    /* the tuning that the configuration asks for, applied as soon as possible */
    struct hz_tuning later;
    bool has_later, later_sent;
};

/* Sample index and time. */
struct hz_receiver_count {
    uint32_t epoch, source_epoch;
    uint64_t next_sample;
    struct hz_stamp stamp;
    struct hz_clock clock; /* of a live source */
    /* lost samples that the clock has detected; they are added to the gap before the next block */
    uint64_t uncounted;
    enum hz_clock_pace pace; /* the pace that was reported last */
};

/* State of the flow of blocks from the source to the channels. */
struct hz_receiver_flow {
    bool pulled, waiting; /* a block was requested; a live source was told to wait */
    bool finishing;       /* the end of the stream is passing through the channels */
    bool hopped;          /* likewise the end of a dwell; the first block of the next one waits */
    /* block of a replay that waits until everything before it is published */
    struct hz_block *held;
    int64_t last_block; /* when the last block arrived (uv_hrtime) */
};

struct hz_receiver {
    struct hz_receiver_env env;
    const struct hz_conf_receiver *conf; /* own copy; never changed */
    struct hz_topic *topic;
    const struct hz_source_ops *ops;
    struct hz_source *src; /* NULL: no source is open */
    struct hz_receiver_life life;
    char logged[320]; /* why it waits, as was logged last; as life.reason */
    struct hz_receiver_tuning tuning;
    struct hz_receiver_count count;
    struct hz_receiver_flow flow;
    struct hz_adjust adjust;
    struct hz_receiver_stats stats;
    struct hz_receiver_stats told; /* as the last `stats` line had them */
    struct hz_hop hop;
    /* heard of each band, and the clock of the dwells, as the last `stats` line had them */
    double hop_told_s[HZ_HOPS_MAX], hop_told_at_s;
    struct hz_meter meter;
    struct hz_scope *scope; /* NULL: env.scopes is NULL */
    struct hz_channels channels;
    uv_timer_t retry, guard;
    struct hz_backoff backoff;
    int end_status;
    bool stopped; /* the receiver was told to stop: the source is not opened again */
    /* closing */
    size_t pending;
    void (*closed)(void *ctx);
    void *closed_ctx;
};

/* Changes the state, with a reason in words, and publishes a `state` line. */
void hz_receiver_set_state(struct hz_receiver *r, enum hz_receiver_state state, const char *reason);

/* Publishes a `state` line of the present state. */
void hz_receiver_publish_state(struct hz_receiver *r, const char *reason);

/* Ends the stream: what was read is decoded and published, then hz_receiver_close_source is called.
 * `status` and `reason` as in hz_source_events.ended. */
void hz_receiver_end(struct hz_receiver *r, int status, const char *reason);

/* Closes the source, after everything of the stream was published. */
void hz_receiver_close_source(struct hz_receiver *r);

/* Begins the flow after the source was opened: live blocks arrive, those of a replay are requested.
 */
void hz_receiver_begin_flow(struct hz_receiver *r);
/* hz_channels_env.progress: something was published, or there is room again. ctx is the receiver.
 */
void hz_receiver_progress(void *ctx);
/* hz_source_events.block. ctx is the receiver. */
void hz_receiver_block(void *ctx, struct hz_block *b);
/* Releases the waiting block, if any. */
void hz_receiver_drop_held(struct hz_receiver *r);

/* Restarts the sample count at 0 with the source's present rate. */
void hz_receiver_begin_epoch(struct hz_receiver *r);

/* Sets the block's first sample index, and publishes a gap if samples are missing before it. */
void hz_receiver_count(struct hz_receiver *r, struct hz_block *b);

/* Updates the sample clock with the arrival time of a live block, and detects samples that were
 * lost without notice. */
void hz_receiver_clock(struct hz_receiver *r, const struct hz_block *b);

/* Sets the time stamp of the present block. The clock that only counts samples goes on. */
void hz_receiver_stamp(struct hz_receiver *r, struct hz_stamp now);

/* Applies the tuning that the configuration asks for and that had to wait, if it is possible now.
 */
void hz_receiver_try_later(struct hz_receiver *r);

/* Before a block of a receiver that hops is taken: if it is the first of a dwell, ends the dwell
 * before. False: the block must wait until everything before it is published; so does a block of a
 * replay that may end a dwell, so that the same samples give the same dwells. */
bool hz_receiver_hop_lets_in(struct hz_receiver *r, const struct hz_block *b);
/* The clock of the dwells, in seconds: that of the samples where they come as fast as they can be
 * decoded. */
double hz_receiver_hop_clock_s(const struct hz_receiver *r);
/* Counts a block that was taken as a part of its band's dwell, and goes on to the next band when
 * the dwell is over. */
void hz_receiver_hop_block(struct hz_receiver *r, const struct hz_block *b);

/* hz_source_events.tuned: the change in progress is done or refused. */
void hz_receiver_tuned(void *ctx, int status, const char *reason);

#endif
