#include "proto/adsb/gate.h"

#include <math.h>

/* The preamble in half-chips of 0.5 us: pulses at 0, 1, 3.5 and 4.5 us; the gaps are those that no
 * neighbour leaks into, and that pulse-position data cannot leave empty all together. */
static const int pulses[HZ_ADSB_PULSES] = {0, 2, 7, 9};
static const int gaps[HZ_ADSB_GAPS] = {4, 5, 11, 12, 13, 14};

void hz_adsb_gate_init(struct hz_adsb_gate *g, float rate_hz)
{
    float half_chip = rate_hz * 1e-6f; /* in half samples */
    for (int k = 0; k < HZ_ADSB_PULSES; k++)
        g->pulse[k] = (size_t)lroundf((float)pulses[k] * half_chip);
    for (int k = 0; k < HZ_ADSB_GAPS; k++)
        g->gap[k] = (size_t)lroundf((float)gaps[k] * half_chip);
    g->cluster = (size_t)lroundf(9.2f * half_chip);
    g->data = (size_t)lroundf(8.0f * half_chip);
    g->quarter = (size_t)lroundf(14.0f * half_chip);
}

static const int16_t *plane(const struct hz_adsb_band *b, size_t half)
{
    return (half & 1 ? b->mid : b->on) + (half >> 1);
}

void hz_adsb_gate_open(struct hz_adsb_gate *g, const struct hz_adsb_band *b, size_t end)
{
    /* 2 noise per pulse opens on one noise sample in a thousand and costs no burst worth having. */
    int16_t need = (int16_t)(8.0f * b->noise);
    int16_t allow = (int16_t)(3.0f * b->noise);
    g->at = g->at > 2 * HZ_ADSB_BEFORE ? g->at : 2 * HZ_ADSB_BEFORE;
    g->end = 2 * end;
    for (size_t phase = 0; phase < 2; phase++) {
        const int16_t *p[HZ_ADSB_PULSES], *q[HZ_ADSB_GAPS];
        size_t first = 2 * HZ_ADSB_BEFORE + phase;
        for (int k = 0; k < HZ_ADSB_PULSES; k++)
            p[k] = plane(b, first + g->pulse[k]);
        for (int k = 0; k < HZ_ADSB_GAPS; k++)
            q[k] = plane(b, first + g->gap[k]);
        b->kernels->gate(p, q, need, allow, g->level[phase], g->open[phase],
                         HZ_ADSB_BLOCK + HZ_ADSB_SEGMENT);
    }
}

/* The first opening at or after g->at; false: none before the end. */
static bool next_opening(struct hz_adsb_gate *g)
{
    while (g->at < g->end) {
        size_t k = g->at / 2 - HZ_ADSB_BEFORE, segment = k / HZ_ADSB_SEGMENT;
        size_t next = (segment + 1) * HZ_ADSB_SEGMENT;
        if (g->open[0][segment] || g->open[1][segment]) {
            if (g->at & 1 && g->level[1][k])
                return true;
            for (k += g->at & 1; k < next; k++)
                if (g->level[0][k] | g->level[1][k]) {
                    g->at = 2 * (HZ_ADSB_BEFORE + k) + (g->level[0][k] == 0);
                    return g->at < g->end;
                }
        }
        g->at = 2 * (HZ_ADSB_BEFORE + next);
    }
    return false;
}

bool hz_adsb_gate_next(struct hz_adsb_gate *g, struct hz_adsb_candidate *found)
{
    if (!next_opening(g))
        return false;
    /* Of all openings that one burst makes, the strongest is its start. */
    *found = (struct hz_adsb_candidate){.at = g->at};
    for (size_t last = g->at + g->cluster; g->at <= last; g->at++) {
        int level = g->level[g->at & 1][g->at / 2 - HZ_ADSB_BEFORE];
        if (level > found->level)
            *found = (struct hz_adsb_candidate){g->at, level};
    }
    return true;
}

void hz_adsb_gate_skip(struct hz_adsb_gate *g, size_t to)
{
    if (2 * to > g->at)
        g->at = 2 * to;
}

bool hz_adsb_gate_has_data(const struct hz_adsb_gate *g, const struct hz_adsb_band *b,
                           const struct hz_adsb_candidate *c)
{
    const int16_t *m = b->on + (c->at >> 1) + g->data;
    uint32_t all = 0, weakest = UINT32_MAX;
    for (int k = 0; k < 4; k++) {
        uint32_t sum = 0;
        for (size_t n = 0; n < g->quarter; n++)
            sum += (uint16_t)m[(size_t)k * g->quarter + n];
        all += sum;
        weakest = sum < weakest ? sum : weakest;
    }
    float mean = (float)all / (4.0f * (float)g->quarter);
    float pulse = (float)c->level / HZ_ADSB_PULSES;
    return mean > 1.2f * b->noise && mean > 0.6f * pulse && mean < 2.0f * pulse &&
           (float)weakest * 4.0f > 0.55f * (float)all;
}
