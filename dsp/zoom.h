/* Extracts a part of a band at a lower rate: mixer, low-pass filter and decimator in one. Used when
 * only a few neighbouring channels are needed.
 *
 * With the filter h(k) of length 2 K + 1, centre frequency f and decimation D, output sample m is
 *     y(m) = e^(-j 2 pi f m D / rate) sum over k of x(m D - k) h(k) e^(j 2 pi f k / rate).
 * The delay of the filter is compensated: y(m) belongs to the instant of input sample m D. Where it
 * is cheaper, h is made of two filters, the first of which brings the rate to a quarter. A filter
 * to a quarter works with whole numbers on samples of 8 bits (dsp/thin.h).
 *
 * Pure. One thread at a time. */
#ifndef HZ_DSP_ZOOM_H
#define HZ_DSP_ZOOM_H

#include "dsp/samples.h"

#include <stdbool.h>

struct hz_zoom;

/* The part within +-reach_hz of middle_hz (from the band's centre), at rate_hz / down. Aliases in
 * that part are 80 dB down. rate_hz and middle_hz are multiples of 40 Hz. NULL when memory is short
 * or the filter would need more than 2048 taps. The caller frees it with hz_zoom_free (NULL is
 * allowed). */
struct hz_zoom *hz_zoom_new(double rate_hz, double middle_hz, double reach_hz, unsigned down);
void hz_zoom_free(struct hz_zoom *z);
/* Forgets all samples; the next one is sample 0. */
void hz_zoom_reset(struct hz_zoom *z);

/* The estimated cost in ns per input sample, on the machine where its parts were measured. */
double hz_zoom_cost(double rate_hz, double reach_hz, unsigned down);

/* Output m is complete, at the latest, with so many input samples behind that of its instant. */
size_t hz_zoom_delay(const struct hz_zoom *z);

/* Consumes IQ samples from the front of *in and returns the outputs that they complete (HZ_CF32,
 * possibly none), valid until the next call. Call it until in->n is 0 and hz_zoom_waits says false.
 * Samples missing before
 * in->first count as zeros; where the output would be nothing but zeros it is left out, and `first`
 * jumps. Samples that were consumed before are skipped. */
struct hz_samples hz_zoom_push(struct hz_zoom *z, struct hz_samples *in);
/* Whether samples are left inside that another call of hz_zoom_push works on. */
bool hz_zoom_waits(const struct hz_zoom *z);

/* The end of the stream: returns the remaining outputs, as if zeros followed. Call it until there
 * are none. */
struct hz_samples hz_zoom_flush(struct hz_zoom *z);

#endif
