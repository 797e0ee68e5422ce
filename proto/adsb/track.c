#include "proto/adsb/track.h"

#include <stddef.h>
#include <stdlib.h>

#define SECOND UINT64_C(1000000000)

/* The greatest age of the other half of a pair: long enough to receive it, too short to fly half
 * the difference of the zone sizes (DO-260B, 2.2.10.3.3 in the air, 2.2.10.6.3 on the ground). */
#define PAIR_AIR            (10 * SECOND)
#define PAIR_FAST           (25 * SECOND) /* on the ground, above 25 kt */
#define PAIR_SLOW           (50 * SECOND)
#define FAST_KT             25.0
#define SPEED_FRESH         (30 * SECOND)
#define TRACK_FRESH         (300 * SECOND)
#define AIR_MAX_KT          1200.0 /* limit when the aircraft's speed is unknown */
#define GROUND_KT           150.0
#define STRIKES             3
#define HALF_ZONE_NM        180.0
#define HALF_ZONE_GROUND_NM 45.0

/* Radio horizon of an aircraft at FL600 for an antenna on a mountain of 10,000 ft:
 * 1.23 (sqrt(60000) + sqrt(10000)) NM. Positions beyond it are rejected. */
#define RANGE_MAX_NM 425.0
/* A position that is derived from the antenna's position alone must be so near that the same code
 * one zone (360 NM) away would be beyond the usual horizon of 300 NM. */
#define RANGE_ALONE_NM 60.0

/* Two aircraft may send with one address (a wrong setting, a copied transponder). An even frame of
 * one and an odd frame of the other then give a position far from both. The two halves of a true
 * pair, each decoded near the result, are as close as the aircraft can have flown in between.
 * Halves of two aircraft differ by up to half the difference of the zone sizes, 360 / 59 / 60 / 2
 * degrees or 3 NM of latitude (a quarter of that on the ground), and more in longitude. One such
 * pair in 14 passes. */
#define PAIR_SLACK_NM 0.15  /* for the steps of the code, and for turns */
#define PAIR_SLACK_S  1.0   /* for the times: recordings may have whole seconds */
#define PAIR_MAX_KT   650.0 /* ground speed when the aircraft's own is unknown */
/* The halves may always differ by this much: some recordings hold bursts without the silence
 * between them, and in the pair that textbooks print the halves are 0.89 NM apart. */
#define PAIR_LEAST_NM 1.1
/* A pair whose halves may be farther apart than this (6 s at 650 kt) is weak evidence and needs a
 * third frame. */
#define PROOF_NM 1.4
/* Limit of the climb rate of transport aircraft (ft/s); altitudes have steps of 25 and 100 ft. */
#define CLIMB_MAX_FT_S 200.0
#define CLIMB_SLACK_FT 500.0

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

static double seconds(int64_t a, int64_t b)
{
    return (double)hz_between_ns(a, b) / (double)SECOND;
}

/* An upper bound of the aircraft's speed; generous, because its speed may change. */
static double speed_limit(const struct hz_track *t, const struct hz_cpr_frame *f, double unknown_kt)
{
    return speed_fresh(t, f->time_ns) ? t->gs_kt * 1.3 + 20.0 : f->surface ? GROUND_KT : unknown_kt;
}

/* The greatest distance from the last position. */
static double reach_nm(const struct hz_track *t, const struct hz_cpr_frame *f)
{
    double kt = speed_limit(t, f, AIR_MAX_KT);
    return 0.5 + kt / 3600.0 * (seconds(f->time_ns, t->at_ns) + 1.0);
}

/* The greatest distance flown between the halves of a pair. */
static double pair_nm(const struct hz_track *t, const struct hz_cpr_frame *f)
{
    double s = seconds(f->time_ns, t->half[!f->odd].time_ns);
    double nm = PAIR_SLACK_NM + speed_limit(t, f, PAIR_MAX_KT) / 3600.0 * (s + PAIR_SLACK_S);
    return nm > PAIR_LEAST_NM ? nm : PAIR_LEAST_NM;
}

static bool altitudes_fit(const struct hz_cpr_frame *a, const struct hz_cpr_frame *b)
{
    double s = seconds(a->time_ns, b->time_ns);
    return !a->altitude || !b->altitude ||
           abs(a->altitude_ft - b->altitude_ft) <= CLIMB_SLACK_FT + CLIMB_MAX_FT_S * s;
}

static bool pair_fits(const struct hz_track *t, const struct hz_cpr_frame *f)
{
    const struct hz_cpr_frame *other = &t->half[!f->odd];
    if (!t->heard[!f->odd] || other->surface != f->surface || !altitudes_fit(f, other))
        return false;
    bool fast = speed_fresh(t, f->time_ns) && t->gs_kt > FAST_KT;
    uint64_t limit = !f->surface ? PAIR_AIR : fast ? PAIR_FAST : PAIR_SLOW;
    return hz_between_ns(f->time_ns, other->time_ns) <= limit;
}

/* True when the other half, decoded near the position of a pair, is close enough to it for one
 * aircraft. */
static bool halves_meet(const struct hz_track *t, const struct hz_cpr_frame *f,
                        struct hz_position answer)
{
    const struct hz_cpr_frame *other = &t->half[!f->odd];
    struct hz_position p;
    return hz_cpr_local(other->cpr, other->odd, f->surface, answer, &p) &&
           hz_distance_nm(p, answer) <= pair_nm(t, f);
}

static bool by_pair(const struct hz_track *t, const struct hz_cpr_frame *f,
                    const struct hz_position *antenna, struct hz_position *out)
{
    if (!pair_fits(t, f))
        return false;
    struct hz_cpr even = t->half[0].cpr, odd = t->half[1].cpr;
    if (!f->surface)
        return hz_cpr_airborne(even, odd, f->odd, out) && halves_meet(t, f, *out);
    const struct hz_position *ref = t->known ? &t->at : antenna;
    return ref && hz_cpr_surface(even, odd, f->odd, *ref, out) && halves_meet(t, f, *out);
}

/* Decodes one frame near the last position, if the aircraft cannot have left half a zone since. */
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

/* Rejects a position that does not fit the last one. After several in a row the last one is
 * rejected too. */
static void strike(struct hz_track *t)
{
    t->heard[0] = t->heard[1] = false;
    if (++t->strikes >= STRIKES || !t->proven) {
        t->known = false;
        t->strikes = 0;
    }
}

/* Whether a first position is accepted at once: on the ground, or near the antenna, always; from a
 * pair in the air, if its halves are close in time and have the same type code, which seldom
 * changes but often differs between two aircraft. */
static bool proves_itself(const struct hz_track *t, const struct hz_cpr_frame *f, bool pair)
{
    bool alike = t->half[0].typecode == t->half[1].typecode;
    return f->surface || !pair || (alike && pair_nm(t, f) <= PROOF_NM);
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
    t->proven = vouched || proves_itself(t, f, pair);
    t->from_pair = pair || (t->known && t->from_pair);
    t->at = *out;
    t->at_ns = f->time_ns;
    t->known = true;
    t->strikes = 0;
    return t->proven;
}
