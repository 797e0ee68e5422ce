#include "proto/packet/bell202/audio_sums.h"

#include "dsp/clones.h"

#include <math.h>
#include <string.h>

enum {
    TAPS = HZ_BELL202_AUDIO_TAPS,
    IN = HZ_AX25_AUDIO_HOP,
    OUT = HZ_BELL202_AUDIO_HOP,
    KEEP = HZ_BELL202_AUDIO_KEEP,
    WAVE = 120
};

const double hz_bell202_audio_tone_hz[2] = {1200, 2200};

static const double two_pi = 6.28318530717958647692;
static const double low_hz = 400, high_hz = 3000;
/* Limit of the magnitude over its median; a sine's peak is 1.4. */
static const float stands_out = 2;

/* Band-pass: the Fourier integral over the band, under a Hann window. */
static void make_taps(float taps[2][TAPS])
{
    const double step_hz = 20;
    memset(taps, 0, 2 * sizeof taps[0]);
    for (int k = 0; k < TAPS; k++) {
        double t = k - (TAPS - 1) / 2.0;
        double gain = (0.5 + 0.5 * cos(two_pi * t / (TAPS + 1))) * step_hz / HZ_BELL202_AUDIO_IN_HZ;
        for (double f = low_hz + step_hz / 2; f < high_hz; f += step_hz) {
            taps[0][k] += (float)(gain * cos(two_pi * f * t / HZ_BELL202_AUDIO_IN_HZ));
            taps[1][k] += (float)(gain * sin(two_pi * f * t / HZ_BELL202_AUDIO_IN_HZ));
        }
    }
}

void hz_bell202_audio_tables_init(struct hz_bell202_audio_tables *a)
{
    make_taps(a->taps);
    for (int t = 0; t < 2; t++) {
        for (int i = 0; i < WAVE; i++) {
            double angle = two_pi * hz_bell202_audio_tone_hz[t] * i / HZ_BELL202_AUDIO_HZ;
            a->tone[t][0][i] = (float)cos(angle);
            a->tone[t][1][i] = (float)sin(angle);
        }
    }
    for (int i = 0; i < HZ_BELL202_AUDIO_PHASORS; i++) {
        a->phasor[i][0] = (float)cos(two_pi * (i + 0.5) / HZ_BELL202_AUDIO_PHASORS);
        a->phasor[i][1] = (float)sin(two_pi * (i + 0.5) / HZ_BELL202_AUDIO_PHASORS);
    }
}

void hz_bell202_audio_sums_init(struct hz_bell202_audio_sums *s,
                                const struct hz_bell202_audio_tables *tables, float zero,
                                float pole)
{
    memset(s, 0, sizeof *s);
    s->tables = tables;
    s->zero = zero;
    s->pole = pole;
    s->first = -KEEP - OUT; /* the first hop makes it -KEEP */
}

/* Appends a hop to the filter's memory, with emphasis undone and impulses clipped. */
static void take(struct hz_bell202_audio_sums *s, const float *audio)
{
    float y[IN];
    for (int i = 0; i < IN; i++) {
        float x = hz_ax25_sane(audio[i]), out = x - s->zero * s->in_was + s->pole * s->out_was;
        s->in_was = x;
        s->out_was = y[i] = fabsf(out) > 1e-15f ? out : 0;
    }
    memmove(s->audio, s->audio + IN, TAPS * sizeof s->audio[0]);
    hz_ax25_limit(y, stands_out, &s->median, s->audio + TAPS);
}

/* out[m] = the filter over the audio that ends with sample 2 m + 1 of the hop. */
HZ_CLONES static void filter(const float *taps, const float *even, const float *odd, float *out)
{
    for (int m = 0; m < OUT; m++)
        out[m] = 0;
    for (int k = 0; k < TAPS; k += 2) {
        const float *x = odd + TAPS / 2 - k / 2, *y = even + TAPS / 2 - k / 2;
        for (int m = 0; m < OUT; m++)
            out[m] += taps[k] * x[m] + taps[k + 1] * y[m];
    }
}

void hz_bell202_audio_sums_push(struct hz_bell202_audio_sums *s, const float *audio)
{
    const struct hz_bell202_audio_tables *a = s->tables;
    float even[TAPS / 2 + OUT], odd[TAPS / 2 + OUT], re[OUT], im[OUT];
    take(s, audio);
    for (int i = 0; i < TAPS / 2 + OUT; i++) {
        even[i] = s->audio[2 * i];
        odd[i] = s->audio[2 * i + 1];
    }
    filter(a->taps[0], even, odd, re);
    filter(a->taps[1], even, odd, im);
    memmove(s->sum, s->sum + OUT, (KEEP + 1) * sizeof s->sum[0]);
    s->first += OUT;
    struct hz_bell202_audio_sum sum = s->sum[KEEP];
    for (int m = 0; m < OUT; m++) {
        for (int t = 0; t < 2; t++) {
            float c = a->tone[t][0][m], d = a->tone[t][1][m];
            sum.re[t] += (double)(re[m] * c + im[m] * d);
            sum.im[t] += (double)(im[m] * c - re[m] * d);
        }
        s->sum[KEEP + 1 + m] = sum;
    }
}

struct hz_bell202_audio_sum hz_bell202_audio_sums_at(const struct hz_bell202_audio_sums *s,
                                                     double at)
{
    double x = at - (double)s->first, low = floor(x), part = x - low;
    const struct hz_bell202_audio_sum *a = &s->sum[(size_t)low], *b = a + (part > 0);
    struct hz_bell202_audio_sum sum;
    for (int t = 0; t < 2; t++) {
        sum.re[t] = a->re[t] + part * (b->re[t] - a->re[t]);
        sum.im[t] = a->im[t] + part * (b->im[t] - a->im[t]);
    }
    return sum;
}
