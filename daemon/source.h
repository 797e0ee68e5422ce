/* A source delivers a receiver's samples, block by block. Two kinds, one interface:
 * - a *replay* (recording, pipe, simulator) is pulled: it delivers one block for each `pull`, so a
 *   full pipeline pauses it and nothing is lost;
 * - a *live* source (dongle, rtl_tcp) delivers when samples come; what finds no room is lost and
 *   counted by its receiver.
 * Loop thread: everything here. */
#ifndef HZ_DAEMON_SOURCE_H
#define HZ_DAEMON_SOURCE_H

#include "config/config.h"
#include "daemon/block.h"
#include "daemon/jobs.h"

struct hz_source;

/* What a source tells its receiver. `ctx` is the source's `ctx`. */
struct hz_source_events {
    /* The next run of samples; the receiver takes over the reference. format, rate, centre, n and
     * gap_before are filled in; epoch, seq and first_sample are the receiver's to set. */
    void (*block)(void *ctx, struct hz_block *b);
    /* No more: status 0 at the end of a recording, else -errno with the reason in words. The
     * receiver answers with close. Never called from within open. */
    void (*ended)(void *ctx, int status, const char *reason);
};

struct hz_source_ops {
    const char *name; /* as in `source = NAME` */
    bool live;
    /* Opens what src->conf names. Sets format, rate_hz, centre_hz, start_utc_ns of src. On failure
     * -errno, a line in err, and nothing left open. */
    int (*open)(struct hz_source **src, const struct hz_source *env, char *err, size_t err_len);
    /* Replay: asks for one block. Answered later by one `block` or `ended`. */
    void (*pull)(struct hz_source *src);
    /* Stops and frees; `closed` is called when nothing of it is left, perhaps at once. No event
     * comes after close was called. */
    void (*close)(struct hz_source *src, void (*closed)(void *ctx));
};

/* The common head of every source; the concrete ones embed it first. */
struct hz_source {
    const struct hz_source_ops *ops;
    const struct hz_conf_receiver *conf; /* borrowed from the receiver */
    uv_loop_t *loop;
    struct hz_jobs *jobs;
    const struct hz_source_events *events;
    void *ctx;
    size_t block_samples; /* per block; 0: the source's own choice */
    /* known after open */
    enum hz_format format;
    double rate_hz, centre_hz;
    int64_t start_utc_ns; /* of sample 0 */
};

extern const struct hz_source_ops hz_source_file, hz_source_pipe, hz_source_sim;

/* The ops for conf->source (a recording that is no regular file is a pipe); NULL: none of that
 * name. */
const struct hz_source_ops *hz_source_find(const struct hz_conf_receiver *conf);

struct hz_recording;
/* Takes format, rate, centre and start from what was found out of a recording. */
void hz_source_describe(struct hz_source *src, const struct hz_recording *rec);

#endif
