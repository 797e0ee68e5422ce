#include "proto/rds/front.h"

#include "dsp/clones.h"
#include "dsp/kaiser.h"

#include <math.h>
#include <string.h>

enum {
    TURN = 100, /* samples after which 57 kHz repeats at 300 kHz */
    HALF = HZ_RDS_TAPS / 2,
    LANES = 8,
};

static const double two_pi = 6.28318530717958647692;

/* What passes the decimation unharmed, and what must not be folded onto it. */
static const double pass_hz = 2600, stop_hz = 12400, atten_db = 60;

/* The response of the pulse that transmitter and receiver share, cos(pi f / 4 R) up to f = 2 R with
 * R the bit rate (EN 50067, 1.7), at t bits from its middle: integrated by Simpson's rule. */
static double pulse(double t)
{
    enum { STEPS = 400 };
    double sum = 0;
    for (int i = 0; i <= STEPS; i++) {
        double f = 2.0 * i / STEPS; /* in bit rates */
        double y = cos(two_pi * f / 8) * cos(two_pi * f * t);
        sum += y * (i == 0 || i == STEPS ? 1 : i % 2 ? 4 : 2);
    }
    return sum * 2 / STEPS / 3;
}

/* A bit is the pulse and, half a bit later, its negative. */
static void design(float *taps)
{
    double energy = 0, shape[HZ_RDS_TAPS];
    for (int i = 0; i < HZ_RDS_TAPS; i++) {
        double t = (i - HALF) * HZ_RDS_BITS_S / HZ_RDS_LOW_HZ;
        double window = 0.5 + 0.5 * cos(two_pi * (i - HALF) / (HZ_RDS_TAPS + 1));
        shape[i] = (pulse(t + 0.25) - pulse(t - 0.25)) * sqrt(window);
        energy += shape[i] * shape[i];
    }
    for (int i = 0; i < HZ_RDS_TAPS; i++)
        taps[i] = (float)(shape[i] / sqrt(energy));
}

/* The filter of the decimation, reversed, with zeros before its first tap in time. */
static void design_low(struct hz_rds_front *f)
{
    double h[HZ_RDS_LOW_TAPS];
    size_t taps = hz_kaiser_taps(atten_db, (stop_hz - pass_hz) / HZ_RDS_RATE_HZ);
    taps = taps < HZ_RDS_LOW_TAPS ? taps : HZ_RDS_LOW_TAPS;
    hz_kaiser_lowpass(h, taps, (pass_hz + stop_hz) / 2 / HZ_RDS_RATE_HZ, atten_db);
    for (size_t k = 0; k < taps; k++)
        f->low[HZ_RDS_LOW_TAPS - 1 - k] = (float)h[k];
    f->delay = (double)(taps - 1) / 2;
}

void hz_rds_front_init(struct hz_rds_front *f)
{
    for (int i = 0; i < 2 * TURN; i++) {
        f->phasor[i][0] = (float)cos(two_pi * 57 * i / 300);
        f->phasor[i][1] = (float)-sin(two_pi * 57 * i / 300);
    }
    design_low(f);
    design(f->taps);
    hz_rds_front_reset(f);
}

void hz_rds_front_reset(struct hz_rds_front *f)
{
    hz_fm_init(&f->fm);
    memset(f->mixed, 0, sizeof f->mixed);
    f->shift = 0;
    memset(f->last, 0, sizeof f->last);
}

HZ_CLONES static void shift(const float *audio, const float (*phasor)[2], size_t n, float *re,
                            float *im)
{
    for (size_t at = 0; at < n; at += TURN) {
        size_t end = n - at < TURN ? n - at : TURN;
        for (size_t i = 0; i < end; i++) {
            re[at + i] = audio[at + i] * phasor[i][0];
            im[at + i] = audio[at + i] * phasor[i][1];
        }
    }
}

/* Every HZ_RDS_DOWN-th output of the filter. The sums are of eight lanes on every machine. */
HZ_CLONES static void decimate(const float *x, const float *h, size_t n, float *out)
{
    for (size_t i = 0; i < n; i++, x += HZ_RDS_DOWN) {
        float lane[LANES] = {0}, sum = 0;
        for (int k = 0; k < HZ_RDS_LOW_TAPS; k += LANES)
            for (int l = 0; l < LANES; l++)
                lane[l] += x[k + l] * h[k + l];
        for (int l = 0; l < LANES; l++)
            sum += lane[l];
        out[i] = sum;
    }
}

HZ_CLONES static void match(const float *x, const float *taps, size_t n, float *out)
{
    for (size_t i = 0; i < n; i++) {
        float sum = 0;
        for (int k = 0; k < HZ_RDS_TAPS; k++)
            sum += x[i + (size_t)k] * taps[k];
        out[2 * i] = sum;
    }
}

size_t hz_rds_front_push(struct hz_rds_front *f, const float *iq, size_t n, float *out)
{
    enum { KEPT = HZ_RDS_TAPS - 1, PAST = HZ_RDS_LOW_TAPS - 1 };
    size_t wait = (size_t)(f->shift % HZ_RDS_DOWN); /* samples since the last output */
    size_t first = wait > 0 ? HZ_RDS_DOWN - wait : 0;
    size_t m = n > first ? (n - first + HZ_RDS_DOWN - 1) / HZ_RDS_DOWN : 0;
    hz_fm_push(&f->fm, iq, n, f->audio);
    shift(f->audio, (const float(*)[2])f->phasor + f->shift % TURN, n, f->mixed[0] + PAST,
          f->mixed[1] + PAST);
    f->shift += n;
    for (int c = 0; c < 2; c++) {
        decimate(f->mixed[c] + first, f->low, m, f->last[c] + KEPT);
        memmove(f->mixed[c], f->mixed[c] + n, PAST * sizeof(float));
        match(f->last[c], f->taps, m, out + c);
        memmove(f->last[c], f->last[c] + m, KEPT * sizeof(float));
    }
    return m;
}
