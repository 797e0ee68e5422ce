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
    double centre_hz; /* of the stream that begins; 0: unknown */
    /* Live streams: a job begins when a block of the band is complete, and takes as many samples as
     * wait, up to about so many seconds of them. 0: a replay, whose blocks are a job each. */
    double job_s;
    /* batches that may be held in addition to those in the channels' inboxes */
    size_t held;
    size_t inbox; /* blocks that may wait; less than HZ_STRAND_INBOX_MAX */
    /* Called before the spectra of a batch are made: what of the band around that centre is needed,
     * relative to the centre. When that changes, so does the band, without a gap, but 60 ms later.
     */
    void (*part)(void *ctx, double centre_hz, double *low_hz, double *high_hz);
    /* Called after that: adds the gates that are to be stepped. */
    void (*gates)(void *ctx, struct hz_spectra *s);
    /* Called when a result is ready, or when the inbox has room again. */
    void (*progress)(void *ctx);
    void *ctx;
};

/* Makes a strand. NULL, with the reason in err, if the rate cannot be transformed or there is no
 * memory. */
struct hz_band_strand *hz_band_strand_new(const struct hz_band_strand_env *env, char *err,
                                          size_t err_len);
/* Frees the strand when the job in flight is done, then calls closed (may be NULL). */
void hz_band_strand_close(struct hz_band_strand *s, void (*closed)(void *ctx), void *ctx);

bool hz_band_strand_has_room(const struct hz_band_strand *s);
/* Queues a block and takes a reference to it. False when the inbox is full: this block is dropped,
 * and so are the next ones until half of the inbox is free. */
bool hz_band_strand_push(struct hz_band_strand *s, struct hz_block *b, struct hz_stamp stamp,
                         struct hz_turn turn);
/* Queues the end of the stream. The remaining spectra follow, then a batch with `end` set. */
void hz_band_strand_finish(struct hz_band_strand *s, struct hz_stamp stamp, struct hz_turn turn);

/* From the next job on candidates are looked for (dsp/hunt.h), or no longer. */
void hz_band_strand_hunt(struct hz_band_strand *s, bool yes);

/* Returns the ready result, with a reference for the caller, and continues with the inbox. NULL: no
 * result is ready. */
struct hz_spectra *hz_band_strand_take(struct hz_band_strand *s);
/* True when nothing is queued, in work or ready. */
bool hz_band_strand_idle(const struct hz_band_strand *s);

struct hz_band_strand_stats {
    uint64_t spectra, samples, cpu_ns;
    uint64_t order_ns; /* of cpu_ns, what is done in order */
    uint64_t overruns; /* times the inbox was full */
    uint64_t changes;  /* of the band that is transformed */
    /* what is transformed now, from the centre, and the rate of the transforms */
    double low_hz, high_hz, centre_hz, rate_hz;
    size_t queued; /* blocks waiting now */
    bool hunts;
    struct hz_hunt_stats hunt;
};
struct hz_band_strand_stats hz_band_strand_stats(const struct hz_band_strand *s);

#endif
