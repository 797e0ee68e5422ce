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
    double dlon = span / (hz_cpr_nl(rlat) - odd);
    double xz = floor(131072.0 * (lon / dlon - floor(lon / dlon)) + 0.5);
    return (struct hz_cpr_frame){
        {(uint32_t)yz & 0x1ffff, (uint32_t)xz & 0x1ffff}, time_ns, odd, surface};
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
