#include "proto/packet/g3ruh/gate.h"

#include "dsp/clones.h"

#include <math.h>

enum {
    LANES = 8,
    FIRST = 16,      /* hops from which the DC is taken at once */
    STEADY_HOPS = 4, /* hops over which a carrier is tested for modulation */
};

/* Thresholds of the squared coherence. The coherence of noise is 0.03 rms; a transmitter at -2 dB
 * in 25 kHz has 0.28. */
static const float open_at = 0.19f * 0.19f, close_at = 0.12f * 0.12f;
/* Largest spread of the hops' means, relative to the square of their average: a voice's carrier has
 * more. */
static const float most_spread = 0.25f;
/* Squared ratio of the magnitudes at both lags for a deviation below 700 Hz, and the coherence from
 * which on noise has little influence on it (5 dB). */
static const float steady_at = 0.97f * 0.97f, steady_fraction = 0.75f * 0.75f;

HZ_CLONES static struct hz_g3ruh_hop sum_up(const float *iq)
{
    float energy[LANES] = {0}, re[LANES] = {0}, im[LANES] = {0};
    const float *old = iq - 2 * HZ_G3RUH_LAG;
    for (int i = 0; i < 2 * HZ_G3RUH_HOP; i += LANES) {
        float turned[LANES];
        for (int l = 0; l < LANES; l += 2) {
            turned[l] = -old[i + l + 1];
            turned[l + 1] = old[i + l];
        }
        for (int l = 0; l < LANES; l++) {
            energy[l] += iq[i + l] * iq[i + l];
            re[l] += iq[i + l] * old[i + l];
            im[l] += iq[i + l] * turned[l];
        }
    }
    struct hz_g3ruh_hop sum = {0};
    for (int l = 0; l < LANES; l++) {
        sum.energy += energy[l];
        sum.re += re[l];
        sum.im += im[l];
    }
    return sum;
}

/* Subtracts the mean from the sums, and makes those at twice the lag. */
HZ_CLONES static void look_closer(const float *iq, struct hz_g3ruh_hop *h, float mean[2])
{
    const float *old = iq - 4 * HZ_G3RUH_LAG;
    float i_sum = 0, q_sum = 0;
    for (int i = 0; i < 2 * HZ_G3RUH_HOP; i += 2) {
        i_sum += iq[i];
        q_sum += iq[i + 1];
        h->far_re += iq[i] * old[i] + iq[i + 1] * old[i + 1];
        h->far_im += iq[i + 1] * old[i] - iq[i] * old[i + 1];
    }
    float dc = (i_sum * i_sum + q_sum * q_sum) / HZ_G3RUH_HOP;
    mean[0] = i_sum / HZ_G3RUH_HOP;
    mean[1] = q_sum / HZ_G3RUH_HOP;
    h->energy -= dc;
    h->re -= dc;
    h->far_re -= dc;
}

static bool over(const struct hz_g3ruh_hop *h, float fraction)
{
    return h->re * h->re + h->im * h->im > fraction * h->energy * h->energy;
}

static struct hz_g3ruh_hop last(const struct hz_g3ruh_gate *g, unsigned hops)
{
    struct hz_g3ruh_hop sum = {0};
    for (unsigned i = 1; i <= hops; i++) {
        const struct hz_g3ruh_hop *h = &g->hop[(g->at + HZ_G3RUH_RECENT - i) % HZ_G3RUH_RECENT];
        sum.energy += h->energy;
        sum.re += h->re;
        sum.im += h->im;
        sum.far_re += h->far_re;
        sum.far_im += h->far_im;
    }
    return sum;
}

static void learn_dc(struct hz_g3ruh_gate *g, const float mean[2])
{
    float i_off = mean[0] - g->dc[0], q_off = mean[1] - g->dc[1];
    g->dc_hops += g->dc_hops < HZ_G3RUH_DC;
    float hops = g->dc_hops < FIRST ? (float)g->dc_hops : HZ_G3RUH_DC;
    g->dc[0] += i_off / hops;
    g->dc[1] += q_off / hops;
    hops = fminf((float)g->dc_hops, HZ_G3RUH_QUIET);
    g->dc_spread += (i_off * i_off + q_off * q_off - g->dc_spread) / hops;
}

void hz_g3ruh_gate_dc(const struct hz_g3ruh_gate *g, float out[2])
{
    float size = g->dc[0] * g->dc[0] + g->dc[1] * g->dc[1];
    bool steady = g->dc_spread < most_spread * size;
    out[0] = steady ? g->dc[0] : 0;
    out[1] = steady ? g->dc[1] : 0;
}

bool hz_g3ruh_gate_push(struct hz_g3ruh_gate *g, const float *iq)
{
    struct hz_g3ruh_hop now = sum_up(iq);
    float mean[2] = {0, 0};   /* negligible, unless there is a carrier */
    if (over(&now, close_at)) /* seldom true for noise */
        look_closer(iq, &now, mean);
    g->hop[g->at] = now;
    g->at = (g->at + 1) % HZ_G3RUH_RECENT;
    struct hz_g3ruh_hop sum = last(g, HZ_G3RUH_SUM);
    g->open = over(&sum, g->open ? close_at : open_at);
    if (!g->open) {
        learn_dc(g, mean);
        g->power[g->power_at] = now.energy / HZ_G3RUH_HOP;
        g->power_at = (g->power_at + 1) % HZ_G3RUH_QUIET;
    }
    return g->open;
}

bool hz_g3ruh_gate_steady(const struct hz_g3ruh_gate *g)
{
    struct hz_g3ruh_hop sum = last(g, STEADY_HOPS);
    float near = sum.re * sum.re + sum.im * sum.im;
    float far = sum.far_re * sum.far_re + sum.far_im * sum.far_im;
    return far > steady_at * near && near > steady_fraction * sum.energy * sum.energy;
}

float hz_g3ruh_gate_energy(const struct hz_g3ruh_gate *g)
{
    return last(g, HZ_G3RUH_SUM).energy;
}

float hz_g3ruh_gate_least(const struct hz_g3ruh_gate *g, unsigned hops)
{
    float least = INFINITY;
    for (unsigned i = 1; i <= hops; i++)
        least = fminf(least, g->hop[(g->at + HZ_G3RUH_RECENT - i) % HZ_G3RUH_RECENT].energy);
    return HZ_G3RUH_SUM * least;
}

float hz_g3ruh_gate_floor(const struct hz_g3ruh_gate *g)
{
    float quiet = INFINITY;
    for (int i = 0; i < HZ_G3RUH_QUIET; i++)
        if (g->power[i] > 0 && g->power[i] < quiet)
            quiet = g->power[i];
    return quiet;
}
