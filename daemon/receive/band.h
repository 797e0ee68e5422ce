/* The band strand of a receiver: blocks of samples in, batches of spectra out, which all its
 * narrow channels share (dsp/band.h). A strand (daemon/receive/strand.h); its result is a batch.
 * Loop thread; the band belongs to the worker while a job runs. */
#ifndef HZ_DAEMON_RECEIVE_BAND_H
#define HZ_DAEMON_RECEIVE_BAND_H

#include "daemon/receive/spectra.h"

struct hz_band_strand;

struct hz_band_strand_env {
    struct hz_jobs *jobs;
    double rate_hz;
    double low_hz, high_hz; /* what is wanted of the band, from its centre; both 0: all of it */
    double job_s;           /* seconds of samples that are gathered for a job, in live streams */
    size_t held;            /* batches that are held besides those in the inboxes of channels */
    size_t inbox;           /* blocks that may wait; less than HZ_STRAND_INBOX_MAX */
    /* A result lies ready, or there is room in the inbox again. */
    void (*progress)(void *ctx);
    void *ctx;
};

/* NULL with the reason in err when the rate cannot be transformed, or memory is short. */
struct hz_band_strand *hz_band_strand_new(const struct hz_band_strand_env *env, char *err,
                                          size_t err_len);
/* Frees it when the job in flight is done; closed (may be NULL) is called then. */
void hz_band_strand_close(struct hz_band_strand *s, void (*closed)(void *ctx), void *ctx);

bool hz_band_strand_has_room(const struct hz_band_strand *s);
/* Queues a block (referenced). False when the inbox is full: then the block is lost, and so are
 * the next ones until half of it is free. */
bool hz_band_strand_push(struct hz_band_strand *s, struct hz_block *b, struct hz_stamp stamp,
                         struct hz_turn turn);
/* Queues the end of the stream: the last spectra, then a batch that says `end`. */
void hz_band_strand_finish(struct hz_band_strand *s, struct hz_stamp stamp, struct hz_turn turn);

/* The ready result, with a reference for the caller, or NULL; goes on with the inbox. */
struct hz_spectra *hz_band_strand_take(struct hz_band_strand *s);
/* True when nothing is queued, in work or ready. */
bool hz_band_strand_idle(const struct hz_band_strand *s);

struct hz_band_strand_stats {
    uint64_t spectra, samples, cpu_ns;
    uint64_t overruns; /* times the inbox was full */
    size_t queued;     /* blocks waiting now */
};
struct hz_band_strand_stats hz_band_strand_stats(const struct hz_band_strand *s);

#endif
