#include "dsp/am_carrier.h"

#include "dsp/fft.h"
#include "dsp/nth.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FRAMES_HZ 100 /* frames per second, and the distance between bins in Hz */
/* Carriers in one channel: ICAO Annex 10, volume III, part II, 2.2.1.1 allows networks of two to
 * five offset carriers. */
#define LINES_MAX 5
/* Threshold for the power of a further line, over the mean of the bins. The strongest three bins of
 * noise behind a Hann window have 12 times the mean. */
#define LINE_OVER 20.0f
/* Speech of aviation ends at 2.5 kHz in channels of 8.33 kHz, at 3.4 kHz in channels of 25 kHz. */
#define SPEECH_HZ 3500
/* The bins up to this distance from a carrier also hold its phase noise and drift. */
#define NEAR 3

int hz_am_carrier_init(struct hz_am_carrier *c, double rate_hz, double width_hz)
{
    double squares = 0;
    *c = (struct hz_am_carrier){.n = (size_t)(rate_hz / FRAMES_HZ),
                                .half = lround(width_hz / 2 / FRAMES_HZ),
                                .reach = SPEECH_HZ / FRAMES_HZ};
    if (c->half > (long)(c->n - 1) / 2)
        c->half = (long)(c->n - 1) / 2;
    c->fft = hz_fft_new(c->n, HZ_FFT_FORWARD);
    c->x = hz_fft_buffer(c->n);
    c->bins = hz_fft_buffer(c->n);
    c->window = calloc(c->n, sizeof *c->window);
    if (!c->fft || !c->x || !c->bins || !c->window) {
        hz_am_carrier_done(c);
        return -ENOMEM;
    }
    for (size_t i = 0; i < c->n; i++) {
        double w = 0.5 - 0.5 * cos(2 * M_PI * ((double)i + 0.5) / (double)c->n);
        c->window[i] = (float)w;
        squares += w * w;
    }
    c->density = (float)(1 / (squares * (double)c->n));
    hz_am_carrier_begin(c);
    return 0;
}

void hz_am_carrier_done(struct hz_am_carrier *c)
{
    hz_fft_free(c->fft);
    free(c->window);
    free(c->x);
    free(c->bins);
    c->fft = NULL;
    c->window = c->x = c->bins = NULL;
}

/* Bin k; negative: below the middle. */
static const float *bin(const struct hz_am_carrier *c, long k)
{
    long n = (long)c->n;
    return c->bins + 2 * ((k % n + n) % n);
}

static float power(const float *b)
{
    return b[0] * b[0] + b[1] * b[1];
}

static void transform(struct hz_am_carrier *c)
{
    for (size_t i = 0; i < c->n; i++) {
        c->x[2 * i] *= c->window[i];
        c->x[2 * i + 1] *= c->window[i];
    }
    hz_fft_run(c->fft, c->x, c->bins);
}

/* Removes the strongest remaining line with its neighbours from p and returns their power. */
static float take_line(float *p, long n, long *at)
{
    float sum = 0;
    long best = 0;
    for (long k = 1; k < n; k++)
        best = p[k] > p[best] ? k : best;
    for (long k = best > 0 ? best - 1 : 0; k <= best + 1 && k < n; k++) {
        sum += p[k];
        p[k] = 0;
    }
    *at = best;
    return sum;
}

struct hz_am_carrier_frame hz_am_carrier_look(struct hz_am_carrier *c, const float *x)
{
    float p[HZ_AM_CARRIER_FRAME_MAX], total = 0;
    long n = 2 * c->half + 1, at;
    memcpy(c->x, x, 2 * c->n * sizeof *x);
    transform(c);
    for (long k = 0; k < n; k++) {
        p[k] = power(bin(c, k - c->half));
        total += p[k];
    }
    float lines = take_line(p, n, &at), least = LINE_OVER * total / (float)n;
    c->line = at - c->half;
    c->power = lines * c->density;
    for (int i = 1; i < LINES_MAX; i++) {
        float more = take_line(p, n, &at);
        if (more < least)
            break;
        lines += more;
    }
    return (struct hz_am_carrier_frame){.power = total * c->density,
                                        .lines = total < INFINITY ? lines / (total + 1e-30f) : 0};
}

void hz_am_carrier_begin(struct hz_am_carrier *c)
{
    memset(c->weight, 0, sizeof c->weight);
    memset(c->moment, 0, sizeof c->moment);
    memset(c->noise, 0, sizeof c->noise);
    memset(c->frames, 0, sizeof c->frames);
}

/* Rotates n samples by `step` radians per sample. */
static void mix(float *x, size_t n, double step)
{
    double re = 1, im = 0, c = cos(step), s = sin(step);
    for (size_t i = 0; i < n; i++) {
        double a = (double)x[2 * i], b = (double)x[2 * i + 1], next = re * c - im * s;
        x[2 * i] = (float)(a * re - b * im);
        x[2 * i + 1] = (float)(a * im + b * re);
        im = re * s + im * c;
        re = next;
    }
}

/* Sum of n samples. */
static void sum(const float *x, size_t n, double *re, double *im)
{
    *re = *im = 0;
    for (size_t i = 0; i < n; i++) {
        *re += (double)x[2 * i];
        *im += (double)x[2 * i + 1];
    }
}

/* Mixes the strongest carrier of the frame to 0 Hz. Returns its distance from the middle of its bin
 * in radians per sample, from the phase difference of the two halves of the frame: amplitude
 * modulation does not change the phase. */
static double centre(struct hz_am_carrier *c)
{
    double a, b, d, e;
    size_t half = c->n / 2;
    mix(c->x, c->n, -2 * M_PI * (double)c->line / (double)c->n);
    sum(c->x, half, &a, &b);
    sum(c->x + 2 * (c->n - half), half, &d, &e);
    double step = atan2(e * a - d * b, d * a + e * b) / (double)(c->n - half);
    mix(c->x, c->n, -step);
    return step;
}

/* Adds the noise beside the carrier, which is at 0 Hz and has the phase of re + j im. */
static void add_noise(struct hz_am_carrier *c, double re, double im)
{
    float length = (float)sqrt(re * re + im * im) + 1e-30f;
    float u = (float)re / length, v = (float)im / length;
    long left = c->half + c->line, right = c->half - c->line;
    long both = left < right ? left : right, any = left < right ? right : left;
    for (long d = NEAR; d < any; d++) {
        const float *up = bin(c, d), *down = bin(c, -d);
        float p;
        if (d < both) { /* the part in quadrature to the carrier: half of the noise */
            float a = up[0] * u + up[1] * v - down[0] * u - down[1] * v;
            float b = up[1] * u - up[0] * v + down[1] * u - down[0] * v;
            p = (a * a + b * b) / 2;
        } else if (d > c->reach) {
            p = power(left < right ? up : down);
        } else {
            continue;
        }
        c->noise[d] += (double)p;
        c->frames[d]++;
    }
}

void hz_am_carrier_add(struct hz_am_carrier *c, const float *x)
{
    double re, im;
    memcpy(c->x, x, 2 * c->n * sizeof *x);
    double place = (double)c->line + centre(c) * (double)c->n / (2 * M_PI);
    c->weight[c->line + c->half] += (double)c->power;
    c->moment[c->line + c->half] += (double)c->power * place;
    sum(c->x, c->n, &re, &im);
    transform(c);
    add_noise(c, re, im);
}

double hz_am_carrier_line(const struct hz_am_carrier *c)
{
    double most = 0, line = 0;
    for (long k = 0; k <= 2 * c->half; k++) { /* a carrier between two bins was noted in either */
        double weight = 0, moment = 0;
        for (long i = k > 0 ? k - 1 : 0; i <= k + 1 && i <= 2 * c->half; i++) {
            weight += c->weight[i];
            moment += c->moment[i];
        }
        if (weight > most) {
            most = weight;
            line = moment / weight;
        }
    }
    return line;
}

/* The median over the distances from the carrier. Another carrier, or speech in one sideband only,
 * raises some of them, but never most. */
double hz_am_carrier_noise(const struct hz_am_carrier *c)
{
    float means[HZ_AM_CARRIER_FRAME_MAX];
    size_t n = 0;
    for (long d = NEAR; d <= 2 * c->half; d++) {
        if (c->frames[d] > 0)
            means[n++] = (float)(c->noise[d] / c->frames[d]);
    }
    if (n == 0)
        return 0;
    return (double)(hz_nth(means, n, n / 2) * c->density) * (double)(2 * c->half + 1);
}
