/* A capture at work, for the files of this folder that share it: capture.c has its life, samples
 * and messages, capture_take.c what is saved, capture_status.c what is told of it. Loop thread. */
#ifndef HZ_DAEMON_CAPTURE_CAPTURE_OWN_H
#define HZ_DAEMON_CAPTURE_CAPTURE_OWN_H

#include "daemon/bus/cursor.h"
#include "daemon/capture/capture.h"
#include "daemon/capture/take.h"
#include "daemon/capture/trigger.h"
#include "daemon/capture/undecoded.h"

enum hz_capture_state {
    HZ_CAPTURE_READING, /* what the folder holds is found out */
    HZ_CAPTURE_READY,
    HZ_CAPTURE_TAKING, /* samples still come */
    HZ_CAPTURE_LINGERING,
    HZ_CAPTURE_WRITING, /* the rest and the metadata */
};

struct hz_capture {
    struct hz_subscriber reader;
    const struct hz_capture_env *env; /* borrowed */
    void (*gone)(void *ctx, struct hz_capture *c);
    void *ctx;
    struct hz_conf_capture *conf; /* own copy */
    struct hz_triggers triggers;
    struct hz_cursor cursor;
    struct hz_notes notes;
    struct hz_undecoded undecoded;
    bool leaving, clips;
    /* the samples; of one format and rate */
    struct hz_past *past; /* NULL: none yet */
    enum hz_format format;
    double rate_hz;
    int64_t utc_ns; /* of the newest sample */
    uint64_t last_block_ms;
    /* the capture that is being taken */
    enum hz_capture_state state;
    struct hz_take *take;
    uint64_t number, next_chunk, to_come; /* to_come: samples after the trigger */
    uint64_t since_ms, linger_ms;
    bool ruled;          /* since_ms is that of one by rule */
    char trigger[64];    /* what it is taken for */
    int64_t trigger_utc; /* when */
    double taking_rate_hz;
    /* the folder: a job's while it is read or written to */
    struct hz_folder folder;
    uv_work_t job;
    char job_error[HZ_TAKE_ERROR_MAX];
    /* for the status */
    size_t files;
    uint64_t bytes, deleted;
    uint64_t taken, failed, refused_interval, refused_quota, missed;
    char error[HZ_TAKE_ERROR_MAX]; /* present; "": none */
    struct hz_taken last;
    uint64_t last_number; /* 0: none yet */
    char last_trigger[64];
    int64_t last_utc;
    double last_rate_hz;
};

/* Milliseconds of the loop's clock. */
static inline uint64_t hz_capture_now(const struct hz_capture *c)
{
    return uv_now(c->env->loop);
}

/* The present error; "": none. It is logged when it is another. */
void hz_capture_set_error(struct hz_capture *c, const char *error);
/* Copies what the status tells of the folder, while no job uses it. */
void hz_capture_look_at_folder(struct hz_capture *c);
/* Frees it if it leaves and has nothing to write. */
void hz_capture_leave_if_done(struct hz_capture *c);

/* A rule asks for a capture. */
void hz_capture_trigger(struct hz_capture *c, const char *what);
/* Hands over what is there since the last time. */
void hz_capture_feed(struct hz_capture *c);
/* No more samples are wanted. */
void hz_capture_stop(struct hz_capture *c);
/* No more messages are waited for. */
void hz_capture_finish(struct hz_capture *c);

#endif
