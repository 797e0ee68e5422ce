#include "dsp/crclist.h"

#include <criterion/criterion.h>
#include <string.h>

/* Accepts one word only, and counts the tries. */
struct want {
    uint8_t bits[32];
    int tries;
};

static bool accept(void *ctx, const uint8_t *bits)
{
    struct want *w = ctx;
    w->tries++;
    return memcmp(bits, w->bits, sizeof w->bits) == 0;
}

static const struct hz_cpm_event events[] = {
    {5, 3, 1.0f}, {9, 1, 2.0f}, {20, 5, 2.5f}, {31, 7, 9.0f}};
static const struct hz_crclist all = {4, 4, 4, 64};

Test(crclist, singles_pairs_and_triples_are_found_in_the_order_of_cost)
{
    static const struct {
        uint32_t flipped;
        int changed, tries;
    } cases[] = {
        {1u << 5 | 1u << 4, 2, 1},                                 /* cost 1 */
        {1u << 9, 1, 2},                                           /* 2 */
        {1u << 20 | 1u << 18, 2, 3},                               /* 2.5 */
        {1u << 5 | 1u << 4 | 1u << 9, 3, 4},                       /* 3 */
        {1u << 5 | 1u << 4 | 1u << 20 | 1u << 18, 4, 5},           /* 3.5 */
        {1u << 5 | 1u << 4 | 1u << 9 | 1u << 20 | 1u << 18, 5, 7}, /* 5.5, after the pair of 4.5 */
        {1u << 31 | 1u << 30 | 1u << 29, 3, 8},                    /* 9 */
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        struct want w = {.tries = 0};
        uint8_t bits[32] = {0};
        for (int i = 0; i < 32; i++)
            w.bits[i] = cases[c].flipped >> i & 1;
        cr_expect_eq(hz_crclist_run(&all, events, 4, bits, accept, &w), cases[c].changed);
        cr_expect_eq(w.tries, cases[c].tries);
        cr_expect_eq(memcmp(bits, w.bits, sizeof bits), 0);
    }
}

Test(crclist, the_budget_holds_and_nothing_found_leaves_the_bits_alone)
{
    static const struct hz_crclist few = {4, 4, 4, 5}, ones = {3, 0, 0, 64}, none = {0, 0, 0, 64};
    struct want w = {.tries = 0};
    uint8_t bits[32] = {0}, before[32] = {0};
    memset(w.bits, 2, sizeof w.bits);
    cr_expect_eq(hz_crclist_run(&few, events, 4, bits, accept, &w), 0);
    cr_expect_eq(w.tries, 5);
    cr_expect_eq(hz_crclist_run(&ones, events, 4, bits, accept, &w), 0);
    cr_expect_eq(w.tries, 8);
    cr_expect_eq(hz_crclist_run(&none, events, 4, bits, accept, &w), 0);
    cr_expect_eq(hz_crclist_run(&all, events, 4, bits, accept, &w), 0);
    cr_expect_eq(w.tries, 8 + 4 + 6 + 4);
    cr_expect_eq(memcmp(bits, before, sizeof bits), 0);
}
