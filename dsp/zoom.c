#include "dsp/zoom.h"

#include "dsp/clones.h"
#include "dsp/convert.h"
#include "dsp/decimate.h"
#include "dsp/fft.h"
#include "dsp/kaiser.h"
#include "dsp/lanes.h"
#include "dsp/thin.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define ATTEN_DB 80.0
#define CHUNK    2048 /* samples processed at a time, so that they stay in the first-level cache */
#define TAPS_MAX 2048
#define GRID_HZ  40

/* One step: a filter with decimation. On samples of 8 bits a first step to a quarter of the rate
 * works with whole numbers (dsp/thin.h), all others with floats. */
struct step {
    unsigned down;
    size_t taps, half; /* taps = 2 half + 1, and zeros up to a multiple of 8 */
    float *re, *im;    /* [taps] h(k) e^(j 2 pi f k / rate), each value twice (for I and Q) */
    bool real;         /* im is 0: floats are filtered by `decimate` */
    struct hz_decimate decimate;
    struct hz_thin thin;
    bool whole; /* x holds whole numbers; full scale is `full` */
    float full;
    void *x;       /* [have] the input samples still needed, with room for a chunk */
    uint64_t base; /* x[0] is input sample base - half; output m starts at x[m * down - base] */
    size_t have, zeros; /* samples in x; of these, the trailing zeros that replace missing ones */
    uint64_t m;         /* index of the next output */
    float *out;
};

struct hz_zoom {
    struct step first, last; /* first.down is 0: there is one step */
    struct hz_samples between;
    /* The mixer is behind the filter that is not around 0 Hz, the first one. */
    float *mixer; /* [period] e^(-j 2 pi f m D / rate) for its output m; NULL: f is 0 */
    size_t period;
};

static size_t taps_of(double rate_hz, double reach_hz, unsigned down)
{
    double width = rate_hz / down - 2 * reach_hz;
    return width > 0 ? hz_kaiser_taps(ATTEN_DB, width / rate_hz) : SIZE_MAX;
}

/* Estimated: a complex tap of floats, a real one, one of whole numbers, and what else an output
 * costs. */
#define TAP_NS   0.17
#define REAL_NS  0.09
#define WHOLE_NS 0.06
#define OUT_NS   1.0

static double one_ns(double rate_hz, double reach_hz, unsigned down)
{
    double tap = down == HZ_THIN_DOWN ? WHOLE_NS : TAP_NS;
    return ((double)taps_of(rate_hz, reach_hz, down) * tap + OUT_NS) / down;
}

/* Cost of two steps per input sample; infinite where there are none. */
static double two_ns(double rate_hz, double reach_hz, unsigned down)
{
    double rate = rate_hz / HZ_THIN_DOWN;
    unsigned rest = down / HZ_THIN_DOWN;
    size_t taps = taps_of(rate_hz, reach_hz, HZ_THIN_DOWN);
    if (down % HZ_THIN_DOWN != 0 || rest < 2 || taps > TAPS_MAX || fmod(rate, GRID_HZ) != 0)
        return INFINITY;
    double last = ((double)taps_of(rate, reach_hz, rest) * REAL_NS + OUT_NS) / rest;
    return ((double)taps * WHOLE_NS + OUT_NS + last) / HZ_THIN_DOWN;
}

double hz_zoom_cost(double rate_hz, double reach_hz, unsigned down)
{
    return fmin(one_ns(rate_hz, reach_hz, down), two_ns(rate_hz, reach_hz, down));
}

static void step_done(struct step *s)
{
    free(s->re);
    free(s->im);
    free(s->x);
    free(s->out);
    hz_decimate_done(&s->decimate);
    hz_thin_done(&s->thin);
}

void hz_zoom_free(struct hz_zoom *z)
{
    if (!z)
        return;
    step_done(&z->first);
    step_done(&z->last);
    free(z->mixer);
    free(z);
}

/* The bytes of n samples in x. */
static size_t bytes(const struct step *s, size_t n)
{
    return n * (s->whole ? 2 * sizeof(int16_t) : 2 * sizeof(float));
}

static void *sample(const struct step *s, uint64_t i)
{
    return (char *)s->x + bytes(s, (size_t)i);
}

static void step_reset(struct step *s)
{
    s->whole = s->thin.taps > 0;
    s->full = 1;
    s->base = 0;
    s->have = s->zeros = s->half;
    s->m = 0;
    memset(s->x, 0, bytes(s, s->taps));
}

size_t hz_zoom_delay(const struct hz_zoom *z)
{
    size_t last = z->last.half + z->last.down;
    return z->first.down ? z->first.half + z->first.down * (1 + last) : last;
}

void hz_zoom_reset(struct hz_zoom *z)
{
    if (z->first.down)
        step_reset(&z->first);
    step_reset(&z->last);
    z->between.n = 0;
}

static int make_taps(struct step *s, size_t taps, double cutoff, double middle, bool whole)
{
    double *h = calloc(3 * taps, sizeof *h), *re = h + taps, *im = re + taps;
    if (!h)
        return -1;
    hz_kaiser_lowpass(h, taps, cutoff, ATTEN_DB);
    for (size_t i = 0; i < taps; i++) {
        double phase = -2 * M_PI * middle * ((double)i - (double)s->half);
        re[i] = h[i] * cos(phase);
        im[i] = h[i] * sin(phase);
        s->re[2 * i] = s->re[2 * i + 1] = (float)re[i];
        s->im[2 * i] = s->im[2 * i + 1] = (float)im[i];
    }
    size_t most = s->taps + CHUNK;
    int e = whole ? hz_thin_init(&s->thin, re, im, taps, most) : 0;
    if (e == 0 && s->real)
        e = hz_decimate_init(&s->decimate, re, taps, s->down, most);
    free(h);
    return e;
}

static int step_init(struct step *s, double rate_hz, double middle_hz, double reach_hz,
                     unsigned down, bool whole)
{
    size_t taps = taps_of(rate_hz, reach_hz, down);
    if (taps > TAPS_MAX)
        return -1;
    s->down = down;
    s->real = middle_hz == 0;
    s->half = (taps - 1) / 2;
    s->taps = (taps + 7) / 8 * 8;
    s->re = hz_fft_buffer(s->taps);
    s->im = hz_fft_buffer(s->taps);
    s->x = hz_fft_buffer(s->taps + CHUNK + 16);
    s->out = hz_fft_buffer(CHUNK / down + 2 + 16);
    if (!s->re || !s->im || !s->x || !s->out)
        return -1;
    return make_taps(s, taps, 0.5 / down, middle_hz / rate_hz, whole);
}

/* rate_hz: of the outputs that are mixed, a multiple of GRID_HZ. */
static int make_mixer(struct hz_zoom *z, double rate_hz, double middle_hz)
{
    long period = lround(rate_hz / GRID_HZ), bin = lround(middle_hz / GRID_HZ) % period;
    z->period = (size_t)period;
    if (bin == 0)
        return 0;
    z->mixer = hz_fft_buffer(z->period);
    for (long i = 0; z->mixer && i < period; i++) {
        double phase = -2 * M_PI * (double)(i * bin % period) / (double)period;
        z->mixer[2 * i] = (float)cos(phase);
        z->mixer[2 * i + 1] = (float)sin(phase);
    }
    return z->mixer ? 0 : -1;
}

struct hz_zoom *hz_zoom_new(double rate_hz, double middle_hz, double reach_hz, unsigned down)
{
    struct hz_zoom *z = calloc(1, sizeof *z);
    if (!z)
        return NULL;
    int e;
    if (two_ns(rate_hz, reach_hz, down) < one_ns(rate_hz, reach_hz, down)) {
        double rate = rate_hz / HZ_THIN_DOWN;
        e = step_init(&z->first, rate_hz, middle_hz, reach_hz, HZ_THIN_DOWN, true) ||
            step_init(&z->last, rate, 0, reach_hz, down / HZ_THIN_DOWN, false) ||
            make_mixer(z, rate, middle_hz);
    } else {
        e = step_init(&z->last, rate_hz, middle_hz, reach_hz, down, down == HZ_THIN_DOWN) ||
            make_mixer(z, rate_hz / down, middle_hz);
    }
    if (e) {
        hz_zoom_free(z);
        return NULL;
    }
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

HZ_CLONES static void multiply(float *restrict y, const float *restrict by, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        float a = y[2 * k], b = y[2 * k + 1], c = by[2 * k], d = by[2 * k + 1];
        y[2 * k] = a * c - b * d;
        y[2 * k + 1] = a * d + b * c;
    }
}

/* Multiplies outputs of the step that is mixed. */
static struct hz_samples mix(const struct hz_zoom *z, const struct step *s, struct hz_samples y)
{
    size_t at = (size_t)(y.first % z->period);
    for (size_t done = 0; z->mixer && done < y.n;) {
        size_t rest = y.n - done, n = z->period - at < rest ? z->period - at : rest;
        multiply(s->out + 2 * done, z->mixer + 2 * at, n);
        done += n;
        at = 0;
    }
    return y;
}

/* Computes all outputs whose input is complete, then drops the input that no output needs. */
static struct hz_samples run(struct step *s)
{
    struct hz_samples out = {.format = HZ_CF32, .data = s->out, .first = s->m};
    uint64_t need = s->m * s->down + s->taps, end = s->base + s->have;
    if (need <= end) {
        const void *x = sample(s, s->m * s->down - s->base);
        out.n = (size_t)((end - need) / s->down + 1);
        if (s->whole)
            hz_thin_run(&s->thin, x, out.n, s->full, s->out);
        else if (s->real)
            hz_decimate_run(&s->decimate, x, out.n, s->out);
        else
            filter(x, s->down, s->re, s->im, s->taps, out.n, s->out);
        s->m += out.n;
    }
    size_t done = (size_t)(s->m * s->down - s->base);
    done = done < s->have ? done : s->have;
    memmove(s->x, sample(s, done), bytes(s, s->have - done));
    s->have -= done;
    s->base += done;
    return out;
}

static void take_zeros(struct step *s, uint64_t missing)
{
    size_t n = missing < CHUNK ? (size_t)missing : CHUNK;
    memset(sample(s, s->have), 0, bytes(s, n));
    s->have += n;
    s->zeros += n;
}

/* Samples of more than 8 bits come behind such of 8. From the last one on, as floats are longer. */
static void to_floats(struct step *s)
{
    char *x = s->x;
    for (size_t i = 2 * s->have; i-- > 0;) {
        int16_t v;
        memcpy(&v, x + i * sizeof v, sizeof v);
        float f = (float)v / s->full;
        memcpy(x + i * sizeof f, &f, sizeof f);
    }
    s->whole = false;
}

static void take(struct step *s, struct hz_samples *in)
{
    size_t n = in->n < CHUNK ? in->n : CHUNK;
    if (s->whole && !hz_thin_takes(in->format))
        to_floats(s);
    if (s->whole)
        hz_thin_convert(in->format, in->data, n, sample(s, s->have), &s->full);
    else
        hz_convert(in->format, in->data, n, sample(s, s->have));
    hz_samples_pass(in, n);
    s->have += n;
    s->zeros = 0;
}

/* x holds only zeros: continues at the first output that depends on input sample `first`. */
static void jump(struct step *s, uint64_t first)
{
    uint64_t end = first + s->half;
    s->m = end < s->taps ? 0 : (end - s->taps) / s->down + 1;
    s->base = s->m * s->down;
    s->have = s->zeros = (size_t)(end - s->base);
    memset(s->x, 0, bytes(s, s->have));
}

static struct hz_samples step_push(struct step *s, struct hz_samples *in)
{
    uint64_t next = s->base + s->have - s->half;
    if (in->first < next) {
        uint64_t seen = next - in->first;
        hz_samples_pass(in, seen < in->n ? (size_t)seen : in->n);
    } else if (in->first == next) {
        take(s, in);
    } else if (s->zeros >= s->have) {
        jump(s, in->first);
    } else {
        take_zeros(s, in->first - next);
    }
    return run(s);
}

static struct hz_samples step_flush(struct step *s)
{
    if (s->zeros < s->have)
        take_zeros(s, s->taps);
    return run(s);
}

bool hz_zoom_waits(const struct hz_zoom *z)
{
    return z->between.n > 0;
}

struct hz_samples hz_zoom_push(struct hz_zoom *z, struct hz_samples *in)
{
    if (!z->first.down)
        return mix(z, &z->last, step_push(&z->last, in));
    if (z->between.n == 0)
        z->between = mix(z, &z->first, step_push(&z->first, in));
    if (z->between.n == 0)
        return z->between;
    return step_push(&z->last, &z->between);
}

struct hz_samples hz_zoom_flush(struct hz_zoom *z)
{
    if (!z->first.down)
        return mix(z, &z->last, step_flush(&z->last));
    if (z->between.n == 0)
        z->between = mix(z, &z->first, step_flush(&z->first));
    while (z->between.n > 0) {
        struct hz_samples y = step_push(&z->last, &z->between);
        if (y.n > 0)
            return y;
    }
    return step_flush(&z->last);
}
