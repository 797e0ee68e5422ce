#include "proto/adsb/fine.h"

#include <math.h>
#include <string.h>

/* Samples filtered at first: the preamble and 40 bits, with the slack, at any rate. */
static const float first_look_us = 50.0f;
enum { FIRST_BITS = 40 };

/* Elements by which a window begins before the first pulse: the filter's own delay of one sample
 * and the slack. */
enum { MARGIN = 4 };

/* A rectangle of 0.5 us through a low pass of 1.1 MHz (sinc of 2 us under a Hamming window), which
 * is what both captures and common receivers come close to: at multiples of 1/48 us. */
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

/* What the filter for a pulse centred at `own` sees of one centred at `other`; in samples. */
static float gram(const struct hz_adsb_shape *s, int phase, float own, float other)
{
    float us = 1e6f / s->rate_hz, sum = 0;
    float first = floorf(own) - 1.0f; /* sample under the first tap */
    for (int t = 0; t < HZ_ADSB_TAPS; t++)
        sum += s->taps[phase][t] * hz_adsb_shape_pulse((first + (float)t - other) * us);
    return sum;
}

static void shape_phase(struct hz_adsb_shape *s, int phase)
{
    float half_chip = s->rate_hz * 0.5e-6f;
    for (int k = 0; k < HZ_ADSB_FINE_CHIPS; k++) {
        int step = phase + (int)lroundf((float)k * half_chip * (float)s->phases);
        int p = step % s->phases;
        float own = (float)step / (float)s->phases;
        float true_own = (float)phase / (float)s->phases + (float)k * half_chip;
        s->chip[phase][k] = (uint16_t)(p * HZ_ADSB_FINE_SPAN + step / s->phases);
        s->gram0[phase][k] = gram(s, p, own, own);
        s->gram1[phase][k] = gram(s, p, own, true_own + half_chip);
        s->gram2[phase][k] = gram(s, p, own, true_own + 2 * half_chip);
    }
}

void hz_adsb_shape_init(struct hz_adsb_shape *s, float rate_hz)
{
    s->rate_hz = rate_hz;
    /* With five steps a half-chip of 1.2 samples is a whole number of them; six does it for 1.0
     * and comes close enough for others. */
    s->phases = fabsf(rate_hz - 2.4e6f) < 1e3f ? 5 : 6;
    for (int p = 0; p < s->phases; p++)
        for (int t = 0; t < HZ_ADSB_TAPS; t++)
            s->taps[p][t] = hz_adsb_shape_pulse(((float)t - 1.0f - (float)p / (float)s->phases) *
                                                1e6f / rate_hz);
    for (int p = 0; p < s->phases; p++)
        shape_phase(s, p);
}

static void filter(struct hz_adsb_window *w, const struct hz_adsb_shape *s,
                   const struct hz_adsb_band *b, size_t to)
{
    size_t from = w->ready ? w->ready + HZ_ADSB_TAPS : 0;
    for (size_t k = from; k < to + HZ_ADSB_TAPS; k++) {
        w->i[k] = (float)b->i[w->at + k];
        w->q[k] = (float)b->q[w->at + k];
    }
    for (int p = 0; p < s->phases; p++) {
        size_t out = (size_t)p * HZ_ADSB_FINE_SPAN + w->ready;
        b->kernels->matched(w->i + w->ready, w->q + w->ready, s->taps[p], w->zi + out, w->zq + out,
                            w->energy + out, to - w->ready);
    }
    w->ready = to;
}

int hz_adsb_window_open(struct hz_adsb_window *w, const struct hz_adsb_shape *s,
                        const struct hz_adsb_band *b, size_t half)
{
    w->at = (half >> 1) - MARGIN;
    w->ready = 0;
    filter(w, s, b, (size_t)(first_look_us * 1e-6f * s->rate_hz) + 2 * MARGIN);
    return (MARGIN - 1) * s->phases + (half & 1 ? s->phases / 2 : 0);
}

void hz_adsb_window_rest(struct hz_adsb_window *w, const struct hz_adsb_shape *s,
                         const struct hz_adsb_band *b)
{
    size_t to = (size_t)(120e-6f * s->rate_hz) + 2 * MARGIN;
    if (w->ready < to)
        filter(w, s, b, to);
}

static float timing_score(const struct hz_adsb_window *w, const struct hz_adsb_shape *s, int step)
{
    size_t base;
    const uint16_t *chip = hz_adsb_shape_chips(s, step, &base);
    const float *e = w->energy + base;
    float lead = e[chip[0]] + e[chip[2]] + e[chip[7]] + e[chip[9]];
    float data = 0;
    for (int k = HZ_ADSB_FINE_LEAD; k < HZ_ADSB_FINE_LEAD + 2 * FIRST_BITS; k += 2)
        data += fabsf(e[chip[k]] - e[chip[k + 1]]);
    return data + 2 * lead;
}

void hz_adsb_window_timings(const struct hz_adsb_window *w, const struct hz_adsb_shape *s,
                            int about, int order[HZ_ADSB_FINE_TIMINGS])
{
    float score[HZ_ADSB_FINE_TIMINGS];
    for (int k = 0; k < HZ_ADSB_FINE_TIMINGS; k++) {
        int step = about + k - HZ_ADSB_FINE_SLACK;
        float mine = timing_score(w, s, step);
        int at = k;
        for (; at > 0 && score[at - 1] < mine; at--) {
            score[at] = score[at - 1];
            order[at] = order[at - 1];
        }
        score[at] = mine;
        order[at] = step;
    }
}

float hz_adsb_window_start(const struct hz_adsb_window *w, const struct hz_adsb_shape *s, int step)
{
    /* A filter centres on the sample after its first; a pulse begins 0.25 us before its centre. */
    return (float)w->at + 1.0f + (float)step / (float)s->phases - 0.25e-6f * s->rate_hz;
}
