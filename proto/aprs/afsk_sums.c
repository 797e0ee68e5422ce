#include "proto/aprs/afsk_sums.h"

#include "dsp/clones.h"

#include <math.h>
#include <string.h>

enum {
    TAPS = HZ_AFSK_TAPS,
    IN = HZ_AX25_AUDIO_HOP,
    OUT = HZ_AFSK_HOP,
    KEEP = HZ_AFSK_KEEP,
    WAVE = 120
};

static const double two_pi = 6.28318530717958647692;
static const double tone_hz[2] = {1200, 2200};
static const double low_hz = 400, high_hz = 3000, middle_hz = 1700;
static const float stands_out = 4; /* times the median of the magnitude; a tone has 1.4 */

void hz_afsk_audio_init(struct hz_afsk_audio *a)
{
    memset(a, 0, sizeof *a);
    for (int t = 0; t < 2; t++) {
        for (int i = 0; i < WAVE; i++) {
            double angle = two_pi * tone_hz[t] * i / HZ_AFSK_HZ;
            a->tone[t][0][i] = (float)cos(angle);
            a->tone[t][1][i] = (float)sin(angle);
        }
    }
}

/* The wanted response over the band as a Fourier integral, under a Hann window. */
void hz_afsk_sums_init(struct hz_afsk_sums *s, double slope)
{
    const double step_hz = 20;
    memset(s, 0, sizeof *s);
    s->first = -KEEP - OUT; /* the first hop makes it -KEEP */
    for (int k = 0; k < TAPS; k++) {
        double t = k - (TAPS - 1) / 2.0, re = 0, im = 0;
        double window = 0.5 + 0.5 * cos(two_pi * t / (TAPS + 1));
        for (double f = low_hz + step_hz / 2; f < high_hz; f += step_hz) {
            double gain = pow(f / middle_hz, slope) * window * step_hz / HZ_AFSK_IN_HZ;
            re += gain * cos(two_pi * f * t / HZ_AFSK_IN_HZ);
            im += gain * sin(two_pi * f * t / HZ_AFSK_IN_HZ);
        }
        s->taps[0][k] = (float)re;
        s->taps[1][k] = (float)im;
    }
}

void hz_afsk_audio_push(struct hz_afsk_audio *a, const float *audio)
{
    memmove(a->audio, a->audio + IN, TAPS * sizeof a->audio[0]);
    hz_ax25_limit(audio, stands_out, &a->median, a->audio + TAPS);
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

void hz_afsk_sums_push(struct hz_afsk_sums *s, const struct hz_afsk_audio *a)
{
    float even[TAPS / 2 + OUT], odd[TAPS / 2 + OUT], re[OUT], im[OUT];
    for (int i = 0; i < TAPS / 2 + OUT; i++) {
        even[i] = a->audio[2 * i];
        odd[i] = a->audio[2 * i + 1];
    }
    filter(s->taps[0], even, odd, re);
    filter(s->taps[1], even, odd, im);
    memmove(s->sum, s->sum + OUT, (KEEP + 1) * sizeof s->sum[0]);
    s->first += OUT;
    struct hz_afsk_sum sum = s->sum[KEEP];
    for (int m = 0; m < OUT; m++) {
        for (int t = 0; t < 2; t++) {
            float c = a->tone[t][0][m], d = a->tone[t][1][m];
            sum.re[t] += (double)(re[m] * c + im[m] * d);
            sum.im[t] += (double)(im[m] * c - re[m] * d);
        }
        s->sum[KEEP + 1 + m] = sum;
    }
}

struct hz_afsk_sum hz_afsk_sums_at(const struct hz_afsk_sums *s, double at)
{
    double x = at - (double)s->first, low = floor(x), part = x - low;
    const struct hz_afsk_sum *a = &s->sum[(size_t)low], *b = a + (part > 0);
    struct hz_afsk_sum sum;
    for (int t = 0; t < 2; t++) {
        sum.re[t] = a->re[t] + part * (b->re[t] - a->re[t]);
        sum.im[t] = a->im[t] + part * (b->im[t] - a->im[t]);
    }
    return sum;
}
