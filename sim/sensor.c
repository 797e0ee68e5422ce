#include "sim/sensor.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

enum { KNOTS = 4 /* in an edge */ };

static const double usual_edge_us = 20, usual_deviation_hz = 35e3;

enum key { SILENT, LOWER, UPPER };

struct interval {
    double us;
    enum key key;
};

/* What is keyed, from the start of the transmission. */
struct keyed {
    struct interval *list;
    size_t n, room;
    bool ook, failed;
    bool half; /* the last symbol of a code of halves */
};

static void key(struct keyed *k, double us, enum key how)
{
    if (us <= 0 || k->failed) {
        return;
    }
    if (k->n == k->room) {
        size_t room = 2 * k->room + 256;
        struct interval *list = realloc(k->list, room * sizeof *list);
        if (list == NULL) {
            k->failed = true;
            return;
        }
        k->list = list;
        k->room = room;
    }
    k->list[k->n++] = (struct interval){us, how};
}

static enum key key_of(const struct keyed *k, bool on)
{
    return on ? UPPER : k->ook ? SILENT : LOWER;
}

static void key_us(struct keyed *k, double us)
{
    key(k, fabs(us), key_of(k, us > 0));
}

static void key_spans(struct keyed *k, const struct hz_spans *s)
{
    for (size_t i = 0; i < s->n; i++) {
        key_us(k, (double)s->us[i]);
    }
}

static void key_symbol(struct keyed *k, const struct hz_wave *w, bool symbol)
{
    key_spans(k, symbol ? &w->one : &w->zero);
    k->half = symbol;
}

/* A bit of two halves, which begins with a change. */
static void key_halves(struct keyed *k, const struct hz_wave *w, bool equal)
{
    key_symbol(k, w, !k->half);
    key_symbol(k, w, equal ? k->half : !k->half);
}

static void key_bits(struct keyed *k, const struct hz_wave *w, const struct hz_bitrow *row)
{
    for (size_t i = 0; i < row->n; i++) {
        bool bit = row->bit[i] != 0;
        switch (w->code) {
        case HZ_WAVE_DM:
            key_halves(k, w, bit);
            break;
        case HZ_WAVE_DM1:
            key_halves(k, w, !bit);
            break;
        case HZ_WAVE_PIWM: {
            double us = (double)(bit ? w->one : w->zero).us[0];
            key_us(k, i % 2 == 0 ? us : -us);
            break;
        }
        default:
            key_symbol(k, w, bit);
        }
    }
}

static void key_frame(struct keyed *k, const struct hz_wave *w, const struct hz_bitrow *row)
{
    for (size_t i = 0; i < w->chips.n; i++) {
        key(k, w->chip_us, key_of(k, w->chips.bit[i] != 0));
    }
    key_spans(k, &w->sync);
    for (size_t i = 0; i < w->preamble.n; i++) {
        key_symbol(k, w, w->preamble.bit[i] != 0);
    }
    key_bits(k, w, row);
}

/* Between two frames. A pause is silence, whatever the modulation. */
static void key_gap(struct keyed *k, const struct hz_sim_sensor *how)
{
    const struct hz_spans *gap = &how->wave->gap;
    if (gap->n == 1 && gap->us[0] < 0) {
        key(k, -(double)gap->us[0], SILENT);
    } else {
        key_spans(k, gap);
    }
    key(k, how->spacing_us, SILENT);
}

static void key_all(struct keyed *k, const struct hz_sim_sensor *how)
{
    key_spans(k, &how->wave->lead);
    for (size_t i = 0; i < how->frames; i++) {
        key_frame(k, how->wave, &how->frame[i]);
        if (i + 1 < how->frames) {
            key_gap(k, how);
        }
    }
    key_spans(k, &how->wave->tail);
    while (k->n > 0 && k->list[k->n - 1].key == SILENT) {
        k->n--;
    }
}

static double edge_of(const struct keyed *k, const struct hz_sim_sensor *how)
{
    if (how->edge_us > 0) {
        return how->edge_us;
    }
    double shortest = 5 * usual_edge_us;
    for (size_t i = 0; i < k->n; i++) {
        shortest = fmin(shortest, k->list[i].us);
    }
    return shortest / 5;
}

/* The integral of what is keyed up to a time that only grows. */
struct integral {
    const struct keyed *of;
    size_t at;
    double from_us, power, tone; /* at the start of interval `at` */
};

static double level_of(enum key k)
{
    return k == SILENT ? 0 : 1;
}

static double tone_of(const struct keyed *of, enum key k)
{
    return of->ook || k == SILENT ? 0 : k == UPPER ? 1 : -1;
}

static void integrate(struct integral *g, double us, double *power, double *tone)
{
    const struct keyed *of = g->of;
    while (g->at < of->n && g->from_us + of->list[g->at].us <= us) {
        const struct interval *v = &of->list[g->at++];
        g->from_us += v->us;
        g->power += v->us * level_of(v->key);
        g->tone += v->us * tone_of(of, v->key);
    }
    enum key now = g->at < of->n ? of->list[g->at].key : SILENT;
    double in = us < 0 ? 0 : us - g->from_us;
    *power = g->power + in * level_of(now);
    *tone = g->tone + in * tone_of(of, now);
}

/* An edge is a straight line: the mean of what is keyed over its length. So a duration that is no
 * multiple of the knots keeps its length. */
static int draw(const struct keyed *k, double edge_us, double deviation_hz,
                struct hz_sim_track *track)
{
    double whole_us = 0, step_us = edge_us / KNOTS;
    for (size_t i = 0; i < k->n; i++) {
        whole_us += k->list[i].us;
    }
    size_t n = (size_t)ceil((whole_us + edge_us) / step_us) + 1;
    int err = hz_sim_track_init(track, 1e6 / step_us, n);
    if (err != 0) {
        return err;
    }
    struct integral behind = {.of = k}, ahead = {.of = k};
    for (size_t i = 0; i < n; i++) {
        double us = (double)i * step_us, p0, p1, t0, t1;
        integrate(&behind, us - edge_us, &p0, &t0);
        integrate(&ahead, us, &p1, &t1);
        double power = (p1 - p0) / edge_us, tone = (t1 - t0) / edge_us;
        track->amplitude[i] = (float)power;
        track->freq_hz[i] = (float)(power > 0 ? deviation_hz * tone / power : 0);
    }
    hz_sim_track_seal(track);
    return 0;
}

int hz_sim_sensor(const struct hz_sim_sensor *how, struct hz_sim_track *track)
{
    const struct hz_wave *w = how->wave;
    struct keyed k = {.ook = w->modulation == HZ_WAVE_OOK};
    key_all(&k, how);
    double deviation = how->deviation_hz > 0 ? how->deviation_hz
                       : w->deviation_hz > 0 ? w->deviation_hz
                                             : usual_deviation_hz;
    int err = k.failed ? -ENOMEM : k.n == 0 ? -EINVAL : 0;
    if (err == 0) {
        err = draw(&k, edge_of(&k, how), deviation, track);
    }
    free(k.list);
    if (err == 0 && how->drift_hz_s != 0) {
        hz_sim_track_drift(track, how->drift_hz_s);
    }
    return err;
}
