#include "dsp/glance.h"

#include "dsp/clones.h"
#include "dsp/convert.h"
#include "dsp/fft.h"
#include "dsp/lanes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    RUN = 2048,      /* samples converted at a time */
    PIECE_MIN = 128, /* with fewer, the loudest of a second of noise would often seem a burst */
};

#define BURST_S    0.00006 /* a message of 0.12 ms has a piece of this length whole */
#define BIN_OVER   3.0f    /* times the long transform: carriers that beat reach twice */
#define BURST_OVER 1.6f    /* times the mean: 2 dB; the loudest of a second of noise has 1.4 dB */

struct hz_glance {
    double rate_hz;
    uint64_t period;
    uint64_t next;       /* index of the next sample */
    uint64_t begin, end; /* of the period */
    size_t n;            /* samples of the transform, which are the last of the period */
    struct hz_fft *fft;
    struct hz_spectrum spectrum;
    float *x; /* [n], of which have are there */
    size_t have;
    float *powers; /* [n + 1]: from the lowest bin to the highest, which is the same again */
    /* the loudest piece of the period */
    size_t piece;
    struct hz_fft *piece_fft;
    struct hz_spectrum piece_spectrum;
    float *recent;       /* [piece], the one that is being collected */
    size_t n_recent;     /* samples in it */
    float *loudest;      /* [piece] */
    float loudest_power; /* sum of its |x|^2; 0: none yet */
    double sum;          /* of |x|^2 over whole pieces, and their number */
    uint64_t pieces;
    float *piece_powers; /* [piece + 1] */
    float run[2 * RUN];
};

/* The next length from n on that a transform handles well; even, so that there is a middle. */
static size_t good_length(size_t n)
{
    for (n += n & 1; !hz_fft_length_ok(n); n += 2)
        ;
    return n;
}

void hz_glance_free(struct hz_glance *g)
{
    if (!g)
        return;
    hz_fft_free(g->fft);
    hz_fft_free(g->piece_fft);
    hz_spectrum_done(&g->spectrum);
    hz_spectrum_done(&g->piece_spectrum);
    free(g->x);
    free(g->powers);
    free(g->recent);
    free(g->loudest);
    free(g->piece_powers);
    free(g);
}

struct hz_glance *hz_glance_new(double rate_hz, double bin_hz, uint64_t period)
{
    struct hz_glance *g = calloc(1, sizeof *g);
    if (!g)
        return NULL;
    g->rate_hz = rate_hz;
    g->n = good_length((size_t)fmax(ceil(rate_hz / bin_hz), 16));
    g->piece = PIECE_MIN;
    while ((double)g->piece * 2 <= BURST_S * rate_hz)
        g->piece *= 2;
    g->fft = hz_fft_new_wide(g->n, HZ_FFT_FORWARD);
    g->piece_fft = hz_fft_new_wide(g->piece, HZ_FFT_FORWARD);
    g->spectrum = (struct hz_spectrum){.n = g->n, .bins = hz_fft_buffer(g->n)};
    g->piece_spectrum = (struct hz_spectrum){.n = g->piece, .bins = hz_fft_buffer(g->piece)};
    g->x = hz_fft_buffer(g->n);
    g->recent = hz_fft_buffer(g->piece);
    g->loudest = hz_fft_buffer(g->piece);
    g->powers = calloc(g->n + 1, sizeof *g->powers);
    g->piece_powers = calloc(g->piece + 1, sizeof *g->piece_powers);
    if (!g->fft || !g->piece_fft || !g->spectrum.bins || !g->piece_spectrum.bins || !g->x ||
        !g->recent || !g->loudest || !g->powers || !g->piece_powers) {
        hz_glance_free(g);
        return NULL;
    }
    hz_glance_every(g, period);
    hz_glance_reset(g);
    return g;
}

void hz_glance_every(struct hz_glance *g, uint64_t period)
{
    g->period = period ? period : 1;
}

static void begin_period(struct hz_glance *g)
{
    bool overlap = g->have == g->n && g->period < g->n;
    if (overlap) {
        g->have -= (size_t)g->period;
        memmove(g->x, g->x + 2 * g->period, 2 * g->have * sizeof *g->x);
    } else {
        g->have = 0;
    }
    g->begin = g->next;
    g->end = g->next + (overlap || g->period > g->n ? g->period : g->n);
    g->loudest_power = 0;
    g->sum = 0;
    g->pieces = 0;
}

void hz_glance_reset(struct hz_glance *g)
{
    g->next = 0;
    g->have = g->n_recent = 0;
    begin_period(g);
}

HZ_CLONES static float power_of(const float *x, size_t n)
{
    hz_eight s = {0};
    size_t i = 0;
    for (; i + 8 <= n; i += 8)
        s += *(const hz_eight *)(x + i) * *(const hz_eight *)(x + i);
    float rest = 0;
    for (; i < n; i++)
        rest += x[i] * x[i];
    return rest + ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
}

/* Cuts the run into pieces, and keeps the loudest. */
static void search(struct hz_glance *g, const float *x, size_t n)
{
    while (n > 0) {
        const float *whole = NULL;
        size_t take = g->piece - g->n_recent;
        if (g->n_recent == 0 && n >= g->piece) {
            whole = x;
        } else {
            take = take < n ? take : n;
            memcpy(g->recent + 2 * g->n_recent, x, 2 * take * sizeof *x);
            g->n_recent += take;
            if (g->n_recent == g->piece) {
                whole = g->recent;
                g->n_recent = 0;
            }
        }
        x += 2 * take;
        n -= take;
        if (!whole)
            continue;
        float power = power_of(whole, 2 * g->piece);
        g->sum += (double)power;
        g->pieces++;
        if (power > g->loudest_power) {
            g->loudest_power = power;
            memcpy(g->loudest, whole, 2 * g->piece * sizeof *whole);
        }
    }
}

/* Keeps those that the transform needs: the last n of the period. */
static void keep(struct hz_glance *g, const float *x, size_t n)
{
    size_t skip = 0;
    if (g->have == 0 && g->end - g->next > g->n)
        skip = (size_t)(g->end - g->next - g->n);
    if (skip >= n)
        return;
    memcpy(g->x + 2 * g->have, x + 2 * skip, 2 * (n - skip) * sizeof *x);
    g->have += n - skip;
}

static struct hz_powers powers_of(const struct hz_glance *g, const struct hz_spectrum *s,
                                  float *out)
{
    const double bin_hz = g->rate_hz / (double)s->n;
    hz_spectrum_powers(s, -(long)(s->n / 2), s->n + 1, out);
    return (struct hz_powers){
        .power = out, .n = s->n + 1, .from_hz = -g->rate_hz / 2 - bin_hz / 2, .bin_hz = bin_hz};
}

/* Leaves of the loudest piece what is far stronger than the long transform, bin by bin: its bins
 * are wide, and would hide what lies beside a steady carrier. */
static void keep_bursts(const struct hz_powers *whole, float *piece, size_t n)
{
    const double per = (double)(whole->n - 1) / (double)(n - 1);
    for (size_t i = 0; i < n; i++) {
        double first = ((double)i - 0.5) * per, end = ((double)i + 0.5) * per;
        float sum = 0;
        for (size_t k = first > 0 ? (size_t)first : 0; (double)k < end && k < whole->n; k++)
            sum += whole->power[k];
        if (piece[i] < BIN_OVER * sum)
            piece[i] = 0;
    }
}

/* The end of the period. */
static void glimpse(struct hz_glance *g, struct hz_glimpse *out)
{
    hz_fft_run(g->fft, g->x, g->spectrum.bins);
    out->begin = g->begin;
    out->end = g->next;
    out->powers[0] = powers_of(g, &g->spectrum, g->powers);
    out->n = 1;
    if ((double)g->loudest_power * (double)g->pieces > (double)BURST_OVER * g->sum) {
        hz_fft_run(g->piece_fft, g->loudest, g->piece_spectrum.bins);
        out->powers[out->n++] = powers_of(g, &g->piece_spectrum, g->piece_powers);
        keep_bursts(&out->powers[0], g->piece_powers, g->piece + 1);
    }
    begin_period(g);
}

bool hz_glance_push(struct hz_glance *g, struct hz_samples *in, struct hz_glimpse *out)
{
    if (in->n > 0 && in->first != g->next) {
        g->next = in->first;
        g->have = g->n_recent = 0;
        begin_period(g);
    }
    while (in->n > 0) {
        uint64_t left = g->end - g->next;
        size_t n = in->n < RUN ? in->n : RUN;
        n = left < n ? (size_t)left : n;
        hz_convert(in->format, in->data, n, g->run);
        search(g, g->run, n);
        keep(g, g->run, n);
        hz_samples_pass(in, n);
        g->next += n;
        if (g->next == g->end) {
            glimpse(g, out);
            return true;
        }
    }
    return false;
}
