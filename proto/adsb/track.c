#include "proto/adsb/track.h"

#include <stddef.h>

#define SECOND UINT64_C(1000000000)

/* How old the other half of a pair may be: long enough to be heard, too short to fly through half
 * a zone's difference (DO-260B, 2.2.10.3.3 for the air, 2.2.10.6.3 for the ground). */
#define PAIR_AIR            (10 * SECOND)
#define PAIR_FAST           (25 * SECOND) /* on the ground, above 25 kt */
#define PAIR_SLOW           (50 * SECOND)
#define FAST_KT             25.0
#define SPEED_FRESH         (30 * SECOND)
#define TRACK_FRESH         (300 * SECOND)
#define AIR_MAX_KT          1200.0 /* when the aircraft's own speed is not known */
#define GROUND_KT           150.0
#define STRIKES             3
#define HALF_ZONE_NM        180.0
#define HALF_ZONE_GROUND_NM 45.0

/* Radio horizon of an aircraft at FL600 for an antenna on a mountain of 10,000 ft:
 * 1.23 (sqrt(60000) + sqrt(10000)) NM. What seems to come from beyond is not believed. */
#define RANGE_MAX_NM 425.0
/* An aircraft seen by its antenna's position alone must be so near that the same code one zone
 * (360 NM) away would be beyond the usual horizon of 300 NM. */
#define RANGE_ALONE_NM 60.0

uint64_t hz_between_ns(int64_t a, int64_t b)
{
    return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
}

void hz_track_speed(struct hz_track *t, double gs_kt, int64_t time_ns)
{
    t->gs_kt = gs_kt;
    t->gs_ns = time_ns;
    t->gs_known = true;
}

static bool speed_fresh(const struct hz_track *t, int64_t now)
{
    return t->gs_known && hz_between_ns(now, t->gs_ns) < SPEED_FRESH;
}

/* How far the aircraft may be from where it was last; generous, for its speed may change. */
static double reach_nm(const struct hz_track *t, const struct hz_cpr_frame *f)
{
    double kt = speed_fresh(t, f->time_ns) ? t->gs_kt * 1.3 + 20.0
                : f->surface               ? GROUND_KT
                                           : AIR_MAX_KT;
    double s = (double)hz_between_ns(f->time_ns, t->at_ns) / (double)SECOND;
    return 0.5 + kt / 3600.0 * (s + 1.0);
}

static bool pair_fits(const struct hz_track *t, const struct hz_cpr_frame *f)
{
    const struct hz_cpr_frame *other = &t->half[!f->odd];
    if (!t->heard[!f->odd] || other->surface != f->surface)
        return false;
    bool fast = speed_fresh(t, f->time_ns) && t->gs_kt > FAST_KT;
    uint64_t limit = !f->surface ? PAIR_AIR : fast ? PAIR_FAST : PAIR_SLOW;
    return hz_between_ns(f->time_ns, other->time_ns) <= limit;
}

static bool by_pair(const struct hz_track *t, const struct hz_cpr_frame *f,
                    const struct hz_position *antenna, struct hz_position *out)
{
    if (!pair_fits(t, f))
        return false;
    struct hz_cpr even = t->half[0].cpr, odd = t->half[1].cpr;
    if (!f->surface)
        return hz_cpr_airborne(even, odd, f->odd, out);
    const struct hz_position *ref = t->known ? &t->at : antenna;
    return ref && hz_cpr_surface(even, odd, f->odd, *ref, out);
}

/* By the last position, where it cannot have flown out of half a zone since. */
static bool by_last(const struct hz_track *t, const struct hz_cpr_frame *f, struct hz_position *out)
{
    double half_zone = f->surface ? HALF_ZONE_GROUND_NM : HALF_ZONE_NM;
    return t->known && reach_nm(t, f) < half_zone &&
           hz_cpr_local(f->cpr, f->odd, f->surface, t->at, out);
}

static bool by_antenna(const struct hz_track *t, const struct hz_cpr_frame *f,
                       const struct hz_position *antenna, struct hz_position *out)
{
    double limit = f->surface ? HALF_ZONE_GROUND_NM : RANGE_ALONE_NM;
    return !t->known && antenna && hz_cpr_local(f->cpr, f->odd, f->surface, *antenna, out) &&
           hz_distance_nm(*antenna, *out) < limit;
}

/* A new position that does not fit the last one: one of them is wrong. It is not believed, and
 * when that happens again and again neither is the last one any more. */
static void strike(struct hz_track *t)
{
    t->heard[0] = t->heard[1] = false;
    if (++t->strikes >= STRIKES) {
        t->known = false;
        t->strikes = 0;
    }
}

bool hz_track_push(struct hz_track *t, const struct hz_cpr_frame *f,
                   const struct hz_position *antenna, struct hz_position *out)
{
    t->half[f->odd] = *f;
    t->heard[f->odd] = true;
    if (t->known && hz_between_ns(f->time_ns, t->at_ns) > TRACK_FRESH)
        t->known = false;

    bool pair = by_pair(t, f, antenna, out);
    if (!pair && !by_last(t, f, out) && !by_antenna(t, f, antenna, out))
        return false;
    if (antenna && hz_distance_nm(*antenna, *out) > RANGE_MAX_NM) {
        strike(t);
        return false;
    }
    bool vouched = t->known && (t->from_pair || !pair);
    if (vouched && hz_distance_nm(t->at, *out) > reach_nm(t, f)) {
        strike(t);
        return false;
    }
    t->from_pair = pair || (t->known && t->from_pair);
    t->at = *out;
    t->at_ns = f->time_ns;
    t->known = true;
    t->strikes = 0;
    return true;
}
