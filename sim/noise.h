/* Generator of white Gaussian noise, fast enough for every sample of a band. Pure. One thread at a
 * time for each generator. */
#ifndef HZ_SIM_NOISE_H
#define HZ_SIM_NOISE_H

#include <stddef.h>
#include <stdint.h>

enum { HZ_NOISE_LANES = 16 };

/* Parallel xoshiro128++ generators, so that the compiler can vectorise them. */
struct hz_noise {
    uint32_t s[4][HZ_NOISE_LANES];
};

void hz_noise_init(struct hz_noise *n, uint64_t seed);

/* Writes n complex samples (2n floats), I and Q each with standard deviation sigma, at most 5.7
 * sigma. Two calls give the same sequence as one only if the first n is a multiple of
 * HZ_NOISE_LANES. */
void hz_noise_fill(struct hz_noise *noise, float *iq, size_t n, float sigma);

#endif
