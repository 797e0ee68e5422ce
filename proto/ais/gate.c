#include "proto/ais/gate.h"

#include "dsp/clones.h"
#include "dsp/kaiser.h"

#include <math.h>
#include <string.h>

enum { APART = 10 /* gate samples, 8 bits: a peak is the highest for so long */ };

static const float open_at = 0.5f;   /* fraction of the energy */
static const float silence = 1e-20f; /* squared energy that is none, but the sums' rounding */

void hz_ais_gate_init(struct hz_ais_gate *g)
{
    double h[HZ_AIS_GATE_TAPS];
    memset(g, 0, sizeof *g);
    hz_kaiser_lowpass(h, HZ_AIS_GATE_TAPS, 5.0 / 48, 30);
    for (int i = 0; i < HZ_AIS_GATE_TAPS; i++)
        g->taps[2 * i] = g->taps[2 * i + 1] = (float)h[i];
}

/* The filter's output for the samples that end just before x. The taps are symmetric, so their
 * order does not matter. */
static inline void lowpass(const float *taps, const float *x, float *re, float *im)
{
    float sum[8] = {0};
    x -= 2 * HZ_AIS_GATE_TAPS;
    for (int i = 0; i < 2 * HZ_AIS_GATE_TAPS; i += 8)
        for (int l = 0; l < 8; l++)
            sum[l] += x[i + l] * taps[i + l];
    *re = (sum[0] + sum[4]) + (sum[2] + sum[6]);
    *im = (sum[1] + sum[5]) + (sum[3] + sum[7]);
}

static inline void slide(struct hz_ais_gate *g, float re, float im)
{
    float *old = g->y + 2 * g->y_at;
    float q_re = re * old[0] + im * old[1], q_im = im * old[0] - re * old[1];
    float energy = 0.5f * (re * re + im * im + old[0] * old[0] + old[1] * old[1]);
    old[0] = re;
    old[1] = im;
    g->y_at = g->y_at + 1 == HZ_AIS_GATE_LAG ? 0 : g->y_at + 1;
    g->re += (double)q_re - (double)g->q[g->q_at].re;
    g->im += (double)q_im - (double)g->q[g->q_at].im;
    g->energy += (double)energy - (double)g->q[g->q_at].energy;
    g->q[g->q_at].re = q_re;
    g->q[g->q_at].im = q_im;
    g->q[g->q_at].energy = energy;
    g->q_at = g->q_at + 1 == HZ_AIS_GATE_WINDOW ? 0 : g->q_at + 1;
}

/* True if the highest of the last fractions lies APART samples back: it is a peak. */
static inline bool peak(struct hz_ais_gate *g)
{
    float re = (float)g->re, im = (float)g->im, energy = (float)g->energy;
    float power = re * re + im * im, full = energy * energy;
    if (full > silence && power > open_at * open_at * full && power > g->best * full) {
        g->best = power / full;
        g->best_angle = atan2f(im, re) * 0.15915494f;
        g->since = 0;
        return false;
    }
    return g->best > 0 && ++g->since == APART;
}

HZ_CLONES size_t hz_ais_gate_push(struct hz_ais_gate *g, const float *iq, size_t n, uint64_t first,
                                  struct hz_ais_peak *out)
{
    size_t count = 0;
    for (size_t i = HZ_AIS_GATE_STEP; i <= n; i += HZ_AIS_GATE_STEP) {
        float re, im;
        lowpass(g->taps, iq + 2 * i, &re, &im);
        slide(g, re, im);
        if (peak(g)) {
            /* The filter delays by half its taps. */
            out[count].end = first + i - HZ_AIS_GATE_STEP * APART - HZ_AIS_GATE_TAPS / 2;
            out[count++].freq = g->best_angle / (HZ_AIS_GATE_LAG * HZ_AIS_GATE_STEP);
            g->best = 0;
        }
    }
    return count;
}
