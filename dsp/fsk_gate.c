#include "dsp/fsk_gate.h"

#include "dsp/clones.h"
#include "dsp/nth.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    BINS = HZ_FSK_GATE_BINS,
    EACH = 2 * BINS, /* samples per transform: half of them are used */
    LOBE = 2,        /* bins on either side that belong to a tone */
    INSIDE = 33,     /* bins on either side: a channel of 12.5 kHz */
    WIDEST = 52,     /* bins on either side: 9.75 kHz, what the channel's filter leaves */
    APART = 12,      /* bins between tones: 2.25 kHz, under twice the least deviation */
    MOVES = 6,       /* bins that a tone may move by in a search for its drift */
};

/* Excess over the floor, relative to it, from which a lobe is significant: in noise two lobes are,
 * in one hop of 300. Where the stream fills only part of the span more is demanded. */
static const float stands_out = 0.47f;
/* A lobe weaker than this fraction of the strongest is a sidelobe of its window. */
static const float sidelobe = 1e-4f;
/* Tones have similar power: a lobe beyond the narrow channel starts a search of the wide one if it
 * has this fraction of the strongest lobe within. */
static const float alike = 0.2f;

/* Fraction of the span's power that a hop and the next one must have if a sync word begins there: a
 * strong signal in the rest of the span may not open it. */
static const float here_already = 0.3f;
/* Power, in bins of noise, below which two hops are not enough to decide (-4 dB in 12.5 kHz). */
static const float plain = 25;

/* The weakest fifth of the narrow channel is noise, for any deviation: it lies between the tones or
 * beside them. Ratio of the mean of white noise to that quantile, for the mean of 24 and of 8
 * transforms. */
static const float floor_of_span = 1.2f, floor_of_two = 1.7f;

int hz_fsk_gate_init(struct hz_fsk_gate *g)
{
    g->fft = hz_fft_new(BINS, HZ_FFT_FORWARD);
    g->in = hz_fft_buffer(BINS);
    g->out = hz_fft_buffer(BINS);
    if (!g->fft || !g->in || !g->out) {
        hz_fsk_gate_done(g);
        return -ENOMEM;
    }
    double energy = 0;
    for (int i = 0; i < BINS; i++) {
        double w = 0.5 - 0.5 * cos(6.28318530717958647692 * (i + 0.5) / BINS);
        energy += w * w;
        g->window[i] = (float)w;
    }
    /* With this scale white noise of power 1 has 1 / BINS in each bin of a hop. */
    double scale = 1 / sqrt(energy * BINS * (HZ_FSK_GATE_HOP / EACH));
    for (int i = 0; i < BINS; i++)
        g->window[i] *= (float)scale;
    return 0;
}

void hz_fsk_gate_done(struct hz_fsk_gate *g)
{
    hz_fft_free(g->fft);
    free(g->in);
    free(g->out);
    g->fft = NULL;
    g->in = g->out = NULL;
}

HZ_CLONES static void apply_window(const float *iq, const float *window, float *out)
{
    for (int i = 0; i < BINS; i++) {
        out[2 * i] = iq[2 * i] * window[i];
        out[2 * i + 1] = iq[2 * i + 1] * window[i];
    }
}

HZ_CLONES static void add_power(const float *out, float *power)
{
    for (int i = 0; i < BINS; i++)
        power[i] += out[2 * i] * out[2 * i] + out[2 * i + 1] * out[2 * i + 1];
}

void hz_fsk_gate_push(struct hz_fsk_gate *g, uint64_t hop, const float *iq, bool whole)
{
    float power[BINS] = {0}, *kept = g->power[hop % HZ_FSK_GATE_RING];
    for (int at = 0; at + EACH <= HZ_FSK_GATE_HOP; at += EACH) {
        apply_window(iq + 2 * at, g->window, g->in);
        hz_fft_run(g->fft, g->in, g->out);
        add_power(g->out, power);
    }
    memcpy(kept, power + BINS / 2, BINS / 2 * sizeof *kept); /* from -12 kHz upwards */
    memcpy(kept + BINS / 2, power, BINS / 2 * sizeof *kept);
    g->whole[hop % HZ_FSK_GATE_RING] = whole;
}

/* Mean power of the weakest fifth of the narrow channel. */
static float quiet(const float *power)
{
    float x[2 * INSIDE + 1];
    memcpy(x, power + BINS / 2 - INSIDE, sizeof x);
    return hz_nth(x, 2 * INSIDE + 1, 2 * INSIDE / 5);
}

/* Mean spectrum of the hops from `hop` on. */
static void mean(const struct hz_fsk_gate *g, uint64_t hop, unsigned hops, float *power)
{
    memset(power, 0, BINS * sizeof *power);
    for (uint64_t h = hop; h < hop + hops; h++)
        for (int i = 0; i < BINS; i++)
            power[i] += g->power[h % HZ_FSK_GATE_RING][i] / (float)hops;
}

/* Noise per bin from two hops alone, which may lie between transmissions that fill the channel; 0:
 * the hops are incomplete. The minimum of many such short estimates is too low by the factor. */
static float noise_of(const struct hz_fsk_gate *g, uint64_t hop)
{
    float power[BINS];
    if (!g->whole[hop % HZ_FSK_GATE_RING] || !g->whole[(hop + 1) % HZ_FSK_GATE_RING])
        return 0;
    mean(g, hop, 2, power);
    return floor_of_two * quiet(power);
}

/* The bin of the strongest lobe. */
static int strongest(const float *lobe, int from, int to)
{
    int best = from;
    for (int i = from; i <= to; i++)
        best = lobe[i] > lobe[best] ? i : best;
    return best;
}

/* Whether two places at least APART from each other are significant. */
static bool two_stand_out(const float *lobe, float over)
{
    int first = BINS / 2 - WIDEST, last = BINS / 2 + WIDEST;
    while (first <= last && lobe[first] < over)
        first++;
    while (last > first && lobe[last] < over)
        last--;
    return last - first >= APART;
}

/* Power above the floor in the whole channel. */
static float excess(const float *power, float floor)
{
    float sum = 0;
    for (int i = BINS / 2 - WIDEST; i <= BINS / 2 + WIDEST; i++)
        sum += power[i] - floor;
    return sum;
}

/* Whether the significant power is in this hop already, at any frequency, since a preamble of soft
 * bits sends nothing at the tones of the batch. */
static bool is_here(const struct hz_fsk_gate *g, uint64_t hop, const struct hz_fsk_view *view)
{
    float power[BINS];
    if (excess(view->power, view->floor) < plain * view->floor)
        return true;
    mean(g, hop, 2, power);
    return excess(power, view->floor) > here_already * excess(view->power, view->floor);
}

/* Threshold of a significant lobe. */
static float threshold(const struct hz_fsk_gate *g, uint64_t hop, float floor)
{
    unsigned whole = 0;
    for (uint64_t h = hop; h < hop + HZ_FSK_GATE_SPAN; h++)
        whole += g->whole[h % HZ_FSK_GATE_RING];
    return floor * (1 + stands_out * sqrtf((float)HZ_FSK_GATE_SPAN / (float)(whole ? whole : 1)));
}

bool hz_fsk_gate_open(struct hz_fsk_gate *g, uint64_t hop, struct hz_fsk_view *view)
{
    float lobe[BINS] = {0};
    const int middle = BINS / 2;
    mean(g, hop, HZ_FSK_GATE_SPAN, view->power);
    view->floor = floor_of_span * quiet(view->power);
    g->noise[hop % HZ_FSK_GATE_LOOKS] = noise_of(g, hop);
    for (int k = -LOBE; k <= LOBE; k++)
        for (int i = middle - WIDEST; i <= middle + WIDEST; i++)
            lobe[i] += view->power[i + k] / (2 * LOBE + 1);
    int best = strongest(lobe, middle - WIDEST, middle + WIDEST);
    float over = fmaxf(threshold(g, hop, view->floor), sidelobe * lobe[best]);
    if (!two_stand_out(lobe, over) || !is_here(g, hop, view))
        return false;
    float inside = lobe[strongest(lobe, middle - INSIDE, middle + INSIDE)];
    float below = lobe[strongest(lobe, middle - WIDEST, middle - INSIDE - 1)];
    float above = lobe[strongest(lobe, middle + INSIDE + 1, middle + WIDEST)];
    view->neighbour = fmaxf(below, above) > fmaxf(over, alike * inside);
    return true;
}

/* Centroid of the significant power around the strongest bin near a frequency. */
static double tone(const float *power, double hz, float floor)
{
    int near = (int)lrint(hz / HZ_FSK_GATE_BIN_HZ) + BINS / 2, best = near;
    for (int i = near - MOVES; i <= near + MOVES; i++)
        best = i > LOBE && i < BINS - LOBE - 1 && power[i] > power[best] ? i : best;
    double sum = 0, moment = 0;
    for (int i = -LOBE; i <= LOBE; i++) {
        double excess = fmax((double)(power[best + i] - floor), 0);
        sum += excess;
        moment += excess * i;
    }
    return (best - BINS / 2 + (sum > 0 ? moment / sum : 0)) * HZ_FSK_GATE_BIN_HZ;
}

double hz_fsk_gate_carrier(const struct hz_fsk_gate *g, uint64_t hop, double low_hz, double high_hz)
{
    float power[BINS];
    mean(g, hop, HZ_FSK_GATE_SPAN, power);
    float floor = floor_of_span * quiet(power);
    return (tone(power, low_hz, floor) + tone(power, high_hz, floor)) / 2;
}

float hz_fsk_gate_noise(const struct hz_fsk_gate *g)
{
    float least = INFINITY;
    for (int i = 0; i < HZ_FSK_GATE_LOOKS; i++)
        if (g->noise[i] > 0 && g->noise[i] < least)
            least = g->noise[i];
    return least * (float)(12500 / HZ_FSK_GATE_BIN_HZ);
}
