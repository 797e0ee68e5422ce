/* Carrier detector and noise estimate for AM.
 *
 * Signal model: y(t) = sum over c of A_c (1 + m(t)) exp(j (2 pi f_c t + phi_c)) + w(t), with white
 * noise w and speech m(t), which is real, so that the sidebands of a carrier mirror each other:
 * Y(f_c + f) and Y(f_c - f) are conjugate, up to the carrier's phase. There is one carrier, or up
 * to five in an offset-carrier network of aviation.
 *
 * Metric: in the Hann spectrum of a frame of 10 ms, the fraction of the power that is in spectral
 * lines: near 0 for noise, 1 for carriers without noise, 0.67 with speech of full depth.
 *
 * Estimates, over all frames of a transmission: the frequency of the strongest carrier, from the
 * bins around it, weighted by power; and the noise. The noise is measured where speech has no
 * power: in the part of the sidebands that is in quadrature to the carrier (half of the noise),
 * and, where a carrier is off the middle of the channel, in the bins beyond the reach of speech.
 * The median over the distances from the carrier is taken, which other carriers do not change.
 *
 * Pure. One thread at a time. */
#ifndef HZ_DSP_AM_CARRIER_H
#define HZ_DSP_AM_CARRIER_H

#include <stddef.h>

#define HZ_AM_CARRIER_FRAME_MAX 480 /* samples: 10 ms at 48 kHz */

struct hz_am_carrier {
    size_t n;           /* samples of a frame, points of its spectrum */
    long half;          /* bins from the middle of the channel to its edge */
    long reach;         /* the largest distance of speech from its carrier, in bins */
    float density;      /* factor from the power of bins to the power of samples */
    struct hz_fft *fft; /* owned, as the next three */
    float *window, *x, *bins;
    long line;   /* bin of the strongest line of the frame, negative below the middle */
    float power; /* of that line */
    /* sums over the transmission: by bin of the strongest line, then by distance from it */
    double weight[HZ_AM_CARRIER_FRAME_MAX], moment[HZ_AM_CARRIER_FRAME_MAX];
    double noise[HZ_AM_CARRIER_FRAME_MAX];
    unsigned frames[HZ_AM_CARRIER_FRAME_MAX];
};

/* The metric of one frame. */
struct hz_am_carrier_frame {
    float power; /* in the width of the channel, full scale 1 */
    float lines; /* the fraction of it that is in lines */
};

/* For samples at rate_hz, a multiple of 100 up to 48000, of a channel of width_hz around 0 Hz. 0 or
 * -ENOMEM; then there is nothing to free. */
int hz_am_carrier_init(struct hz_am_carrier *c, double rate_hz, double width_hz);
void hz_am_carrier_done(struct hz_am_carrier *c);

/* Measures a frame of 10 ms: x holds rate_hz / 100 I, Q pairs. */
struct hz_am_carrier_frame hz_am_carrier_look(struct hz_am_carrier *c, const float *x);

/* Begins a transmission. */
void hz_am_carrier_begin(struct hz_am_carrier *c);
/* Adds the frame x, which must be the last one measured, to the estimates. */
void hz_am_carrier_add(struct hz_am_carrier *c, const float *x);

/* The estimates from the frames added since hz_am_carrier_begin (at least one): the frequency of
 * the strongest carrier in units of 100 Hz from the middle of the channel; and the noise power in
 * the width of the channel, full scale 1. */
double hz_am_carrier_line(const struct hz_am_carrier *c);
double hz_am_carrier_noise(const struct hz_am_carrier *c);

#endif
