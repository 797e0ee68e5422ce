#include "proto/acars/gate.h"

#include "dsp/clones.h"
#include "dsp/lanes.h"
#include "dsp/nth.h"
#include "proto/acars/sizes.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum {
    BINS = HZ_ACARS_LOOK,
    CARRIER = 2300 * BINS / HZ_ACARS_RATE_HZ, /* bins that a carrier may be off, to either side */
    EDGE = 5400 * BINS / HZ_ACARS_RATE_HZ,    /* bins that hold the channel, to either side */
};

static const double tone_bins = 2400.0 * BINS / HZ_ACARS_RATE_HZ;
/* The tone's part of the scatter of the power: at most a half; 0.1 at an SNR of 0 dB. Noise comes
 * to it once in 10^12. */
static const float least_tone = 0.055f;
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
    for (int i = 0; i < 2 * BINS; i++) {
        g->tone_re[i] = (float)cos(2 * M_PI * 2400 * (i / 2) / HZ_ACARS_RATE_HZ);
        g->tone_im[i] = (float)sin(2 * M_PI * 2400 * (i / 2) / HZ_ACARS_RATE_HZ);
    }
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

/* Whether the power has a tone of 2400 Hz. */
HZ_CLONES static bool has_tone(const struct hz_acars_gate *g, const float *iq)
{
    hz_eight re = {0}, im = {0}, sum = {0}, square = {0};
    for (int i = 0; i < 2 * BINS; i += 8) {
        hz_eight v = *(const hz_eight *)(iq + i), p = v * v;
        hz_eight q = p + __builtin_shufflevector(p, p, 1, 0, 3, 2, 5, 4, 7, 6);
        re += q * *(const hz_eight *)(g->tone_re + i);
        im += q * *(const hz_eight *)(g->tone_im + i);
        sum += q;
        square += q * q;
    }
    /* each q was counted twice */
    float a = hz_four_sum(HZ_EIGHT_FOLD(re)) / 2, b = hz_four_sum(HZ_EIGHT_FOLD(im)) / 2;
    float all = hz_four_sum(HZ_EIGHT_FOLD(sum)) / 2;
    float scatter = hz_four_sum(HZ_EIGHT_FOLD(square)) / 2 - all * all / BINS;
    return a * a + b * b > least_tone * BINS * scatter;
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
    if (!has_tone(g, iq))
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
