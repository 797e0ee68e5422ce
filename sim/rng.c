#include "sim/rng.h"

uint64_t hz_rng_split(uint64_t *counter)
{
    uint64_t z = *counter += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void hz_rng_init(struct hz_rng *r, uint64_t seed, uint64_t stream)
{
    uint64_t counter = seed;
    uint64_t mixed = hz_rng_split(&counter) ^ stream;
    r->state = hz_rng_split(&mixed);
    r->step = hz_rng_split(&mixed) | 1;
}

uint32_t hz_rng_u32(struct hz_rng *r)
{
    uint64_t old = r->state;
    r->state = old * 6364136223846793005u + r->step;
    uint32_t x = (uint32_t)(((old >> 18) ^ old) >> 27);
    unsigned turn = (unsigned)(old >> 59);
    return x >> turn | x << (-turn & 31);
}

uint32_t hz_rng_below(struct hz_rng *r, uint32_t n)
{
    return (uint32_t)(((uint64_t)hz_rng_u32(r) * n) >> 32);
}

double hz_rng_between(struct hz_rng *r, double low, double high)
{
    return low + (high - low) * (hz_rng_u32(r) * 0x1p-32);
}

bool hz_rng_chance(struct hz_rng *r, double p)
{
    return hz_rng_u32(r) * 0x1p-32 < p;
}
