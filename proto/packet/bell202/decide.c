#include "proto/packet/bell202/decide.h"

#include <math.h>
#include <string.h>

enum {
    BIT = HZ_BELL202_BIT,
    BLOCK = HZ_BELL202_BLOCK,
    BLOCKS = HZ_BELL202_BLOCKS,
    APART = 8,   /* blocks between which the drift is measured */
    STRIDE = 32, /* bits between corrections of the clock */
    LAG = 8      /* bits after which a decision is reliable enough for that */
};

static const double two_pi = 6.28318530717958647692;
static const float step_price = 0.5f * HZ_BELL202_BIT; /* times the amplitude */
/* Coherence of the carrier's phase steps, from which on a drift is believed: their vector sum over
 * the sum of their lengths. */
static const double steady_rotation = 0.8;
static const float off_most = 0.025f; /* largest error of the tones' frequencies, relative */
/* Largest relative error of a bit's length: 1140 to 1260 baud. What is further off is left to the
 * audio (beside.h). */
static const double bit_off = 0.055;
static const unsigned quarter_steps[2] = {6, 11};
/* Fractions of a stride's lateness that are taken into the position of the next stride and into the
 * bit's length. */
/* Fraction of a bit's power, below which the clock is not corrected. */
static const float present = 0.4f;
static const double place_gain = 0.5, bit_gain = 0.15;

void hz_bell202_decider_init(struct hz_bell202_decider *d)
{
    hz_bell202_tones_init(&d->tones);
}

float hz_bell202_price(float amplitude)
{
    return step_price * amplitude;
}

/* Sums of the bits from .. to - 1, for a clock whose first bit begins at `at`. */
static void step_on(struct hz_bell202_decider *d, const struct hz_bell202_guess *g, double at,
                    double bit, size_t from, size_t to, struct hz_bell202_survivors *s)
{
    struct hz_bell202_match z;
    hz_bell202_sum(&d->tones, d->mixed, at, to - from, bit, d->sums + from);
    for (size_t k = from; k < to; k++) {
        d->start[k] = at + (double)(k - from) * bit;
        hz_bell202_match(&d->tones, &g->modulation, &d->sums[k], &z);
        hz_bell202_step(s, &g->modulation, &z, &d->choices[k]);
    }
    d->start[to] = at + (double)(to - from) * bit;
}

float hz_bell202_decide(struct hz_bell202_decider *d, const struct hz_bell202_guess *g, size_t bits)
{
    struct hz_bell202_survivors s;
    unsigned state;
    hz_bell202_survivors_init(&s, g->price, g->off);
    step_on(d, g, g->at, g->bit, 0, bits, &s);
    float metric = hz_bell202_best(&s, &state);
    hz_bell202_trace(d->choices, bits, state, d->path);
    return metric;
}

double hz_bell202_decide_followed(struct hz_bell202_decider *d, const struct hz_bell202_guess *g)
{
    struct hz_bell202_survivors s;
    struct hz_bell202_path *path = d->path;
    unsigned state;
    double bit = g->bit, late = 0;
    hz_bell202_survivors_init(&s, g->price, g->off);
    d->start[0] = g->at;
    for (size_t from = 0; from < HZ_BELL202_RUN; from += STRIDE) {
        /* The position is corrected bit by bit, since in longer bits the tones advance further. */
        double more = place_gain * late / STRIDE;
        for (int f = 0; f < 2; f++)
            s.slip[f] = (g->off + (float)(more / bit)) * (float)hz_bell202_steps[f];
        step_on(d, g, d->start[from], bit + more, from, from + STRIDE, &s);
        hz_bell202_best(&s, &state);
        size_t back = from > 0 ? STRIDE + LAG : STRIDE, first = from + STRIDE - back;
        hz_bell202_trace(d->choices + first, back, state, path + first);
        late = hz_bell202_late(d, &g->modulation, path, first, back - LAG,
                               present * 4 * g->price * g->price);
        bit += bit_gain * late / STRIDE;
        bit = fmin(fmax(bit, BIT * (1 - bit_off)), BIT * (1 + bit_off));
    }
    hz_bell202_trace(d->choices, HZ_BELL202_RUN, state, path);
    return bit;
}

void hz_bell202_measure(const struct hz_bell202_decider *d, const struct hz_bell202_modulation *m,
                        size_t from, size_t bits, struct hz_bell202_carrier *out)
{
    struct hz_bell202_match z;
    float re = 1, im = 0; /* rotation of psi so far */
    memset(out, 0, sizeof *out);
    out->n = bits / BLOCK;
    for (size_t k = 0; k < bits; k++) {
        const struct hz_bell202_path *p = &d->path[from + k];
        if (k > 0 && p->tone != p[-1].tone) {
            float sign = p->tone == HZ_BELL202_MARK ? 1 : -1;
            /* The trellis rotates its reference forwards; here the bit is rotated back. */
            float tr = m->rot_re[p->begin], ti = -sign * m->rot_im[p->begin], was = re;
            re = was * tr - im * ti;
            im = was * ti + im * tr;
        }
        hz_bell202_match(&d->tones, m, &d->sums[from + k], &z);
        float zr = z.re[p->tone][p->begin], zi = z.im[p->tone][p->begin];
        out->re[k / BLOCK] += zr * re - zi * im;
        out->im[k / BLOCK] += zr * im + zi * re;
        out->bits += zr * zr + zi * zi;
    }
    for (size_t b = 0; b < out->n; b++)
        out->blocks += out->re[b] * out->re[b] + out->im[b] * out->im[b];
}

struct hz_cpm_offset hz_bell202_offset_error(const struct hz_bell202_carrier *c)
{
    const double block = two_pi * BLOCK * BIT;
    double re[BLOCKS], im[BLOCKS], sum_re = 0, sum_im = 0, rot_re = 0, rot_im = 0, all = 0;
    for (size_t b = 0; b + 1 < c->n; b++) {
        re[b] = (double)(c->re[b + 1] * c->re[b] + c->im[b + 1] * c->im[b]);
        im[b] = (double)(c->im[b + 1] * c->re[b] - c->re[b + 1] * c->im[b]);
        sum_re += re[b];
        sum_im += im[b];
        if (b < APART)
            continue;
        rot_re += re[b] * re[b - APART] + im[b] * im[b - APART];
        rot_im += im[b] * re[b - APART] - re[b] * im[b - APART];
        all += hypot(re[b], im[b]) * hypot(re[b - APART], im[b - APART]);
    }
    bool steady = hypot(rot_re, rot_im) > steady_rotation * all;
    return (struct hz_cpm_offset){atan2(sum_im, sum_re) / block,
                                  steady ? atan2(rot_im, rot_re) / (block * APART * BLOCK * BIT)
                                         : 0};
}

float hz_bell202_tones_off(const struct hz_bell202_path *path, size_t bits)
{
    int own = 0, more = 0;
    for (size_t k = 0; k < bits; k++) {
        own += (int)hz_bell202_steps[path[k].tone];
        more += hz_bell202_ahead(&path[k]);
    }
    float off = (float)more / (float)own;
    return fminf(fmaxf(off, -off_most), off_most);
}

double hz_bell202_top_of(float before, float middle, float after)
{
    double bend = (double)(before - 2 * middle + after);
    double top = bend < 0 ? 0.5 * (double)(before - after) / bend : 0;
    return top < -1 ? -1 : top > 1 ? 1 : top;
}

/* Power of the decided bits, matched a quarter of a bit early (-1), on time (0), or late (1). */
static float shifted(const struct hz_bell202_decider *d, const struct hz_bell202_modulation *m,
                     const struct hz_bell202_path *path, size_t from, size_t bits, int by)
{
    struct hz_bell202_sums sums;
    struct hz_bell202_match z;
    float power = 0;
    for (size_t k = from; k < from + bits; k++) {
        const struct hz_bell202_path *p = &path[k];
        unsigned steps = quarter_steps[p->tone];
        unsigned at = (p->begin + (unsigned)by * steps + HZ_BELL202_PHASES) % HZ_BELL202_PHASES;
        if (by != 0)
            hz_bell202_sum(&d->tones, d->mixed, d->start[k] + by * HZ_BELL202_QUARTER, 1, BIT,
                           &sums);
        hz_bell202_match(&d->tones, m, by != 0 ? &sums : &d->sums[k], &z);
        float zr = z.re[p->tone][at], zi = z.im[p->tone][at];
        power += zr * zr + zi * zi;
    }
    return power;
}

double hz_bell202_late(const struct hz_bell202_decider *d, const struct hz_bell202_modulation *m,
                       const struct hz_bell202_path *path, size_t from, size_t bits, float least)
{
    float power = shifted(d, m, path, from, bits, 0);
    if (power < least * (float)bits)
        return 0;
    float early = shifted(d, m, path, from, bits, -1), late = shifted(d, m, path, from, bits, 1);
    return HZ_BELL202_QUARTER * hz_bell202_top_of(early, power, late);
}
