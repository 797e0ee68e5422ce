/* Order statistics: medians and the like. Pure; any thread. */
#ifndef HZ_DSP_NTH_H
#define HZ_DSP_NTH_H

#include <stddef.h>

/* The k-th smallest (0: the smallest) of n > k numbers. Changes their order. */
float hz_nth(float *x, size_t n, size_t k);

#endif
