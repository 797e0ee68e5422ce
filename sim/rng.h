/* Seeded random numbers of the simulator: PCG32 (M. E. O'Neill, "PCG: A Family of Simple Fast
 * Space-Efficient Statistically Good Algorithms", 2014). It uses integers only, so a seed gives the
 * same numbers on every machine. Pure. One thread at a time for each generator. */
#ifndef HZ_SIM_RNG_H
#define HZ_SIM_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct hz_rng {
    uint64_t state, step;
};

/* Different seeds give unrelated sequences, and so do different streams of one seed. */
void hz_rng_init(struct hz_rng *r, uint64_t seed, uint64_t stream);
uint32_t hz_rng_u32(struct hz_rng *r);

/* Uniform in 0 to n - 1; n > 0. */
uint32_t hz_rng_below(struct hz_rng *r, uint32_t n);
/* Uniform in [low, high). */
double hz_rng_between(struct hz_rng *r, double low, double high);
/* True with probability p. */
bool hz_rng_chance(struct hz_rng *r, double p);

/* Advances a 64-bit counter and returns its hash (SplitMix64), to fill other seeds. */
uint64_t hz_rng_split(uint64_t *counter);

#endif
