#include "dsp/cpm.h"

#include "dsp/clones.h"
#include "dsp/cpm_run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

/* Integral of a bit-long pulse behind the Gaussian filter, t in bits from the pulse's middle. The
 * pulse is (erf(c (t + 1/2)) - erf(c (t - 1/2))) / 2 (Murota and Hirade, 1981). */
static double pulse_sum(double t, double bt)
{
    double c = pi * bt * sqrt(2 / log(2)), sum = 0;
    for (int side = -1; side <= 1; side += 2) {
        double x = c * (t - 0.5 * side);
        sum -= side * (x * erf(x) + exp(-x * x) / sqrt(pi));
    }
    return sum / (2 * c);
}

/* Phase of a pattern at t bits from the start of its middle bit, for h = 1. */
static double pattern_phase(double bt, unsigned pattern, double t)
{
    double sum = 0;
    for (int at = -1; at <= 1; at++) {
        double bit = pattern >> (1 - at) & 1 ? 1 : -1, middle = at + 0.5;
        sum += bit * (pulse_sum(t - middle, bt) - pulse_sum(-middle, bt));
    }
    return pi * sum;
}

static void make_phases(struct hz_cpm *c)
{
    for (unsigned shift = 0; shift < HZ_CPM_SHIFTS; shift++) {
        for (size_t i = 0; i < c->wave; i++) {
            double t = ((double)i + (double)shift / HZ_CPM_SHIFTS) / c->mode.samples_per_bit;
            for (unsigned p = 0; p < 4; p++)
                c->phases[(shift * c->wave + i) * 4 + p] = (float)pattern_phase(c->mode.bt, p, t);
        }
    }
}

static void make_waves(struct hz_cpm *c)
{
    for (unsigned p = 0; p < 8; p++) {
        double end = c->mode.h * pattern_phase(c->mode.bt, p, 1);
        c->turn_re[p] = (float)cos(end);
        c->turn_im[p] = (float)-sin(end);
    }
    for (size_t i = 0; i < HZ_CPM_SHIFTS * c->wave; i++) {
        for (unsigned p = 0; p < 4; p++) {
            double phase = c->mode.h * (double)c->phases[4 * i + p];
            c->waves[8 * i + p] = (float)cos(phase);
            c->waves[8 * i + 4 + p] = (float)sin(phase);
        }
    }
}

void hz_cpm_adapt(struct hz_cpm *c, double h, float memory, double samples_per_bit)
{
    bool same = h == c->mode.h;
    c->mode.h = h;
    c->mode.memory = memory;
    c->mode.samples_per_bit = samples_per_bit;
    if (!same)
        make_waves(c);
}

struct hz_cpm *hz_cpm_new(const struct hz_cpm_mode *mode, size_t max_bits)
{
    if (!(mode->samples_per_bit >= 2 && mode->samples_per_bit <= 256) || !(mode->bt > 0.1) ||
        mode->states_log2 < 2 || mode->states_log2 > 4 || !(mode->h > 0) || max_bits > 1u << 20)
        return NULL;
    struct hz_cpm *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->mode = *mode;
    c->states = 1u << mode->states_log2;
    c->max_bits = max_bits;
    c->wave = (size_t)ceil(mode->samples_per_bit * 1.002) + 1;
    c->phases = malloc(sizeof(float) * 4 * HZ_CPM_SHIFTS * c->wave);
    c->waves = malloc(sizeof(float) * 8 * HZ_CPM_SHIFTS * c->wave);
    c->choice = malloc(sizeof *c->choice * (max_bits + 1));
    c->gap = malloc(sizeof(float) * c->states * (max_bits + 1));
    c->path = malloc(max_bits + 1);
    if (!c->phases || !c->waves || !c->choice || !c->gap || !c->path) {
        hz_cpm_free(c);
        return NULL;
    }
    make_phases(c);
    make_waves(c);
    return c;
}

void hz_cpm_free(struct hz_cpm *c)
{
    if (!c)
        return;
    free(c->phases);
    free(c->waves);
    free(c->choice);
    free(c->gap);
    free(c->path);
    free(c);
}

void hz_cpm_begin(struct hz_cpm *c, const float *iq, size_t n, double start)
{
    c->iq = iq;
    c->n = n;
    c->start = start;
    c->bits = 0;
    memset(&c->now, 0, sizeof c->now);
    for (unsigned s = 0; s < c->states; s++)
        c->now.turn_re[s] = 1;
}

size_t hz_cpm_bits(const struct hz_cpm *c)
{
    return c->bits;
}

struct hz_cpm_span hz_cpm_locate(const struct hz_cpm *c, size_t bit)
{
    /* In eighths of a sample; a bit's samples end where the next one's begin. */
    double at = c->start + (double)bit * c->mode.samples_per_bit;
    long long begin = llround(at * HZ_CPM_SHIFTS);
    long long end = llround((at + c->mode.samples_per_bit) * HZ_CPM_SHIFTS);
    long long first = (begin + HZ_CPM_SHIFTS - 1) >> 3, next = (end + HZ_CPM_SHIFTS - 1) >> 3;
    const float *waves = c->waves + (size_t)(first * HZ_CPM_SHIFTS - begin) * c->wave * 8;
    if (first < 0) {
        waves += (size_t)(first < -(long long)c->wave ? 0 : -first) * 8;
        first = 0;
    }
    if (next > (long long)c->n)
        next = (long long)c->n;
    return (struct hz_cpm_span){(size_t)first, next > first ? (size_t)(next - first) : 0, waves};
}

/* The sums of all eight patterns over one bit. With w = cos - j sin: A = sum y cos, B = sum y sin,
 * z = A - j B, and A + j B for the pattern's complement. */
static inline void pattern_sums(const struct hz_cpm *c, size_t bit, float *re, float *im)
{
    struct hz_cpm_span span = hz_cpm_locate(c, bit);
    float i_sum[8] = {0}, q_sum[8] = {0};
    const float *y = c->iq + 2 * span.first, *w = span.waves;
    for (size_t n = 0; n < span.n; n++, y += 2, w += 8) {
        for (unsigned l = 0; l < 8; l++) {
            i_sum[l] += y[0] * w[l];
            q_sum[l] += y[1] * w[l];
        }
    }
    for (unsigned p = 0; p < 4; p++) {
        re[p] = i_sum[p] + q_sum[p + 4];
        im[p] = q_sum[p] - i_sum[p + 4];
        re[7 - p] = i_sum[p] - q_sum[p + 4];
        im[7 - p] = q_sum[p] + i_sum[p + 4];
    }
}

/* One of the two branches into each state: from the predecessors 2 i + j. */
struct branches {
    float metric[HZ_CPM_STATES], ref_re[HZ_CPM_STATES], ref_im[HZ_CPM_STATES];
    float turn_re[HZ_CPM_STATES], turn_im[HZ_CPM_STATES];
};

/* A state's bits: the newest is the most significant. State s follows 2 (s mod S/2) + j, where j is
 * the bit that drops out. */
static inline __attribute__((always_inline)) void branch(const struct hz_cpm *c, const float *z_re,
                                                         const float *z_im, unsigned log2,
                                                         unsigned j, struct branches *out)
{
    const unsigned states = 1u << log2, half = states / 2;
    const struct hz_cpm_survivors *x = &c->now;
    float zr[HZ_CPM_STATES], zi[HZ_CPM_STATES], rr[HZ_CPM_STATES], ri[HZ_CPM_STATES];
    float ar[HZ_CPM_STATES], ai[HZ_CPM_STATES], tr[HZ_CPM_STATES], ti[HZ_CPM_STATES];
    float m[HZ_CPM_STATES], a = c->mode.memory;
    for (unsigned s = 0; s < states; s++) {
        unsigned from = 2 * (s & (half - 1)) + j;
        unsigned pattern = (from >> (log2 - 2) & 1) << 2 | (from >> (log2 - 1) & 1) << 1 | s / half;
        zr[s] = z_re[pattern];
        zi[s] = z_im[pattern];
        tr[s] = c->turn_re[pattern];
        ti[s] = c->turn_im[pattern];
        rr[s] = x->turn_re[from];
        ri[s] = x->turn_im[from];
        ar[s] = a * x->ref_re[from];
        ai[s] = a * x->ref_im[from];
        m[s] = x->metric[from];
    }
    for (unsigned s = 0; s < states; s++) {
        float vr = ar[s] + zr[s] * rr[s] - zi[s] * ri[s];
        float vi = ai[s] + zr[s] * ri[s] + zi[s] * rr[s];
        out->metric[s] = m[s] + sqrtf(vr * vr + vi * vi) - sqrtf(ar[s] * ar[s] + ai[s] * ai[s]);
        out->ref_re[s] = vr;
        out->ref_im[s] = vi;
        out->turn_re[s] = rr[s] * tr[s] - ri[s] * ti[s];
        out->turn_im[s] = rr[s] * ti[s] + ri[s] * tr[s];
    }
}

static inline __attribute__((always_inline)) void step(struct hz_cpm *c, unsigned log2,
                                                       const uint8_t *known)
{
    const unsigned states = 1u << log2;
    float z_re[8] = {0}, z_im[8] = {0}, *gap = c->gap + c->bits * states;
    struct branches by[2];
    unsigned choice = 0;
    if (c->bits > 0)
        pattern_sums(c, c->bits - 1, z_re, z_im);
    branch(c, z_re, z_im, log2, 0, &by[0]);
    branch(c, z_re, z_im, log2, 1, &by[1]);
    for (unsigned s = 0; s < states; s++) {
        float d = by[1].metric[s] - by[0].metric[s];
        gap[s] = fabsf(d);
        choice |= (unsigned)(d > 0) << s;
    }
    for (unsigned s = 0; s < states; s++) {
        bool one = by[1].metric[s] > by[0].metric[s];
        c->now.metric[s] = one ? by[1].metric[s] : by[0].metric[s];
        c->now.ref_re[s] = one ? by[1].ref_re[s] : by[0].ref_re[s];
        c->now.ref_im[s] = one ? by[1].ref_im[s] : by[0].ref_im[s];
        c->now.turn_re[s] = one ? by[1].turn_re[s] : by[0].turn_re[s];
        c->now.turn_im[s] = one ? by[1].turn_im[s] : by[0].turn_im[s];
    }
    if (known) {
        for (unsigned s = 0; s < states; s++)
            c->now.metric[s] -= (s >> (log2 - 1)) == *known ? 0 : HZ_CPM_FORBID;
    }
    c->choice[c->bits++] = (uint16_t)choice;
}

HZ_CLONES static void run_steps(struct hz_cpm *c, const uint8_t *known, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const uint8_t *bit = known ? known + i : NULL;
        switch (c->mode.states_log2) {
        case 2:
            step(c, 2, bit);
            break;
        case 3:
            step(c, 3, bit);
            break;
        default:
            step(c, 4, bit);
        }
    }
}

static unsigned best_state(const struct hz_cpm *c)
{
    unsigned best = 0;
    for (unsigned s = 1; s < c->states; s++)
        best = c->now.metric[s] > c->now.metric[best] ? s : best;
    return best;
}

float hz_cpm_run(struct hz_cpm *c, const uint8_t *known, size_t count)
{
    if (count > c->max_bits - c->bits)
        count = c->max_bits - c->bits;
    run_steps(c, known, count);
    return c->now.metric[best_state(c)];
}

void hz_cpm_trace(struct hz_cpm *c, uint8_t *out)
{
    unsigned s = best_state(c);
    for (size_t k = c->bits; k-- > 0;) {
        c->path[k] = (uint8_t)s;
        out[k] = (uint8_t)(s >> (c->mode.states_log2 - 1));
        s = hz_cpm_before(c, k, s, false);
    }
}
