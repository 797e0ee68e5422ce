#include "dsp/biquad.h"

#include <math.h>

void hz_biquad_lowpass(struct hz_biquad *f, double freq, double q)
{
    double c = cos(2 * M_PI * freq), alpha = sin(2 * M_PI * freq) / (2 * q), a0 = 1 + alpha;
    *f = (struct hz_biquad){.b0 = (float)((1 - c) / 2 / a0),
                            .b1 = (float)((1 - c) / a0),
                            .b2 = (float)((1 - c) / 2 / a0),
                            .a1 = (float)(-2 * c / a0),
                            .a2 = (float)((1 - alpha) / a0)};
}

void hz_biquad_run(struct hz_biquad *f, float *x, size_t n)
{
    float z1 = f->z1, z2 = f->z2;
    for (size_t i = 0; i < n; i++) {
        float in = x[i], out = f->b0 * in + z1;
        z1 = f->b1 * in - f->a1 * out + z2;
        z2 = f->b2 * in - f->a2 * out;
        x[i] = out;
    }
    f->z1 = z1;
    f->z2 = z2;
}
