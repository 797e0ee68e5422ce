#include "proto/aprs/track.h"

#include <math.h>
#include <string.h>

enum {
    BIT = HZ_APRS_BIT,
    BLOCK = 4, /* bits whose carriers are summed up */
    BLOCKS = HZ_AX25_CHUNK / BLOCK,
    PER_PART = HZ_AX25_PART / BLOCK,
    QUARTER = 5 /* samples in which the tones' phases go on by whole steps */
};

static const double two_pi = 6.28318530717958647692;
static const float step_price = 0.25f * HZ_APRS_BIT; /* times the amplitude */
static const float good_share = 0.09f;               /* of the power that is the signal */
static const double freq_gain = 0.7, at_gain = 0.5;
/* Errors, in cycles per sample and in samples, from which a chunk is run again without them. */
static const double freq_off = 25.0 / HZ_APRS_RATE_HZ, at_off = 1.5;
static const float off_step = 0.3f; /* of the tones, tried: 1.25 % */
static const float slip_gain = 0.6f;
static const unsigned quarter_steps[2] = {6, 11};

void hz_aprs_track_init(struct hz_aprs_track *t)
{
    hz_aprs_tones_init(&t->tones);
}

/* One hypothesis of a search. */
struct guess {
    double freq, at;
    int deviation, twist; /* mark is deviation - twist, space deviation + twist */
    float off;            /* of the tones: as hz_aprs_lock.slip of the 1200 Hz tone */
    float metric;
};

static unsigned index_of(int deviation)
{
    return deviation < 0                    ? 0
           : deviation < HZ_APRS_DEVIATIONS ? (unsigned)deviation
                                            : HZ_APRS_DEVIATIONS - 1;
}

struct search {
    struct hz_aprs_track *t;
    const float *iq;
    float price;
    struct guess best;
};

static void mix_at(struct search *s, double freq)
{
    struct hz_cpm_tune tune = {freq, 0};
    hz_cpm_mix(s->iq, HZ_APRS_SEARCH, &tune, s->t->mixed);
}

static void slip_of(float off, float slip[2])
{
    slip[HZ_APRS_MARK] = off;
    slip[HZ_APRS_SPACE] = off * 2200 / 1200;
}

/* Tries a guess on what is mixed; keeps it when it is the best. `fresh`: the sums are not those of
 * the try before. */
static void try_guess(struct search *s, struct guess g, bool fresh)
{
    struct hz_aprs_track *t = s->t;
    struct hz_aprs_modulation m;
    if (fresh)
        hz_aprs_sum(&t->tones, t->mixed, g.at, HZ_APRS_SEARCH_BITS, 1, t->sums);
    hz_aprs_modulation_init(&m, index_of(g.deviation - g.twist), index_of(g.deviation + g.twist));
    struct hz_aprs_survivors v;
    struct hz_aprs_match z;
    unsigned state;
    float slip[2];
    slip_of(g.off, slip);
    hz_aprs_survivors_init(&v, s->price, slip);
    for (size_t k = 0; k < HZ_APRS_SEARCH_BITS; k++) {
        hz_aprs_match(&t->tones, &m, &t->sums[k], &z);
        hz_aprs_step(&v, &m, &z, NULL);
    }
    g.metric = hz_aprs_best(&v, &state);
    if (g.metric > s->best.metric)
        s->best = g;
}

static void search_carrier(struct search *s, double freq)
{
    const double step = 120.0 / HZ_APRS_RATE_HZ;
    for (int k = -2; k <= 2; k++) {
        mix_at(s, freq + k * step);
        for (int i = 0; i < 5; i++)
            try_guess(s, (struct guess){freq + k * step, 2 + 4 * i, 9, 0, 0, 0}, true);
    }
}

static void search_deviation(struct search *s)
{
    static const int deviation[] = {3, 6, 9, 12, 14};
    const struct guess from = s->best;
    mix_at(s, from.freq);
    for (int i = 0; i < 5; i++)
        for (int twist = -3; twist <= 3; twist += 3)
            try_guess(s, (struct guess){from.freq, from.at, deviation[i], twist, 0, 0},
                      i + twist == -3);
}

static void refine(struct search *s)
{
    struct guess from = s->best;
    for (int k = -1; k <= 1; k += 2) {
        struct guess g = from;
        g.at = from.at + 2 * k;
        if (g.at >= 0)
            try_guess(s, g, true);
    }
    from = s->best;
    for (int k = -1; k <= 1; k += 2) {
        struct guess g = from;
        g.freq = from.freq + k * 60.0 / HZ_APRS_RATE_HZ;
        mix_at(s, g.freq);
        try_guess(s, g, true);
    }
    from = s->best;
    mix_at(s, from.freq);
    for (int k = -1; k <= 1; k += 2) {
        struct guess g = from;
        g.deviation += k;
        try_guess(s, g, k < 0);
        g = from;
        g.twist += k;
        try_guess(s, g, false);
    }
    from = s->best;
    for (int k = -1; k <= 1; k += 2) {
        struct guess g = from;
        g.off = (float)k * off_step;
        try_guess(s, g, false);
    }
}

void hz_aprs_search(struct hz_aprs_track *t, const float *iq, double freq, float amplitude,
                    struct hz_aprs_lock *lock)
{
    struct search s = {.t = t, .iq = iq, .price = step_price * amplitude};
    search_carrier(&s, freq);
    search_deviation(&s);
    refine(&s);
    *lock = (struct hz_aprs_lock){.at = s.best.at,
                                  .freq = s.best.freq,
                                  .amplitude = amplitude,
                                  .deviation = {index_of(s.best.deviation - s.best.twist),
                                                index_of(s.best.deviation + s.best.twist)}};
    slip_of(s.best.off, lock->slip);
}

double hz_aprs_track_from(const struct hz_aprs_lock *lock)
{
    return lock->at - HZ_APRS_BEFORE * BIT - HZ_APRS_LEAD;
}

/* Decides the bits of t->sums; returns the tones' path in t->path. */
static void decide(struct hz_aprs_track *t, const struct hz_aprs_modulation *m, float price,
                   const float slip[2])
{
    struct hz_aprs_survivors s;
    struct hz_aprs_match z;
    unsigned state;
    hz_aprs_survivors_init(&s, price, slip);
    for (size_t k = 0; k < HZ_APRS_RUN; k++) {
        hz_aprs_match(&t->tones, m, &t->sums[k], &z);
        hz_aprs_step(&s, m, &z, &t->choices[k]);
    }
    hz_aprs_best(&s, &state);
    hz_aprs_trace(t->choices, HZ_APRS_RUN, state, t->path);
}

/* The carrier of a chunk's bits, in blocks. */
struct carrier {
    float re[BLOCKS], im[BLOCKS];
    float blocks, bits; /* sums of the squares: of blocks, of bits */
};

static void measure(const struct hz_aprs_track *t, const struct hz_aprs_modulation *m,
                    struct carrier *out)
{
    struct hz_aprs_match z;
    float re = 1, im = 0; /* how psi has turned */
    memset(out, 0, sizeof *out);
    for (size_t k = 0; k < HZ_AX25_CHUNK; k++) {
        const struct hz_aprs_path *p = &t->path[HZ_APRS_BEFORE + k];
        if (p->tone != p[-1].tone) {
            float sign = p->tone == HZ_APRS_MARK ? 1 : -1;
            /* The detector turns its reference forwards; here the bit is turned back. */
            float tr = m->turn_re[p->begin], ti = -sign * m->turn_im[p->begin], was = re;
            re = was * tr - im * ti;
            im = was * ti + im * tr;
        }
        hz_aprs_match(&t->tones, m, &t->sums[HZ_APRS_BEFORE + k], &z);
        float zr = z.re[p->tone][p->begin], zi = z.im[p->tone][p->begin];
        out->re[k / BLOCK] += zr * re - zi * im;
        out->im[k / BLOCK] += zr * im + zi * re;
        out->bits += zr * zr + zi * zi;
    }
    for (size_t b = 0; b < BLOCKS; b++)
        out->blocks += out->re[b] * out->re[b] + out->im[b] * out->im[b];
}

/* Power of the decided bits, matched a quarter of a bit early (-1) or late. */
static float shifted(const struct hz_aprs_track *t, const struct hz_aprs_modulation *m,
                     double start, int by)
{
    struct hz_aprs_sums sums;
    struct hz_aprs_match z;
    float power = 0;
    for (size_t k = HZ_APRS_BEFORE; k < HZ_APRS_BEFORE + HZ_AX25_CHUNK; k++) {
        const struct hz_aprs_path *p = &t->path[k];
        unsigned steps = quarter_steps[p->tone];
        unsigned at = (p->begin + (by < 0 ? HZ_APRS_PHASES - steps : steps)) % HZ_APRS_PHASES;
        hz_aprs_sum(&t->tones, t->mixed, start + (double)k * BIT + by * QUARTER, 1, 1, &sums);
        hz_aprs_match(&t->tones, m, &sums, &z);
        float zr = z.re[p->tone][at], zi = z.im[p->tone][at];
        power += zr * zr + zi * zi;
    }
    return power;
}

/* How far the frequency is off, in cycles per sample: the turn from block to block. */
static double freq_error(const struct carrier *c)
{
    double re = 0, im = 0;
    for (size_t b = 1; b < BLOCKS; b++) {
        re += (double)(c->re[b] * c->re[b - 1] + c->im[b] * c->im[b - 1]);
        im += (double)(c->im[b] * c->re[b - 1] - c->re[b] * c->im[b - 1]);
    }
    return atan2(im, re) / (two_pi * BLOCK * BIT);
}

/* The top of a parabola through the powers a quarter of a bit early, in time, and late. */
static double at_error(float early, float middle, float late)
{
    double bend = (double)(early - 2 * middle + late);
    double top = bend < 0 ? 0.5 * (double)(early - late) / bend : 0;
    return QUARTER * (top < -1 ? -1 : top > 1 ? 1 : top);
}

/* A block of four carriers of amplitude A in noise of variance v has 16 A^2 + 4 v, the bits by
 * themselves 4 A^2 + 4 v. */
static void strengths(const struct carrier *c, const float *iq, struct hz_aprs_chunk *out)
{
    struct hz_ax25_chunk *b = &out->bits;
    float gain = BIT * BIT * (BLOCK * BLOCK - BLOCK), total = 0;
    b->signal = fmaxf((c->blocks - c->bits) / (BLOCKS * gain), 0);
    b->noise = fmaxf(c->bits / (BLOCKS * BLOCK) - b->signal * BIT * BIT, 0) / BIT;
    for (int i = 0; i < 2 * HZ_APRS_RUN * BIT; i++)
        total += iq[i] * iq[i];
    total /= HZ_APRS_RUN * BIT;
    out->share = total > 0 ? b->signal / total : 0;
    for (size_t p = 0; p < HZ_AX25_CHUNK / HZ_AX25_PART; p++) {
        float sum = 0;
        for (size_t k = p * PER_PART; k < (p + 1) * PER_PART; k++)
            sum += c->re[k] * c->re[k] + c->im[k] * c->im[k];
        b->part[p] = sum / (float)(PER_PART * BLOCK * BLOCK * BIT * BIT);
    }
}

struct off {
    double freq, at;
};

/* What the tones went on by in a chunk besides their own steps. */
static void measure_slip(const struct hz_aprs_track *t, float slip[2])
{
    int sum[2] = {0, 0}, bits[2] = {0, 0};
    for (size_t k = HZ_APRS_BEFORE; k < HZ_APRS_BEFORE + HZ_AX25_CHUNK; k++) {
        const struct hz_aprs_path *p = &t->path[k];
        bits[p->tone]++;
        sum[p->tone] += hz_aprs_ahead(p);
    }
    for (int f = 0; f < 2; f++)
        if (bits[f] > 0)
            slip[f] += slip_gain * ((float)sum[f] / (float)bits[f] - slip[f]);
}

/* One run of the detector over a chunk and what it shows. */
static struct off run(struct hz_aprs_track *t, const float *iq, double start, double freq,
                      const struct hz_aprs_lock *lock, struct hz_aprs_chunk *out)
{
    struct hz_cpm_tune tune = {freq, 0};
    struct hz_aprs_modulation m;
    struct carrier c;
    hz_cpm_mix(iq, HZ_APRS_SPAN, &tune, t->mixed);
    hz_aprs_modulation_init(&m, lock->deviation[0], lock->deviation[1]);
    hz_aprs_sum(&t->tones, t->mixed, start, HZ_APRS_RUN, 1, t->sums);
    decide(t, &m, step_price * lock->amplitude, lock->slip);
    for (size_t k = 0; k < HZ_AX25_CHUNK; k++)
        out->bits.level[k] = t->path[HZ_APRS_BEFORE + k].tone;
    out->bits.events = hz_aprs_events(t->choices, t->path, HZ_APRS_BEFORE, HZ_APRS_RUN,
                                      out->bits.event, HZ_AX25_EVENTS);
    measure(t, &m, &c);
    strengths(&c, t->mixed, out);
    return (struct off){freq_error(&c),
                        at_error(shifted(t, &m, start, -1), c.bits, shifted(t, &m, start, 1))};
}

/* Events that end in the overlap belong to the next chunk. */
static void rebase_events(struct hz_ax25_chunk *c)
{
    size_t kept = 0;
    for (size_t i = 0; i < c->events; i++) {
        struct hz_cpm_event e = c->event[i];
        if (e.last >= HZ_APRS_BEFORE + HZ_AX25_CHUNK)
            continue;
        e.last -= HZ_APRS_BEFORE;
        c->event[kept++] = e;
    }
    c->events = kept;
}

void hz_aprs_track_run(struct hz_aprs_track *t, const float *iq, uint64_t first,
                       struct hz_aprs_lock *lock, struct hz_aprs_chunk *out)
{
    uint64_t from = (uint64_t)hz_aprs_track_from(lock);
    double at = lock->at, freq = lock->freq;
    iq += 2 * (from - first);
    double bits = HZ_APRS_BEFORE * BIT + (double)from; /* from bit 0 to `at` in the span */
    out->runs = 1;
    struct off off = run(t, iq, at - bits, freq, lock, out);
    bool good = hz_aprs_chunk_good(out);
    if (good && (fabs(off.freq) > freq_off || fabs(off.at) > at_off)) {
        freq += off.freq;
        at += off.at;
        out->runs = 2;
        struct off more = run(t, iq, at - bits, freq, lock, out);
        off.freq += more.freq;
        off.at += more.at;
    }
    out->bits.start = at;
    out->bits.freq = freq;
    rebase_events(&out->bits);
    if (good) {
        lock->freq += freq_gain * off.freq;
        lock->at += at_gain * off.at;
        measure_slip(t, lock->slip);
    }
    lock->at += HZ_AX25_CHUNK * BIT;
}

bool hz_aprs_chunk_good(const struct hz_aprs_chunk *c)
{
    return c->share > good_share;
}
