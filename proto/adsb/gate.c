#include "proto/adsb/gate.h"

#include <math.h>
#include <string.h>

/* The preamble in half-chips of 0.5 us: pulses at 0, 1, 3.5 and 4.5 us. Only those gaps are used
 * into which no pulse leaks; pulse-position data never leaves all of them empty. */
static const int pulses[HZ_ADSB_PULSES] = {0, 2, 7, 9};
static const int gaps[HZ_ADSB_GAPS] = {4, 5, 11, 12, 13, 14};
static const int earlier[HZ_ADSB_EARLIER] = {2, 3, 4, 5};

/* The side lobes of one preamble pass the gate within this many samples. */
enum { CLUSTER = 12, WIDE = 16 };

/* Upper bound of the noise: 8 times that is more than four pulses of full scale. */
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
    g->scale = 1.0f / (32.0f * (float)g->quarter);
}

static const int16_t *plane(const struct hz_adsb_envelope *b, size_t half)
{
    return (half & 1 ? b->mid : b->on) + (half >> 1);
}

void hz_adsb_gate_open(struct hz_adsb_gate *g, const struct hz_adsb_envelope *b, size_t from,
                       size_t end, bool loose)
{
    /* A threshold of 2 noise per pulse is passed by one noise sample in a thousand, and by all
     * bursts that the later stages can decode. */
    const float noise = b->noise < loudest ? b->noise : loudest;
    const int16_t need = (int16_t)(8.0f * noise), allow = (int16_t)(3.0f * noise);
    g->loose = loose;
    g->from = from;
    g->at = from;
    g->end = end;
    struct hz_adsb_places p[2];
    for (size_t phase = 0; phase < 2; phase++) {
        const size_t first = 2 * from + phase;
        for (int k = 0; k < HZ_ADSB_PULSES; k++)
            p[phase].pulse[k] = plane(b, first + g->pulse[k]);
        for (int k = 0; k < HZ_ADSB_GAPS; k++)
            p[phase].gap[k] = plane(b, first + g->gap[k]);
        for (int k = 0; k < HZ_ADSB_EARLIER; k++)
            p[phase].earlier[k] = plane(b, first - g->earlier[k]);
    }
    b->kernels->gate(p, need, allow, g->score[0], g->score[1], g->open,
                     (end - from + 2 * HZ_ADSB_SEGMENT - 1) / HZ_ADSB_SEGMENT);
}

void hz_adsb_gate_skip(struct hz_adsb_gate *g, size_t to)
{
    if (to > g->at)
        g->at = to;
}

/* Advances g->at to the next position that passed; false: there is none before the end. */
static bool next_opening(struct hz_adsb_gate *g)
{
    size_t at = g->at;
    while (at < g->end) {
        const size_t k = at - g->from, segment = k / HZ_ADSB_SEGMENT, into = k % HZ_ADSB_SEGMENT;
        const uint64_t left = g->open[segment] >> into;
        if (left != 0) {
            at += (size_t)__builtin_ctzll(left);
            break;
        }
        at += HZ_ADSB_SEGMENT - into;
    }
    if (at >= g->end) {
        hz_adsb_gate_skip(g, g->end);
        return false;
    }
    g->at = at;
    return true;
}

/* Index of the highest score among CLUSTER positions (the first of equal ones), and that score. For
 * vectors of eight and without branches, which would be unpredictable. */
static size_t clearest(const int16_t *on, const int16_t *mid, int16_t *best)
{
    static const int16_t rank[WIDE] = {12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1};
    int16_t higher[WIDE], most = 0, first = 0;
    for (int k = 0; k < WIDE; k++) {
        int16_t here = on[k] > mid[k] ? on[k] : mid[k];
        higher[k] = (int16_t)(here & (rank[k] > 0 ? -1 : 0));
    }
    for (int k = 0; k < WIDE; k++)
        most = higher[k] > most ? higher[k] : most;
    for (int k = 0; k < WIDE; k++) {
        int16_t here = (int16_t)(rank[k] & (higher[k] == most ? -1 : 0));
        first = here > first ? here : first;
    }
    *best = most;
    return (size_t)(CLUSTER - first);
}

bool hz_adsb_gate_next(struct hz_adsb_gate *g, const struct hz_adsb_envelope *b,
                       struct hz_adsb_candidate *found)
{
    if (!next_opening(g))
        return false;
    /* Of all positions that one burst makes pass, the one with the highest score is its start. */
    const size_t at = g->at - g->from;
    const int16_t *on = g->score[0] + at, *mid = g->score[1] + at;
    int16_t best;
    const size_t first = clearest(on, mid, &best);
    *found = (struct hz_adsb_candidate){.at = 2 * (g->at + first) + (on[first] != best)};
    for (int k = 0; k < HZ_ADSB_PULSES; k++)
        found->level += *plane(b, found->at + g->pulse[k]);
    g->at += CLUSTER;
    return true;
}

/* Sum of eight values, 0 or more, in 64-bit words of four. */
static uint32_t sum_of_eight(const int16_t *v)
{
    const uint64_t low = UINT64_C(0x0000ffff0000ffff);
    uint64_t a, b;
    memcpy(&a, v, sizeof(a));
    memcpy(&b, v + 4, sizeof(b));
    const uint64_t pairs = (a & low) + (a >> 16 & low) + (b & low) + (b >> 16 & low);
    return (uint32_t)pairs + (uint32_t)(pairs >> 32);
}

/* Sums of four consecutive runs of 8 n values. n times the largest magnitude fits an int16. */
static void quarters(const int16_t *on, size_t n, uint32_t sum[4])
{
    for (int quarter = 0; quarter < 4; quarter++) {
        int16_t column[8] = {0};
        for (size_t k = 0; k < n; k++, on += 8)
            for (int m = 0; m < 8; m++)
                column[m] = (int16_t)(column[m] + on[m]);
        sum[quarter] = sum_of_eight(column);
    }
}

bool hz_adsb_gate_plausible(const struct hz_adsb_gate *g, const struct hz_adsb_envelope *b,
                            const struct hz_adsb_candidate *c)
{
    uint32_t sum[4];
    quarters(b->on + c->at / 2 + g->data, g->quarter, sum);
    const uint32_t left = sum[0] < sum[1] ? sum[0] : sum[1];
    const uint32_t right = sum[2] < sum[3] ? sum[2] : sum[3];
    const float weakest = (float)(left < right ? left : right);
    const float all = (float)(sum[0] + sum[1] + sum[2] + sum[3]);
    const float mean = all * g->scale;
    const float pulse = (float)c->level / HZ_ADSB_PULSES;
    const float low = g->loose ? 0.4f : 0.6f, high = g->loose ? 4.0f : 2.0f;
    /* Without branches, which would be unpredictable. */
    return (mean > 1.2f * b->noise) & (mean > low * pulse) & (mean < high * pulse) &
           (weakest * 4.0f > (g->loose ? 0.3f : 0.55f) * all);
}
