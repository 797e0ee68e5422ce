/* One channel of a band as a decoder wants it: the samples of its slice, in runs without a hole.
 * Where the squelch is closed nothing but the power over the channel's bins is worked out; where it
 * opens, the block before comes too, so that no burst loses its head. Pure; one thread at a time.
 */
#ifndef HZ_DSP_DDC_H
#define HZ_DSP_DDC_H

#include "dsp/squelch.h"

struct hz_ddc_config {
    double offset_hz;    /* of the channel from the band's centre */
    double rate_hz;      /* of its samples */
    double bandwidth_hz; /* what they hold */
    float squelch_db;    /* opens so much over the noise; 0: it is always open */
    float hang_s;        /* and closes so long after */
};

struct hz_ddc {
    struct hz_slice *slice;
    struct hz_squelch squelch;
    bool always; /* no squelch at all */
    bool running;
    uint64_t next; /* sample after the last that was given */
};

/* Who is given the samples. */
struct hz_ddc_output {
    void *ctx;
    /* Consecutive with those given before, unless `broke` came between. */
    void (*samples)(void *ctx, const struct hz_samples *samples);
    /* What was given so far does not go on: the squelch closed, or blocks are missing. */
    void (*broke)(void *ctx);
};

/* 0; -EINVAL with the reason in err, and nothing to free. By the thread that makes wide
 * transforms (dsp/fft.h), as hz_ddc_done. */
int hz_ddc_init(struct hz_ddc *t, const struct hz_band *band, const struct hz_ddc_config *how,
                char *err, size_t err_len);
void hz_ddc_done(struct hz_ddc *t);

/* The next block; `before` is the one before it, or NULL when that is not at hand. */
void hz_ddc_push(struct hz_ddc *t, const struct hz_spectrum *before, const struct hz_spectrum *x,
                 const struct hz_ddc_output *to);

/* The stream begins anew, with a count of its own: the squelch closes and learns its floor. */
void hz_ddc_reset(struct hz_ddc *t, const struct hz_ddc_output *to);

#endif
