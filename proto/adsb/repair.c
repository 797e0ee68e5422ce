#include "proto/adsb/repair.h"

#include "dsp/clones.h"

#include <math.h>
#include <string.h>

/* The number of least reliable bits used in patterns of 1, 2, ... flips. */
enum { WEAKEST = 24 };
static const int reach[HZ_ADSB_REPAIR_BITS] = {WEAKEST, 18, 11, 8, 7};

struct search {
    int n; /* bits in the list below, the least reliable first */
    int bit[WEAKEST];
    float cost[WEAKEST];
    uint32_t syndrome[WEAKEST];
    struct hz_adsb_repair *best;
    int picked[HZ_ADSB_REPAIR_BITS];
};

/* Sorts the least reliable bits, of equal ones the first one first. A reliability, which is not
 * negative, is ordered like its bits as an integer. */
static void weakest(struct search *s, const float *sure, int first, int bits)
{
    enum { BIT = 7 }; /* bits of the number of a bit */
    uint64_t list[WEAKEST];
    for (int k = first; k < bits; k++) {
        uint32_t cost;
        memcpy(&cost, sure + k, sizeof(cost));
        const uint64_t key = (uint64_t)(cost & 0x7fffffff) << BIT | (uint64_t)k;
        if (s->n == WEAKEST && key > list[WEAKEST - 1])
            continue;
        int at = s->n < WEAKEST ? s->n++ : WEAKEST - 1;
        for (; at > 0 && list[at - 1] > key; at--)
            list[at] = list[at - 1];
        list[at] = key;
    }
    for (int k = 0; k < s->n; k++) {
        s->bit[k] = (int)(list[k] & ((1 << BIT) - 1));
        s->cost[k] = fabsf(sure[s->bit[k]]);
    }
}

/* Whether one of n numbers is the wanted one. Without a branch in the loop, so that it is one of
 * vectors. */
static inline uint32_t among(const uint32_t *x, size_t n, uint32_t wanted)
{
    uint32_t found = 0;
    for (size_t k = 0; k < n; k++)
        found |= x[k] == wanted ? 1 : 0;
    return found;
}

/* False when no pattern adds up to the residual: so it is of nearly all frames. Some patterns that
 * are not allowed are among those looked at, since there are none but whole vectors. */
HZ_CLONES static bool possible(const uint32_t syndrome[WEAKEST], uint32_t residual)
{
    enum { FOUR = 8, THREE = 11, TWO = 18, ROW = 16 };
    uint32_t all[1 << FOUR] = {0}; /* the sums of all sets of the first ones */
    uint32_t pair[THREE][ROW];
    for (size_t k = 0; k < FOUR; k++)
        for (size_t m = 0; m < (size_t)1 << k; m++)
            all[((size_t)1 << k) + m] = all[m] ^ syndrome[k];
    uint32_t found = among(all, 1 << FOUR, residual) | among(syndrome, WEAKEST, residual);
    for (size_t k = 0; k < TWO; k++)
        found |= among(syndrome, WEAKEST, residual ^ syndrome[k]);
    for (size_t k = 0; k < THREE; k++)
        for (size_t m = 0; m < ROW; m++)
            pair[k][m] = syndrome[k] ^ syndrome[m];
    for (size_t k = FOUR; k < THREE; k++)
        found |= among(pair[0], (size_t)THREE * ROW, residual ^ syndrome[k]);
    return found != 0;
}

/* Tries all patterns of `size` flips; `depth` of them are picked, the next one from `from` on. */
static void patterns(struct search *s, int size, int depth, int from, float cost, uint32_t rest)
{
    int end = reach[size - 1] < s->n ? reach[size - 1] : s->n;
    for (int k = from; k < end && cost + s->cost[k] < s->best->cost; k++) {
        s->picked[depth] = k;
        if (depth + 1 < size) {
            patterns(s, size, depth + 1, k + 1, cost + s->cost[k], rest ^ s->syndrome[k]);
        } else if (rest == s->syndrome[k]) {
            s->best->cost = cost + s->cost[k];
            s->best->n = size;
            for (int p = 0; p < size; p++)
                s->best->bit[p] = s->bit[s->picked[p]];
        }
    }
}

bool hz_adsb_repair_find(const float *sure, float mean, int first, int bits,
                         const uint32_t *syndrome, uint32_t residual, struct hz_adsb_repair *out)
{
    struct search s = {.best = out};
    weakest(&s, sure, first, bits);
    for (int k = 0; k < s.n; k++)
        s.syndrome[k] = syndrome[s.bit[k]];
    *out = (struct hz_adsb_repair){.cost = INFINITY};
    const bool may = possible(s.syndrome, residual);
    for (int size = 1; size <= HZ_ADSB_REPAIR_BITS && may; size++)
        patterns(&s, size, 0, 0, 0, residual);
    out->cost /= mean > 0 ? mean : 1;
    return out->n > 0;
}
