#include "proto/adsb/repair.h"

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
    for (int size = 1; size <= HZ_ADSB_REPAIR_BITS; size++)
        patterns(&s, size, 0, 0, 0, residual);
    out->cost /= mean > 0 ? mean : 1;
    return out->n > 0;
}
