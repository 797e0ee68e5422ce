#include "proto/ais/even.h"

#include "proto/ais/detect.h"

#include <math.h>

enum {
    BLOCK = HZ_AIS_EVEN_BLOCK,
    AROUND = 5, /* blocks to either side over which the strength is the mean */
    BLOCKS_MAX = (HZ_AIS_LONGEST + BLOCK - 1) / BLOCK
};

static const float spark = 2.7f;    /* times the mean amplitude; one of 300 samples of noise is */
static const float silence = 1e-9f; /* an amplitude that is none */

static inline float amplitude(const float *iq)
{
    return sqrtf(iq[0] * iq[0] + iq[1] * iq[1]);
}

static void sum_up(const float *iq, size_t n, float *sum)
{
    for (size_t i = 0; i < n; i++) {
        float a = amplitude(iq + 2 * i);
        sum[i / BLOCK] = i % BLOCK == 0 ? a : sum[i / BLOCK] + a;
    }
}

void hz_ais_even(const float *iq, size_t n, float *out, float *strength)
{
    float sum[BLOCKS_MAX];
    size_t blocks = (n + BLOCK - 1) / BLOCK;
    sum_up(iq, n, sum);
    for (size_t b = 0; b < blocks; b++) {
        size_t first = b > AROUND ? b - AROUND : 0, end = b + AROUND + 1;
        float total = 0;
        end = end < blocks ? end : blocks;
        for (size_t k = first; k < end; k++)
            total += sum[k];
        size_t samples = (end * BLOCK < n ? end * BLOCK : n) - first * BLOCK;
        strength[b] = total / (float)samples;
    }
    for (size_t i = 0; i < n; i++) {
        float is = strength[i / BLOCK], most = spark * is;
        float gain = is > silence && amplitude(iq + 2 * i) < most ? 1 / is : 0;
        out[2 * i] = gain * iq[2 * i];
        out[2 * i + 1] = gain * iq[2 * i + 1];
    }
}
