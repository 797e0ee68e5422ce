#include "dsp/am.h"

#include "dsp/clones.h"

#include <math.h>

HZ_CLONES void hz_am_envelope(const float *restrict x, size_t n, float *restrict out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = sqrtf(x[2 * i] * x[2 * i] + x[2 * i + 1] * x[2 * i + 1]);
}
