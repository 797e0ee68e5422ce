/* The carriers of an AM transmission, from its spectrum.
 *
 * Signal model: one or more carriers (an offset-carrier network of aviation has up to five in one
 * channel), each with sidebands that mirror each other, in white noise. A frame of 10 ms is looked
 * at through a Hann window. A carrier is a line of it, which nothing makes ambiguous, wherever in
 * the channel it stands. Metric: the share of the power that is in lines, near 0 for noise and 1
 * for carriers without noise; talk of full depth leaves 0.67 of it.
 *
 * Estimates, over all frames of a transmission: where the strongest carrier stands, and the noise.
 * The noise is taken from what no talk can be: sidebands that do not mirror each other, and, on the
 * side where a carrier off the middle has more room, what lies beyond the reach of speech. Pure. */
#ifndef HZ_DSP_AM_CARRIER_H
#define HZ_DSP_AM_CARRIER_H

#include <stddef.h>

#define HZ_AM_CARRIER_FRAME_MAX 480 /* samples: 10 ms at 48 kHz */

struct hz_am_carrier {
    size_t n;           /* samples of a frame, points of its spectrum */
    long half;          /* bins from the channel's middle to its edge */
    long reach;         /* bins that speech may lie beside its carrier */
    float density;      /* of a spectrum's power to the power of a sample */
    struct hz_fft *fft; /* owned, as the next three */
    float *window, *x, *bins;
    long line;   /* bin of the frame's strongest line, negative below the middle */
    float power; /* of that line in the frame */
    /* sums over the transmission: by bin of the strongest line, and by distance from it */
    double weight[HZ_AM_CARRIER_FRAME_MAX], moment[HZ_AM_CARRIER_FRAME_MAX];
    double noise[HZ_AM_CARRIER_FRAME_MAX];
    unsigned frames[HZ_AM_CARRIER_FRAME_MAX];
};

/* What a frame holds. */
struct hz_am_carrier_frame {
    float power; /* in the channel's width, full scale 1 */
    float share; /* of it in lines */
};

/* Samples at `rate_hz`, a multiple of 100 up to 48000, of a channel of `width_hz` around 0.
 * -ENOMEM.
 */
int hz_am_carrier_init(struct hz_am_carrier *c, double rate_hz, double width_hz);
void hz_am_carrier_done(struct hz_am_carrier *c);

/* Looks at a frame of 10 ms, I and Q pairs. */
struct hz_am_carrier_frame hz_am_carrier_look(struct hz_am_carrier *c, const float *x);

/* A transmission begins. */
void hz_am_carrier_begin(struct hz_am_carrier *c);
/* The frame last looked at, x again, holds its carrier. */
void hz_am_carrier_add(struct hz_am_carrier *c, const float *x);

/* Of the frames added since the beginning, one at least: where the strongest carrier stands, in
 * bins of 100 Hz from the middle; and the noise in the channel's width, full scale 1. */
double hz_am_carrier_line(const struct hz_am_carrier *c);
double hz_am_carrier_noise(const struct hz_am_carrier *c);

#endif
