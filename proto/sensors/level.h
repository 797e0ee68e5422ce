/* The level stream of a burst: for each step of a grid, the log-likelihood that the transmitter is
 * on (FSK: at its upper tone), against off (the lower tone).
 *
 * With a window of w samples, noise of power N per sample and a carrier of amplitude a, the power p
 * in the window over w N has the mean 1 + A^2, A^2 = w a^2 / N, and
 *     OOK  v = ln I0(2 A sqrt(p)) - A^2
 *     FSK  v = ln I0(2 A sqrt(p_upper)) - ln I0(2 A sqrt(p_lower))
 * (noncoherent detection of a carrier of known level: A. D. Whalen, Detection of Signals in Noise,
 * chapter 7). A^2 comes from the burst itself and is capped, as if there were more noise: a strong
 * burst is judged by its shape, not by its level.
 *
 * Pure. One thread at a time. */
#ifndef HZ_PROTO_SENSORS_LEVEL_H
#define HZ_PROTO_SENSORS_LEVEL_H

#include "proto/sensors/tone.h"

enum {
    HZ_LEVEL_TABLE = 1024,
    HZ_LEVEL_SNRS = 28, /* A^2 of -13 to 14 dB */
};

/* What v is on average where the transmitter is on or off, with the sign that it should have; and
 * how sure it is: that mean over the mean of |v|. */
struct hz_level_mean {
    float on, off, sure_on, sure_off;
};

/* ln I0(x), and the means for each A^2: [two tones][snr]. */
struct hz_level_table {
    float ln_i0[HZ_LEVEL_TABLE + 2];
    struct hz_level_mean mean[2][HZ_LEVEL_SNRS];
};
void hz_level_table_init(struct hz_level_table *t); /* 5 ms of work */

/* Where the grid lies in the burst, in samples. */
struct hz_level_grid {
    double first, step; /* the middle of the window of step 0, and from step to step */
    unsigned window;
    size_t n;
};

/* What is known of the level of a stream. */
struct hz_level_stats {
    float a2; /* A^2 in one window, not capped */
    struct hz_level_mean mean;
};

/* The stream v[grid->n] of a carrier (lower NULL: OOK) or of two tones. noise: N per sample.
 * `scratch` is of the same length. a2: A^2 to use, or 0: measured here. */
struct hz_level_stats hz_level_stream(const struct hz_level_table *t, const struct hz_tone *upper,
                                      const struct hz_tone *lower, const struct hz_level_grid *grid,
                                      float noise, float a2, float *v, float *scratch);

#endif
