#include "proto/adsb/soft.h"

#include "dsp/lanes.h"
#include "proto/adsb/phasors.h"

#include <math.h>
#include <string.h>

#define INLINE HZ_ADSB_INLINE

enum { BITS = HZ_MODES_LONG_BITS, LANES = HZ_ADSB_LANES };

/* Least coherence of a steady carrier. Real bursts have 0.74 at 5 dB; noise and fragments mostly
 * 0.1 to 0.3. */
static const float least_coherence = 0.65f;

/* The coherence over the reach is at least this fraction of that from bit to bit, or the phase
 * wanders. */
static const float least_steady = 0.75f;

/* The sum of the two half-chips of each bit, which contains its pulse. */
INLINE void bit_sums(const float *z, const uint16_t *chip, int bits, float *sum)
{
    for (int k = 0; k < bits; k += LANES, chip += 2 * LANES)
        hz_four_store(sum + k, hz_adsb_four_halves(z, chip) + hz_adsb_four_halves(z, chip + 1));
}

/* The lags at which the phase advance is measured, in bits. */
enum { LAGS = 4 };
static const int lags[LAGS] = {0, 1, 6, 32};

/* For each lag the sum of c[k + lag] conj(c[k]). The sums are independent, so that none waits for
 * another. */
INLINE void lag_sums(const float *ci, const float *cq, int bits, float *sum_i, float *sum_q)
{
    hz_four i[LAGS] = {{0}}, q[LAGS] = {{0}};
    for (int k = 0; k + LANES <= bits; k += LANES) {
        const hz_four ai = hz_four_load(ci + k), aq = hz_four_load(cq + k);
        for (int l = 0; l < LAGS; l++) {
            if (k + lags[l] + LANES > bits)
                break;
            const hz_four bi = hz_four_load(ci + k + lags[l]), bq = hz_four_load(cq + k + lags[l]);
            i[l] += bi * ai + bq * aq;
            q[l] += bq * ai - bi * aq;
        }
    }
    for (int l = 0; l < LAGS; l++) {
        sum_i[l] = hz_four_sum(i[l]);
        sum_q[l] = hz_four_sum(q[l]);
    }
}

INLINE float carrier(const struct hz_adsb_window *w, const struct hz_adsb_shape *s, int step,
                     int bits, float *omega)
{
    float ci[BITS], cq[BITS], i[LAGS], q[LAGS];
    bit_sums(w->zi + step, s->chip + HZ_ADSB_LEAD, bits, ci);
    bit_sums(w->zq + step, s->chip + HZ_ADSB_LEAD, bits, cq);
    lag_sums(ci, cq, bits, i, q);
    *omega = atan2f(q[1], i[1]);
    for (int l = 2; l < LAGS; l++) {
        const float lag = (float)lags[l];
        float rest = atan2f(q[l], i[l]) - *omega * lag;
        rest -= 6.2831853f * rintf(rest / 6.2831853f);
        *omega += rest / lag;
    }
    const float power = sqrtf(i[0] * i[0] + q[0] * q[0]), held = sqrtf(i[1] * i[1] + q[1] * q[1]);
    return held / (power + 1e-9f);
}

/* Most bits around one over which its phase is estimated, itself included. */
enum { AROUND = 2 * HZ_ADSB_STEADY + 1 };

/* Z of a burst's half-chips without the carrier, of four timings: the arrays of all bits. */
struct turned {
    hz_four i[2 * BITS], q[2 * BITS];      /* Z of each half-chip; I becomes A y_k later */
    hz_four ci[AROUND + BITS];             /* the sums of both halves of each bit; before them */
    hz_four cq[AROUND + BITS];             /* zeros, so that every sum over the reach is alike */
    hz_four near_i[HZ_ADSB_STEADY + BITS]; /* sums over the reach around each bit, the first */
    hz_four near_q[HZ_ADSB_STEADY + BITS]; /* one at HZ_ADSB_STEADY */
    hz_four all;                           /* the energy of the bits' sums */
};

/* Removes the carrier, and sums. One loop does both, since the sums alone are bound by latency. */
INLINE void derotate(const struct hz_adsb_window *w, const struct hz_adsb_shape *s,
                     const struct hz_adsb_soft *of, int reach, struct turned *t)
{
    float i[2 * BITS], q[2 * BITS];
    hz_four energy = {0}, near_i = {0}, near_q = {0};
    /* With bit k, the sum around the one `reach` before it is complete, and another bit leaves. */
    const int to = HZ_ADSB_STEADY - reach, out = AROUND - 2 * reach - 1;
    memset(t->ci, 0, AROUND * sizeof(*t->ci));
    memset(t->cq, 0, AROUND * sizeof(*t->cq));
    hz_adsb_phasors(-0.5f * of->omega, 2 * of->bits, i, q);
    const float *zi = w->zi + of->step, *zq = w->zq + of->step;
    const uint16_t *chip = s->chip + HZ_ADSB_LEAD;
    for (int k = 0; k < of->bits; k++) {
        const int one = 2 * k, two = 2 * k + 1;
        const hz_four a = hz_four_load(zi + chip[one]), b = hz_four_load(zq + chip[one]),
                      c = hz_four_load(zi + chip[two]), d = hz_four_load(zq + chip[two]);
        t->i[one] = a * i[one] - b * q[one];
        t->q[one] = a * q[one] + b * i[one];
        t->i[two] = c * i[two] - d * q[two];
        t->q[two] = c * q[two] + d * i[two];
        const hz_four sum_i = t->i[one] + t->i[two], sum_q = t->q[one] + t->q[two];
        t->ci[AROUND + k] = sum_i;
        t->cq[AROUND + k] = sum_q;
        energy += sum_i * sum_i + sum_q * sum_q;
        near_i += sum_i;
        near_q += sum_q;
        t->near_i[to + k] = near_i -= t->ci[out + k];
        t->near_q[to + k] = near_q -= t->cq[out + k];
    }
    for (int k = of->bits; k < of->bits + reach; k++) {
        t->near_i[to + k] = near_i -= t->ci[out + k];
        t->near_q[to + k] = near_q -= t->cq[out + k];
    }
    t->all = energy;
}

/* Four lanes twice, for both half-chips of a bit. */
#define TWICE(v) __builtin_shufflevector(v, v, 0, 1, 2, 3, 0, 1, 2, 3)

/* The energy of the sums around two bits, and 1 / its root: a first guess from the bits of the
 * float, refined by two Newton steps. */
INLINE void two_powers(const struct turned *t, int k, hz_four *power, hz_four *unit)
{
    typedef int32_t masks __attribute__((vector_size(32)));
    const hz_eight i = *(const hz_eight *)(t->near_i + HZ_ADSB_STEADY + k),
                   q = *(const hz_eight *)(t->near_q + HZ_ADSB_STEADY + k);
    const hz_eight v = i * i + q * q + 1e-9f;
    hz_eight r = (hz_eight)(0x5f375a86 - ((masks)v >> 1));
    r *= 1.5f - 0.5f * v * r * r;
    *(hz_eight *)(power + k) = v;
    *(hz_eight *)(unit + k) = r * (1.5f - 0.5f * v * r * r);
}

/* Replaces t->i by A y_k, the half-chips projected on the local phase, and writes their mean. */
INLINE void along_phase(struct turned *t, int bits, int reach, float *coherence,
                        hz_four *restrict mean)
{
    /* 1 / n^2 for n bits; there are fewer at the ends of the burst. */
    static const float inverse_square[2 * HZ_ADSB_STEADY + 2] = {
        [2] = 1 / 4.f,    [3] = 1 / 9.f,    [9] = 1 / 81.f,   [10] = 1 / 100.f,
        [11] = 1 / 121.f, [12] = 1 / 144.f, [13] = 1 / 169.f, [14] = 1 / 196.f,
        [15] = 1 / 225.f, [16] = 1 / 256.f, [17] = 1 / 289.f};
    const hz_four *near_i = t->near_i + HZ_ADSB_STEADY, *near_q = t->near_q + HZ_ADSB_STEADY;
    hz_four power[BITS], unit[BITS], held = {0}, sum = {0};
    for (int k = 0; k < bits; k += 2)
        two_powers(t, k, power, unit);
    for (int k = 0; k < bits; k++) {
        const int last = k + reach < bits ? k + reach : bits - 1;
        const int first = k - reach > 0 ? k - reach : 0;
        held += power[k] * inverse_square[last - first + 1];
        hz_eight *y = (hz_eight *)(t->i + 2 * k);
        *y = (*y * TWICE(near_i[k]) + *(const hz_eight *)(t->q + 2 * k) * TWICE(near_q[k])) *
             TWICE(unit[k]);
        sum += t->i[2 * k] + t->i[2 * k + 1];
    }
    hz_four_store(coherence, held / (t->all + 1e-9f));
    *mean = sum / (float)(2 * bits);
}

/* Forward and backward recursion: sure[k] is the best M with bit k = 1 minus the best M with bit k
 * = 0, and *mean the mean of |sure|. y times `by` has amplitude 1. Returns the best M. */
INLINE hz_four sequence(const struct hz_adsb_shape *s, const hz_four *restrict y, hz_four by,
                        int phase, int bits, float (*restrict sure)[LANES], float *mean)
{
    hz_four one[BITS], zero[BITS]; /* contribution of each bit by itself */
    hz_four f1[BITS], f0[BITS];    /* best path up to and including a bit */
    hz_four b1[BITS], b0[BITS];    /* best path after a bit to the end */
    const uint8_t *at = s->phase + HZ_ADSB_LEAD;
    one[0] = zero[0] = (hz_four){0};
    for (int k = 0; k < bits; k++) {
        one[k] = 2 * (y[2 * k] * by) - hz_four_load(s->gram0 + phase + at[2 * k]);
        zero[k] = 2 * (y[2 * k + 1] * by) - hz_four_load(s->gram0 + phase + at[2 * k + 1]);
    }
    f1[0] = one[0];
    f0[0] = zero[0];
    b1[bits - 1] = b0[bits - 1] = (hz_four){0};
    /* Both recursions in one loop, since each alone is bound by latency. */
    for (int k = 1, m = bits - 1; k < bits; k++, m--) {
        int a = phase + at[2 * k - 2], b = phase + at[2 * k - 1]; /* half-chips of the bit before */
        hz_four t11 = f1[k - 1] - hz_four_load(s->twice2 + a),
                t01 = f0[k - 1] - hz_four_load(s->twice1 + b);
        f1[k] = one[k] + hz_four_max(t11, t01);
        f0[k] = zero[k] + hz_four_max(f1[k - 1], f0[k - 1] - hz_four_load(s->twice2 + b));
        a = phase + at[2 * m - 2];
        b = phase + at[2 * m - 1];
        hz_four to1 = one[m] + b1[m], to0 = zero[m] + b0[m];
        b1[m - 1] = hz_four_max(to1 - hz_four_load(s->twice2 + a), to0);
        b0[m - 1] =
            hz_four_max(to1 - hz_four_load(s->twice1 + b), to0 - hz_four_load(s->twice2 + b));
    }
    hz_four sum = {0};
    for (int k = 0; k < bits; k += 2) {
        *(hz_eight *)sure[k] = *(const hz_eight *)(f1 + k) + *(const hz_eight *)(b1 + k) -
                               *(const hz_eight *)(f0 + k) - *(const hz_eight *)(b0 + k);
        sum += hz_four_abs(hz_four_load(sure[k]));
        sum += hz_four_abs(hz_four_load(sure[k + 1]));
    }
    hz_four_store(mean, sum / (float)bits);
    return hz_four_max(f1[bits - 1], f0[bits - 1]);
}

INLINE bool detect(const struct hz_adsb_window *w, const struct hz_adsb_shape *s,
                   struct hz_adsb_soft *out)
{
    struct turned t;
    hz_four amplitude;
    const float least = fmaxf(least_coherence, least_steady * out->hold);
    bool holds = out->reach == HZ_ADSB_WANDERING;
    int phase = out->step % s->phases;
    derotate(w, s, out, (int)out->reach, &t);
    along_phase(&t, out->bits, (int)out->reach, out->coherence, &amplitude);
    for (int l = 0; l < LANES; l++)
        holds |= out->coherence[l] >= least;
    if (!holds)
        return false;
    amplitude = hz_four_max(amplitude / hz_four_load(s->level + phase), amplitude * 0 + 1e-6f);
    hz_four best = sequence(s, t.i, 1.0f / amplitude, phase, out->bits, out->sure, out->mean);
    hz_four_store(out->fit, best * amplitude * amplitude);
    return true;
}

/* clang-format off */
#define VARIANT(NAME, TARGET)                                                                      \
    TARGET static float carrier_##NAME(const struct hz_adsb_window *w,                             \
                                       const struct hz_adsb_shape *s, int step, int bits,          \
                                       float *omega)                                               \
    { return carrier(w, s, step, bits, omega); }                                                   \
    TARGET static bool detect_##NAME(const struct hz_adsb_window *w, const struct hz_adsb_shape *s, \
                                     struct hz_adsb_soft *out)                                     \
    { return detect(w, s, out); }
/* clang-format on */
HZ_ADSB_EACH(VARIANT)

float hz_adsb_soft_carrier(const struct hz_adsb_window *w, const struct hz_adsb_shape *s, int step,
                           int bits, float *omega)
{
    static float (*const each[])(const struct hz_adsb_window *w, const struct hz_adsb_shape *s,
                                 int step, int bits, float *omega) = HZ_ADSB_ALL(carrier);
    return each[s->kernels->variant](w, s, step, bits, omega);
}

bool hz_adsb_soft_detect(const struct hz_adsb_window *w, const struct hz_adsb_shape *s,
                         struct hz_adsb_soft *out)
{
    static bool (*const each[])(const struct hz_adsb_window *w, const struct hz_adsb_shape *s,
                                struct hz_adsb_soft *out) = HZ_ADSB_ALL(detect);
    return each[s->kernels->variant](w, s, out);
}

void hz_adsb_soft_bytes(const float *sure, int bits, uint8_t *bytes)
{
    for (int k = 0; k < bits; k += 8)
        bytes[k / 8] = (uint8_t)(hz_four_above_zero(hz_four_load(sure + k)) << 4 |
                                 hz_four_above_zero(hz_four_load(sure + k + 4)));
}
