#include "proto/pocsag/narrow.h"

#include "dsp/clones.h"
#include "dsp/kaiser.h"

#include <string.h>

enum { TAPS = HZ_POCSAG_NARROW_TAPS, HALF = HZ_POCSAG_NARROW_HALF, BLOCK = 64 };

static const double stop_db = 60, stop_hz = 7250, rate_hz = 24000;

void hz_pocsag_narrow_init(struct hz_pocsag_narrow *f)
{
    double h[TAPS];
    hz_kaiser_lowpass(h, TAPS, (HZ_POCSAG_NARROW_HZ + stop_hz) / 2 / rate_hz, stop_db);
    for (int k = 0; k < TAPS; k++)
        f->tap[k] = (float)h[k];
}

HZ_CLONES void hz_pocsag_narrow_run(const struct hz_pocsag_narrow *f, const float *iq, size_t n,
                                    float *out)
{
    for (size_t at = 0; at < n; at += BLOCK) {
        float sum[2 * BLOCK] = {0};
        size_t count = n - at < BLOCK ? n - at : BLOCK;
        for (int k = 0; k < TAPS; k++) {
            const float *x = iq + 2 * at + 2 * k - 2 * HALF;
            float tap = f->tap[k];
            if (count == BLOCK)
                for (int i = 0; i < 2 * BLOCK; i++)
                    sum[i] += tap * x[i];
            else
                for (size_t i = 0; i < 2 * count; i++)
                    sum[i] += tap * x[i];
        }
        memcpy(out + 2 * at, sum, 2 * count * sizeof *sum);
    }
}
