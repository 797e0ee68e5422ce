#include "dsp/crystal.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

enum {
    READINGS = 64, /* of which a vote is the mean; later ones replace earlier ones slowly */
    FEW = 3,       /* transmitters in a period, below which the drift moves by little */
};

static const double period_s = 10;
static const double drift_gain = 0.5;
static const double few_ppm = 1;    /* the most that few transmitters move the drift by */
static const double jump_ppm = 5;   /* a step that many transmitters agree on is followed at once */
static const double system_ppm = 2; /* the system's clock: it may not be synchronised */
static const double disagree_ppm = 25; /* between what was recalled and the clock: another device */
static const double reach_ppm = 2.5;   /* that channels are moved by before the device is set */

void hz_crystal_init(struct hz_crystal *c)
{
    *c = (struct hz_crystal){0};
}

void hz_crystal_recall(struct hz_crystal *c, double ppm, double sigma)
{
    c->recalled =
        (struct hz_crystal_estimate){.from = HZ_CRYSTAL_RECALLED, .ppm = ppm, .sigma = sigma};
}

void hz_crystal_clock(struct hz_crystal *c, double ppm, double sigma)
{
    c->clock = (struct hz_crystal_estimate){
        .from = HZ_CRYSTAL_CLOCK, .ppm = ppm, .sigma = hypot(sigma, system_ppm)};
}

/* ---- weighted medians ------------------------------------------------------------------- */

struct item {
    double value, weight;
};

static int by_value(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

/* Half of the weight is on either side of it. Between two items it is their middle. */
static double median(struct item *items, size_t n)
{
    double all = 0, below = 0;
    qsort(items, n, sizeof *items, by_value);
    for (size_t i = 0; i < n; i++)
        all += items[i].weight;
    for (size_t i = 0; i < n; i++) {
        below += items[i].weight;
        if (i + 1 < n && fabs(below - all / 2) < 1e-9 * all)
            return (items[i].value + items[i + 1].value) / 2;
        if (below > all / 2)
            return items[i].value;
    }
    return n ? items[n - 1].value : 0;
}

/* ---- votes and drift -------------------------------------------------------------------- */

/* What the transmitters that were heard in this period, and before it, show against themselves
 * moves the drift. */
static void end_period(struct hz_crystal *c)
{
    struct item news[HZ_CRYSTAL_VOTES];
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++) {
        struct hz_crystal_vote *v = &c->votes[i];
        if (v->n_news > 0)
            news[n++] = (struct item){v->news_ppm / v->n_news, 1};
        v->news_ppm = 0;
        v->n_news = 0;
    }
    if (n == 0)
        return;
    double moved = median(news, n);
    if (n >= FEW && fabs(moved) > jump_ppm)
        c->drift_ppm += moved;
    else if (n >= FEW)
        c->drift_ppm += drift_gain * moved;
    else
        c->drift_ppm += drift_gain * fmax(-few_ppm, fmin(few_ppm, moved));
}

static struct hz_crystal_vote *find(struct hz_crystal *c, uint64_t who)
{
    size_t oldest = 0;
    for (size_t i = 0; i < c->n; i++) {
        if (c->votes[i].who == who)
            return &c->votes[i];
        if (c->votes[i].heard_s < c->votes[oldest].heard_s)
            oldest = i;
    }
    struct hz_crystal_vote *v = &c->votes[c->n < HZ_CRYSTAL_VOTES ? c->n++ : oldest];
    *v = (struct hz_crystal_vote){.who = who};
    return v;
}

void hz_crystal_hear(struct hz_crystal *c, uint64_t who, double spread_ppm, double ppm, double at_s)
{
    if (at_s >= c->period_end_s) {
        end_period(c);
        c->period_end_s = at_s + period_s;
    }
    struct hz_crystal_vote *v = find(c, who);
    double reading = ppm - c->drift_ppm;
    if (v->readings > 0) {
        v->news_ppm += reading - v->level_ppm;
        v->n_news++;
    }
    v->readings += v->readings < READINGS;
    v->level_ppm += (reading - v->level_ppm) / v->readings;
    v->spread_ppm = spread_ppm;
    v->heard_s = at_s;
}

/* ---- the estimate ----------------------------------------------------------------------- */

/* Of votes of equal weight the median is 1.25 times less sure than the mean. */
static const double median_to_mean = 1.2533;
static const double mad_to_sigma = 1.4826;

static struct hz_crystal_estimate from_air(const struct hz_crystal *c)
{
    struct item items[HZ_CRYSTAL_VOTES];
    double weight = 0;
    for (size_t i = 0; i < c->n; i++) {
        const struct hz_crystal_vote *v = &c->votes[i];
        items[i] = (struct item){v->level_ppm, 1 / (v->spread_ppm * v->spread_ppm)};
        weight += items[i].weight;
    }
    double middle = median(items, c->n);
    for (size_t i = 0; i < c->n; i++)
        items[i] = (struct item){fabs(items[i].value - middle) * sqrt(items[i].weight), 1};
    double scatter = mad_to_sigma * median(items, c->n); /* 1: as their kinds let expect */
    if (c->n < 8)
        scatter = fmax(scatter, 1); /* few may agree by chance */
    return (struct hz_crystal_estimate){.from = HZ_CRYSTAL_AIR,
                                        .ppm = c->drift_ppm + middle,
                                        .sigma = median_to_mean * fmax(scatter, 0.3) / sqrt(weight),
                                        .transmitters = c->n};
}

struct hz_crystal_estimate hz_crystal_now(const struct hz_crystal *c)
{
    struct hz_crystal_estimate best = c->recalled;
    bool clock = c->clock.from == HZ_CRYSTAL_CLOCK;
    if (clock && (best.from == HZ_CRYSTAL_NOTHING || c->clock.sigma < best.sigma ||
                  fabs(c->clock.ppm - best.ppm) > disagree_ppm + 3 * c->clock.sigma))
        best = c->clock;
    if (c->n >= HZ_CRYSTAL_ENOUGH)
        best = from_air(c);
    best.transmitters = c->n;
    return best;
}

const char *hz_crystal_from_name(enum hz_crystal_from from)
{
    static const char *const names[] = {"nothing", "recalled", "clock", "carriers"};
    return names[from];
}

struct hz_crystal_correction hz_crystal_correct(const struct hz_crystal_estimate *e,
                                                struct hz_crystal_correction now)
{
    if (e->from == HZ_CRYSTAL_NOTHING)
        return now;
    double rest = e->ppm - now.device_ppm;
    if (fabs(rest) > fmax(reach_ppm, 2 * e->sigma)) {
        now.device_ppm = round(e->ppm);
        rest = e->ppm - now.device_ppm;
    }
    now.rest_ppm = e->sigma < reach_ppm ? fmax(-reach_ppm, fmin(reach_ppm, rest)) : 0;
    return now;
}
