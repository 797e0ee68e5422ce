/* The search for wrong bits against one that sorts all bits and tries every pattern. */
#include "proto/adsb/crc.h"
#include "proto/adsb/repair.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

enum { FIRST = 5, MOST = HZ_MODES_LONG_BITS };

/* The least reliable bits that sets of 1, 2, ... are taken from: see repair.h. */
static const int reach[HZ_ADSB_REPAIR_BITS] = {24, 18, 11, 8, 7};

struct slow {
    int order[MOST]; /* bits, the least reliable first, of equal ones the first one first */
    float sure[MOST];
    uint32_t syndrome[MOST];
    bool found;
    float cost;
    int n, bit[HZ_ADSB_REPAIR_BITS], picked[HZ_ADSB_REPAIR_BITS];
};

static void sort(struct slow *s, int bits)
{
    for (int k = FIRST; k < bits; k++) {
        int at = k - FIRST;
        for (; at > 0 && fabsf(s->sure[s->order[at - 1]]) > fabsf(s->sure[k]); at--)
            s->order[at] = s->order[at - 1];
        s->order[at] = k;
    }
}

static void try_all(struct slow *s, int size, int depth, int from, float cost, uint32_t rest)
{
    if (depth == size) {
        if (rest != 0 || (s->found && cost >= s->cost))
            return;
        s->found = true;
        s->cost = cost;
        s->n = size;
        for (int k = 0; k < size; k++)
            s->bit[k] = s->picked[k];
        return;
    }
    for (int k = from; k < reach[size - 1]; k++) {
        s->picked[depth] = s->order[k];
        try_all(s, size, depth + 1, k + 1, cost + fabsf(s->sure[s->order[k]]),
                rest ^ s->syndrome[s->order[k]]);
    }
}

/* A frame with a set of `wrong` bits that are among the `among` least reliable ones. Values of a
 * coarse grid are often equal. Returns whether a set was found. */
static bool compare(int bits, int wrong, int among, bool coarse)
{
    struct slow s = {.cost = INFINITY};
    struct hz_adsb_repair fast;
    uint32_t all[MOST], residual = 0;
    hz_modes_syndromes(all);
    for (int k = 0; k < bits; k++) {
        const float v = (float)(rand() % (coarse ? 40 : 1000000)) / (coarse ? 10.0f : 1e5f);
        s.sure[k] = rand() & 1 ? v : -v;
        s.syndrome[k] = all[MOST - bits + k];
    }
    sort(&s, bits);
    for (int n = 0; n < wrong; n++) {
        const int at = (rand() % (among / wrong)) + n * (among / wrong);
        residual ^= s.syndrome[s.order[at]];
    }
    if (wrong == 0)
        residual = (uint32_t)rand() & 0xffffff;
    for (int size = 1; size <= HZ_ADSB_REPAIR_BITS; size++)
        try_all(&s, size, 0, 0, 0, residual);
    const bool found = hz_adsb_repair_find(s.sure, 1, FIRST, bits, s.syndrome, residual, &fast);
    cr_assert_eq(found, s.found);
    if (!found)
        return false;
    cr_assert_eq(fast.n, s.n);
    cr_assert_float_eq(fast.cost, s.cost, 1e-5f);
    for (int k = 0; k < s.n; k++)
        cr_assert_eq(fast.bit[k], s.bit[k]);
    return true;
}

Test(adsb_repair, finds_what_a_search_of_every_pattern_finds)
{
    srand(1);
    for (int k = 0; k < 300; k++) {
        const int bits = k & 1 ? HZ_MODES_LONG_BITS : HZ_MODES_SHORT_BITS;
        for (int wrong = 1; wrong <= HZ_ADSB_REPAIR_BITS; wrong++)
            cr_expect(compare(bits, wrong, reach[wrong - 1], k & 2));
        compare(bits, 3, 24, k & 2); /* often out of reach */
        compare(bits, 0, 0, k & 2);
    }
}
