#include "proto/aprs/track.h"

#include <math.h>
#include <string.h>

enum {
    BIT = HZ_APRS_BIT,
    BLOCK = 4, /* bits whose carriers are summed up */
    BLOCKS = HZ_AX25_CHUNK / BLOCK,
    MIDDLE = HZ_AX25_CHUNK * BIT / 2, /* samples from a chunk's start */
    APART = 8,                        /* blocks between which the drift is measured */
    PER_PART = HZ_AX25_PART / BLOCK,
    QUARTER = 5 /* samples in which the tones' phases go on by whole steps */
};

static const double two_pi = 6.28318530717958647692;
static const float step_price = 0.5f * HZ_APRS_BIT; /* times the amplitude */
static const float good_share = 0.09f;              /* of the power that is the signal */
static const double freq_gain = 0.7, drift_gain = 0.5, at_gain = 0.5;
/* Errors, in cycles per sample and in samples, from which a chunk is run again without them. */
static const double freq_off = 25.0 / HZ_APRS_RATE_HZ, at_off = 1.5;
/* Of the turns' lengths, which their sum has at least where a drift is the same all along. */
static const double steady_turn = 0.8;
/* Cycles per sample per sample that a search's measure of the drift is good to. */
static const double drift_least = 300.0 / HZ_APRS_RATE_HZ / HZ_APRS_RATE_HZ;
static const float clearly = 1.02f;   /* times the power */
static const float off_step = 0.017f; /* of the tones, tried */
static const float off_gain = 0.6f, off_most = 0.025f;
static const unsigned quarter_steps[2] = {6, 11};

void hz_aprs_track_init(struct hz_aprs_track *t)
{
    hz_aprs_tones_init(&t->tones);
}

/* Decides the bits of t->sums; their path is then in t->path. Returns its metric. */
static float decide(struct hz_aprs_track *t, const struct hz_aprs_modulation *m, size_t bits,
                    float price, float off)
{
    struct hz_aprs_survivors s;
    struct hz_aprs_match z;
    unsigned state;
    hz_aprs_survivors_init(&s, price, off);
    for (size_t k = 0; k < bits; k++) {
        hz_aprs_match(&t->tones, m, &t->sums[k], &z);
        hz_aprs_step(&s, m, &z, &t->choices[k]);
    }
    float metric = hz_aprs_best(&s, &state);
    hz_aprs_trace(t->choices, bits, state, t->path);
    return metric;
}

/* The carrier of decided bits, in blocks. */
struct carrier {
    size_t n;
    float re[BLOCKS], im[BLOCKS];
    float blocks, bits; /* sums of the squares: of blocks, of bits */
};

static void measure(const struct hz_aprs_track *t, const struct hz_aprs_modulation *m, size_t from,
                    size_t bits, struct carrier *out)
{
    struct hz_aprs_match z;
    float re = 1, im = 0; /* how psi has turned */
    memset(out, 0, sizeof *out);
    out->n = bits / BLOCK;
    for (size_t k = 0; k < bits; k++) {
        const struct hz_aprs_path *p = &t->path[from + k];
        if (k > 0 && p->tone != p[-1].tone) {
            float sign = p->tone == HZ_APRS_MARK ? 1 : -1;
            /* The detector turns its reference forwards; here the bit is turned back. */
            float tr = m->turn_re[p->begin], ti = -sign * m->turn_im[p->begin], was = re;
            re = was * tr - im * ti;
            im = was * ti + im * tr;
        }
        hz_aprs_match(&t->tones, m, &t->sums[from + k], &z);
        float zr = z.re[p->tone][p->begin], zi = z.im[p->tone][p->begin];
        out->re[k / BLOCK] += zr * re - zi * im;
        out->im[k / BLOCK] += zr * im + zi * re;
        out->bits += zr * zr + zi * zi;
    }
    for (size_t b = 0; b < out->n; b++)
        out->blocks += out->re[b] * out->re[b] + out->im[b] * out->im[b];
}

/* How far frequency (in the middle) and drift are off: the turn from block to block, and how that
 * turn turns. Blocks of noise alone add little to either. Fading turns the carrier too, but never
 * for long the same way: then no drift is told. */
static struct hz_cpm_tune tune_error(const struct carrier *c)
{
    const double block = two_pi * BLOCK * BIT;
    double re[BLOCKS], im[BLOCKS], sum_re = 0, sum_im = 0, turn_re = 0, turn_im = 0, all = 0;
    for (size_t b = 0; b + 1 < c->n; b++) {
        re[b] = (double)(c->re[b + 1] * c->re[b] + c->im[b + 1] * c->im[b]);
        im[b] = (double)(c->im[b + 1] * c->re[b] - c->re[b + 1] * c->im[b]);
        sum_re += re[b];
        sum_im += im[b];
        if (b < APART)
            continue;
        turn_re += re[b] * re[b - APART] + im[b] * im[b - APART];
        turn_im += im[b] * re[b - APART] - re[b] * im[b - APART];
        all += hypot(re[b], im[b]) * hypot(re[b - APART], im[b - APART]);
    }
    bool steady = hypot(turn_re, turn_im) > steady_turn * all;
    return (struct hz_cpm_tune){atan2(sum_im, sum_re) / block,
                                steady ? atan2(turn_im, turn_re) / (block * APART * BLOCK * BIT)
                                       : 0};
}

/* How far the tones are off: by what they went on besides their own steps. */
static float tones_off(const struct hz_aprs_path *path, size_t bits)
{
    int own = 0, more = 0;
    for (size_t k = 0; k < bits; k++) {
        own += (int)hz_aprs_steps[path[k].tone];
        more += hz_aprs_ahead(&path[k]);
    }
    float off = (float)more / (float)own;
    return fminf(fmaxf(off, -off_most), off_most);
}

/* One hypothesis of a search. */
struct guess {
    double freq; /* in the search's middle */
    double at, drift;
    int deviation, twist; /* mark is deviation - twist, space deviation + twist */
    float off;            /* of the tones */
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

static void mix_at(struct search *s, double freq, double drift)
{
    struct hz_cpm_tune tune = {freq - drift * HZ_APRS_SEARCH / 2, drift};
    hz_cpm_mix(s->iq, HZ_APRS_SEARCH, &tune, s->t->mixed);
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
    hz_aprs_survivors_init(&v, s->price, g.off);
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
        mix_at(s, freq + k * step, 0);
        for (int i = 0; i < 5; i++)
            try_guess(s, (struct guess){freq + k * step, 2 + 4 * i, 0, 9, 0, 0, 0}, true);
    }
}

/* Tones that are off look right at a wrong timing: both are searched together. */
static void search_tones(struct search *s)
{
    const struct guess from = s->best;
    mix_at(s, from.freq, 0);
    for (int i = 0; i < 5; i++)
        for (int k = -1; k <= 1; k += 2)
            try_guess(s, (struct guess){from.freq, 2 + 4 * i, 0, 9, 0, (float)k * off_step, 0},
                      k < 0);
}

static void search_deviation(struct search *s)
{
    static const int deviation[] = {3, 6, 9, 12, 14};
    const struct guess from = s->best;
    mix_at(s, from.freq, 0);
    for (int i = 0; i < 5; i++)
        for (int twist = -3; twist <= 3; twist += 3)
            try_guess(s, (struct guess){from.freq, from.at, 0, deviation[i], twist, from.off, 0},
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
        mix_at(s, g.freq, 0);
        try_guess(s, g, true);
    }
    from = s->best;
    mix_at(s, from.freq, 0);
    for (int k = -1; k <= 1; k += 2) {
        struct guess g = from;
        g.deviation += k;
        try_guess(s, g, k < 0);
        g = from;
        g.twist += k;
        try_guess(s, g, false);
    }
}

/* What the carrier does along the bits of the best guess. */
static void search_drift(struct search *s)
{
    struct hz_aprs_track *t = s->t;
    struct hz_aprs_modulation m;
    struct carrier c;
    struct guess g = s->best;
    mix_at(s, g.freq, g.drift);
    hz_aprs_sum(&t->tones, t->mixed, g.at, HZ_APRS_SEARCH_BITS, 1, t->sums);
    hz_aprs_modulation_init(&m, index_of(g.deviation - g.twist), index_of(g.deviation + g.twist));
    decide(t, &m, HZ_APRS_SEARCH_BITS, s->price, g.off);
    measure(t, &m, 0, HZ_APRS_SEARCH_BITS, &c);
    struct hz_cpm_tune off = tune_error(&c);
    g.freq += off.freq;
    g.drift += off.drift;
    mix_at(s, g.freq, g.drift);
    try_guess(s, g, true);
    g.off = tones_off(t->path, HZ_APRS_SEARCH_BITS);
    try_guess(s, g, false);
}

void hz_aprs_search(struct hz_aprs_track *t, const float *iq, double freq, float amplitude,
                    struct hz_aprs_lock *lock)
{
    struct search s = {.t = t, .iq = iq, .price = step_price * amplitude};
    search_carrier(&s, freq);
    search_tones(&s);
    search_deviation(&s);
    refine(&s);
    search_drift(&s);
    double drift = fabs(s.best.drift) > drift_least ? s.best.drift : 0;
    *lock = (struct hz_aprs_lock){.at = s.best.at,
                                  .freq = s.best.freq + drift * (s.best.at - HZ_APRS_SEARCH / 2),
                                  .drift = drift,
                                  .doubt = drift != 0,
                                  .steady = s.best.freq,
                                  .off = s.best.off,
                                  .amplitude = amplitude,
                                  .deviation = {index_of(s.best.deviation - s.best.twist),
                                                index_of(s.best.deviation + s.best.twist)}};
}

void hz_aprs_lock_move(struct hz_aprs_lock *lock, double bits)
{
    lock->at += bits * BIT;
    lock->freq += bits * BIT * lock->drift;
}

double hz_aprs_track_from(const struct hz_aprs_lock *lock)
{
    return lock->at - HZ_APRS_BEFORE * BIT - HZ_APRS_LEAD;
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

/* Where a parabola through three powers, at -1, 0 and 1, has its top. */
static double top_of(float before, float middle, float after)
{
    double bend = (double)(before - 2 * middle + after);
    double top = bend < 0 ? 0.5 * (double)(before - after) / bend : 0;
    return top < -1 ? -1 : top > 1 ? 1 : top;
}

/* The deviation of either tone that gives its bits most power: the one they were decided with
 * unless another is clearly better. Flags, with which a transmission begins, have one bit of one
 * tone for seven of the other, and a search may be wrong about that tone. False when these were
 * flags. */
static void measure_deviation(const struct hz_aprs_track *t, unsigned deviation[2])
{
    enum { SPREAD = 3, TRIED = 6, ENOUGH = 12, MOST = 24 };
    float power[2][TRIED + 1] = {{0}};
    unsigned bits[2] = {0, 0};
    struct hz_aprs_match z;
    /* From the end: the first chunk may begin before the transmission does. */
    for (size_t k = HZ_APRS_BEFORE + HZ_AX25_CHUNK; k-- > HZ_APRS_BEFORE;) {
        const struct hz_aprs_path *p = &t->path[k];
        if (bits[p->tone]++ >= MOST)
            continue;
        for (unsigned i = 0; i <= TRIED; i++) {
            unsigned d = i < TRIED ? i * SPREAD : deviation[p->tone];
            struct hz_aprs_modulation m = {.deviation = {d, d}};
            hz_aprs_match(&t->tones, &m, &t->sums[k], &z);
            float zr = z.re[p->tone][p->begin], zi = z.im[p->tone][p->begin];
            power[p->tone][i] += zr * zr + zi * zi;
        }
    }
    for (int f = 0; f < 2; f++) {
        unsigned best = 1;
        for (unsigned i = 2; i + 1 < TRIED; i++)
            best = power[f][i] > power[f][best] ? i : best;
        const float *top = &power[f][best];
        double more = top_of(top[-1], top[0], top[1]);
        if (bits[f] >= ENOUGH && top[0] > clearly * power[f][TRIED])
            deviation[f] = (unsigned)lround(SPREAD * (best + more));
    }
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
    struct hz_cpm_tune tune; /* its frequency in the middle */
    double at;
    float tones;           /* how far they are off, in all */
    unsigned deviation[2]; /* what either tone has */
};

/* One run of the detector over a chunk and what it shows. */
static struct off run(struct hz_aprs_track *t, const float *iq, double start,
                      const struct hz_aprs_lock *lock, struct hz_aprs_chunk *out)
{
    double ahead = start + HZ_APRS_BEFORE * BIT;
    struct hz_cpm_tune tune = {lock->freq - ahead * lock->drift, lock->drift};
    struct hz_aprs_modulation m;
    struct carrier c;
    hz_cpm_mix(iq, HZ_APRS_SPAN, &tune, t->mixed);
    hz_aprs_modulation_init(&m, lock->deviation[0], lock->deviation[1]);
    hz_aprs_sum(&t->tones, t->mixed, start, HZ_APRS_RUN, 1, t->sums);
    decide(t, &m, HZ_APRS_RUN, step_price * lock->amplitude, lock->off);
    for (size_t k = 0; k < HZ_AX25_CHUNK; k++)
        out->bits.level[k] = t->path[HZ_APRS_BEFORE + k].tone;
    out->bits.events = hz_aprs_events(t->choices, t->path, HZ_APRS_BEFORE, HZ_APRS_RUN,
                                      out->bits.event, HZ_AX25_EVENTS);
    measure(t, &m, HZ_APRS_BEFORE, HZ_AX25_CHUNK, &c);
    strengths(&c, t->mixed, out);
    float early = shifted(t, &m, start, -1), late = shifted(t, &m, start, 1);
    struct off off = {tune_error(&c),
                      QUARTER * top_of(early, c.bits, late),
                      tones_off(t->path + HZ_APRS_BEFORE, HZ_AX25_CHUNK),
                      {lock->deviation[0], lock->deviation[1]}};
    measure_deviation(t, off.deviation);
    return off;
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

static void correct(struct hz_aprs_lock *lock, const struct off *off)
{
    lock->freq += off->tune.freq - off->tune.drift * MIDDLE;
    lock->drift += off->tune.drift;
    lock->at += off->at;
    lock->deviation[0] = off->deviation[0];
    lock->deviation[1] = off->deviation[1];
}

/* Takes a share of what a chunk shows into the lock that it began with. */
static void learn(struct hz_aprs_lock *lock, const struct hz_aprs_lock *shown)
{
    double middle = lock->freq + lock->drift * MIDDLE;
    double freq = shown->freq + shown->drift * MIDDLE - middle;
    lock->drift += drift_gain * (shown->drift - lock->drift);
    lock->freq = middle + freq_gain * freq - lock->drift * MIDDLE;
    lock->at += at_gain * (shown->at - lock->at);
}

static bool far_off(const struct off *off, const struct hz_aprs_lock *lock)
{
    return fabs(off->tune.freq) > freq_off || fabs(off->tune.drift) * MIDDLE > freq_off ||
           fabs(off->at) > at_off || off->deviation[0] != lock->deviation[0] ||
           off->deviation[1] != lock->deviation[1];
}

/* A run over a chunk, and what it began with. */
struct attempt {
    struct hz_aprs_lock lock;
    struct hz_aprs_chunk chunk;
    struct off off;
};

/* Another run: the one that has more of the signal counts. */
static void attempt(struct hz_aprs_track *t, const float *iq, double bits,
                    const struct hz_aprs_lock *lock, struct attempt *best)
{
    struct attempt a = {.lock = *lock};
    a.off = run(t, iq, lock->at - bits, lock, &a.chunk);
    a.chunk.runs = best->chunk.runs + 1;
    best->chunk.runs++;
    if (a.chunk.share > best->chunk.share)
        *best = a;
}

void hz_aprs_track_run(struct hz_aprs_track *t, const float *iq, uint64_t first,
                       struct hz_aprs_lock *lock, struct hz_aprs_chunk *out)
{
    uint64_t from = (uint64_t)hz_aprs_track_from(lock);
    double bits = HZ_APRS_BEFORE * BIT + (double)from; /* from bit 0 to `at` in the span */
    struct attempt best = {.chunk = {.share = -1}};
    struct hz_aprs_lock other = *lock;
    iq += 2 * (from - first);
    attempt(t, iq, bits, lock, &best);
    if (lock->doubt) {
        other.freq = other.steady;
        other.drift = 0;
        attempt(t, iq, bits, &other, &best);
    }
    bool good = hz_aprs_chunk_good(&best.chunk);
    if (good && far_off(&best.off, &best.lock)) {
        other = best.lock;
        correct(&other, &best.off);
        attempt(t, iq, bits, &other, &best);
    }
    *out = best.chunk;
    out->bits.start = best.lock.at;
    out->bits.freq = best.lock.freq + best.lock.drift * MIDDLE;
    rebase_events(&out->bits);
    if (good) {
        if (lock->doubt)
            *lock = best.lock;
        lock->doubt = false;
        memcpy(lock->deviation, best.lock.deviation, sizeof lock->deviation);
        correct(&best.lock, &best.off);
        learn(lock, &best.lock);
        lock->off += off_gain * (best.off.tones - lock->off);
    }
    hz_aprs_lock_move(lock, HZ_AX25_CHUNK);
}

bool hz_aprs_chunk_good(const struct hz_aprs_chunk *c)
{
    return c->share > good_share;
}
