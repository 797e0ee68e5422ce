/* Which positions are believed. */
#include "proto/adsb/track.h"

#include <criterion/criterion.h>
#include <math.h>

#define SECOND INT64_C(1000000000)

/* An aircraft as its transponder encodes it (DO-260B, A.1.7.3), independent of the decoder but for
 * the number of zones, at latitudes that are nowhere near a change of it. */
static struct hz_cpr_frame sent(double lat, double lon, bool odd, bool surface, int64_t time_ns)
{
    double span = surface ? 90.0 : 360.0, dlat = span / (odd ? 59.0 : 60.0);
    double yz = floor(131072.0 * (lat / dlat - floor(lat / dlat)) + 0.5);
    double rlat = dlat * (yz / 131072.0 + floor(lat / dlat));
    int zones = hz_cpr_nl(rlat) - odd;
    double dlon = span / (zones > 1 ? zones : 1);
    double xz = floor(131072.0 * (lon / dlon - floor(lon / dlon)) + 0.5);
    return (struct hz_cpr_frame){.cpr = {(uint32_t)yz & 0x1ffff, (uint32_t)xz & 0x1ffff},
                                 .time_ns = time_ns,
                                 .odd = odd,
                                 .surface = surface};
}

static struct hz_position got;

static bool push(struct hz_track *t, struct hz_cpr_frame f)
{
    return hz_track_push(t, &f, NULL, &got);
}

Test(track, flies)
{
    struct hz_track t = {0};
    int positions = 0;
    for (int s = 0; s < 600; s++) { /* 480 kt north-east for 10 minutes */
        double lat = 48.0 + s * 480.0 / 3600.0 / 60.0 * 0.7071, lon = 11.0 + s * 0.0022;
        if (push(&t, sent(lat, lon, s % 2, false, s * SECOND))) {
            positions++;
            cr_assert_float_eq(got.lat, lat, 1e-4, "second %d: %f", s, got.lat);
            cr_assert_float_eq(got.lon, lon, 1e-4, "second %d: %f", s, got.lon);
        }
    }
    cr_assert_eq(positions, 599, "every frame but the first");
}

static double noise(uint64_t *s)
{
    *s = *s * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(*s >> 11) / 9007199254740992.0;
}

/* An even frame of one aircraft and an odd one of another with the same address: pairs anywhere on
 * earth, one in 14 of which happens to fit; none fits when altitudes are sent. */
Test(track, two_aircraft_with_one_address)
{
    uint64_t s = 9;
    int told = 0, told_with_altitude = 0;
    for (int i = 0; i < 10000; i++) {
        double lat = noise(&s) * 120.0 - 60.0, lon = noise(&s) * 360.0 - 180.0;
        double north = 1.0 + 3.0 * noise(&s), east = 1.0 + 3.0 * noise(&s);
        struct hz_track t = {0}, u = {0};
        struct hz_cpr_frame one = sent(lat, lon, i % 2, false, 0);
        struct hz_cpr_frame other = sent(lat + north, lon + east, i % 2 == 0, false, SECOND);
        push(&t, one);
        told += push(&t, other);
        one.altitude = other.altitude = true;
        one.altitude_ft = 30000;
        other.altitude_ft = 33000;
        push(&u, one);
        told_with_altitude += push(&u, other);
    }
    cr_expect_lt(told, 10000 / 14, "%d", told);
    cr_expect_eq(told_with_altitude, 0);
}

/* Halves 8 s apart: nothing is told before a third frame, unless the aircraft is known to be slow.
 */
Test(track, slow_pair_needs_a_third_frame)
{
    struct hz_track t = {0}, slow = {0};
    push(&t, sent(48.0, 11.0, false, false, 0));
    cr_expect_not(push(&t, sent(48.0, 11.0, true, false, 8 * SECOND)));
    cr_expect(push(&t, sent(48.0, 11.0, true, false, 9 * SECOND)));
    cr_expect_float_eq(got.lat, 48.0, 1e-4);
    struct hz_track changed = {0};
    struct hz_cpr_frame first = sent(48.0, 11.0, false, false, 0);
    first.typecode = 11;
    push(&changed, first);
    cr_expect_not(push(&changed, sent(48.0, 11.0, true, false, SECOND)), "another type code");
    cr_expect(push(&changed, sent(48.0, 11.0, false, false, 2 * SECOND)));
    hz_track_speed(&slow, 100.0, 0);
    push(&slow, sent(48.0, 11.0, false, false, 0));
    cr_expect(push(&slow, sent(48.0, 11.0, true, false, 8 * SECOND)));
}

/* A frame that was damaged and passed its check all the same. */
Test(track, one_wrong_frame_shows_nowhere)
{
    struct hz_track t = {0};
    push(&t, sent(48.0, 11.0, false, false, 0));
    cr_assert(push(&t, sent(48.0, 11.0, true, false, SECOND)));
    struct hz_cpr_frame wrong = sent(48.0, 11.0, false, false, 2 * SECOND);
    wrong.cpr.lat ^= 0x8000;
    cr_expect_not(push(&t, wrong));
    cr_assert(push(&t, sent(48.0, 11.0, true, false, 3 * SECOND)));
    cr_expect_float_eq(got.lat, 48.0, 1e-4);
}

/* Two wrong halves made a wrong first position: the truth wins in the end. */
Test(track, recovers_from_a_wrong_start)
{
    struct hz_track t = {0};
    push(&t, sent(40.0, 11.0, false, false, 0));
    cr_assert(push(&t, sent(40.0, 11.0, true, false, SECOND)));
    int refused = 0, s = 2;
    while (!push(&t, sent(48.0, 11.0, s % 2, false, s * SECOND)) && s < 30) {
        refused++;
        s++;
    }
    cr_expect_float_eq(got.lat, 48.0, 1e-4);
    cr_expect_leq(refused, 10);
}

/* What came of one flight. */
struct flown {
    int heard, placed, wrong;
};

/* Ten minutes from anywhere to anywhere, over the date line and every row of zones, two frames a
 * second of which a third is heard, and one in `damage` is damaged; no antenna is known. */
static struct flown fly(uint64_t *s, int damage)
{
    struct flown n = {0};
    struct hz_track t = {0};
    struct hz_position at = {noise(s) * 160.0 - 80.0, noise(s) * 360.0 - 180.0};
    double kt = 60.0 + 500.0 * noise(s), course = 6.28 * noise(s);
    for (int i = 0; i < 1200; i++) {
        double step = kt / 3600.0 / 60.0 / 2.0;
        at.lat += step * cos(course);
        at.lon += step * sin(course) / cos(at.lat / 57.2958);
        at.lon += at.lon >= 180.0 ? -360.0 : at.lon < -180.0 ? 360.0 : 0.0;
        if (noise(s) > 1.0 / 3.0)
            continue;
        struct hz_cpr_frame f = sent(at.lat, at.lon, i % 2, false, i * SECOND / 2);
        if (i % 10 == 0)
            hz_track_speed(&t, kt, f.time_ns);
        n.heard++;
        if (damage && noise(s) * damage < 1.0 && t.known)
            f.cpr.lon ^= 1u << (int)(10.0 + 7.0 * noise(s));
        if (push(&t, f)) {
            n.placed++;
            n.wrong += hz_distance_nm(at, got) > 1.0;
        }
    }
    return n;
}

Test(track, flights_anywhere)
{
    uint64_t s = 1;
    for (int damage = 0; damage <= 100; damage += 100) {
        struct flown all = {0};
        for (int i = 0; i < 300; i++) {
            struct flown one = fly(&s, damage);
            all.heard += one.heard;
            all.placed += one.placed;
            all.wrong += one.wrong;
        }
        cr_expect_geq(all.placed, all.heard * (damage ? 96 : 99) / 100, "%d of %d", all.placed,
                      all.heard);
        cr_expect_eq(all.wrong, 0, "%d of %d", all.wrong, all.placed);
    }
}

Test(track, far_beyond_the_horizon)
{
    struct hz_track t = {0};
    struct hz_position antenna = {48.0, 11.0}, p;
    struct hz_cpr_frame even = sent(56.0, 11.0, false, false, 0);
    struct hz_cpr_frame odd = sent(56.0, 11.0, true, false, SECOND);
    hz_track_push(&t, &even, &antenna, &p);
    cr_expect_not(hz_track_push(&t, &odd, &antenna, &p), "480 NM");
}

Test(track, lands_and_takes_off)
{
    struct hz_track t = {0};
    push(&t, sent(48.35, 11.78, false, false, 0));
    cr_assert(push(&t, sent(48.35, 11.78, true, false, SECOND)));
    hz_track_speed(&t, 140.0, 2 * SECOND);
    cr_assert(push(&t, sent(48.351, 11.785, false, true, 5 * SECOND)));
    cr_expect_float_eq(got.lon, 11.785, 1e-4);
    cr_assert(push(&t, sent(48.351, 11.785, true, true, 60 * SECOND)));
    cr_expect_float_eq(got.lat, 48.351, 1e-4);
    cr_assert(push(&t, sent(48.36, 11.80, true, false, 90 * SECOND)));
    cr_expect_float_eq(got.lon, 11.80, 1e-4);
}

Test(track, pair_limits_on_the_ground)
{
    struct hz_position antenna = {48.0, 11.0}, p;
    for (int fast = 0; fast < 2; fast++) {
        for (int s = 20; s <= 60; s += 10) {
            struct hz_track t = {0};
            /* 100 NM from the antenna: only a pair can tell */
            struct hz_cpr_frame even = sent(49.6, 11.0, false, true, 0);
            struct hz_cpr_frame odd = sent(49.6, 11.0, true, true, s * SECOND);
            hz_track_speed(&t, fast ? 40.0 : 5.0, 0);
            hz_track_speed(&t, fast ? 40.0 : 5.0, s * SECOND);
            hz_track_push(&t, &even, &antenna, &p);
            bool known = hz_track_push(&t, &odd, &antenna, &p);
            cr_expect_eq(known && fabs(p.lat - 49.6) < 1e-4, s <= (fast ? 25 : 50), "%d %d", fast,
                         s);
        }
    }
}

Test(track, time_between_any_two_moments)
{
    cr_expect_eq(hz_between_ns(5, 2), 3);
    cr_expect_eq(hz_between_ns(2, 5), 3);
    cr_expect_eq(hz_between_ns(INT64_MAX, INT64_MIN), UINT64_MAX);
}
