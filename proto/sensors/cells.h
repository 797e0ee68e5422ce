/* The spectrum of a burst over time: rows of 512 bins, one behind the other, and the noise under
 * them.
 *
 * Pure. One thread at a time. */
#ifndef HZ_PROTO_SENSORS_CELLS_H
#define HZ_PROTO_SENSORS_CELLS_H

#include "dsp/fft.h"

#include <stddef.h>

enum { HZ_CELLS_BINS = 512 };

struct hz_cells {
    float *cell; /* [n][HZ_CELLS_BINS], power over the noise: 1 is noise; bin 0 is the lowest
                  * frequency, HZ_CELLS_BINS / 2 is 0 Hz */
    size_t n, room;
    float noise;        /* per sample, of noise that is white over the whole rate */
    int low, high;      /* bins in which there are samples: low to high - 1 */
    struct hz_fft *fft; /* owned, as all memory here */
    float *window, *in, *out;
};

int hz_cells_init(struct hz_cells *r, size_t samples_max); /* 0 or -ENOMEM */
void hz_cells_done(struct hz_cells *r);

/* Of iq[2 n], n at most samples_max, of which the middle `used` (0 to 1) of the rate holds
 * something. */
void hz_cells_make(struct hz_cells *r, const float *iq, size_t n, double used);

/* mean[HZ_CELLS_BINS] over rows from to end - 1. */
void hz_cells_mean(const struct hz_cells *r, size_t from, size_t end, float *mean);
/* out: sliding mean of x over `bins`, an odd number, within the band; 1 beside it. */
void hz_cells_smooth(const struct hz_cells *r, const float *x, int bins, float *out);
/* The frequency of a bin, in cycles per sample. */
double hz_cells_freq(double bin);

#endif
