#include "proto/adsb/fine.h"

#include "dsp/lanes.h"

#include <math.h>
#include <string.h>

#define INLINE HZ_ADSB_INLINE

/* Time that is filtered first: the preamble, 40 bits, and some slack. */
static const float first_look_us = 50.0f;
enum { TIMING_BITS = 40, LANES = HZ_ADSB_LANES };

/* Transponders may be up to 1 MHz off 1090 MHz (ICAO Annex 10 volume IV, 3.1.2.1.1). Up to this
 * offset the filters lose less than 0.5 dB. At an SNR of 5 dB the offset is estimated within 25
 * kHz.
 */
static const float near_hz = 200e3f;

/* A window begins this many samples before the first pulse: the delay of the filter, and slack. */
enum { MARGIN = 4 };

/* The gate places a burst at most this many steps too late, and one more too early. */
enum { SLACK = 3 };

/* The pulse at multiples of 1/48 us: a rectangle of 0.5 us behind a low pass of 1.1 MHz (a sinc of
 * 2 us with a Hamming window), which is close to common receivers. */
static const float pulse[] = {
    1.0000f,  0.9967f,  0.9868f,  0.9706f,  0.9482f,  0.9200f,  0.8865f,  0.8481f,  0.8054f,
    0.7591f,  0.7099f,  0.6584f,  0.6053f,  0.5514f,  0.4973f,  0.4437f,  0.3912f,  0.3403f,
    0.2917f,  0.2456f,  0.2025f,  0.1627f,  0.1264f,  0.0937f,  0.0646f,  0.0393f,  0.0176f,
    -0.0007f, -0.0156f, -0.0274f, -0.0364f, -0.0427f, -0.0468f, -0.0488f, -0.0491f, -0.0480f,
    -0.0457f, -0.0428f, -0.0393f, -0.0354f, -0.0313f, -0.0272f, -0.0231f, -0.0193f, -0.0157f,
    -0.0124f, -0.0096f, -0.0071f, -0.0050f, -0.0033f, -0.0020f, -0.0009f, -0.0002f, 0.0004f,
    0.0007f,  0.0008f,  0.0008f,  0.0007f,  0.0006f,  0.0003f,  0.0000f};

float hz_adsb_shape_pulse(float t_us)
{
    enum { LAST = sizeof(pulse) / sizeof(*pulse) - 1 };
    float x = fabsf(t_us) * 48.0f;
    int k = (int)x;
    return k < LAST ? pulse[k] + (x - (float)k) * (pulse[k + 1] - pulse[k]) : 0.0f;
}

/* The response of the matched filter of a phase to a pulse `later` samples after its own position.
 */
static float gram(const struct hz_adsb_shape *s, int phase, float later)
{
    float us = 1e6f / s->rate_hz, own = (float)phase / (float)s->phases, sum = 0;
    for (int t = 0; t < HZ_ADSB_TAPS; t++)
        sum += s->filter.tap[t][phase] * hz_adsb_shape_pulse(((float)t - 1.0f - own - later) * us);
    return sum;
}

void hz_adsb_shape_init(struct hz_adsb_shape *s, float rate_hz,
                        const struct hz_adsb_kernels *kernels)
{
    float tap[HZ_ADSB_TAPS][8] = {{0}};
    s->kernels = kernels;
    s->rate_hz = rate_hz;
    s->near_slope = 0.999f * tanf(6.2831853f * near_hz / rate_hz);
    /* With five steps per sample a half-chip of 1.2 samples is a whole number of steps; with six a
     * half-chip of 1.0 is, and other rates are close enough. */
    s->phases = fabsf(rate_hz - 2.4e6f) < 1e3f ? 5 : 6;
    const float half_chip = rate_hz * 0.5e-6f;
    for (int p = 0; p < s->phases; p++)
        for (int t = 0; t < HZ_ADSB_TAPS; t++)
            tap[t][p] = hz_adsb_shape_pulse(((float)t - 1.0f - (float)p / (float)s->phases) * 1e6f /
                                            rate_hz);
    hz_adsb_matched_init(&s->filter, kernels->variant, (size_t)s->phases, tap);
    for (int k = 0; k < HZ_ADSB_CHIPS; k++) {
        s->chip[k] = (uint16_t)lroundf((float)k * half_chip * (float)s->phases);
        s->sample[k] = (uint16_t)(s->chip[k] / s->phases);
        s->phase[k] = (uint8_t)(s->chip[k] % s->phases);
    }
    for (int p = 0; p < HZ_ADSB_CYCLE; p++) {
        s->gram0[p] = gram(s, p % s->phases, 0);
        s->twice1[p] = 2 * gram(s, p % s->phases, half_chip);
        s->twice2[p] = 2 * gram(s, p % s->phases, 2 * half_chip);
    }
    /* Half of the half-chips hold a pulse, and the neighbours on both sides leak. */
    for (int p = 0; p < HZ_ADSB_CYCLE; p++) {
        float sum = 0;
        for (int k = HZ_ADSB_LEAD; k < HZ_ADSB_CHIPS; k++) {
            int own = (p + s->phase[k]) % s->phases;
            sum += 0.5f * (s->gram0[own] + s->twice1[own] + s->twice2[own]);
        }
        s->level[p] = sum / (HZ_ADSB_CHIPS - HZ_ADSB_LEAD);
    }
}

INLINE void start(struct hz_adsb_window *w, size_t at, float most)
{
    w->at = at;
    w->taken = w->ready = 0;
    w->most = most;
    w->omega = 0;
}

/* Removes the carrier from the samples `from` up to `to`. */
INLINE void remove_carrier(struct hz_adsb_window *w, size_t from, size_t to)
{
    for (size_t k = from; k < to; k++) {
        const float c = cosf(w->omega * (float)k), s = sinf(w->omega * (float)k);
        const float i = w->i[k], q = w->q[k];
        w->i[k] = i * c + q * s;
        w->q[k] = q * c - i * s;
    }
}

/* The carrier of n samples, in radians per sample, from the mean phase advance between neighbours;
 * 0 when the filters tolerate it. */
INLINE float far_carrier(const struct hz_adsb_window *w, const struct hz_adsb_shape *s, size_t n)
{
    hz_four re = {0}, im = {0};
    for (size_t k = 0; k + LANES < n; k += LANES) {
        const hz_four ai = hz_four_load(w->i + k), aq = hz_four_load(w->q + k);
        const hz_four bi = hz_four_load(w->i + k + 1), bq = hz_four_load(w->q + k + 1);
        re += bi * ai + bq * aq;
        im += bq * ai - bi * aq;
    }
    const float x = hz_four_sum(re), y = hz_four_sum(im);
    if (fabsf(y) < s->near_slope * x)
        return 0; /* most, without the angle */
    const float omega = atan2f(y, x);
    return fabsf(omega) > 6.2831853f * near_hz / s->rate_hz ? omega : 0;
}

/* Copies the samples up to `to`. Impulses of other sources are replaced by 0. The limit allows for
 * two adjacent pulses, which have 1.2 times the amplitude of one; the sum of the preamble's four
 * pulses, as the gate scales it, is 2.2 times the amplitude. */
INLINE void take_samples(struct hz_adsb_window *w, const struct hz_adsb_envelope *b, size_t to)
{
    for (size_t k = w->taken; k < to; k++) {
        const float i = (float)b->i[w->at + k], q = (float)b->q[w->at + k];
        const float keep = i * i + q * q <= w->most ? 1.0f : 0.0f;
        w->i[k] = i * keep;
        w->q[k] = q * keep;
    }
    if (w->omega != 0)
        remove_carrier(w, w->taken, to);
    w->taken = to;
}

/* Filters up to sample `to`. */
INLINE void filter(struct hz_adsb_window *w, const struct hz_adsb_shape *s,
                   const struct hz_adsb_envelope *b, size_t to)
{
    take_samples(w, b, to + HZ_ADSB_TAPS);
    size_t out = w->ready * (size_t)s->phases;
    hz_adsb_matched(&s->filter, w->i + w->ready, w->q + w->ready, w->zi + out, w->zq + out,
                    w->energy + out, to - w->ready);
    w->ready = to;
}

/* The metric of the timings from step `first` on. */
INLINE void score_timings(const struct hz_adsb_window *w, const struct hz_adsb_shape *s, int first,
                          float score[HZ_ADSB_TIMINGS])
{
    static const int lead[] = {0, 2, 7, 9};
    const float *e = w->energy + first;
    for (int m = 0; m < HZ_ADSB_TIMINGS; m++)
        score[m] = 0;
    for (int k = 0; k < 4; k++)
        for (int m = 0; m < HZ_ADSB_TIMINGS; m++)
            score[m] += 2 * e[s->chip[lead[k]] + m];
    for (int k = 0; k < TIMING_BITS; k++) {
        const float *a = e + s->chip[HZ_ADSB_LEAD + 2 * k];
        const float *b = e + s->chip[HZ_ADSB_LEAD + 2 * k + 1];
        for (int m = 0; m < HZ_ADSB_TIMINGS; m++)
            score[m] += fabsf(a[m] - b[m]);
    }
}

INLINE int open_window(struct hz_adsb_window *w, const struct hz_adsb_shape *s,
                       const struct hz_adsb_envelope *b, const struct hz_adsb_candidate *c)
{
    float score[HZ_ADSB_TIMINGS];
    int best = 0;
    const size_t first_look = (size_t)(first_look_us * 1e-6f * s->rate_hz) + 2 * MARGIN;
    start(w, c->at / 2 - MARGIN, 4 * (float)c->level * (float)c->level);
    take_samples(w, b, first_look + HZ_ADSB_TAPS);
    w->omega = far_carrier(w, s, first_look);
    if (w->omega != 0)
        remove_carrier(w, 0, w->taken);
    filter(w, s, b, first_look);
    int first = (MARGIN - 1) * s->phases + (c->at & 1 ? s->phases / 2 : 0) - SLACK;
    score_timings(w, s, first, score);
    for (int k = 1; k < HZ_ADSB_TIMINGS; k++)
        if (score[k] > score[best])
            best = k;
    return first + best;
}

INLINE void rest(struct hz_adsb_window *w, const struct hz_adsb_shape *s,
                 const struct hz_adsb_envelope *b)
{
    size_t to = (size_t)(120e-6f * s->rate_hz) + 2 * MARGIN;
    if (w->ready < to)
        filter(w, s, b, to);
}

INLINE void place(struct hz_adsb_window *w, const struct hz_adsb_shape *s,
                  const struct hz_adsb_envelope *b, size_t at, size_t n)
{
    start(w, at, INFINITY);
    filter(w, s, b, n);
}

/* clang-format off */
#define VARIANT(NAME, TARGET)                                                                      \
    TARGET static int open_##NAME(struct hz_adsb_window *w, const struct hz_adsb_shape *s,         \
                                  const struct hz_adsb_envelope *b,                                \
                                  const struct hz_adsb_candidate *c)                               \
    { return open_window(w, s, b, c); }                                                            \
    TARGET static void rest_##NAME(struct hz_adsb_window *w, const struct hz_adsb_shape *s,        \
                                   const struct hz_adsb_envelope *b)                               \
    { rest(w, s, b); }                                                                             \
    TARGET static void place_##NAME(struct hz_adsb_window *w, const struct hz_adsb_shape *s,       \
                                    const struct hz_adsb_envelope *b, size_t at, size_t n)         \
    { place(w, s, b, at, n); }
/* clang-format on */
HZ_ADSB_EACH(VARIANT)

int hz_adsb_window_open(struct hz_adsb_window *w, const struct hz_adsb_shape *s,
                        const struct hz_adsb_envelope *b, const struct hz_adsb_candidate *c)
{
    static int (*const each[])(struct hz_adsb_window * w, const struct hz_adsb_shape *s,
                               const struct hz_adsb_envelope *b,
                               const struct hz_adsb_candidate *c) = HZ_ADSB_ALL(open);
    return each[s->kernels->variant](w, s, b, c);
}

void hz_adsb_window_rest(struct hz_adsb_window *w, const struct hz_adsb_shape *s,
                         const struct hz_adsb_envelope *b)
{
    static void (*const each[])(struct hz_adsb_window * w, const struct hz_adsb_shape *s,
                                const struct hz_adsb_envelope *b) = HZ_ADSB_ALL(rest);
    each[s->kernels->variant](w, s, b);
}

void hz_adsb_window_place(struct hz_adsb_window *w, const struct hz_adsb_shape *s,
                          const struct hz_adsb_envelope *b, size_t at, size_t n)
{
    static void (*const each[])(struct hz_adsb_window * w, const struct hz_adsb_shape *s,
                                const struct hz_adsb_envelope *b, size_t at, size_t n) =
        HZ_ADSB_ALL(place);
    each[s->kernels->variant](w, s, b, at, n);
}

float hz_adsb_window_start(const struct hz_adsb_window *w, const struct hz_adsb_shape *s, int step)
{
    /* The filter of step 0 is centred on sample 1; a pulse begins 0.25 us before its centre. */
    return (float)w->at + 1.0f + (float)step / (float)s->phases - 0.25e-6f * s->rate_hz;
}
