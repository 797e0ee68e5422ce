/* What the files of a receiver share: receiver.c (its life), receiver_clock.c (the place of its
 * samples in count and time), receiver_tune.c. Loop thread. */
#ifndef HZ_DAEMON_RECEIVE_RECEIVER_PARTS_H
#define HZ_DAEMON_RECEIVE_RECEIVER_PARTS_H

#include "daemon/receive/receiver.h"

struct hz_receiver {
    struct hz_receiver_env env;
    struct hz_conf_receiver conf;
    struct hz_topic *topic;
    enum hz_receiver_state state;
    char reason[320], last_error[320];
    char tuning[320];
    struct hz_tuning wanted; /* what the change under way asks for */
    bool changing;
    struct hz_tuning later; /* what the configuration asks for, as soon as it can be done */
    bool has_later, later_sent;
    int64_t state_since, last_block;
    struct hz_receiver_stats stats;
    /* the source, and the clock of its samples */
    const struct hz_source_ops *ops;
    struct hz_source *src;
    uint32_t epoch, source_epoch;
    uint64_t next_sample;
    struct hz_stamp stamp;
    struct hz_clock clock;   /* live */
    uint64_t uncounted;      /* lost samples that the clock found: counted from the next block on */
    enum hz_clock_pace pace; /* as it was told last */
    bool pulled, waiting;    /* a block was asked for; a live source was told to wait */
    struct hz_block *held;   /* a replay's, that waits until all before it was published */
    struct hz_meter meter;
    uv_timer_t retry, guard;
    uint64_t backoff_ms;
    struct hz_channels channels;
    int end_status;
    bool stopped;   /* told to stop: it is not opened again */
    bool finishing; /* the end of the stream is on its way through the channels */
    /* closing */
    size_t pending;
    void (*closed)(void *ctx);
    void *closed_ctx;
};

/* Goes to a state, for a reason in words, and tells of it. */
void hz_receiver_set_state(struct hz_receiver *r, enum hz_receiver_state state, const char *reason);

/* Sample counting starts at 0, with the rate that the source has now. */
void hz_receiver_begin_epoch(struct hz_receiver *r);

/* Gives the block its place in the sample count, and says so when some are missing before it. */
void hz_receiver_count(struct hz_receiver *r, struct hz_block *b);

/* A live block's arrival disciplines the sample clock, and shows what was lost silently. */
void hz_receiver_clock(struct hz_receiver *r, const struct hz_block *b);

/* From now on, it is tuned so. */
void hz_receiver_take_tuning(struct hz_receiver *r, const struct hz_tuning *t);

/* Does what the configuration asks for and could not be done yet, if it can be now. */
void hz_receiver_try_later(struct hz_receiver *r);

/* hz_source_events.tuned: the change under way has come to its end. */
void hz_receiver_tuned(void *ctx, int status, const char *reason);

#endif
