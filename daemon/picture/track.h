/* Where a target has been: a few points of its way, each where it has turned, climbed, or gone on
 * for some time. Loop thread. */
#ifndef HZ_DAEMON_PICTURE_TRACK_H
#define HZ_DAEMON_PICTURE_TRACK_H

#include "daemon/picture/earth.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HZ_TRACK_MAX = 96 }; /* points; the oldest leaves */

struct hz_fix {
    struct hz_place at; /* NAN: there is none */
    float alt;          /* as the protocol gives it: feet or metres; NAN: not known */
    int64_t utc_ns;     /* of the message that gave it */
    uint64_t heard_ms;  /* when that was heard, by the loop's clock */
};

/* When a point is kept. */
struct hz_thinning {
    double span_s;   /* how old a point may be */
    double step_s;   /* on a straight way */
    double min_m;    /* from the last point */
    double turn_deg; /* from the direction of the way before */
    double climb;    /* in the unit of alt */
};

struct hz_track {
    struct hz_fix *points; /* the oldest first */
    size_t n, cap;
    struct hz_fix newest; /* the last position; it need not be among the points */
    bool any;
};

/* Adds a position that is later than those before. */
void hz_track_add(struct hz_track *t, const struct hz_thinning *how, const struct hz_fix *fix);
/* Drops the points that are older than span_s at utc_ns. */
void hz_track_age(struct hz_track *t, const struct hz_thinning *how, int64_t utc_ns);
void hz_track_clear(struct hz_track *t);
void hz_track_free(struct hz_track *t);

#endif
