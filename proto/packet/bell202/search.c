#include "proto/packet/bell202/search.h"

#include <math.h>

enum { BIT = HZ_BELL202_BIT, BITS = HZ_BELL202_SEARCH_BITS };

/* Accuracy of a search's drift, in cycles per sample per sample. */
static const double drift_least = 300.0 / HZ_BELL202_RATE_HZ / HZ_BELL202_RATE_HZ;
static const float off_step = 0.017f;       /* relative error of the tones that is tried */
static const float clock_off_step = 0.022f; /* the same where another clock is tried */
static const float memory = 0.6f;           /* a, as in the trellis */
static const int enough_flags = 5;          /* of the seven flags that fit into a search */
/* Largest difference in samples between the timing of both halves of a search. */
static const double on_time = 1.2;
static const float bare = 0.97f; /* Fraction of the metric that a bare carrier reaches: from there
                                    on there is no modulation */
/* Factor of the metric that another clock must reach, and one that the bits or the tones suggest.
 */
static const float seen_clock = 1.01f, other_clock = 1.05f;

/* One hypothesis of a search. */
struct guess {
    double freq; /* in the search's middle */
    double at, drift, bit;
    int deviation, twist; /* mark is deviation - twist, space deviation + twist */
    float off;            /* of the tones */
    float metric;
};

static unsigned index_of(int deviation)
{
    return deviation < 0                       ? 0
           : deviation < HZ_BELL202_DEVIATIONS ? (unsigned)deviation
                                               : HZ_BELL202_DEVIATIONS - 1;
}

struct search {
    struct hz_bell202_decider *d;
    const float *iq;
    float price;
    struct guess best;
};

static void mix_at(const struct search *s, double freq, double drift)
{
    struct hz_cpm_offset offset = {freq - drift * HZ_BELL202_SEARCH / 2, drift};
    hz_cpm_mix(s->iq, HZ_BELL202_SEARCH_ROOM, &offset, s->d->mixed);
}

/* Tries a hypothesis on the mixed samples and keeps it if it is the best. `fresh`: the sums over
 * samples must be made anew. */
static void try_guess(struct search *s, struct guess g, bool fresh)
{
    struct hz_bell202_decider *d = s->d;
    struct hz_bell202_modulation m;
    if (fresh)
        hz_bell202_sum(&d->tones, d->mixed, g.at, BITS, g.bit, d->sums);
    hz_bell202_modulation_init(&m, index_of(g.deviation - g.twist),
                               index_of(g.deviation + g.twist));
    struct hz_bell202_survivors v;
    struct hz_bell202_match z;
    unsigned state;
    hz_bell202_survivors_init(&v, s->price, g.off);
    for (size_t k = 0; k < BITS; k++) {
        hz_bell202_match(&d->tones, &m, &d->sums[k], &z);
        hz_bell202_step(&v, &m, &z, NULL);
    }
    g.metric = hz_bell202_best(&v, &state);
    if (g.metric > s->best.metric)
        s->best = g;
}

static void search_carrier(struct search *s, double freq)
{
    const double step = 120.0 / HZ_BELL202_RATE_HZ;
    for (int k = -2; k <= 2; k++) {
        mix_at(s, freq + k * step, 0);
        for (int i = 0; i < 5; i++)
            try_guess(s, (struct guess){freq + k * step, 2 + 4 * i, 0, BIT, 9, 0, 0, 0}, true);
    }
}

/* A frequency error of the tones looks like a timing error, so both are searched together. */
static void search_tones(struct search *s)
{
    const struct guess from = s->best;
    mix_at(s, from.freq, 0);
    for (int i = 0; i < 5; i++)
        for (int k = -1; k <= 1; k += 2)
            try_guess(s, (struct guess){from.freq, 2 + 4 * i, 0, BIT, 9, 0, (float)k * off_step, 0},
                      k < 0);
}

static void search_deviation(struct search *s)
{
    static const int deviation[] = {3, 6, 9, 12, 14};
    const struct guess from = s->best;
    mix_at(s, from.freq, 0);
    for (int i = 0; i < 5; i++)
        for (int twist = -3; twist <= 3; twist += 3)
            try_guess(s,
                      (struct guess){from.freq, from.at, 0, BIT, deviation[i], twist, from.off, 0},
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
        g.freq = from.freq + k * 60.0 / HZ_BELL202_RATE_HZ;
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

/* Whether the best hypothesis is explained by the bare carrier of a transmitter that does not
 * modulate yet: that looks the same with any clock. */
static bool is_bare(const struct search *s)
{
    float re = 0, im = 0, size = 0, metric = 0;
    struct hz_bell202_decider *d = s->d;
    mix_at(s, s->best.freq, 0);
    hz_bell202_sum(&d->tones, d->mixed, s->best.at, BITS, BIT, d->sums);
    for (size_t k = 0; k < BITS; k++) {
        re = memory * re + d->sums[k].carrier_re;
        im = memory * im + d->sums[k].carrier_im;
        float now = sqrtf(re * re + im * im);
        metric += now - memory * size;
        size = now;
    }
    return metric > bare * s->best.metric;
}

/* The best guess as the detector wants it. */
static struct hz_bell202_guess best_guess(const struct search *s)
{
    const struct guess *g = &s->best;
    struct hz_bell202_guess how = {.at = g->at, .bit = g->bit, .price = s->price, .off = g->off};
    hz_bell202_modulation_init(&how.modulation, index_of(g->deviation - g->twist),
                               index_of(g->deviation + g->twist));
    return how;
}

/* How many flags are in decided bits, eight bits apart. */
static int flags_in(const struct hz_bell202_path *path)
{
    int most = 0;
    for (size_t first = 1; first < 9; first++) {
        int flags = 0;
        for (size_t k = first; k + 8 <= BITS; k += 8) {
            unsigned byte = 0;
            for (size_t i = 0; i < 8; i++)
                byte |= (unsigned)(path[k + i].tone == path[k + i - 1].tone) << i;
            flags += byte == 0x7e;
        }
        most = flags > most ? flags : most;
    }
    return most;
}

/* A clock that is `by` samples later in the middle of the bits than that of `from`. */
static void try_clock(struct search *s, struct guess from, double bit, double by, float off)
{
    struct guess g = from;
    g.bit = bit;
    g.off = off;
    g.at = from.at + by - (bit - from.bit) * BITS / 2;
    while (g.at < 0)
        g.at += bit;
    if (g.at + BITS * bit + BIT + 1 < HZ_BELL202_SEARCH_ROOM)
        try_guess(s, g, true);
}

/* Whether the clock of the best hypothesis looks right: the bits are flags, and both halves of them
 * have the same timing. If they are flags with different timing, a clock that makes it equal is
 * tried. */
static bool is_on_time(struct search *s)
{
    struct hz_bell202_decider *d = s->d;
    struct hz_bell202_guess how = best_guess(s);
    const struct guess from = s->best;
    mix_at(s, from.freq, 0);
    hz_bell202_decide(d, &how, BITS);
    /* Samples before the first bit may be missing. */
    double first = hz_bell202_late(d, &how.modulation, d->path, 1, BITS / 2 - 1, 0);
    double second = hz_bell202_late(d, &how.modulation, d->path, BITS / 2, BITS / 2, 0);
    if (flags_in(d->path) < enough_flags || fabsf(from.off) > off_step / 2)
        return false;
    if (fabs(second - first) < on_time)
        return true;
    s->best.metric *= seen_clock;
    try_clock(s, from, BIT + (second - first) / (BITS / 2), (first + second) / 2, from.off);
    if (s->best.bit == BIT)
        s->best.metric = from.metric;
    return false;
}

static void search_clock(struct search *s)
{
    /* Relative errors of a bit's length that are tried, each with so many errors of the tones. Some
     * modems send 1143 or 1240 baud instead of 1200. */
    static const struct {
        double length;
        int offs;
    } clocks[] = {{0.98, 1}, {0.99, 1}, {0.995, 0}, {1.005, 0},
                  {1.01, 1}, {1.02, 1}, {0.968, 1}, {1.05, 1}};
    const struct guess from = s->best;
    const float times = fabsf(from.off) > off_step / 2 ? seen_clock : other_clock;
    mix_at(s, from.freq, 0);
    s->best.metric *= times;
    for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++)
        for (int k = -1; k <= 1; k++)
            for (int off = -clocks[i].offs; off <= clocks[i].offs; off++)
                try_clock(s, from, BIT * clocks[i].length, 5 * k, (float)off * clock_off_step);
    if (s->best.metric == from.metric * times) {
        s->best.metric = from.metric;
        return;
    }
    for (int i = 1; i <= 4; i *= 2) { /* a half, a quarter, an eighth of a per cent */
        const struct guess best = s->best;
        try_clock(s, best, best.bit + BIT * 0.005 / i, 0, best.off);
        try_clock(s, best, best.bit - BIT * 0.005 / i, 0, best.off);
    }
    const struct guess best = s->best;
    try_clock(s, best, best.bit, -2, best.off);
    try_clock(s, best, best.bit, 2, best.off);
}

/* Carrier and drift along the bits of the best hypothesis. */
static void search_drift(struct search *s)
{
    struct hz_bell202_decider *d = s->d;
    struct hz_bell202_carrier c;
    struct guess g = s->best;
    struct hz_bell202_guess how = best_guess(s);
    mix_at(s, g.freq, g.drift);
    hz_bell202_decide(d, &how, BITS);
    hz_bell202_measure(d, &how.modulation, 0, BITS, &c);
    struct hz_cpm_offset off = hz_bell202_offset_error(&c);
    g.freq += off.freq;
    g.drift += off.drift;
    mix_at(s, g.freq, g.drift);
    try_guess(s, g, true);
    g.off = hz_bell202_tones_off(d->path, BITS);
    try_guess(s, g, false);
}

void hz_bell202_search(struct hz_bell202_decider *d, const float *iq, double freq, float amplitude,
                       bool may, bool *clocks, struct hz_bell202_lock *lock)
{
    struct search s = {.d = d, .iq = iq, .price = hz_bell202_price(amplitude)};
    search_carrier(&s, freq);
    search_tones(&s);
    search_deviation(&s);
    refine(&s);
    *clocks = !is_on_time(&s) && !is_bare(&s);
    if (*clocks && may)
        search_clock(&s);
    search_drift(&s);
    double drift = fabs(s.best.drift) > drift_least ? s.best.drift : 0;
    *lock =
        (struct hz_bell202_lock){.at = s.best.at,
                                 .bit = s.best.bit,
                                 .follow = s.best.bit != BIT,
                                 .unsure = HZ_BELL202_UNSURE,
                                 .freq = s.best.freq + drift * (s.best.at - HZ_BELL202_SEARCH / 2),
                                 .drift = drift,
                                 .doubt = drift != 0,
                                 .steady = s.best.freq,
                                 .off = s.best.off,
                                 .amplitude = amplitude,
                                 .deviation = {index_of(s.best.deviation - s.best.twist),
                                               index_of(s.best.deviation + s.best.twist)}};
}
