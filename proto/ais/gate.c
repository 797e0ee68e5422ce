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

/* R and the energy of a window. */
struct window {
    float re, im, energy;
};

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

/* The summands of n samples behind those before. */
static inline void products(struct hz_ais_gate *g, size_t n)
{
    const float *old_re = g->y_re, *old_im = g->y_im;
    const float *re = old_re + HZ_AIS_GATE_LAG, *im = old_im + HZ_AIS_GATE_LAG;
    float *q_re = g->q_re + HZ_AIS_GATE_WINDOW, *q_im = g->q_im + HZ_AIS_GATE_WINDOW;
    float *q_energy = g->q_energy + HZ_AIS_GATE_WINDOW;
    for (size_t i = 0; i < n; i++) {
        q_re[i] = re[i] * old_re[i] + im[i] * old_im[i];
        q_im[i] = im[i] * old_re[i] - re[i] * old_im[i];
        q_energy[i] =
            0.5f * (re[i] * re[i] + im[i] * im[i] + old_re[i] * old_re[i] + old_im[i] * old_im[i]);
    }
}

/* The sums over the windows that end with each of n samples. */
static inline void slide(struct hz_ais_gate *g, size_t n, struct window *out)
{
    const float *re = g->q_re, *im = g->q_im, *energy = g->q_energy;
    double sum_re = g->re, sum_im = g->im, sum_energy = g->energy;
    for (size_t i = 0; i < n; i++) {
        sum_re += (double)re[i + HZ_AIS_GATE_WINDOW] - (double)re[i];
        sum_im += (double)im[i + HZ_AIS_GATE_WINDOW] - (double)im[i];
        sum_energy += (double)energy[i + HZ_AIS_GATE_WINDOW] - (double)energy[i];
        out[i] = (struct window){(float)sum_re, (float)sum_im, (float)sum_energy};
    }
    g->re = sum_re;
    g->im = sum_im;
    g->energy = sum_energy;
}

/* True if the highest of the last fractions lies APART samples back: it is a peak. */
static inline bool peak(struct hz_ais_gate *g, const struct window *w)
{
    float power = w->re * w->re + w->im * w->im, full = w->energy * w->energy;
    if (full > silence && power > open_at * open_at * full && power > g->best * full) {
        g->best = power / full;
        g->best_angle = atan2f(w->im, w->re) * 0.15915494f;
        g->since = 0;
        return false;
    }
    return g->best > 0 && ++g->since == APART;
}

/* Leaves what comes before the next piece at the front of x, which holds that and n samples. */
static inline void keep(float *x, size_t before, size_t n)
{
    memmove(x, x + n, before * sizeof *x);
}

HZ_CLONES static void windows(struct hz_ais_gate *g, const float *iq, size_t n, struct window *out)
{
    for (size_t i = 0; i < n; i++)
        lowpass(g->taps, iq + 2 * HZ_AIS_GATE_STEP * (i + 1), &g->y_re[HZ_AIS_GATE_LAG + i],
                &g->y_im[HZ_AIS_GATE_LAG + i]);
    products(g, n);
    slide(g, n, out);
    keep(g->y_re, HZ_AIS_GATE_LAG, n);
    keep(g->y_im, HZ_AIS_GATE_LAG, n);
    keep(g->q_re, HZ_AIS_GATE_WINDOW, n);
    keep(g->q_im, HZ_AIS_GATE_WINDOW, n);
    keep(g->q_energy, HZ_AIS_GATE_WINDOW, n);
}

size_t hz_ais_gate_push(struct hz_ais_gate *g, const float *iq, size_t n, uint64_t first,
                        struct hz_ais_peak *out)
{
    struct window w[HZ_AIS_GATE_PIECE];
    size_t count = 0, steps = n / HZ_AIS_GATE_STEP;
    for (size_t at = 0, some; at < steps; at += some) {
        some = steps - at < HZ_AIS_GATE_PIECE ? steps - at : HZ_AIS_GATE_PIECE;
        windows(g, iq + 2 * HZ_AIS_GATE_STEP * at, some, w);
        for (size_t i = 0; i < some; i++) {
            if (!peak(g, &w[i]))
                continue;
            /* The filter delays by half its taps. */
            uint64_t behind = first + HZ_AIS_GATE_STEP * (at + i + 1);
            out[count].end = behind - HZ_AIS_GATE_STEP * APART - HZ_AIS_GATE_TAPS / 2;
            out[count++].freq = g->best_angle / (HZ_AIS_GATE_LAG * HZ_AIS_GATE_STEP);
            g->best = 0;
        }
    }
    return count;
}
