/* Real samples from one rate to another in the ratio of two small whole numbers, by a polyphase
 * Kaiser filter: 70 dB, flat to 80 % of the lower of the two Nyquist frequencies. */
#ifndef HZ_DSP_RESAMPLE_H
#define HZ_DSP_RESAMPLE_H

#include <stddef.h>

struct hz_resample;

/* up / down = rate out / rate in, both 1 to 1000. NULL when memory is short or a number is out of
 * range. */
struct hz_resample *hz_resample_new(unsigned up, unsigned down);
/* The same with a filter of the caller's: h[taps], at the rate in * up, with gain 1 where the
 * output is to be as large as the input. h is not kept. */
struct hz_resample *hz_resample_new_filter(unsigned up, unsigned down, const double *h,
                                           size_t taps);
void hz_resample_free(struct hz_resample *r);
void hz_resample_reset(struct hz_resample *r);

/* Samples that n more samples of input will give. */
size_t hz_resample_count(const struct hz_resample *r, size_t n);

/* in[n] to out[hz_resample_count(r, n)], whose number is returned. Output sample m is the input at
 * m * down / up less hz_resample_delay input samples. */
size_t hz_resample_push(struct hz_resample *r, const float *in, size_t n, float *out);
double hz_resample_delay(const struct hz_resample *r);

#endif
