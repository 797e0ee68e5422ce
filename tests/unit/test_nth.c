/* Order statistics held against a sort. */
#include "dsp/nth.h"
#include "proto/adsb/kernels.h"
#include "sim/rng.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static int by_size(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

Test(nth, is_what_a_sort_puts_there)
{
    struct hz_rng rng;
    hz_rng_init(&rng, 3, 1);
    for (size_t n = 1; n < 60; n++) {
        float x[60], sorted[60], again[60];
        for (size_t i = 0; i < n; i++) /* many of them equal */
            x[i] = (float)hz_rng_below(&rng, (uint32_t)(n % 3 ? 10 : 1000));
        memcpy(sorted, x, sizeof x);
        qsort(sorted, n, sizeof *sorted, by_size);
        for (size_t k = 0; k < n; k++) {
            memcpy(again, x, sizeof x);
            float found = hz_nth(again, n, k);
            cr_assert_eq(found, sorted[k], "%zu of %zu", k, n);
            for (size_t v = 0; hz_adsb_kernels()[v]; v++) {
                int32_t whole[60];
                for (size_t i = 0; i < n; i++)
                    whole[i] = 1000000 + (int32_t)x[i];
                int32_t counted = hz_adsb_kernels()[v]->nth(whole, n, k);
                cr_assert_eq(counted, 1000000 + (int32_t)sorted[k], "%zu of %zu", k, n);
            }
        }
    }
}
