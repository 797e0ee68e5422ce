#include "proto/adsb/gate.h"

#include <math.h>
#include <string.h>

/* The preamble in half-chips of 0.5 us: pulses at 0, 1, 3.5 and 4.5 us; the gaps are those that no
 * neighbour leaks into, and that pulse-position data cannot leave empty all together. */
static const int pulses[HZ_ADSB_PULSES] = {0, 2, 7, 9};
static const int gaps[HZ_ADSB_GAPS] = {4, 5, 11, 12, 13, 14};
static const int earlier[HZ_ADSB_EARLIER] = {2, 3, 4, 5};

/* Samples that the openings of one burst spread over: the preamble's side lobes. */
enum { CLUSTER = 12 };

/* Noise beyond which nothing can open any more: 8 times that is more than four full pulses. */
static const float loudest = 4000.0f;

void hz_adsb_gate_init(struct hz_adsb_gate *g, float rate_hz)
{
    float half_chip = rate_hz * 1e-6f; /* in half samples */
    for (int k = 0; k < HZ_ADSB_PULSES; k++)
        g->pulse[k] = (size_t)lroundf((float)pulses[k] * half_chip);
    for (int k = 0; k < HZ_ADSB_GAPS; k++)
        g->gap[k] = (size_t)lroundf((float)gaps[k] * half_chip);
    for (int k = 0; k < HZ_ADSB_EARLIER; k++)
        g->earlier[k] = (size_t)lroundf((float)earlier[k] * half_chip);
    g->data = (size_t)lroundf(8.0f * half_chip);
    g->quarter = (size_t)(14.0f / 8.0f * half_chip);
}

static const int16_t *plane(const struct hz_adsb_band *b, size_t half)
{
    return (half & 1 ? b->mid : b->on) + (half >> 1);
}

void hz_adsb_gate_open(struct hz_adsb_gate *g, const struct hz_adsb_band *b, size_t from,
                       size_t end, bool loose)
{
    /* 2 noise per pulse opens on one noise sample in a thousand and costs no burst worth having. */
    const float noise = b->noise < loudest ? b->noise : loudest;
    const int16_t need = (int16_t)(8.0f * noise), allow = (int16_t)(3.0f * noise);
    const size_t n = (end - from + 2 * HZ_ADSB_SEGMENT - 1) / HZ_ADSB_SEGMENT * HZ_ADSB_SEGMENT;
    g->loose = loose;
    g->from = from;
    g->at = 2 * from;
    g->end = 2 * end;
    for (size_t phase = 0; phase < 2; phase++) {
        const size_t first = 2 * from + phase;
        struct hz_adsb_places p;
        for (int k = 0; k < HZ_ADSB_PULSES; k++)
            p.pulse[k] = plane(b, first + g->pulse[k]);
        for (int k = 0; k < HZ_ADSB_GAPS; k++)
            p.gap[k] = plane(b, first + g->gap[k]);
        for (int k = 0; k < HZ_ADSB_EARLIER; k++)
            p.earlier[k] = plane(b, first - g->earlier[k]);
        b->kernels->gate(&p, need, allow, g->score[phase], g->open[phase], n);
    }
}

static bool four_shut(const struct hz_adsb_gate *g, size_t k)
{
    uint64_t on, mid;
    memcpy(&on, g->score[0] + k, sizeof(on));
    memcpy(&mid, g->score[1] + k, sizeof(mid));
    return (on | mid) == 0;
}

/* The first opening at or after g->at; false: none before the end. */
static bool next_opening(struct hz_adsb_gate *g)
{
    while (g->at < g->end) {
        size_t half = g->at - 2 * g->from, k = half / 2, segment = k / HZ_ADSB_SEGMENT;
        if (half % (2 * HZ_ADSB_SEGMENT) == 0 && !g->open[0][segment] && !g->open[1][segment])
            g->at += 2 * HZ_ADSB_SEGMENT;
        else if (half % 8 == 0 && four_shut(g, k))
            g->at += 8;
        else if (g->score[half & 1][k] == 0)
            g->at++;
        else
            return true;
    }
    return false;
}

bool hz_adsb_gate_next(struct hz_adsb_gate *g, const struct hz_adsb_band *b,
                       struct hz_adsb_candidate *found)
{
    if (!next_opening(g))
        return false;
    /* Of all openings that one burst makes, the clearest is its start. */
    const size_t at = g->at / 2 - g->from;
    const int16_t *on = g->score[0] + at, *mid = g->score[1] + at;
    int16_t best = 0;
    for (int k = 0; k < CLUSTER; k++) {
        int16_t here = on[k] > mid[k] ? on[k] : mid[k];
        best = here > best ? here : best;
    }
    size_t first = 0;
    while (on[first] != best && mid[first] != best)
        first++;
    *found = (struct hz_adsb_candidate){.at = 2 * (g->from + at + first) + (on[first] != best)};
    for (int k = 0; k < HZ_ADSB_PULSES; k++)
        found->level += *plane(b, found->at + g->pulse[k]);
    g->at = 2 * (g->from + at + CLUSTER);
    return true;
}

void hz_adsb_gate_skip(struct hz_adsb_gate *g, size_t to)
{
    if (2 * to > g->at)
        g->at = 2 * to;
}

bool hz_adsb_gate_plausible(const struct hz_adsb_gate *g, const struct hz_adsb_band *b,
                            const struct hz_adsb_candidate *c)
{
    uint32_t all = 0, weakest = UINT32_MAX, sum[4];
    b->kernels->quarters(b->on + c->at / 2 + g->data, g->quarter, sum);
    for (int k = 0; k < 4; k++) {
        all += sum[k];
        weakest = sum[k] < weakest ? sum[k] : weakest;
    }
    float mean = (float)all / (32.0f * (float)g->quarter);
    float pulse = (float)c->level / HZ_ADSB_PULSES;
    return mean > 1.2f * b->noise && mean > (g->loose ? 0.4f : 0.6f) * pulse &&
           mean < (g->loose ? 4.0f : 2.0f) * pulse &&
           (float)weakest * 4.0f > (g->loose ? 0.3f : 0.55f) * (float)all;
}
