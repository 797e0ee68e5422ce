#include "proto/ax25_9600/gate.h"

#include "dsp/clones.h"

#include <math.h>

enum { LANES = 8 };

/* Share of the energy, squared: noise alone has 0.03 rms; a transmitter at -2 dB in 25 kHz 0.28. */
static const float open_at = 0.19f * 0.19f, close_at = 0.12f * 0.12f;

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
    struct hz_g3ruh_hop sum = {0, 0, 0};
    for (int l = 0; l < LANES; l++) {
        sum.energy += energy[l];
        sum.re += re[l];
        sum.im += im[l];
    }
    return sum;
}

static struct hz_g3ruh_hop last(const struct hz_g3ruh_gate *g, unsigned hops)
{
    struct hz_g3ruh_hop sum = {0, 0, 0};
    for (unsigned i = 1; i <= hops; i++) {
        const struct hz_g3ruh_hop *h = &g->hop[(g->at + HZ_G3RUH_RECENT - i) % HZ_G3RUH_RECENT];
        sum.energy += h->energy;
        sum.re += h->re;
        sum.im += h->im;
    }
    return sum;
}

bool hz_g3ruh_gate_push(struct hz_g3ruh_gate *g, const float *iq)
{
    struct hz_g3ruh_hop now = sum_up(iq);
    g->hop[g->at] = now;
    g->at = (g->at + 1) % HZ_G3RUH_RECENT;
    struct hz_g3ruh_hop sum = last(g, HZ_G3RUH_SUM);
    float limit = (g->open ? close_at : open_at) * sum.energy * sum.energy;
    g->open = sum.re * sum.re + sum.im * sum.im > limit;
    if (!g->open) {
        g->power[g->power_at] = now.energy / HZ_G3RUH_HOP;
        g->power_at = (g->power_at + 1) % HZ_G3RUH_QUIET;
    }
    return g->open;
}

double hz_g3ruh_gate_freq(const struct hz_g3ruh_gate *g, unsigned hops)
{
    struct hz_g3ruh_hop sum = last(g, hops);
    return atan2((double)sum.im, (double)sum.re) / (HZ_G3RUH_LAG * 6.28318530717958647692);
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
