#include "proto/vdl2/pulse.h"

#include "dsp/clones.h"
#include "dsp/lanes.h"

#include <math.h>

static const double pi = 3.14159265358979323846;
static const double roll_off = 0.6;

/* Raised cosine at f, in units of the symbol rate. */
static double raised_cosine(double f)
{
    double x = (fabs(f) - (1 - roll_off) / 2) / roll_off;
    return x <= 0 ? 1 : x >= 1 ? 0 : (1 + cos(pi * x)) / 2;
}

static double filter(double f, bool root)
{
    double h = raised_cosine(f), folded = raised_cosine(1 - fabs(f));
    return root ? sqrt(h) : h / (h * h + folded * folded);
}

/* Its impulse response at t symbols, by the trapezium rule. */
static double response(const double *spectrum, unsigned points, double t)
{
    double width = (1 + roll_off) / 2 / points, sum = spectrum[0] / 2;
    double c = cos(2 * pi * width * t), last = 1, now = c; /* cos of multiples, by recurrence */
    for (unsigned i = 1; i < points; i++) {
        sum += spectrum[i] * now;
        double next = 2 * c * now - last;
        last = now;
        now = next;
    }
    return 2 * sum * width;
}

void hz_vdl2_pulse_init(struct hz_vdl2_pulse *p, bool root)
{
    enum { POINTS = 128 };
    double spectrum[POINTS];
    for (unsigned i = 0; i < POINTS; i++)
        spectrum[i] = filter((1 + roll_off) / 2 * i / POINTS, root);
    for (int step = 0; step < HZ_VDL2_STEPS; step++)
        for (int k = 0; k < HZ_VDL2_TAPS; k++) {
            double t = (double)step / HZ_VDL2_STEPS + HZ_VDL2_SPAN - 1 - k;
            float h = (float)(response(spectrum, POINTS, t / HZ_VDL2_SYMBOL) / HZ_VDL2_SYMBOL);
            p->tap[step][2 * k] = p->tap[step][2 * k + 1] = h;
        }
}

HZ_CLONES
void hz_vdl2_pulse_at(const struct hz_vdl2_pulse *p, const float *iq, double t, float out[2])
{
    long at = (long)(t * HZ_VDL2_STEPS + 0.5);
    const float *x = iq + 2 * (at / HZ_VDL2_STEPS - (HZ_VDL2_SPAN - 1));
    const float *h = p->tap[at % HZ_VDL2_STEPS];
    hz_eight sum = {0};
    for (int k = 0; k < 2 * HZ_VDL2_TAPS; k += 8)
        sum += *(const hz_eight *)(x + k) * *(const hz_eight *)(h + k);
    hz_four four = HZ_EIGHT_FOLD(sum);
    out[0] = four[0] + four[2];
    out[1] = four[1] + four[3];
}
