/* Positions of ADS-B against published pairs and the formula behind the zone table. */
#include "proto/adsb/cpr.h"

#include <criterion/criterion.h>
#include <math.h>

#define PI 3.14159265358979323846

/* The Mode-S / 1090 MHz Riddle (J. Sun, 2021), chapter 5: frames 8D40621D58C382D690C8AC2863A7 and
 * 8D40621D58C386435CC412692AD6. */
static const struct hz_cpr air_even = {93000, 51372}, air_odd = {74158, 50194};

Test(cpr, zones_follow_the_formula)
{
    /* NL of DO-260B, A.1.7.2.d, computed directly. */
    for (int i = 0; i < 870000; i += 7) {
        double lat = i / 10000.0, c = cos(lat * PI / 180.0);
        double x = 1.0 - (1.0 - cos(PI / 30.0)) / (c * c);
        int nl = lat == 0.0 ? 59 : (int)floor(2.0 * PI / acos(x));
        cr_assert_eq(hz_cpr_nl(lat), nl, "%f: %d, not %d", lat, hz_cpr_nl(lat), nl);
        cr_assert_eq(hz_cpr_nl(-lat), nl);
    }
    cr_assert_eq(hz_cpr_nl(87.0), 2);
    cr_assert_eq(hz_cpr_nl(87.1), 1);
    cr_assert_eq(hz_cpr_nl(-90.0), 1);
}

Test(cpr, airborne_pair)
{
    struct hz_position p;
    cr_assert(hz_cpr_airborne(air_even, air_odd, false, &p));
    cr_assert_float_eq(p.lat, 52.25720, 5e-6);
    cr_assert_float_eq(p.lon, 3.91937, 5e-6);
    cr_assert(hz_cpr_airborne(air_even, air_odd, true, &p));
    cr_assert_float_eq(p.lat, 52.26578, 5e-6);
    cr_assert_float_eq(p.lon, 3.93891, 5e-6);
}

Test(cpr, local)
{
    struct hz_position p, ref = {52.258, 3.918};
    cr_assert(hz_cpr_local(air_even, false, false, ref, &p));
    cr_assert_float_eq(p.lat, 52.25720, 5e-6);
    cr_assert_float_eq(p.lon, 3.91937, 5e-6);
    /* 8C4841753A9A153237AEF0F275BE, surface, from 51.990 N 4.375 E (the same book). */
    cr_assert(hz_cpr_local((struct hz_cpr){39195, 110320}, true, true,
                           (struct hz_position){51.990, 4.375}, &p));
    cr_assert_float_eq(p.lat, 52.320561, 5e-6);
    cr_assert_float_eq(p.lon, 4.735735, 5e-6);
}

/* 8C4841753AAB238733C8CD4020B1 and 8C4841753A8A35323FAEBDAC702D (the same book). */
Test(cpr, surface_pair)
{
    struct hz_cpr even = {115609, 116941}, odd = {39199, 110269};
    struct hz_position p;
    cr_assert(hz_cpr_surface(even, odd, true, (struct hz_position){51.990, 4.375}, &p));
    cr_assert_float_eq(p.lat, 52.320607, 5e-6);
    cr_assert_float_eq(p.lon, 4.734735, 5e-6);
    /* The same signals heard on the other side of the earth. */
    cr_assert(hz_cpr_surface(even, odd, true, (struct hz_position){-38.0, -175.0}, &p));
    cr_assert_float_eq(p.lat, 52.320607 - 90.0, 5e-6);
    cr_assert(p.lon >= -180.0 && p.lon < 180.0);
}

/* Encodes as DO-260B, A.1.7.3 says, so that every region is seen: both hemispheres, the date line,
 * the poles, every zone. */
static struct hz_cpr encode(struct hz_position p, bool odd, bool surface)
{
    double span = surface ? 90.0 : 360.0, steps = 131072.0;
    double dlat = span / (odd ? 59.0 : 60.0);
    double yz = floor(steps * (p.lat / dlat - floor(p.lat / dlat)) + 0.5);
    double rlat = dlat * (yz / steps + floor(p.lat / dlat));
    int n = hz_cpr_nl(rlat) - odd;
    double dlon = span / (n > 1 ? n : 1);
    double xz = floor(steps * (p.lon / dlon - floor(p.lon / dlon)) + 0.5);
    return (struct hz_cpr){(uint32_t)yz & 0x1ffff, (uint32_t)xz & 0x1ffff};
}

static double lon_error(double a, double b)
{
    double d = fabs(a - b);
    return d > 180.0 ? 360.0 - d : d;
}

Test(cpr, everywhere)
{
    int joined = 0, all = 0;
    for (double lat = -89.7; lat < 89.8; lat += 1.37) {
        for (double lon = -180.0; lon < 180.0; lon += 7.77) {
            struct hz_position p = {lat, lon}, q, near = {lat * 0.999, lon};
            for (int surface = 0; surface < 2; surface++) {
                struct hz_cpr even = encode(p, false, surface), odd = encode(p, true, surface);
                double tol = 5e-4 / cos(lat * PI / 180.0); /* a step of longitude widens */
                all++;
                if (surface ? hz_cpr_surface(even, odd, true, near, &q)
                            : hz_cpr_airborne(even, odd, true, &q)) {
                    joined++;
                    cr_assert_float_eq(q.lat, lat, 1e-4, "%f %f: lat %f", lat, lon, q.lat);
                    cr_assert_lt(lon_error(q.lon, lon), tol, "%f %f: %f", lat, lon, q.lon);
                }
                cr_assert(hz_cpr_local(even, false, surface, near, &q));
                cr_assert_float_eq(q.lat, lat, 1e-4);
                cr_assert_lt(lon_error(q.lon, lon), tol, "%f %f: %f", lat, lon, q.lon);
            }
        }
    }
    cr_assert_gt(joined, all * 99 / 100);
}

Test(cpr, distance)
{
    struct hz_position equator = {0, 179.5}, across = {0, -179.5}, pole = {90, 0};
    cr_assert_float_eq(hz_distance_nm(equator, across), 60.0, 1e-6);
    cr_assert_float_eq(hz_distance_nm(equator, pole), 5400.0, 1e-6);
    cr_assert_float_eq(hz_distance_nm(pole, pole), 0.0, 1e-9);
}
