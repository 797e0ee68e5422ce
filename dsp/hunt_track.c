/* The candidates of a hunt: what its looks find, joined in time and frequency. */
#include "dsp/hunt_own.h"

#include <math.h>
#include <stdlib.h>

enum {
    APART = 1,        /* groups between two hits of one candidate, at most */
    TONES_APART = 40, /* groups between two tones that began together: one transmitter's */
    WIDEST = 120,     /* groups of a candidate; what lies further out is another one */
    HOLD_FIRST = 50,  /* blocks for which a carrier's level is the floor, at first */
    HOLD_MOST = 12800 /* 256 s */
};

#define ALIKE 8.0f /* excess of one tone of a transmission over that of the other, at most */
#define OVER  1.5f /* the floor is so much over a carrier's mean level */

static struct hz_hunt_event event_of(const struct hz_hunt *h, const struct hz_hunt_candidate *c)
{
    return (struct hz_hunt_event){
        .id = c->id,
        .low_hz = (float)(h->low_hz + c->low * HZ_HUNT_GROUP_HZ),
        .high_hz = (float)(h->low_hz + (c->high + 1) * HZ_HUNT_GROUP_HZ),
        .over_db = 10 * log10f(c->excess),
        .from = c->from,
    };
}

/* Ends a candidate with block `until`, the first that is no longer its own. */
static struct hz_hunt_event end(struct hz_hunt *h, struct hz_hunt_candidate *c, uint64_t until)
{
    struct hz_hunt_event e = event_of(h, c);
    e.ends = true;
    e.until = until;
    hz_hunt_forget(h, c->low - 2, c->high + 2);
    c->id = 0;
    return e;
}

/* Tells of a candidate, one block after it was found: a transmission of two tones may have shown
 * one of them only. */
static struct hz_hunt_event tell(const struct hz_hunt *h, struct hz_hunt_candidate *c)
{
    c->told = true;
    return event_of(h, c);
}

size_t hz_hunt_flush(struct hz_hunt *h, struct hz_hunt_event *events)
{
    size_t n = 0;
    for (size_t i = 0; i < HZ_HUNT_OPEN_MAX; i++) {
        if (h->open[i].id && !h->open[i].told)
            events[n++] = tell(h, &h->open[i]);
    }
    return n;
}

size_t hz_hunt_end_all(struct hz_hunt *h, uint64_t b, struct hz_hunt_event *events)
{
    size_t n = 0;
    for (size_t i = 0; i < HZ_HUNT_OPEN_MAX; i++) {
        if (h->open[i].id && h->open[i].told)
            events[n++] = end(h, &h->open[i], b);
        h->open[i].id = 0; /* of a block before missing ones alone: nothing of it is left */
    }
    return n;
}

/* What goes on for too long becomes the floor for a while: for longer each time that it is found
 * again soon after. */
static void hold(struct hz_hunt *h, const struct hz_hunt_candidate *c, uint64_t b)
{
    for (int g = c->low > 2 ? c->low - 2 : 0; g <= c->high + 2 && g < (int)h->n; g++) {
        bool again = h->hold[g] && b < h->held[g] + h->hold[g] + 2 * HZ_HUNT_LONGEST;
        uint32_t next = again ? 4 * h->hold[g] : HOLD_FIRST;
        h->hold[g] = next < HOLD_MOST ? next : HOLD_MOST;
        h->held[g] = b + h->hold[g];
        h->floor[g] = fmaxf(h->floor[g], OVER * h->level[g]);
    }
}

/* Whether it is what has just become the floor. */
static bool is_held(const struct hz_hunt *h, const struct hz_hunt_pick *p, uint64_t b)
{
    size_t g = (size_t)(p->low + p->high) / 2;
    return h->held[g] > b && h->power[g] < OVER * h->floor[g];
}

static bool touches(const struct hz_hunt_candidate *c, const struct hz_hunt_pick *p)
{
    return p->low <= c->high + 1 + APART && p->high >= c->low - 1 - APART;
}

/* Whether a pick is the other tone of a candidate: it began with it, is not far and not of another
 * strength. */
static bool is_tone_of(const struct hz_hunt_candidate *c, const struct hz_hunt_pick *p, uint64_t b)
{
    int low = p->low < c->low ? p->low : c->low, high = p->high > c->high ? p->high : c->high;
    return p->blocks == 1 && c->sudden && b <= c->found + 1 && p->low <= c->high + TONES_APART &&
           p->high >= c->low - TONES_APART && high - low < WIDEST &&
           p->excess < ALIKE * c->excess && c->excess < ALIKE * p->excess;
}

/* The candidate that a pick belongs to: of those that it touches the strongest, or else one that
 * began with it. One that is far stronger than what it touches is another transmission. */
static struct hz_hunt_candidate *of_pick(struct hz_hunt *h, const struct hz_hunt_pick *p,
                                         uint64_t b)
{
    struct hz_hunt_candidate *best = NULL, *tone = NULL;
    for (size_t i = 0; i < HZ_HUNT_OPEN_MAX; i++) {
        struct hz_hunt_candidate *c = &h->open[i];
        if (c->id && touches(c, p) && (!best || c->excess > best->excess))
            best = c;
        if (c->id && !tone && is_tone_of(c, p, b))
            tone = c;
    }
    bool other = best && p->blocks == 1 && b > best->found + 1 && p->excess > ALIKE * best->excess;
    return other ? NULL : best ? best : tone;
}

static void widen(struct hz_hunt_candidate *c, const struct hz_hunt_pick *p)
{
    int low = p->low < c->low ? p->low : c->low, high = p->high > c->high ? p->high : c->high;
    if (high - low >= WIDEST)
        return;
    c->low = low;
    c->high = high;
}

/* A mean over blocks still holds what is over: it does not keep a candidate that shorter looks
 * found, beyond what they found last. */
static void keep(struct hz_hunt_candidate *c, const struct hz_hunt_pick *p, uint64_t b)
{
    bool cell = c->cell + HZ_HUNT_RING > b && c->cell > 0;
    widen(c, p);
    c->excess = fmaxf(c->excess, p->excess);
    if (p->blocks == 1) {
        c->cell = b + 1;
        c->last = b;
    } else if (p->blocks == HZ_HUNT_SHORT || !cell) {
        uint64_t late = b + 1 - HZ_HUNT_HANG > c->last ? b + 1 - HZ_HUNT_HANG : c->last;
        c->last = late;
    }
}

static void begin(struct hz_hunt *h, const struct hz_hunt_pick *p, uint64_t b,
                  struct hz_hunt_candidate *c)
{
    uint64_t before = p->blocks < HZ_HUNT_PAST ? (uint64_t)p->blocks : HZ_HUNT_PAST;
    *c = (struct hz_hunt_candidate){
        .id = ++h->ids,
        .low = p->low,
        .high = p->high,
        .from = b > before ? b - before : 0,
        .found = b,
        .sudden = p->blocks == 1 && h->age > 0, /* not what was there already */
    };
    keep(c, p, b);
    h->stats.found++;
}

static struct hz_hunt_candidate *spare(struct hz_hunt *h)
{
    for (size_t i = 0; i < HZ_HUNT_OPEN_MAX; i++) {
        if (!h->open[i].id)
            return &h->open[i];
    }
    return NULL;
}

size_t hz_hunt_track(struct hz_hunt *h, uint64_t b, struct hz_hunt_event *events)
{
    size_t n = 0;
    for (size_t i = 0; i < HZ_HUNT_OPEN_MAX; i++) {
        struct hz_hunt_candidate *c = &h->open[i];
        if (!c->id || b < c->from + HZ_HUNT_LONGEST)
            continue;
        hold(h, c, b);
        events[n] = end(h, c, b);
        events[n++].too_long = true;
        h->stats.too_long++;
    }
    for (size_t i = 0; i < h->picks; i++) {
        const struct hz_hunt_pick *p = &h->pick[i];
        struct hz_hunt_candidate *c = of_pick(h, p, b);
        if (is_held(h, p, b)) {
            continue;
        } else if (c) {
            keep(c, p, b);
        } else if ((c = spare(h))) {
            begin(h, p, b, c);
        } else {
            h->stats.shed++;
        }
    }
    for (size_t i = 0; i < HZ_HUNT_OPEN_MAX; i++) {
        struct hz_hunt_candidate *c = &h->open[i];
        if (c->id && !c->told && b > c->found)
            events[n++] = tell(h, c);
        else if (c->id && c->told && b >= c->last + HZ_HUNT_HANG)
            events[n++] = end(h, c, b + 1);
    }
    return n;
}
