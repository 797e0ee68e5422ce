/* White Gaussian noise, fast enough to be drawn for every sample of a band. Pure. */
#ifndef HZ_SIM_NOISE_H
#define HZ_SIM_NOISE_H

#include <stddef.h>
#include <stdint.h>

enum { HZ_NOISE_LANES = 16 };

/* Xoshiro128++ generators side by side, so that the compiler can run them as vectors. */
struct hz_noise {
    uint32_t s[4][HZ_NOISE_LANES];
};

void hz_noise_init(struct hz_noise *n, uint64_t seed);

/* Writes n complex samples (2n floats), I and Q each of standard deviation sigma, up to 5.7 sigma.
 * Only cuts at multiples of HZ_NOISE_LANES leave the sequence what it would be uncut. */
void hz_noise_fill(struct hz_noise *noise, float *iq, size_t n, float sigma);

#endif
