#include "daemon/picture/track.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_POINTS = 8 };

static void drop_first(struct hz_track *t, size_t n)
{
    if (n == 0)
        return;
    t->n -= n;
    memmove(t->points, t->points + n, t->n * sizeof *t->points);
}

static void keep(struct hz_track *t, const struct hz_fix *fix)
{
    if (t->n == HZ_TRACK_MAX)
        drop_first(t, 1);
    if (t->n == t->cap) {
        size_t cap = t->cap ? 2 * t->cap : FIRST_POINTS;
        cap = cap < HZ_TRACK_MAX ? cap : HZ_TRACK_MAX;
        struct hz_fix *points = realloc(t->points, cap * sizeof *points);
        if (!points)
            return; /* the track has a point less */
        t->points = points;
        t->cap = cap;
    }
    t->points[t->n++] = *fix;
}

static double turn(double from_deg, double to_deg)
{
    return fabs(remainder(to_deg - from_deg, 360));
}

/* Whether the newest position is a corner of the way from the last point to the next position. */
static bool is_corner(const struct hz_track *t, const struct hz_thinning *how,
                      const struct hz_fix *next)
{
    const struct hz_fix *last = &t->points[t->n - 1], *newest = &t->newest;
    if ((double)(next->utc_ns - last->utc_ns) > how->step_s * 1e9 ||
        (double)fabsf(newest->alt - last->alt) > how->climb)
        return true;
    return hz_earth_distance(newest->at, next->at) >= how->min_m / 4 &&
           turn(hz_earth_bearing(last->at, newest->at), hz_earth_bearing(newest->at, next->at)) >
               how->turn_deg;
}

void hz_track_add(struct hz_track *t, const struct hz_thinning *how, const struct hz_fix *fix)
{
    hz_track_age(t, how, fix->utc_ns);
    if (t->n == 0)
        keep(t, t->any ? &t->newest : fix);
    else if (hz_earth_distance(t->points[t->n - 1].at, t->newest.at) >= how->min_m &&
             is_corner(t, how, fix))
        keep(t, &t->newest);
    t->newest = *fix;
    t->any = true;
}

void hz_track_age(struct hz_track *t, const struct hz_thinning *how, int64_t utc_ns)
{
    size_t old = 0;
    while (old < t->n && (double)(utc_ns - t->points[old].utc_ns) > how->span_s * 1e9)
        old++;
    drop_first(t, old);
}

void hz_track_clear(struct hz_track *t)
{
    t->n = 0;
    t->any = false;
}

void hz_track_free(struct hz_track *t)
{
    free(t->points);
    *t = (struct hz_track){0};
}
