#include "dsp/zoom.h"

#include "dsp/clones.h"
#include "dsp/convert.h"
#include "dsp/fft.h"
#include "dsp/kaiser.h"
#include "dsp/lanes.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define ATTEN_DB 80.0
#define CHUNK    2048 /* samples processed at a time, so that they stay in the first-level cache */
#define GRID_HZ  40

struct hz_zoom {
    unsigned down;
    size_t taps, half; /* taps = 2 half + 1, and zeros up to a multiple of 8 */
    float *re, *im;    /* [taps] h(k) e^(j 2 pi f k / rate), each value twice (for I and Q) */
    float *mixer;      /* [period] e^(-j 2 pi i / period), for the output samples */
    size_t period, step;
    float *x;      /* [have] the input samples still needed, with room for a chunk */
    uint64_t base; /* x[0] is input sample base - half; output m starts at x[m * down - base] */
    size_t have, zeros; /* samples in x; of these, the trailing zeros that replace missing ones */
    uint64_t m;         /* index of the next output */
    float *out;
};

static size_t taps_of(double rate_hz, double reach_hz, unsigned down)
{
    double width = rate_hz / down - 2 * reach_hz;
    return width > 0 ? hz_kaiser_taps(ATTEN_DB, width / rate_hz) : SIZE_MAX;
}

double hz_zoom_cost(double rate_hz, double reach_hz, unsigned down)
{
    return (double)taps_of(rate_hz, reach_hz, down) / down;
}

void hz_zoom_free(struct hz_zoom *z)
{
    if (!z)
        return;
    free(z->re);
    free(z->im);
    free(z->mixer);
    free(z->x);
    free(z->out);
    free(z);
}

void hz_zoom_reset(struct hz_zoom *z)
{
    memset(z->x, 0, 2 * z->taps * sizeof *z->x);
    z->base = 0;
    z->have = z->zeros = z->half;
    z->m = 0;
}

static int make_taps(struct hz_zoom *z, size_t taps, double cutoff, double middle)
{
    double *h = calloc(taps, sizeof *h);
    if (!h)
        return -1;
    hz_kaiser_lowpass(h, taps, cutoff, ATTEN_DB);
    for (size_t i = 0; i < taps; i++) {
        double phase = -2 * M_PI * middle * ((double)i - (double)z->half);
        z->re[2 * i] = z->re[2 * i + 1] = (float)(h[i] * cos(phase));
        z->im[2 * i] = z->im[2 * i + 1] = (float)(h[i] * sin(phase));
    }
    free(h);
    return 0;
}

static void make_mixer(struct hz_zoom *z, long middle_bin)
{
    long period = (long)z->period;
    z->step = (size_t)((middle_bin % period + period) % period);
    for (size_t i = 0; i < z->period; i++) {
        double phase = -2 * M_PI * (double)i / (double)period;
        z->mixer[2 * i] = (float)cos(phase);
        z->mixer[2 * i + 1] = (float)sin(phase);
    }
}

struct hz_zoom *hz_zoom_new(double rate_hz, double middle_hz, double reach_hz, unsigned down)
{
    struct hz_zoom *z = calloc(1, sizeof *z);
    if (!z)
        return NULL;
    size_t taps = taps_of(rate_hz, reach_hz, down);
    if (taps > CHUNK) {
        free(z);
        return NULL;
    }
    z->down = down;
    z->half = (taps - 1) / 2;
    z->taps = (taps + 7) / 8 * 8;
    z->period = (size_t)(rate_hz / down / GRID_HZ);
    z->re = hz_fft_buffer(z->taps);
    z->im = hz_fft_buffer(z->taps);
    z->mixer = hz_fft_buffer(z->period);
    z->x = hz_fft_buffer(z->taps + CHUNK);
    z->out = hz_fft_buffer(CHUNK / down + 2);
    if (!z->re || !z->im || !z->mixer || !z->x || !z->out ||
        make_taps(z, taps, 0.5 / down, middle_hz / rate_hz)) {
        hz_zoom_free(z);
        return NULL;
    }
    make_mixer(z, lround(middle_hz / GRID_HZ));
    hz_zoom_reset(z);
    return z;
}

/* y[k] = sum of `taps` (a multiple of 8) complex samples from x[k * down] on, each times re + j im.
 * Two accumulators for each sum hide the latency of the additions. */
HZ_CLONES static void filter(const float *x, unsigned down, const float *re, const float *im,
                             size_t taps, size_t n, float *y)
{
    for (size_t k = 0; k < n; k++, x += 2 * down) {
        hz_eight a = {0}, b = {0}, c = {0}, d = {0};
        for (size_t i = 0; i < 2 * taps; i += 16) {
            hz_eight v = *(const hz_eight *)(x + i), w = *(const hz_eight *)(x + i + 8);
            a += v * *(const hz_eight *)(re + i);
            b += v * *(const hz_eight *)(im + i);
            c += w * *(const hz_eight *)(re + i + 8);
            d += w * *(const hz_eight *)(im + i + 8);
        }
        a += c;
        b += d;
        hz_four real = HZ_EIGHT_FOLD(a), imag = HZ_EIGHT_FOLD(b);
        y[2 * k] = real[0] + real[2] - (imag[1] + imag[3]);
        y[2 * k + 1] = real[1] + real[3] + (imag[0] + imag[2]);
    }
}

/* Multiplies y[n], outputs z->m and following, by the mixer. */
static void mix(struct hz_zoom *z, float *y, size_t n)
{
    size_t at = (size_t)(z->m % z->period * z->step % z->period);
    for (size_t k = 0; k < n; k++) {
        float a = y[2 * k], b = y[2 * k + 1], c = z->mixer[2 * at], d = z->mixer[2 * at + 1];
        y[2 * k] = a * c - b * d;
        y[2 * k + 1] = a * d + b * c;
        at += z->step;
        at -= at >= z->period ? z->period : 0;
    }
}

/* Computes all outputs whose input is complete, then drops the input that no output needs. */
static struct hz_samples run(struct hz_zoom *z)
{
    struct hz_samples out = {.format = HZ_CF32, .data = z->out, .first = z->m};
    uint64_t need = z->m * z->down + z->taps, end = z->base + z->have;
    if (need <= end) {
        out.n = (size_t)((end - need) / z->down + 1);
        filter(z->x + 2 * (z->m * z->down - z->base), z->down, z->re, z->im, z->taps, out.n,
               z->out);
        mix(z, z->out, out.n);
        z->m += out.n;
    }
    size_t done = (size_t)(z->m * z->down - z->base);
    done = done < z->have ? done : z->have;
    memmove(z->x, z->x + 2 * done, 2 * (z->have - done) * sizeof *z->x);
    z->have -= done;
    z->base += done;
    return out;
}

static void take_zeros(struct hz_zoom *z, uint64_t missing)
{
    size_t n = missing < CHUNK ? (size_t)missing : CHUNK;
    memset(z->x + 2 * z->have, 0, 2 * n * sizeof *z->x);
    z->have += n;
    z->zeros += n;
}

static void take(struct hz_zoom *z, struct hz_samples *in)
{
    size_t n = in->n < CHUNK ? in->n : CHUNK;
    hz_convert(in->format, in->data, n, z->x + 2 * z->have);
    hz_samples_pass(in, n);
    z->have += n;
    z->zeros = 0;
}

/* x holds only zeros: continues at the first output that depends on input sample `first`. */
static void jump(struct hz_zoom *z, uint64_t first)
{
    uint64_t end = first + z->half;
    z->m = end < z->taps ? 0 : (end - z->taps) / z->down + 1;
    z->base = z->m * z->down;
    z->have = z->zeros = (size_t)(end - z->base);
    memset(z->x, 0, 2 * z->have * sizeof *z->x);
}

struct hz_samples hz_zoom_push(struct hz_zoom *z, struct hz_samples *in)
{
    uint64_t next = z->base + z->have - z->half;
    if (in->first < next) {
        uint64_t seen = next - in->first;
        hz_samples_pass(in, seen < in->n ? (size_t)seen : in->n);
    } else if (in->first == next) {
        take(z, in);
    } else if (z->zeros >= z->have) {
        jump(z, in->first);
    } else {
        take_zeros(z, in->first - next);
    }
    return run(z);
}

struct hz_samples hz_zoom_flush(struct hz_zoom *z)
{
    if (z->zeros < z->have)
        take_zeros(z, z->taps);
    return run(z);
}
