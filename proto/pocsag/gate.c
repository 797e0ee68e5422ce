#include "proto/pocsag/gate.h"

#include "dsp/clones.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    BINS = HZ_POCSAG_BINS,
    EACH = 2 * BINS, /* one transform for so many samples: half of them are looked at */
    LOBE = 2,        /* bins on either side that belong to a tone */
    OFFSET = 11,     /* bins: the carrier may be so far off, 2.06 kHz */
    NEAREST = 21,    /* bins: deviations from 3.9 kHz */
    WIDEST = 27,     /* to 5.1 kHz */
    VALLEY = 10,     /* bins on either side of the carrier in which a page sends little */
};

static const double bin_hz = 24000.0 / BINS;

/* Both tones over the valley; noise reaches 1.2. */
static const float stands_out = 1.4f;
/* Over the valley around 0 Hz, which is looked at first. */
static const float may_stand_out = 1.25f;

int hz_pocsag_gate_init(struct hz_pocsag_gate *g)
{
    g->fft = hz_fft_new(BINS, HZ_FFT_FORWARD);
    g->in = hz_fft_buffer(BINS);
    g->out = hz_fft_buffer(BINS);
    if (!g->fft || !g->in || !g->out) {
        hz_pocsag_gate_done(g);
        return -ENOMEM;
    }
    double energy = 0;
    for (int i = 0; i < BINS; i++) {
        double w = 0.5 - 0.5 * cos(6.28318530717958647692 * (i + 0.5) / BINS);
        energy += w * w;
        g->window[i] = (float)w;
    }
    /* White noise of power 1 then has 1 / BINS in each bin of a hop. */
    double scale = 1 / sqrt(energy * BINS * (HZ_POCSAG_HOP / EACH));
    for (int i = 0; i < BINS; i++)
        g->window[i] *= (float)scale;
    return 0;
}

void hz_pocsag_gate_done(struct hz_pocsag_gate *g)
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

void hz_pocsag_gate_push(struct hz_pocsag_gate *g, uint64_t hop, const float *iq, bool whole)
{
    float power[BINS] = {0}, *kept = g->power[hop % HZ_POCSAG_GATE_RING];
    for (int at = 0; at + EACH <= HZ_POCSAG_HOP; at += EACH) {
        apply_window(iq + 2 * at, g->window, g->in);
        hz_fft_run(g->fft, g->in, g->out);
        add_power(g->out, power);
    }
    memcpy(kept, power + BINS / 2, BINS / 2 * sizeof *kept); /* from -12 kHz upwards */
    memcpy(kept + BINS / 2, power, BINS / 2 * sizeof *kept);
    g->whole[hop % HZ_POCSAG_GATE_RING] = whole;
}

/* The middle one of 2 VALLEY + 1 bins: a carrier or a hum there does not hide the valley. */
static float valley(const float *centre)
{
    float sorted[2 * VALLEY + 1];
    for (int n = 0; n <= 2 * VALLEY; n++) {
        int at = n;
        for (; at > 0 && sorted[at - 1] > centre[n - VALLEY]; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = centre[n - VALLEY];
    }
    return sorted[VALLEY];
}

/* Where a tone is: the middle of what stands out around a bin. */
static double centroid(const float *power, int bin, float floor)
{
    double sum = 0, moment = 0;
    for (int i = -LOBE - 1; i <= LOBE + 1; i++) {
        double excess = fmax((double)(power[bin + i] - floor), 0);
        sum += excess;
        moment += excess * i;
    }
    return (bin - BINS / 2 + (sum > 0 ? moment / sum : 0)) * bin_hz;
}

/* Noise in a bin: the valley of two hops alone, which may lie between transmissions that fill it.
 * 0: they are not whole. The least of many such short looks is too low by the factor. */
static float noise_of(const struct hz_pocsag_gate *g, uint64_t hop)
{
    uint64_t one = hop % HZ_POCSAG_GATE_RING, two = (hop + 1) % HZ_POCSAG_GATE_RING;
    float power[BINS];
    if (!g->whole[one] || !g->whole[two])
        return 0;
    for (int i = 0; i < BINS; i++)
        power[i] = 0.5f * (g->power[one][i] + g->power[two][i]);
    return 1.35f * valley(power + BINS / 2);
}

bool hz_pocsag_gate_open(struct hz_pocsag_gate *g, uint64_t hop, struct hz_pocsag_tones *tones)
{
    float power[BINS] = {0}, lobe[BINS] = {0}, best = 0, floor = 0;
    int low = 0, high = 0;
    for (uint64_t h = hop; h < hop + HZ_POCSAG_GATE_SPAN; h++)
        for (int i = 0; i < BINS; i++)
            power[i] += g->power[h % HZ_POCSAG_GATE_RING][i] / HZ_POCSAG_GATE_SPAN;
    for (int i = BINS / 2 - OFFSET - WIDEST; i <= BINS / 2 + OFFSET + WIDEST; i++)
        for (int k = -LOBE; k <= LOBE; k++)
            lobe[i] += power[i + k] / (2 * LOBE + 1);
    float quiet = valley(power + BINS / 2);
    for (int centre = BINS / 2 - OFFSET; centre <= BINS / 2 + OFFSET; centre++) {
        float here = -1;
        for (int dev = NEAREST; dev <= WIDEST; dev++) {
            float a = lobe[centre - dev], b = lobe[centre + dev], weaker = a < b ? a : b;
            if (weaker <= best || weaker < may_stand_out * quiet)
                continue;
            here = here < 0 ? valley(power + centre) : here;
            if (weaker < stands_out * here)
                continue;
            best = weaker;
            floor = here;
            low = centre - dev;
            high = centre + dev;
        }
    }
    g->noise[hop % HZ_POCSAG_GATE_LOOKS] = noise_of(g, hop);
    tones->low_hz = centroid(power, low > 0 ? low : BINS / 2, floor);
    tones->high_hz = centroid(power, high > 0 ? high : BINS / 2, floor);
    return best > 0;
}

float hz_pocsag_gate_noise(const struct hz_pocsag_gate *g)
{
    float least = INFINITY;
    for (int i = 0; i < HZ_POCSAG_GATE_LOOKS; i++)
        if (g->noise[i] > 0 && g->noise[i] < least)
            least = g->noise[i];
    return least * (float)(12500 / bin_hz);
}
