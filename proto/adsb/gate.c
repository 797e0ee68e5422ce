#include "proto/adsb/gate.h"

#include <math.h>
#include <string.h>

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
    g->quarter = (size_t)(14.0f / 8.0f * half_chip);
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

static bool four_shut(const struct hz_adsb_gate *g, size_t k)
{
    uint64_t on, mid;
    memcpy(&on, g->level[0] + k, sizeof(on));
    memcpy(&mid, g->level[1] + k, sizeof(mid));
    return (on | mid) == 0;
}

/* The first opening at or after g->at; false: none before the end. */
static bool next_opening(struct hz_adsb_gate *g)
{
    while (g->at < g->end) {
        size_t half = g->at - 2 * HZ_ADSB_BEFORE, k = half / 2, segment = k / HZ_ADSB_SEGMENT;
        if (half % (2 * HZ_ADSB_SEGMENT) == 0 && !g->open[0][segment] && !g->open[1][segment])
            g->at += 2 * HZ_ADSB_SEGMENT;
        else if (half % 8 == 0 && four_shut(g, k))
            g->at += 8;
        else if (g->level[half & 1][k] == 0)
            g->at++;
        else
            return true;
    }
    return false;
}

bool hz_adsb_gate_next(struct hz_adsb_gate *g, struct hz_adsb_candidate *found)
{
    if (!next_opening(g))
        return false;
    /* Of all openings that one burst makes, the strongest is its start; without branches, as none
     * could be foretold. */
    uint32_t best = 0;
    for (uint32_t k = 0; k <= g->cluster; k++) {
        size_t half = g->at + k;
        uint32_t level = (uint16_t)g->level[half & 1][half / 2 - HZ_ADSB_BEFORE];
        uint32_t now = level << 8 | (255 - k);
        best = now > best ? now : best;
    }
    *found = (struct hz_adsb_candidate){g->at + 255 - (best & 255), (int)(best >> 8)};
    g->at += g->cluster + 1;
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
    uint32_t all = 0, weakest = UINT32_MAX, sum[4];
    b->kernels->quarters(m, g->quarter, sum);
    for (int k = 0; k < 4; k++) {
        all += sum[k];
        weakest = sum[k] < weakest ? sum[k] : weakest;
    }
    float mean = (float)all / (32.0f * (float)g->quarter);
    float pulse = (float)c->level / HZ_ADSB_PULSES;
    return mean > 1.2f * b->noise && mean > 0.6f * pulse && mean < 2.0f * pulse &&
           (float)weakest * 4.0f > 0.55f * (float)all;
}
