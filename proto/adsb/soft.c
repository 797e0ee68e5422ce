#include "proto/adsb/soft.h"

#include <math.h>
#include <string.h>

enum { MOST = HZ_MODES_LONG_BITS };

/* Bits to either side that give the phase of one: short enough to follow a drifting carrier. */
enum { PHASE_REACH = 8 };

struct phasor {
    float i, q;
};

static struct phasor at_angle(float angle)
{
    return (struct phasor){cosf(angle), sinf(angle)};
}

/* Sum of c[k + lag] conj(c[k]). */
static float lag_angle(const float *ci, const float *cq, int bits, int lag)
{
    float i = 0, q = 0;
    for (int k = 0; k + lag < bits; k++) {
        i += ci[k + lag] * ci[k] + cq[k + lag] * cq[k];
        q += cq[k + lag] * ci[k] - ci[k + lag] * cq[k];
    }
    return atan2f(q, i);
}

/* Both half-chips of each bit together, which is the pulse wherever it is. */
static void bit_sums(const struct hz_adsb_window *w, const uint16_t *chip, size_t base, int bits,
                     float *ci, float *cq)
{
    const float *zi = w->zi + base, *zq = w->zq + base;
    for (int k = 0; k < bits; k++) {
        uint16_t a = chip[HZ_ADSB_FINE_LEAD + 2 * k], b = chip[HZ_ADSB_FINE_LEAD + 2 * k + 1];
        ci[k] = zi[a] + zi[b];
        cq[k] = zq[a] + zq[b];
    }
}

void hz_adsb_soft_carrier(const struct hz_adsb_window *w, const struct hz_adsb_shape *s,
                          struct hz_adsb_soft *out)
{
    static const int lags[] = {6, 32};
    float ci[MOST], cq[MOST];
    size_t base;
    const uint16_t *chip = hz_adsb_shape_chips(s, out->step, &base);
    bit_sums(w, chip, base, out->bits, ci, cq);
    float turn = lag_angle(ci, cq, out->bits, 1);
    for (size_t k = 0; k < sizeof(lags) / sizeof(*lags); k++) {
        float lag = (float)lags[k];
        float rest = lag_angle(ci, cq, out->bits, lags[k]) - turn * lag;
        rest -= 6.2831853f * rintf(rest / 6.2831853f);
        turn += rest / lag;
    }
    out->turn = turn;
}

/* All half-chips of the data, turned back by the carrier. */
static void derotate(const struct hz_adsb_window *w, const uint16_t *chip, size_t base,
                     const struct hz_adsb_soft *out, float *zi, float *zq)
{
    struct phasor turn = at_angle(-0.5f * out->turn), now = {1.0f, 0.0f};
    for (int k = 0; k < 2 * out->bits; k++) {
        float i = w->zi[base + chip[HZ_ADSB_FINE_LEAD + k]],
              q = w->zq[base + chip[HZ_ADSB_FINE_LEAD + k]];
        zi[k] = i * now.i - q * now.q;
        zq[k] = i * now.q + q * now.i;
        now = (struct phasor){now.i * turn.i - now.q * turn.q, now.i * turn.q + now.q * turn.i};
    }
}

/* y_k times A: half-chips along the local phase. Returns the mean; notes the coherence. */
static float along_phase(const float *zi, const float *zq, struct hz_adsb_soft *out, float *y)
{
    float i = 0, q = 0, held = 0, all = 0, mean = 0;
    int n = 0;
    for (int k = -PHASE_REACH; k < out->bits; k++) {
        int in = k + PHASE_REACH, left = k - PHASE_REACH - 1;
        if (in < out->bits) {
            i += zi[2 * in] + zi[2 * in + 1];
            q += zq[2 * in] + zq[2 * in + 1];
            n++;
        }
        if (left >= 0) {
            i -= zi[2 * left] + zi[2 * left + 1];
            q -= zq[2 * left] + zq[2 * left + 1];
            n--;
        }
        if (k < 0)
            continue;
        float ci = zi[2 * k] + zi[2 * k + 1], cq = zq[2 * k] + zq[2 * k + 1];
        float power = i * i + q * q + 1e-9f, unit = 1.0f / sqrtf(power);
        held += power / (float)(n * n);
        all += ci * ci + cq * cq;
        y[2 * k] = (zi[2 * k] * i + zq[2 * k] * q) * unit;
        y[2 * k + 1] = (zi[2 * k + 1] * i + zq[2 * k + 1] * q) * unit;
        mean += y[2 * k] + y[2 * k + 1];
    }
    out->coherence = all > 0 ? held / all : 0;
    return mean / (float)(2 * out->bits);
}

/* Scales y by the amplitude; half the half-chips hold a pulse. Returns the amplitude. */
static float scale(const struct hz_adsb_shape *s, int phase, int bits, float mean, float *y)
{
    float seen = 0;
    for (int k = HZ_ADSB_FINE_LEAD; k < HZ_ADSB_FINE_LEAD + 2 * bits; k++)
        seen += 0.5f * s->gram0[phase][k] + s->gram1[phase][k] + s->gram2[phase][k];
    float amplitude = mean * (float)(2 * bits) / seen;
    float by = amplitude > 0 ? 1.0f / amplitude : 0;
    for (int k = 0; k < 2 * bits; k++)
        y[k] *= by;
    return amplitude;
}

static float larger(float a, float b)
{
    return a > b ? a : b;
}

/* Forward and backward through the trellis (max-log): the best M with each bit 1, less that with
 * it 0. Returns the best M of all. */
static float sequence(const float *y, const float *g0, const float *g1, const float *g2, int bits,
                      float *sure)
{
    float one[MOST], zero[MOST]; /* gain of each bit by itself */
    float f1[MOST], f0[MOST];    /* best of all ways up to a bit */
    for (int k = 0; k < bits; k++) {
        one[k] = 2 * y[2 * k] - g0[2 * k];
        zero[k] = 2 * y[2 * k + 1] - g0[2 * k + 1];
    }
    if (bits < 1)
        return 0;
    f1[0] = one[0];
    f0[0] = zero[0];
    for (int k = 1; k < bits; k++) {
        const int a = 2 * k - 2, b = 2 * k - 1; /* the bit before: its half-chips */
        f1[k] = one[k] + larger(f1[k - 1] - 2 * g2[a], f0[k - 1] - 2 * g1[b]);
        f0[k] = zero[k] + larger(f1[k - 1], f0[k - 1] - 2 * g2[b]);
    }
    float b1 = 0, b0 = 0; /* best of all ways from a bit to the end */
    for (int k = bits - 1; k >= 0; k--) {
        sure[k] = f1[k] + b1 - f0[k] - b0;
        if (k == 0)
            break;
        const int a = 2 * k - 2, b = 2 * k - 1;
        float to1 = one[k] + b1, to0 = zero[k] + b0;
        b1 = larger(to1 - 2 * g2[a], to0);
        b0 = larger(to1 - 2 * g1[b], to0 - 2 * g2[b]);
    }
    return larger(f1[bits - 1], f0[bits - 1]);
}

void hz_adsb_soft_detect(const struct hz_adsb_window *w, const struct hz_adsb_shape *s,
                         struct hz_adsb_soft *out)
{
    float zi[2 * MOST], zq[2 * MOST], y[2 * MOST];
    size_t base;
    const uint16_t *chip = hz_adsb_shape_chips(s, out->step, &base);
    int phase = out->step % s->phases;
    derotate(w, chip, base, out, zi, zq);
    float mean = along_phase(zi, zq, out, y);
    float amplitude = scale(s, phase, out->bits, mean, y);
    float best =
        sequence(y, s->gram0[phase] + HZ_ADSB_FINE_LEAD, s->gram1[phase] + HZ_ADSB_FINE_LEAD,
                 s->gram2[phase] + HZ_ADSB_FINE_LEAD, out->bits, out->sure);
    out->fit = best * amplitude * amplitude;
    float sum = 0;
    for (int k = 0; k < out->bits; k++)
        sum += fabsf(out->sure[k]);
    out->mean = sum / (float)out->bits;
}

void hz_adsb_soft_bytes(const float *sure, int bits, uint8_t *bytes)
{
    memset(bytes, 0, (size_t)bits / 8);
    for (int k = 0; k < bits; k++)
        bytes[k / 8] = (uint8_t)(bytes[k / 8] | (sure[k] > 0) << (7 - k % 8));
}
