#include "dsp/cpm.h"

#include "dsp/cpm_run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

/* q(t), interpolated; t in bits from the middle of the pulse. */
static double pulse_sum(const struct hz_cpm_pulse *pulse, double t)
{
    double at = (fmin(fmax(t, -1.5), 1.5) + 1.5) * HZ_CPM_PULSE_STEPS, low = floor(at);
    const float *sum = pulse->sum + (size_t)low;
    double part = at - low, first = (double)sum[0];
    return part > 0 ? first + part * ((double)sum[1] - first) : first;
}

/* phi_p(t) for h = 1; t in bits from the start of the pattern's middle bit. */
static double pattern_phase(const struct hz_cpm_pulse *pulse, unsigned pattern, double t)
{
    double sum = 0;
    for (int at = -1; at <= 1; at++) {
        double bit = pattern >> (1 - at) & 1 ? 1 : -1, middle = at + 0.5;
        sum += bit * (pulse_sum(pulse, t - middle) - pulse_sum(pulse, -middle));
    }
    return pi * sum;
}

static void make_phases(struct hz_cpm *c)
{
    for (unsigned shift = 0; shift < HZ_CPM_SHIFTS; shift++) {
        for (size_t i = 0; i < c->wave; i++) {
            double t = ((double)i + (double)shift / HZ_CPM_SHIFTS) / c->waves_bit;
            for (unsigned p = 0; p < 4; p++)
                c->phases[(shift * c->wave + i) * 4 + p] = (float)pattern_phase(&c->pulse, p, t);
        }
    }
}

static void make_waves(struct hz_cpm *c)
{
    for (unsigned p = 0; p < 8; p++) {
        double end = c->mode.h * pattern_phase(&c->pulse, p, 1);
        c->rot_re[p] = (float)cos(end);
        c->rot_im[p] = (float)-sin(end);
        c->cycles[p] = (float)(end / (2 * pi));
    }
    for (size_t i = 0; i < HZ_CPM_SHIFTS * c->wave; i++) {
        for (unsigned p = 0; p < 4; p++) {
            float phase = (float)c->mode.h * c->phases[4 * i + p];
            c->waves[8 * i + p] = cosf(phase);
            c->waves[8 * i + 4 + p] = sinf(phase);
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

void hz_cpm_shape(struct hz_cpm *c, double h, double samples_per_bit,
                  const struct hz_cpm_pulse *pulse)
{
    bool other_pulse = pulse && memcmp(pulse, &c->pulse, sizeof c->pulse) != 0;
    bool other_phases = other_pulse || samples_per_bit != c->waves_bit;
    bool same = !other_phases && h == c->mode.h;
    if (other_pulse)
        c->pulse = *pulse;
    c->mode.h = h;
    c->mode.samples_per_bit = c->waves_bit = samples_per_bit;
    if (other_phases)
        make_phases(c);
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
    c->wave = (size_t)ceil(mode->samples_per_bit * (1 + HZ_CPM_CLOCK_OFF)) + 1;
    c->waves_bit = mode->samples_per_bit;
    hz_cpm_pulse_gaussian(&c->pulse, mode->bt);
    c->phases = malloc(sizeof(float) * 4 * HZ_CPM_SHIFTS * c->wave);
    c->waves = malloc(sizeof(float) * 8 * HZ_CPM_SHIFTS * c->wave);
    c->gap = malloc(sizeof(float) * c->states * (max_bits + 1));
    c->path = malloc(max_bits + 1);
    c->late = calloc(max_bits + 1, sizeof *c->late);
    if (!c->phases || !c->waves || !c->gap || !c->path || !c->late) {
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
    free(c->gap);
    free(c->path);
    free(c->late);
    free(c);
}

void hz_cpm_begin(struct hz_cpm *c, const float *iq, size_t n, double start)
{
    c->iq = iq;
    c->n = n;
    c->start = start;
    c->bits = 0;
    memset(&c->now, 0, sizeof c->now);
    memset(&c->loops, 0, sizeof c->loops);
    c->looped = false;
}

size_t hz_cpm_bits(const struct hz_cpm *c)
{
    return c->bits;
}

#define INLINE static inline __attribute__((always_inline))

struct complex4 {
    hz_four re, im;
};

/* A number for each of patterns 0 to 3 and 4 to 7. */
struct by_pattern {
    struct complex4 low, high;
};

/* z_p of all eight patterns over one bit. With w = cos - j sin, A = sum y cos and B = sum y sin:
 * z = A - j B for a pattern, and A + j B for its complement. */
INLINE struct by_pattern pattern_sums(const struct hz_cpm *c, size_t bit)
{
    struct hz_cpm_span span = hz_cpm_locate(c, bit);
    hz_four i_cos = {0}, i_sin = {0}, q_cos = {0}, q_sin = {0};
    const float *y = c->iq + 2 * span.first, *w = span.waves;
    for (size_t n = 0; n < span.n; n++, y += 2, w += 8) {
        hz_four w_cos = hz_four_load(w), w_sin = hz_four_load(w + 4);
        i_cos += y[0] * w_cos;
        i_sin += y[0] * w_sin;
        q_cos += y[1] * w_cos;
        q_sin += y[1] * w_sin;
    }
    hz_four mirror_re = i_cos - q_sin, mirror_im = q_cos + i_sin;
    return (struct by_pattern){.low = {i_cos + q_sin, q_cos - i_sin},
                               .high = {HZ_CPM_SHUFFLE(mirror_re, mirror_re, 3, 2, 1, 0),
                                        HZ_CPM_SHUFFLE(mirror_im, mirror_im, 3, 2, 1, 0)}};
}

/* z_p of the branches from predecessors 2 i + j into states 4 g to 4 g + 3. The newest bit of a
 * state is its most significant. The predecessors of state s are 2 (s mod S/2) + j, where j is the
 * oldest bit, which drops out. The pattern of a branch is its three newest bits, the oldest of them
 * most significant. */
#define OF(x, i0, i1, i2, i3)                                                                      \
    (struct complex4)                                                                              \
    {                                                                                              \
        HZ_CPM_SHUFFLE((x)->low.re, (x)->high.re, i0, i1, i2, i3),                                 \
            HZ_CPM_SHUFFLE((x)->low.im, (x)->high.im, i0, i1, i2, i3)                              \
    }
INLINE struct complex4 of_branches(const struct by_pattern *x, unsigned log2, unsigned g,
                                   unsigned j)
{
    switch (log2) {
    case 2:
        return j ? OF(x, 4, 6, 5, 7) : OF(x, 0, 2, 1, 3);
    case 3:
        return g ? OF(x, 1, 5, 3, 7) : OF(x, 0, 4, 2, 6);
    default:
        return g == 0   ? OF(x, 0, 0, 4, 4)
               : g == 1 ? OF(x, 2, 2, 6, 6)
               : g == 2 ? OF(x, 1, 1, 5, 5)
                        : OF(x, 3, 3, 7, 7);
    }
}

/* Four states or branches, as in struct hz_cpm_survivors. */
struct states4 {
    hz_four metric, re, im, abs;
};

/* a u and m - |a u|, which are common to all branches from a state. */
INLINE struct states4 fade(const struct states4 *x, float a)
{
    return (struct states4){.metric = x->metric - a * x->abs, .re = a * x->re, .im = a * x->im};
}

INLINE hz_four pick(hz_four low, hz_four high, unsigned log2, unsigned j)
{
    if (log2 == 2)
        return j ? HZ_CPM_SHUFFLE(low, low, 1, 3, 1, 3) : HZ_CPM_SHUFFLE(low, low, 0, 2, 0, 2);
    return j ? HZ_CPM_SHUFFLE(low, high, 1, 3, 5, 7) : HZ_CPM_SHUFFLE(low, high, 0, 2, 4, 6);
}

/* The branches from predecessors 2 i + j into states 4 g to 4 g + 3. */
INLINE struct states4 grow(const struct states4 *from, const struct by_pattern *z,
                           const struct by_pattern *rot, unsigned log2, unsigned g, unsigned j)
{
    const unsigned groups = 1u << (log2 - 2);
    const struct states4 *low = from + 2 * g % groups, *high = log2 == 2 ? low : low + 1;
    struct complex4 sum = of_branches(z, log2, g, j), by = of_branches(rot, log2, g, j);
    hz_four re = pick(low->re, high->re, log2, j) + sum.re;
    hz_four im = pick(low->im, high->im, log2, j) + sum.im;
    hz_four power = re * re + im * im;
    hz_four abs = {sqrtf(power[0]), sqrtf(power[1]), sqrtf(power[2]), sqrtf(power[3])};
    /* Times exp(j phi_p(T)): the reference at the end of the bit. */
    return (struct states4){.metric = pick(low->metric, high->metric, log2, j) + abs,
                            .re = re * by.re + im * by.im,
                            .im = im * by.re - re * by.im,
                            .abs = abs};
}

INLINE void step(struct states4 *x, const struct by_pattern *z, const struct by_pattern *rot,
                 unsigned log2, float memory, float *gap)
{
    const unsigned groups = 1u << (log2 - 2);
    struct states4 from[4];
    for (unsigned g = 0; g < groups; g++)
        from[g] = fade(&x[g], memory);
    for (unsigned g = 0; g < groups; g++) {
        struct states4 none = grow(from, z, rot, log2, g, 0);
        struct states4 one = grow(from, z, rot, log2, g, 1);
        hz_four d = one.metric - none.metric;
        hz_four_masks m = d > 0;
        hz_four_store(gap + 4 * g, d);
        x[g] = (struct states4){
            hz_four_choose(m, one.metric, none.metric), hz_four_choose(m, one.re, none.re),
            hz_four_choose(m, one.im, none.im), hz_four_choose(m, one.abs, none.abs)};
    }
}

/* Excludes the states whose newest bit is not the known one. */
INLINE void forbid(struct states4 *x, unsigned log2, bool known)
{
    const unsigned groups = 1u << (log2 - 2);
    for (unsigned s = 0; s < 4 * groups; s++)
        x[s / 4].metric[s % 4] -= (s >> (log2 - 1)) == known ? 0 : HZ_CPM_FORBID;
}

INLINE struct complex4 rotated(struct complex4 x, float re, float im)
{
    return (struct complex4){x.re * re + x.im * im, x.im * re - x.re * im};
}

/* z_p of a bit with the timing and the carrier phase of the loops. */
INLINE struct by_pattern followed_sums(struct hz_cpm *c, size_t bit)
{
    c->late[bit] = c->loops.late;
    struct by_pattern z = pattern_sums(c, bit);
    if (c->loops.angle != 0) {
        float re = cosf(c->loops.angle), im = sinf(c->loops.angle);
        z = (struct by_pattern){rotated(z.low, re, im), rotated(z.high, re, im)};
    }
    return z;
}

INLINE void note_references(struct hz_cpm_branches *b, const struct states4 *x, unsigned groups)
{
    for (unsigned g = 0; g < groups; g++) {
        hz_four_store(b->ref_re + 4 * g, x[g].re);
        hz_four_store(b->ref_im + 4 * g, x[g].im);
    }
}

INLINE void note_sums(struct hz_cpm_branches *b, const struct states4 *x, unsigned groups,
                      const struct by_pattern *z)
{
    for (unsigned g = 0; g < groups; g++)
        hz_four_store(b->metric + 4 * g, x[g].metric);
    hz_four_store(b->sum_re, z->low.re);
    hz_four_store(b->sum_re + 4, z->high.re);
    hz_four_store(b->sum_im, z->low.im);
    hz_four_store(b->sum_im + 4, z->high.im);
}

/* `loops` is a compile-time constant, so that the loops cost nothing when they are off. */
INLINE void run_bits_of(struct hz_cpm *c, unsigned log2, bool loops, const uint8_t *known,
                        size_t count)
{
    const unsigned groups = 1u << (log2 - 2);
    const struct by_pattern rot = {{hz_four_load(c->rot_re), hz_four_load(c->rot_im)},
                                   {hz_four_load(c->rot_re + 4), hz_four_load(c->rot_im + 4)}};
    struct hz_cpm_survivors *now = &c->now;
    struct states4 x[4];
    for (unsigned g = 0; g < groups; g++)
        x[g] =
            (struct states4){hz_four_load(now->metric + 4 * g), hz_four_load(now->ref_re + 4 * g),
                             hz_four_load(now->ref_im + 4 * g), hz_four_load(now->ref_abs + 4 * g)};
    for (size_t i = 0; i < count; i++, c->bits++) {
        struct by_pattern z = {0};
        struct hz_cpm_branches b;
        if (c->bits > 0)
            z = loops ? followed_sums(c, c->bits - 1) : pattern_sums(c, c->bits - 1);
        if (loops)
            note_references(&b, x, groups);
        step(x, &z, &rot, log2, c->mode.memory, c->gap + (c->bits << log2));
        if (known)
            forbid(x, log2, known[i]);
        if (loops) {
            note_sums(&b, x, groups, &z);
            hz_cpm_loops_on(c, &b);
        }
    }
    for (unsigned g = 0; g < groups; g++) {
        hz_four_store(now->metric + 4 * g, x[g].metric);
        hz_four_store(now->ref_re + 4 * g, x[g].re);
        hz_four_store(now->ref_im + 4 * g, x[g].im);
        hz_four_store(now->ref_abs + 4 * g, x[g].abs);
    }
}

INLINE void run_bits(struct hz_cpm *c, bool loops, const uint8_t *known, size_t count)
{
    if (c->mode.states_log2 == 2)
        run_bits_of(c, 2, loops, known, count);
    else if (c->mode.states_log2 == 3)
        run_bits_of(c, 3, loops, known, count);
    else
        run_bits_of(c, 4, loops, known, count);
}

float hz_cpm_run(struct hz_cpm *c, const uint8_t *known, size_t count)
{
    if (count > c->max_bits - c->bits)
        count = c->max_bits - c->bits;
    if (c->looped)
        run_bits(c, true, known, count);
    else
        run_bits(c, false, known, count);
    return c->now.metric[hz_cpm_best(c, c->now.metric)];
}

void hz_cpm_trace(struct hz_cpm *c, uint8_t *out)
{
    unsigned s = hz_cpm_best(c, c->now.metric);
    for (size_t k = c->bits; k-- > 0;) {
        c->path[k] = (uint8_t)s;
        out[k] = (uint8_t)(s >> (c->mode.states_log2 - 1));
        s = hz_cpm_before(c, k, s, false);
    }
}
