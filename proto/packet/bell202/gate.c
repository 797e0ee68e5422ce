#include "proto/packet/bell202/gate.h"

#include "dsp/clones.h"

#include <math.h>

enum { LANES = 8, FORGET = 64 /* hops over which the noise is averaged */ };

/* Thresholds of a block's power over the quietest block, which lies 0.5 dB below the mean of
 * noise: 1.1 and 0.7 dB. */
static const float open_at = 1.30f, close_at = 1.18f;
/* Thresholds of the fourth moment of the envelope: a carrier 4 and 2 dB over the noise. */
static const float steady = 1.45f, unsteady = 1.65f;

HZ_CLONES static struct hz_bell202_hop sum_up(const float *iq)
{
    float energy[LANES] = {0}, fourth[LANES] = {0}, re[LANES] = {0}, im[LANES] = {0};
    const float *old = iq - 2 * HZ_BELL202_LAG;
    for (int i = 0; i < 2 * HZ_BELL202_HOP; i += 2 * LANES) {
        for (int l = 0; l < LANES; l++) {
            float x = iq[i + 2 * l], y = iq[i + 2 * l + 1];
            float u = old[i + 2 * l], v = old[i + 2 * l + 1], power = x * x + y * y;
            energy[l] += power;
            fourth[l] += power * power;
            re[l] += x * u + y * v;
            im[l] += y * u - x * v;
        }
    }
    struct hz_bell202_hop sum = {0, 0, 0, 0};
    for (int l = 0; l < LANES; l++) {
        sum.energy += energy[l];
        sum.fourth += fourth[l];
        sum.re += re[l];
        sum.im += im[l];
    }
    return sum;
}

static struct hz_bell202_hop past(const struct hz_bell202_gate *g, size_t ago, size_t hops)
{
    struct hz_bell202_hop sum = {0, 0, 0, 0};
    for (size_t i = ago + 1; i <= ago + hops; i++) {
        const struct hz_bell202_hop *h = &g->hop[(g->at + HZ_BELL202_PAST - i) % HZ_BELL202_PAST];
        sum.energy += h->energy;
        sum.fourth += h->fourth;
        sum.re += h->re;
        sum.im += h->im;
    }
    return sum;
}

static void remember(struct hz_bell202_gate *g, float power)
{
    g->power[g->power_at] = power;
    g->power_at = (g->power_at + 1) % HZ_BELL202_QUIET;
    g->floor = power;
    for (int i = 0; i < HZ_BELL202_QUIET; i++)
        if (g->power[i] > 0 && g->power[i] < g->floor)
            g->floor = g->power[i];
}

static void average(struct hz_bell202_gate *g, const struct hz_bell202_hop *now)
{
    g->noise_hops += g->noise_hops < FORGET;
    g->noise_energy += (now->energy - g->noise_energy) / (float)g->noise_hops;
    g->noise_re += (now->re - g->noise_re) / (float)g->noise_hops;
}

bool hz_bell202_gate_push(struct hz_bell202_gate *g, const float *iq)
{
    struct hz_bell202_hop now = sum_up(iq);
    g->hop[g->at] = now;
    g->at = (g->at + 1) % HZ_BELL202_PAST;
    struct hz_bell202_hop block = past(g, 0, HZ_BELL202_SUM);
    g->hops += g->hops < HZ_BELL202_RECENT;
    bool whole = g->hops == HZ_BELL202_RECENT;
    if (g->at % HZ_BELL202_SUM == 0 && whole)
        remember(g, block.energy);
    float over = g->open ? close_at : open_at,
          mean = block.energy / (HZ_BELL202_SUM * HZ_BELL202_HOP);
    float ripple = (g->open ? unsteady : steady) * mean * block.energy;
    g->open = (g->floor > 0 && block.energy > over * g->floor) || (whole && block.fourth < ripple);
    /* The silence after a stream's end is not taken for noise. */
    if (!g->open && g->hops == HZ_BELL202_RECENT && now.energy > 0)
        average(g, &now);
    return g->open;
}

struct hz_bell202_heard hz_bell202_gate_heard(const struct hz_bell202_gate *g, size_t ago,
                                              size_t hops)
{
    ago = ago < HZ_BELL202_PAST ? ago : HZ_BELL202_PAST - 1;
    hops = ago + hops <= HZ_BELL202_PAST ? hops : HZ_BELL202_PAST - ago;
    struct hz_bell202_hop sum = past(g, ago, hops);
    float n = (float)hops, re = sum.re - n * g->noise_re, im = sum.im;
    return (struct hz_bell202_heard){
        .freq = atan2((double)im, (double)re) / 6.28318530717958647692,
        .power = fmaxf(sum.energy / n - g->noise_energy, 0) / HZ_BELL202_HOP,
        .amplitude = sqrtf(sqrtf(re * re + im * im) / (n * HZ_BELL202_HOP)),
    };
}

float hz_bell202_gate_noise(const struct hz_bell202_gate *g, float band)
{
    /* White noise filtered to a fraction b of the sample rate has the correlation sin(pi b) / (pi
     * b) between neighbours. The straight line through 1 and 0.52 approximates that to 0.1 dB. */
    float next = g->noise_energy > 0 ? fmaxf(g->noise_re / g->noise_energy, 0) : 0;
    float width = fmaxf(1 - 0.787f * next, band);
    return g->noise_energy / HZ_BELL202_HOP * band / width;
}
