/* Parts of the picture by themselves: places, tracks, classes of AIS. */
#include "daemon/picture/ais_class.h"
#include "daemon/picture/earth.h"
#include "daemon/picture/track.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

Test(picture_earth, distances_and_bearings)
{
    /* great circles as published: airports by their published coordinates */
    const struct hz_place lhr = {51.4775, -0.461389}, jfk = {40.639722, -73.778889};
    cr_expect_float_eq(hz_earth_distance(lhr, jfk), 5540e3, 30e3);
    cr_expect_float_eq(hz_earth_bearing(lhr, jfk), 288.2, 0.5);
    /* one minute of latitude is a nautical mile, within 0.5 % */
    cr_expect_float_eq(
        hz_earth_distance((struct hz_place){50, 8}, (struct hz_place){50 + 1. / 60, 8}), 1852, 10);
    cr_expect_float_eq(hz_earth_bearing((struct hz_place){0, 0}, (struct hz_place){0, 1}), 90,
                       1e-9);
    cr_expect_float_eq(hz_earth_bearing((struct hz_place){0, 0}, (struct hz_place){-1, 0}), 180,
                       1e-9);
    cr_expect_float_eq(hz_earth_bearing((struct hz_place){0, 0}, (struct hz_place){0, -1}), 270,
                       1e-9);
    /* over the antimeridian */
    cr_expect_float_eq(hz_earth_distance((struct hz_place){0, 179.9}, (struct hz_place){0, -179.9}),
                       22239, 10);
    cr_expect_float_eq(hz_earth_bearing((struct hz_place){0, 179.9}, (struct hz_place){0, -179.9}),
                       90, 1e-9);
    cr_expect_eq(hz_earth_distance(lhr, lhr), 0);
}

static const struct hz_thinning how = {
    .span_s = 1200, .step_s = 60, .min_m = 150, .turn_deg = 5, .climb = 1000};

static struct hz_fix fix_at(double s, double lat, double lon, double alt)
{
    return (struct hz_fix){.at = {lat, lon}, .alt = (float)alt, .utc_ns = llround(s * 1e9)};
}

Test(picture_track, a_straight_way_takes_few_points_and_a_corner_is_kept)
{
    struct hz_track t = {0};
    double lat = 50, lon = 8;
    for (int i = 0; i <= 300; i++) { /* five minutes north, a position each second, 222 m/s */
        struct hz_fix f = fix_at(i, lat, lon, 30000);
        hz_track_add(&t, &how, &f);
        lat += 0.002;
    }
    cr_expect(t.n >= 4 && t.n <= 7, "%zu", t.n);
    double corner = lat;
    for (int i = 301; i <= 310; i++) { /* then east */
        struct hz_fix f = fix_at(i, lat, lon, 30000);
        hz_track_add(&t, &how, &f);
        lon += 0.003;
    }
    bool kept = false;
    for (size_t i = 0; i < t.n; i++)
        kept = kept || (fabs(t.points[i].at.lat - corner) < 1e-9 && t.points[i].at.lon == 8);
    cr_expect(kept);
    cr_expect_float_eq(t.newest.at.lon, lon - 0.003, 1e-9);
    hz_track_free(&t);
}

Test(picture_track, is_bounded_in_time_and_number)
{
    struct hz_track t = {0};
    for (int i = 0; i < 3000; i++) { /* a circle: all corners */
        double phi = i / 5.0;
        struct hz_fix f = fix_at(i, 50 + 0.02 * cos(phi), 8 + 0.03 * sin(phi), 1000);
        hz_track_add(&t, &how, &f);
        cr_assert_leq(t.n, HZ_TRACK_MAX);
    }
    cr_expect_geq(t.n, HZ_TRACK_MAX / 2);
    cr_expect_geq(t.points[0].utc_ns, (2999 - 1200) * 1000000000ll);
    for (size_t i = 1; i < t.n; i++)
        cr_expect_gt(t.points[i].utc_ns, t.points[i - 1].utc_ns);
    hz_track_age(&t, &how, 10000 * 1000000000ll);
    cr_expect_eq(t.n, 0);
    hz_track_free(&t);
}

Test(picture_track, one_that_lies_at_anchor_has_one_point)
{
    struct hz_track t = {0};
    for (int i = 0; i < 1000; i++) {
        struct hz_fix f = fix_at(i, 50 + (i % 7) * 1e-5, 8 + (i % 5) * 1e-5, NAN);
        hz_track_add(&t, &how, &f);
    }
    cr_expect_eq(t.n, 1);
    hz_track_free(&t);
}

Test(picture_class, by_mmsi_and_messages)
{
    static const struct {
        const char *id;
        uint64_t types;
        const char *class;
        int shiptype, shipclass;
    } cases[] = {
        {"211281610", 1 << 1, "A", 70, 2},     {"211281610", 1 << 5, "A", 89, 6},
        {"211281610", 1 << 18, "B", 0, 3},     {"211281610", 1 << 24, "B", 30, 8},
        {"2111240", 0, "base", 0, 11},         {"211281610", 1 << 4, "base", 0, 11},
        {"111211001", 0, "sar", 0, 9},         {"992111840", 0, "aton", 0, 12},
        {"970211001", 0, "distress", 0, 13},   {"972211001", 1 << 1, "distress", 0, 13},
        {"211281610", 1 << 8, "other", 60, 4}, {"211281610", 1 << 3, "A", 52, 5},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hz_target t = {.types = cases[i].types};
        snprintf(t.id, sizeof t.id, "%s", cases[i].id);
        cr_expect_str_eq(hz_ais_class_name(hz_ais_class_of(&t)), cases[i].class, "%s", cases[i].id);
        cr_expect_eq(hz_ais_shipclass(hz_ais_class_of(&t), cases[i].shiptype), cases[i].shipclass);
    }
}
