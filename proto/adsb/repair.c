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

/* A number that at least WEAKEST of n > WEAKEST numbers, none negative, do not exceed, and few
 * more: its upper bits are those of the last of them. */
static inline int32_t limit_of(const int32_t *x, int n)
{
    int32_t limit = 0;
    for (int32_t bit = 1 << 30; bit > 1 << 14; bit >>= 1) {
        int below = 0;
        for (int k = 0; k < n; k++)
            below += x[k] < limit + bit;
        limit += below < WEAKEST ? bit : 0;
    }
    return limit | ((1 << 15) - 1);
}

/* Sorts the least reliable bits, of equal ones the first one first. A reliability, which is not
 * negative, is ordered like its bits as an integer. Without branches that depend on them, which
 * would be unpredictable. */
HZ_CLONES static void weakest(struct search *s, const float *sure, int first, int bits)
{
    enum { MOST = 128 };
    int32_t cost[MOST], some[MOST], bit[MOST], rank[MOST] = {0};
    const int all = bits - first;
    int n = 0;
    memcpy(cost, sure + first, (size_t)all * sizeof(*cost));
    for (int k = 0; k < all; k++)
        cost[k] &= 0x7fffffff;
    const int32_t limit = all > WEAKEST ? limit_of(cost, all) : INT32_MAX;
    for (int k = 0; k < all; k++) {
        some[n] = cost[k];
        bit[n] = first + k;
        n += cost[k] <= limit;
    }
    for (int k = 0; k < n; k++)
        for (int m = 0; m < n; m++)
            rank[m] += (some[k] < some[m]) | ((some[k] == some[m]) & (k < m));
    s->n = n < WEAKEST ? n : WEAKEST;
    for (int k = 0; k < n; k++) {
        if (rank[k] >= WEAKEST)
            continue;
        s->bit[rank[k]] = bit[k];
        s->cost[rank[k]] = fabsf(sure[bit[k]]);
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
