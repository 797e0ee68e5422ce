/* Looks at a band of which nobody makes spectra. Once a period it gives the powers of its last
 * samples, as a spectrum of dsp/band.h would, in bins no wider than is needed: of 40 Hz, for which
 * it takes 25 ms, or wider. All samples are searched for the loudest piece of about 0.05 ms. If
 * that is 2 dB over the mean, as with a message of a transponder, its powers come too, in bins as
 * wide as it is short, where they are far over the others. So one long transform a period is
 * enough.
 *
 * Pure. Used by one thread at a time; created and freed by the thread that creates wide transforms
 * (dsp/fft.h). */
#ifndef HZ_DSP_GLANCE_H
#define HZ_DSP_GLANCE_H

#include "dsp/waterfall.h"

struct hz_glance;

/* A band of rate_hz in bins of bin_hz or a little less, seen each `period` samples. NULL: no
 * memory. The caller frees it with hz_glance_free (NULL is allowed). */
struct hz_glance *hz_glance_new(double rate_hz, double bin_hz, uint64_t period);
void hz_glance_free(struct hz_glance *g);
/* Changes the period from the next one on. */
void hz_glance_every(struct hz_glance *g, uint64_t period);
/* Forgets all samples: a new epoch begins. */
void hz_glance_reset(struct hz_glance *g);

/* What one period showed. */
struct hz_glimpse {
    uint64_t begin, end;        /* indexes of its first sample, and after its last */
    struct hz_powers powers[2]; /* valid until the next call */
    size_t n;                   /* of powers: 2 with those of a burst */
};

/* Consumes IQ samples from the front of *in. True: a period is complete; call again. False: all
 * samples are consumed. Missing samples end what was collected: it is begun again behind them. */
bool hz_glance_push(struct hz_glance *g, struct hz_samples *in, struct hz_glimpse *out);

#endif
