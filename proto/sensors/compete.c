#include "proto/sensors/compete.h"

#include <math.h>
#include <stdlib.h>

/* Readings whose fits differ by more are not equally good. */
static const float fit_alike = 0.06f;
/* Those of twins are: their durations differ by less than what transmitters of one kind do. */
static const float fit_twins = 0.15f;
/* Bits of strength by which one must be ahead to win by it. */
static const int strength_ahead = 4;
/* Above it, a reading is no accident: it may stand beside a better one of another time. */
static const int strength_sure = 12;
static const double beside_hz = 60e3; /* a strong carrier is heard as far beside itself */

static double overlap(const struct hz_found *a, const struct hz_found *b)
{
    double from = fmax(a->reading.begin, b->reading.begin);
    double to = fmin(a->reading.end, b->reading.end);
    double shorter = fmin(a->reading.end - a->reading.begin, b->reading.end - b->reading.begin);
    return shorter > 0 ? (to - from) / shorter : 0;
}

static bool same_symbols(const struct hz_found *a, const struct hz_found *b)
{
    if (a->reading.sensor != b->reading.sensor || a->reading.symbols != b->reading.symbols)
        return false;
    for (size_t i = 0; i < a->reading.symbols; i++) {
        if (a->reading.symbol[i] != b->reading.symbol[i])
            return false;
    }
    return true;
}

/* Whether x is declared to be told before its twin y. */
static bool told_before(const struct hz_sensor_set *set, const struct hz_sensor *x,
                        const struct hz_sensor *y)
{
    for (size_t i = 0; i < x->n_twins; i++) {
        if (set->list + x->twins[i].other == y)
            return x->twins[i].wins;
    }
    return false;
}

/* Whether a wins over b. */
static bool wins(const struct hz_sensor_set *set, const struct hz_found *a,
                 const struct hz_found *b)
{
    const struct hz_reading *x = &a->reading, *y = &b->reading;
    /* of frames that repeat each other but for a symbol, the one that most of them say */
    if (x->sensor == y->sensor && x->repeats == y->repeats && fabsf(x->fit - y->fit) < 0.005f)
        return x->evidence >= y->evidence;
    if (fabsf(x->fit - y->fit) < fit_twins) {
        if (told_before(set, x->sensor, y->sensor))
            return true;
        if (told_before(set, y->sensor, x->sensor))
            return false;
    }
    if (abs(x->strength - y->strength) >= strength_ahead && fabsf(x->fit - y->fit) < 0.3f)
        return x->strength > y->strength;
    if (fabsf(x->fit - y->fit) > fit_alike)
        return x->fit > y->fit;
    if (abs(x->repeats - y->repeats) > 1)
        return x->repeats > y->repeats;
    if (x->flips != y->flips)
        return x->flips < y->flips;
    if (x->flips !=
        y->flips) /* a check that holds only after bits were changed may be an accident */
        return x->flips < y->flips;
    if (x->strength != y->strength)
        return x->strength > y->strength;
    return x->sensor < y->sensor;
}

static void add_twin(struct hz_found *winner, const struct hz_sensor *s)
{
    for (size_t i = 0; i < winner->n_twins; i++) {
        if (winner->twin[i] == s)
            return;
    }
    if (s != winner->reading.sensor && winner->n_twins < HZ_FOUND_TWINS)
        winner->twin[winner->n_twins++] = s;
}

/* What is heard beside a carrier that is so much stronger at the same time is mostly what that
 * radiates itself: then only a good check is believed. */
static bool drowned(const struct hz_found *weak, const struct hz_found *strong)
{
    return weak->reading.strength < 16 && weak->level < strong->level * 0.01f &&
           overlap(weak, strong) > 0.3;
}

/* Settles a against b where they meet. */
static void settle(const struct hz_sensor_set *set, struct hz_found *a, struct hz_found *b)
{
    if (drowned(a, b) || drowned(b, a)) {
        (drowned(a, b) ? a : b)->dropped = true;
        return;
    }
    double shared = overlap(a, b), away = fabs(a->freq_hz - b->freq_hz);
    if (shared < 0.3 || away > beside_hz)
        return;
    struct hz_found *winner = wins(set, a, b) ? a : b, *loser = winner == a ? b : a;
    bool frames_alike = shared > 0.8 && away < 3000;
    if (same_symbols(a, b)) {
        loser->dropped = true;
        return;
    }
    if (!frames_alike && loser->reading.strength >= strength_sure)
        return;
    loser->dropped = true;
    if (frames_alike && fabsf(a->reading.fit - b->reading.fit) < fit_alike)
        add_twin(winner, loser->reading.sensor);
}

static int by_time(const void *a, const void *b)
{
    const struct hz_found *x = a, *y = b;
    return x->reading.begin < y->reading.begin ? -1 : x->reading.begin > y->reading.begin;
}

void hz_compete(const struct hz_sensor_set *set, struct hz_found *list, size_t *n)
{
    for (size_t i = 0; i < *n; i++) {
        for (size_t k = 0; k < i; k++) {
            if (!list[i].dropped && !list[k].dropped)
                settle(set, &list[i], &list[k]);
        }
    }
    size_t kept = 0;
    for (size_t i = 0; i < *n; i++) {
        if (!list[i].dropped)
            list[kept++] = list[i];
    }
    *n = kept;
    qsort(list, *n, sizeof *list, by_time);
}
