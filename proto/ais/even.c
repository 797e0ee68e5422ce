#include "proto/ais/even.h"

#include "dsp/clones.h"

#include <math.h>

enum {
    BLOCK = HZ_AIS_BIT,
    AROUND = 5, /* blocks to either side over which the amplitude is averaged */
    BLOCKS_MAX = (HZ_AIS_LONGEST + BLOCK - 1) / BLOCK
};

/* Limit of a sample over the mean amplitude; one of 300 samples of noise exceeds it. */
static const float spark = 2.7f;
static const float silence = 1e-9f; /* amplitude below which there is nothing */

HZ_CLONES void hz_ais_even(const float *iq, size_t from, size_t n, float *out, float *strength)
{
    float amplitude[HZ_AIS_LONGEST], sum[BLOCKS_MAX];
    size_t blocks = (n + BLOCK - 1) / BLOCK, begin = from / BLOCK;
    size_t lead = begin > AROUND ? begin - AROUND : 0;
    for (size_t i = lead * BLOCK; i < n; i++)
        amplitude[i] = sqrtf(iq[2 * i] * iq[2 * i] + iq[2 * i + 1] * iq[2 * i + 1]);
    for (size_t b = lead; b < blocks; b++) {
        sum[b] = 0;
        for (size_t i = b * BLOCK; i < (b + 1) * BLOCK && i < n; i++)
            sum[b] += amplitude[i];
    }
    for (size_t b = begin; b < blocks; b++) {
        size_t first = b > AROUND ? b - AROUND : 0;
        size_t end = b + AROUND + 1 < blocks ? b + AROUND + 1 : blocks;
        float total = 0;
        for (size_t k = first; k < end; k++)
            total += sum[k];
        float is = total / (float)((end * BLOCK < n ? end * BLOCK : n) - first * BLOCK);
        float most = spark * is, gain = is > silence ? 1 / is : 0;
        strength[b] = is;
        for (size_t i = b * BLOCK; i < (b + 1) * BLOCK && i < n; i++) {
            float g = amplitude[i] < most ? gain : 0;
            out[2 * i] = g * iq[2 * i];
            out[2 * i + 1] = g * iq[2 * i + 1];
        }
    }
}
