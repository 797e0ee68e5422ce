#include "sim/fleet.h"

#include <math.h>
#include <string.h>

#define RAD (3.14159265358979323846 / 180)

static const double earth_m = 6371008.8;
static const double knot = 1852.0 / 3600; /* m/s */
static const double field_ft = 74, runway = 83, field_lat = 53.7677, field_lon = 8.6585;

static double limited(double x, double most)
{
    return x < -most ? -most : x > most ? most : x;
}

static double wrapped(double degrees)
{
    return degrees - 360 * floor(degrees / 360);
}

/* From a to b the short way round, -180 to 180. */
static double turn_to(double a, double b)
{
    return wrapped(b - a + 180) - 180;
}

/* ---- Initial state ---- */

static unsigned discrete_squawk(struct hz_rng *r)
{
    for (;;) {
        unsigned s = hz_rng_u32(r) & 0x7777;
        if (s != 0x7500 && s != 0x7600 && s != 0x7700 && s != 0) {
            return s;
        }
    }
}

static void name_it(struct hz_sim_flight *f, struct hz_rng *r, bool airline)
{
    static const char lines[][4] = {"SWR", "DLH", "BAW", "AFR", "KLM", "EZY", "RYR", "AUA",
                                    "UAE", "THY", "IBE", "SAS", "LOT", "TAP", "FIN", "EDW"};
    char *c = f->callsign;
    if (airline) {
        memcpy(c, lines[hz_rng_below(r, sizeof lines / sizeof lines[0])], 3);
        c[3] = (char)('1' + hz_rng_below(r, 9));
        c[4] = (char)('0' + hz_rng_below(r, 10));
        c[5] = hz_rng_chance(r, 0.5) ? (char)('A' + hz_rng_below(r, 26)) : '\0';
    } else {
        memcpy(c, "HBK", 3);
        c[3] = (char)('A' + hz_rng_below(r, 26));
        c[4] = (char)('A' + hz_rng_below(r, 26));
    }
}

/* Places it at a distance from a point, in a direction. */
static void place(struct hz_sim_flight *f, double lat, double lon, double direction,
                  double distance_m)
{
    f->lat = lat + distance_m / earth_m / RAD * cos(direction * RAD);
    f->lon = lon + distance_m / earth_m / RAD * sin(direction * RAD) / cos(f->lat * RAD);
}

static void begin_en_route(struct hz_sim_aircraft *a, struct hz_rng *r)
{
    struct hz_sim_flight *f = &a->flight;
    bool airline = hz_rng_chance(r, 0.85);
    name_it(f, r, airline);
    memcpy(f->category, airline ? hz_rng_chance(r, 0.2) ? "A5" : "A3" : "A1", 3);
    f->alt_ft = airline ? hz_rng_between(r, 4000, 41000) : hz_rng_between(r, 2500, 7000);
    f->gs_kt = airline ? 220 + f->alt_ft / 41000 * 240 : hz_rng_between(r, 85, 140);
    f->track = hz_rng_between(r, 0, 360);
    double most_m = airline ? 60e3 + f->alt_ft * 4 : 70e3;
    place(f, HZ_SIM_HOME_LAT, HZ_SIM_HOME_LON, hz_rng_between(r, 0, 360),
          most_m * sqrt(hz_rng_between(r, 0.01, 1)));
    a->climb_fpm = airline ? hz_rng_between(r, 1200, 2600) : 600;
    a->turn_dps = airline ? 1.5 : 3;
    a->until = hz_rng_between(r, 3, 40);
}

static void begin_landing(struct hz_sim_aircraft *a, struct hz_rng *r)
{
    struct hz_sim_flight *f = &a->flight;
    name_it(f, r, true);
    memcpy(f->category, "A3", 3);
    a->plan = HZ_SIM_LANDING;
    f->track = runway;
    f->gs_kt = 140;
    f->alt_ft = field_ft + 700;
    f->rate_fpm = -745;
    a->climb_fpm = 745;
    a->until = INFINITY;
    place(f, field_lat, field_lon, runway + 180, 4070);
}

static void begin_taxi(struct hz_sim_aircraft *a, struct hz_rng *r)
{
    struct hz_sim_flight *f = &a->flight;
    name_it(f, r, true);
    memcpy(f->category, "A3", 3);
    a->plan = HZ_SIM_TAXI;
    f->on_ground = true;
    f->track = wrapped(runway + 90);
    f->gs_kt = 12;
    f->alt_ft = field_ft;
    a->until = 15;
    place(f, field_lat, field_lon, runway - 60, 900);
}

static void begin_vehicle(struct hz_sim_aircraft *a, struct hz_rng *r)
{
    struct hz_sim_flight *f = &a->flight;
    begin_taxi(a, r);
    memcpy(f->callsign, "FOLLOW1", 8);
    memcpy(f->category, "C2", 3);
    a->plan = HZ_SIM_VEHICLE;
    place(f, field_lat, field_lon, runway + 60, 700);
}

static void begin(struct hz_sim_aircraft *a, size_t i, struct hz_rng *r)
{
    struct hz_sim_flight *f = &a->flight;
    memset(a, 0, sizeof *a);
    f->address = 0x400000 + hz_rng_below(r, 0x100000);
    f->squawk = discrete_squawk(r);
    f->version = 2;
    f->geoid_ft = 25 * (double)hz_rng_below(r, 40) - 500;
    f->qnh_mb = 1013.6;
    a->squawk_until = hz_rng_between(r, 40, 300);
    a->accel_kts = 1;
    a->turn_dps = 12; /* on the ground */
    a->adsb = true;
    a->power_db = hz_rng_between(r, -3, 3);
    a->fade_hz = hz_rng_between(r, 0.01, 0.05);
    a->offset_hz = hz_rng_between(r, -100e3, 100e3);
    a->clock = 1 + hz_rng_between(r, -50e-6, 50e-6);
    switch (i) {
    case 5:
        begin_landing(a, r);
        break;
    case 6:
        begin_taxi(a, r);
        break;
    case 7:
        begin_vehicle(a, r);
        break;
    default:
        begin_en_route(a, r);
        a->adsb = i % 10 != 4;
        f->gillham = i % 10 == 4;
        f->gnss_height = i % 10 == 8;
        f->airspeed = i % 16 == 9;
        f->version = i % 5 == 1 ? 0 : 2;
        break;
    }
    a->want_gs = f->gs_kt;
    a->want_track = f->track;
    a->want_alt = a->plan == HZ_SIM_LANDING ? field_ft : f->alt_ft;
    f->selected_ft = a->want_alt;
}

void hz_sim_fleet_init(struct hz_sim_fleet *f, struct hz_sim_aircraft *aircraft, size_t n,
                       uint64_t seed)
{
    f->aircraft = aircraft;
    f->n = n;
    f->now = 0;
    hz_rng_init(&f->rng, seed, 1);
    for (size_t i = 0; i < n; i++) {
        begin(&aircraft[i], i, &f->rng);
    }
}

/* ---- Decisions ---- */

static double home_x_m(const struct hz_sim_flight *f)
{
    return (f->lon - HZ_SIM_HOME_LON) * RAD * earth_m * cos(HZ_SIM_HOME_LAT * RAD);
}

static double home_y_m(const struct hz_sim_flight *f)
{
    return (f->lat - HZ_SIM_HOME_LAT) * RAD * earth_m;
}

/* Sometimes a new level, course or speed; an aircraft that is too far away turns back. */
static void decide_en_route(struct hz_sim_aircraft *a, struct hz_rng *r)
{
    struct hz_sim_flight *f = &a->flight;
    double x = home_x_m(f), y = home_y_m(f), most_m = 60e3 + f->alt_ft * 5;
    bool jet = a->turn_dps < 2;
    a->until += hz_rng_between(r, 20, 90);
    if (x * x + y * y > most_m * most_m) {
        a->want_track = wrapped(atan2(-x, -y) / RAD + hz_rng_between(r, -40, 40));
    } else if (hz_rng_chance(r, 0.5)) {
        a->want_track = wrapped(f->track + hz_rng_between(r, -120, 120));
    } else if (hz_rng_chance(r, 0.7)) {
        double alt = jet ? hz_rng_between(r, 5000, 41000) : hz_rng_between(r, 2500, 7000);
        a->want_alt = 500 * floor(alt / 500);
        a->want_gs = jet ? 220 + a->want_alt / 41000 * 240 : f->gs_kt;
        f->selected_ft = a->want_alt;
    } else {
        a->want_gs = f->gs_kt * hz_rng_between(r, 0.95, 1.05);
    }
}

static void decide(struct hz_sim_aircraft *a, struct hz_rng *r, double now)
{
    struct hz_sim_flight *f = &a->flight;
    switch (a->plan) {
    case HZ_SIM_EN_ROUTE:
        decide_en_route(a, r);
        break;
    case HZ_SIM_TAXI: /* to the runway, and off */
        a->plan = HZ_SIM_TAKE_OFF;
        a->want_track = runway;
        a->want_gs = 0;
        a->until = now + 15;
        break;
    case HZ_SIM_TAKE_OFF:
        a->want_gs = 160;
        a->accel_kts = 5;
        a->until = INFINITY;
        break;
    case HZ_SIM_LANDING: /* slow enough to leave the runway; waits, then goes again */
        a->want_gs = a->want_gs > 0 ? 0 : 15;
        a->want_track = wrapped(a->want_track + 90);
        a->plan = a->want_gs > 0 ? HZ_SIM_TAXI : a->plan;
        a->until = now + 40;
        break;
    case HZ_SIM_VEHICLE:
        a->want_gs = hz_rng_chance(r, 0.2) ? 0 : hz_rng_between(r, 8, 28);
        a->want_track = hypot(home_x_m(f), home_y_m(f)) > 2500
                            ? wrapped(atan2(-home_x_m(f), -home_y_m(f)) / RAD)
                            : wrapped(a->want_track + hz_rng_between(r, -90, 90));
        a->until = now + hz_rng_between(r, 6, 15);
        break;
    }
}

/* Lift-off and touch-down. */
static void lift_or_touch(struct hz_sim_aircraft *a, double now)
{
    struct hz_sim_flight *f = &a->flight;
    if (a->plan == HZ_SIM_TAKE_OFF && f->on_ground && f->gs_kt > 145) {
        f->on_ground = false;
        a->plan = HZ_SIM_EN_ROUTE;
        a->until = now + 60;
        a->want_alt = f->selected_ft = 16000;
        a->want_gs = 300;
        a->accel_kts = 1;
        a->turn_dps = 1.5;
        a->climb_fpm = 2400;
    }
    if (a->plan == HZ_SIM_LANDING && !f->on_ground && f->alt_ft < field_ft + 5) {
        f->on_ground = true;
        f->alt_ft = field_ft;
        f->rate_fpm = 0;
        a->want_gs = 14;
        a->accel_kts = 4;
        a->turn_dps = 12;
        a->until = now + 40;
    }
}

/* ---- Motion ---- */

static void steer(struct hz_sim_aircraft *a, double dt)
{
    struct hz_sim_flight *f = &a->flight;
    f->gs_kt += limited(a->want_gs - f->gs_kt, a->accel_kts * dt);
    f->turn = f->gs_kt < 0.5 ? 0 : limited(turn_to(f->track, a->want_track) * 0.4, a->turn_dps);
    f->roll = f->on_ground ? 0 : atan(f->turn * RAD * f->gs_kt * knot / 9.80665) / RAD;
    if (!f->on_ground) {
        double want = limited((a->want_alt - f->alt_ft) * 12, a->climb_fpm);
        f->rate_fpm += limited(want - f->rate_fpm, 250 * dt);
        f->alt_ft += f->rate_fpm / 60 * dt;
    }
}

/* Moves along a great circle, or in a turn. */
static void advance(struct hz_sim_flight *f, double dt)
{
    double arc = f->gs_kt * knot * dt / earth_m;
    double north = arc * cos(f->track * RAD), east = arc * sin(f->track * RAD);
    f->track = wrapped(f->track + f->turn * dt + east * tan(f->lat * RAD) / RAD);
    f->lat += north / RAD;
    f->lon += east / cos(f->lat * RAD) / RAD;
}

/* Air data in the standard atmosphere (ICAO Doc 7488), with a wind from the west-south-west that
 * grows with height, and the magnetic variation of the region. */
static void feel_air(struct hz_sim_flight *f)
{
    double h = f->alt_ft, wind_kt = 10 + h * 1.2e-3;
    double x = f->gs_kt * sin(f->track * RAD) + wind_kt * sin(250 * RAD);
    double y = f->gs_kt * cos(f->track * RAD) + wind_kt * cos(250 * RAD);
    double theta = h < 36089 ? 1 - 6.8756e-6 * h : 0.75187;
    double delta = h < 36089 ? pow(theta, 5.25588) : 0.22336 * exp((36089 - h) / 20806);
    f->tas_kt = hypot(x, y);
    f->heading = wrapped(atan2(x, y) / RAD - 3);
    f->mach = f->tas_kt / (661.4788 * sqrt(theta));
    double impact = pow(1 + 0.2 * f->mach * f->mach, 3.5) - 1;
    f->ias_kt = 661.4788 * sqrt(5 * (pow(delta * impact + 1, 1 / 3.5) - 1));
}

static void set_squawk(struct hz_sim_fleet *fleet, struct hz_sim_aircraft *a, size_t i)
{
    struct hz_sim_flight *f = &a->flight;
    bool distress = i == 2 && fleet->now >= 20 && fleet->now < 80;
    if (distress) {
        f->squawk = 0x7700;
        f->emergency = 1;
    } else if (f->emergency != 0 || fleet->now >= a->squawk_until) {
        f->squawk = discrete_squawk(&fleet->rng);
        f->emergency = 0;
        a->squawk_until = fleet->now + hz_rng_between(&fleet->rng, 120, 600);
    }
}

void hz_sim_fleet_step(struct hz_sim_fleet *fleet, double dt)
{
    fleet->now += dt;
    for (size_t i = 0; i < fleet->n; i++) {
        struct hz_sim_aircraft *a = &fleet->aircraft[i];
        if (fleet->now >= a->until) {
            decide(a, &fleet->rng, fleet->now);
        }
        set_squawk(fleet, a, i);
        steer(a, dt);
        advance(&a->flight, dt);
        lift_or_touch(a, fleet->now);
        feel_air(&a->flight);
    }
}

double hz_sim_fleet_snr(const struct hz_sim_fleet *fleet, const struct hz_sim_aircraft *a)
{
    const struct hz_sim_flight *f = &a->flight;
    double x = home_x_m(f), y = home_y_m(f), z = f->alt_ft * 0.3048;
    double range_m = sqrt(x * x + y * y + z * z);
    double snr = 34 - 20 * log10(range_m / 8e3) + a->power_db - (f->on_ground ? 8 : 0) +
                 2 * sin(360 * RAD * fleet->now * a->fade_hz);
    return snr < 3 ? 3 : snr > 33 ? 33 : snr;
}
