/* What the files of a receiver share: receiver.c (its life), receiver_flow.c (its blocks),
 * receiver_clock.c (the place of its samples in count and time), receiver_tune.c, receiver_info.c.
 * Loop thread. */
#ifndef HZ_DAEMON_RECEIVE_RECEIVER_PARTS_H
#define HZ_DAEMON_RECEIVE_RECEIVER_PARTS_H

#include "daemon/base/backoff.h"
#include "daemon/receive/receiver.h"

/* Changes of the tuning, by hand and by the configuration. */
struct hz_receiver_tuning {
    char text[320];          /* how the last change went: hz_receiver_tuning_text */
    struct hz_tuning wanted; /* what the change under way asks for */
    bool changing;
    struct hz_tuning later; /* what the configuration asks for, as soon as it can be done */
    bool has_later, later_sent;
};

/* The place of the samples in count and time. */
struct hz_receiver_count {
    uint32_t epoch, source_epoch;
    uint64_t next_sample;
    struct hz_stamp stamp;
    struct hz_clock clock;   /* live */
    uint64_t uncounted;      /* lost samples that the clock found: counted from the next block on */
    enum hz_clock_pace pace; /* as it was reported last */
};

/* Where the blocks are on their way from the source to the channels. */
struct hz_receiver_flow {
    bool pulled, waiting;  /* a block was asked for; a live source was told to wait */
    bool finishing;        /* the end of the stream is on its way through the channels */
    struct hz_block *held; /* a replay's, that waits until all before it was published */
    int64_t last_block;    /* when it came (uv_hrtime) */
};

struct hz_receiver {
    struct hz_receiver_env env;
    struct hz_conf_receiver *conf;
    struct hz_topic *topic;
    const struct hz_source_ops *ops;
    struct hz_source *src; /* NULL: none is open */
    struct hz_receiver_life life;
    struct hz_receiver_tuning tuning;
    struct hz_receiver_count count;
    struct hz_receiver_flow flow;
    struct hz_receiver_stats stats;
    struct hz_meter meter;
    struct hz_channels channels;
    uv_timer_t retry, guard;
    struct hz_backoff backoff;
    int end_status;
    bool stopped; /* told to stop: it is not opened again */
    /* closing */
    size_t pending;
    void (*closed)(void *ctx);
    void *closed_ctx;
};

/* Goes to a state, for a reason in words, and tells of it. */
void hz_receiver_set_state(struct hz_receiver *r, enum hz_receiver_state state, const char *reason);

/* The stream has come to its end: what was read is decoded and published, then
 * hz_receiver_close_source is called. status and reason as of hz_source_events.ended. */
void hz_receiver_end(struct hz_receiver *r, int status, const char *reason);

/* Everything of the stream was published: closes the source. */
void hz_receiver_close_source(struct hz_receiver *r);

/* The source is open: blocks come, or are asked for. */
void hz_receiver_begin_flow(struct hz_receiver *r);
/* Something was published, or there is room again. ctx is the receiver. */
void hz_receiver_progress(void *ctx);
/* hz_source_events.block. ctx is the receiver. */
void hz_receiver_block(void *ctx, struct hz_block *b);
/* Lets go of the block that waits, if any. */
void hz_receiver_drop_held(struct hz_receiver *r);

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
