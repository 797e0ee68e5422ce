#include "proto/acars/gate.h"

#include "dsp/clones.h"
#include "dsp/nth.h"
#include "proto/acars/sizes.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum {
    LAG = 4, /* samples: noise of the channel's width is hardly correlated over it */
    BINS = HZ_ACARS_LOOK,
    CARRIER = 2300 * BINS / HZ_ACARS_RATE_HZ, /* bins that a carrier may be off, to either side */
    EDGE = 5400 * BINS / HZ_ACARS_RATE_HZ,    /* bins that hold the channel, to either side */
};

static const double tone_bins = 2400.0 * BINS / HZ_ACARS_RATE_HZ;
/* Pulse pairs of noise are over this 1e-9 of the time; a carrier 3 dB over it has 0.6. */
static const float least_pairs = 0.25f;
static const float least_line = 9; /* times the median bin */

int hz_acars_gate_init(struct hz_acars_gate *g)
{
    g->fft = hz_fft_new(BINS, HZ_FFT_FORWARD);
    g->in = hz_fft_buffer(BINS);
    g->out = hz_fft_buffer(BINS);
    if (!g->fft || !g->in || !g->out) {
        hz_acars_gate_done(g);
        return -ENOMEM;
    }
    for (int i = 0; i < BINS; i++)
        g->window[i] = (float)(0.5 - 0.5 * cos(2 * M_PI * (i + 0.5) / BINS));
    return 0;
}

void hz_acars_gate_done(struct hz_acars_gate *g)
{
    hz_fft_free(g->fft);
    free(g->in);
    free(g->out);
    g->fft = NULL;
    g->in = g->out = NULL;
}

/* Whether the pulse pairs tell of a carrier. */
HZ_CLONES static bool has_carrier(const float *iq)
{
    float re = 0, im = 0, power = 0;
    const float *before = iq - 2 * LAG;
#pragma GCC ivdep
    for (int i = 0; i < 2 * BINS; i += 2) {
        re += iq[i] * before[i] + iq[i + 1] * before[i + 1];
        im += iq[i + 1] * before[i] - iq[i] * before[i + 1];
        power += iq[i] * iq[i] + iq[i + 1] * iq[i + 1];
    }
    return re * re + im * im > least_pairs * least_pairs * power * power;
}

/* The larger one of the bins around a place between them. */
static float line(const float *power, double at)
{
    long below = lround(floor(at));
    return fmaxf(power[below], power[below + 1]);
}

bool hz_acars_gate_open(struct hz_acars_gate *g, const float *iq, double *freq)
{
    float centred[BINS], sorted[2 * EDGE + 1], *power = centred + BINS / 2, best = 0;
    long at = 0;
    if (!has_carrier(iq))
        return false;
    for (int i = 0; i < BINS; i++) {
        g->in[2 * i] = iq[2 * i] * g->window[i];
        g->in[2 * i + 1] = iq[2 * i + 1] * g->window[i];
    }
    hz_fft_run(g->fft, g->in, g->out);
    for (long i = -BINS / 2; i < BINS / 2; i++) {
        const float *x = g->out + 2 * (i < 0 ? i + BINS : i);
        power[i] = x[0] * x[0] + x[1] * x[1];
    }
    for (long i = -EDGE; i <= EDGE; i++)
        sorted[i + EDGE] = power[i];
    for (long i = -CARRIER; i <= CARRIER; i++) {
        double upper = (double)i + tone_bins, lower = (double)i - tone_bins;
        float least = fminf(power[i], fminf(line(power, upper), line(power, lower)));
        if (least > best && power[i] >= power[i - 1] && power[i] >= power[i + 1]) {
            best = least;
            at = i;
        }
    }
    if (best < least_line * hz_nth(sorted, 2 * EDGE + 1, EDGE))
        return false;
    /* a Hann window has amplitudes in the ratio (1 + d) / (2 - d) beside a line d bins off */
    float up = sqrtf(power[at + 1]), down = sqrtf(power[at - 1]), mid = sqrtf(power[at]);
    float ratio = up > down ? up / mid : down / mid, d = (2 * ratio - 1) / (1 + ratio);
    *freq = ((double)at + (double)(up > down ? d : -d)) / BINS;
    return true;
}
