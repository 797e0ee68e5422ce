#include "dsp/nth.h"

/* Quickselect (Hoare, 1961) with the middle element as pivot. */
#define SELECT(name, type)                                                                         \
    type name(type *x, size_t n, size_t k)                                                         \
    {                                                                                              \
        size_t low = 0, high = n - 1;                                                              \
        while (low < high) {                                                                       \
            type pivot = x[low + (high - low) / 2];                                                \
            size_t i = low, j = high;                                                              \
            for (;;) {                                                                             \
                while (x[i] < pivot)                                                               \
                    i++;                                                                           \
                while (x[j] > pivot)                                                               \
                    j--;                                                                           \
                if (i >= j)                                                                        \
                    break;                                                                         \
                type swap = x[i];                                                                  \
                x[i++] = x[j];                                                                     \
                x[j--] = swap;                                                                     \
            }                                                                                      \
            if (k <= j)                                                                            \
                high = j;                                                                          \
            else                                                                                   \
                low = j + 1;                                                                       \
        }                                                                                          \
        return x[k];                                                                               \
    }

SELECT(hz_nth, float)
SELECT(hz_nth_u32, uint32_t)
