/* A part of a band at a lower rate: mixer, low-pass filter and decimator in one, for receivers that
 * need only a few neighbouring channels. The filter's delay is taken out: sample m of the part is
 * the band at its sample m * down. The mixer began with phase 0 at sample 0. */
#ifndef HZ_DSP_ZOOM_H
#define HZ_DSP_ZOOM_H

#include "dsp/samples.h"

struct hz_zoom;

/* The part within +-reach_hz of `middle_hz`, at rate_hz / down; what would fold into it is 80 dB
 * down. rate_hz and middle_hz are multiples of 40 Hz. NULL when memory is short. */
struct hz_zoom *hz_zoom_new(double rate_hz, double middle_hz, double reach_hz, unsigned down);
void hz_zoom_free(struct hz_zoom *z);
void hz_zoom_reset(struct hz_zoom *z);

/* Filter taps for each sample of the band: what the zoom costs. */
double hz_zoom_cost(double rate_hz, double reach_hz, unsigned down);

/* Takes some IQ samples off the front of *in and returns what they complete (HZ_CF32, may be none),
 * valid until the next call; to be called until in->n is 0. Missing samples count as zeros; where
 * nothing but they would come out, positions jump. Samples already taken are passed over. */
struct hz_samples hz_zoom_push(struct hz_zoom *z, struct hz_samples *in);

/* Zeros after the end: the rest of what was pushed. */
struct hz_samples hz_zoom_flush(struct hz_zoom *z);

#endif
