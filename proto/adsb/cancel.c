#include "proto/adsb/cancel.h"

#include "dsp/lanes.h"
#include "proto/adsb/phasors.h"

#include <math.h>
#include <string.h>

#define INLINE HZ_ADSB_INLINE

/* Samples that a pulse covers before its centre. */
enum { BACK = 3 };

/* Amplitude, phase and timing are taken as constant over this time. */
static const float piece_us = 40.0f;

enum { MOST = HZ_ADSB_SPAN + HZ_ADSB_REACH };

/* The modelled burst: n elements from `at` on. */
struct model {
    size_t at, n;
    float pulse[MOST], slope[MOST]; /* m and m' */
    float i[MOST], q[MOST];         /* the samples without the carrier */
    float ci[MOST], cq[MOST];       /* the carrier */
};

void hz_adsb_cancel_init(struct hz_adsb_cancel *c, const struct hz_adsb_shape *s)
{
    const float us = 1e6f / s->rate_hz, small = 0.01f;
    for (int p = 0; p < s->phases; p++)
        for (int k = 0; k < HZ_ADSB_REACH; k++) {
            float t = ((float)(k - BACK) - (float)p / (float)s->phases) * us;
            c->pulse[p][k] = hz_adsb_shape_pulse(t);
            c->slope[p][k] =
                (hz_adsb_shape_pulse(t + small) - hz_adsb_shape_pulse(t - small)) / (2 * small);
        }
}

/* Consecutive pulses overlap, and adding them in one array would wait for each store. So pulses are
 * distributed over four rows, which are summed at the end. */
enum { ROWS = 4 };

struct rows {
    float pulse[ROWS][MOST], slope[ROWS][MOST];
};

/* Where a burst begins: its half-chip 0, as a sample and a phase. */
struct place {
    int sample, phase;
};

INLINE void add_pulse(const struct hz_adsb_cancel *c, const struct hz_adsb_shape *s,
                      struct place at, int chip, int row, struct rows *r)
{
    const int phase = at.phase + s->phase[chip], carry = phase >= s->phases;
    const int own = phase - carry * s->phases, sample = at.sample + s->sample[chip] + carry;
    const float *pulse = c->pulse[own], *slope = c->slope[own];
    float *to = r->pulse[row] + sample, *to_slope = r->slope[row] + sample;
    *(hz_eight *)to += *(const hz_eight *)pulse;
    *(hz_eight *)to_slope += *(const hz_eight *)slope;
}

INLINE void build(const struct hz_adsb_cancel *c, const struct hz_adsb_shape *s,
                  const struct hz_adsb_burst *burst, struct model *m)
{
    static const int lead[] = {0, 2, 7, 9};
    const struct hz_adsb_frame *f = &burst->frame;
    const struct place at = {burst->step / s->phases, burst->step % s->phases};
    struct rows r;
    /* The filter of step 0 is centred on sample 1. */
    m->at = burst->window.at + 1 - BACK;
    m->n = (size_t)((burst->step + s->chip[HZ_ADSB_LEAD + 2 * f->bits - 1]) / s->phases) +
           HZ_ADSB_REACH;
    m->n = (m->n + 3) / 4 * 4;
    for (int k = 0; k < ROWS; k++) {
        memset(r.pulse[k], 0, m->n * sizeof(**r.pulse));
        memset(r.slope[k], 0, m->n * sizeof(**r.slope));
    }
    for (int k = 0; k < 4; k++)
        add_pulse(c, s, at, lead[k], k, &r);
    for (int k = 0; k < f->bits; k++) {
        int second = !(f->byte[k / 8] >> (7 - k % 8) & 1);
        add_pulse(c, s, at, HZ_ADSB_LEAD + 2 * k + second, k % ROWS, &r);
    }
    for (size_t k = 0; k < m->n; k++) {
        m->pulse[k] = r.pulse[0][k] + r.pulse[1][k] + r.pulse[2][k] + r.pulse[3][k];
        m->slope[k] = r.slope[0][k] + r.slope[1][k] + r.slope[2][k] + r.slope[3][k];
    }
}

INLINE void remove_carrier(const struct hz_adsb_shape *s, const struct hz_adsb_burst *burst,
                           const struct hz_adsb_envelope *b, struct model *m)
{
    const float omega = isnan(burst->omega) ? 0 : burst->omega * 1e6f / s->rate_hz;
    hz_adsb_phasors(omega, (int)m->n, m->ci, m->cq);
    for (size_t k = 0; k < m->n; k++) {
        float i = (float)b->i[m->at + k], q = (float)b->q[m->at + k];
        m->i[k] = i * m->ci[k] + q * m->cq[k];
        m->q[k] = q * m->ci[k] - i * m->cq[k];
    }
}

/* Fits c1 and c2 to the samples `from` up to `end` of the model (multiples of four) and subtracts
 * the result. The means of all signals are removed first. */
INLINE void subtract(const struct model *m, size_t from, size_t end, struct hz_adsb_envelope *b)
{
    hz_four sum[11] = {{0}};
    for (size_t k = from; k < end; k += 4) {
        const hz_four p = hz_four_load(m->pulse + k), s = hz_four_load(m->slope + k);
        const hz_four i = hz_four_load(m->i + k), q = hz_four_load(m->q + k);
        sum[0] += p;
        sum[1] += s;
        sum[2] += i;
        sum[3] += q;
        sum[4] += p * p;
        sum[5] += p * s;
        sum[6] += s * s;
        sum[7] += p * i;
        sum[8] += p * q;
        sum[9] += s * i;
        sum[10] += s * q;
    }
    const float p = hz_four_sum(sum[0]), s = hz_four_sum(sum[1]), xi = hz_four_sum(sum[2]),
                xq = hz_four_sum(sum[3]);
    float pp = hz_four_sum(sum[4]) + 1e-6f, ps = hz_four_sum(sum[5]),
          ss = hz_four_sum(sum[6]) + 1e-6f;
    float pi = hz_four_sum(sum[7]), pq = hz_four_sum(sum[8]), si = hz_four_sum(sum[9]),
          sq = hz_four_sum(sum[10]);
    const float per_n = 1.0f / (float)(end - from);
    pp -= p * p * per_n;
    ps -= p * s * per_n;
    ss -= s * s * per_n;
    pi -= p * xi * per_n;
    pq -= p * xq * per_n;
    si -= s * xi * per_n;
    sq -= s * xq * per_n;
    const float by = 1.0f / (pp * ss - ps * ps + 1e-6f);
    const float ai = (pi * ss - si * ps) * by, aq = (pq * ss - sq * ps) * by;
    const float di = (si * pp - pi * ps) * by, dq = (sq * pp - pq * ps) * by;
    int16_t *restrict bi = b->i + m->at, *restrict bq = b->q + m->at;
    for (size_t k = from; k < end; k++) {
        float i = ai * m->pulse[k] + di * m->slope[k], q = aq * m->pulse[k] + dq * m->slope[k];
        float ti = i * m->ci[k] - q * m->cq[k], tq = q * m->ci[k] + i * m->cq[k];
        bi[k] = hz_adsb_envelope_clip((float)bi[k] - ti);
        bq[k] = hz_adsb_envelope_clip((float)bq[k] - tq);
    }
}

INLINE struct hz_adsb_stretch cancel(const struct hz_adsb_cancel *c, const struct hz_adsb_shape *s,
                                     const struct hz_adsb_burst *burst, struct hz_adsb_envelope *b)
{
    struct model m;
    build(c, s, burst, &m);
    remove_carrier(s, burst, b, &m);
    const size_t piece = (size_t)(piece_us * 1e-6f * s->rate_hz) / 4 * 4;
    for (size_t from = 0; from < m.n;) {
        size_t end = m.n - from < 2 * piece ? m.n : from + piece;
        subtract(&m, from, end, b);
        from = end;
    }
    return (struct hz_adsb_stretch){m.at, m.at + m.n};
}

#define VARIANT(NAME, TARGET)                                                                      \
    TARGET static struct hz_adsb_stretch cancel_##NAME(                                            \
        const struct hz_adsb_cancel *c, const struct hz_adsb_shape *s,                             \
        const struct hz_adsb_burst *burst, struct hz_adsb_envelope *b) {                           \
        return cancel(c, s, burst, b);                                                             \
    }
HZ_ADSB_EACH(VARIANT)

struct hz_adsb_stretch hz_adsb_cancel_burst(const struct hz_adsb_cancel *c,
                                            const struct hz_adsb_shape *s,
                                            const struct hz_adsb_burst *burst,
                                            struct hz_adsb_envelope *b)
{
    static struct hz_adsb_stretch (*const each[])(
        const struct hz_adsb_cancel *c, const struct hz_adsb_shape *s,
        const struct hz_adsb_burst *burst, struct hz_adsb_envelope *b) = HZ_ADSB_ALL(cancel);
    return each[s->kernels->variant](c, s, burst, b);
}
