#include "sim/ships.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define RAD (3.14159265358979323846 / 180)

static const double earth_m = 6371008.8;
static const double knot = 1852.0 / 3600; /* m/s */
/* The area of open water where ships stay. */
static const double south = 54.0, north = 54.25, west = 7.9, east = 8.55;

static double wrapped(double degrees)
{
    return degrees - 360 * floor(degrees / 360);
}

static double limited(double x, double most)
{
    return x < -most ? -most : x > most ? most : x;
}

/* ---- Initial state ---- */

static uint32_t digits(struct hz_rng *r, uint32_t first, uint32_t n)
{
    return first * n + hz_rng_below(r, n);
}

static void begin_merchant(struct hz_sim_ship *s, struct hz_rng *r)
{
    static const char *const names[] = {"NORDSTERN",    "ELBE TRADER",   "ATLANTIC JADE",
                                        "HANSE SPIRIT", "BALTIC SWAN",   "OCEAN PEARL",
                                        "FRISIA",       "MARIA THERESA", "EVER GLOW",
                                        "VIKING BAY",   "STELLA NOVA",   "CAP ALBATROS"};
    static const char *const ports[] = {"HAMBURG", "BREMERHAVEN", "ROTTERDAM", "ANTWERP",
                                        "KIEL",    "OSLO",        "IMMINGHAM", "GDANSK"};
    static const unsigned types[] = {70, 71, 79, 80, 89, 60, 52, 30};
    s->kind = HZ_SIM_CLASS_A;
    s->mmsi = digits(r, 2 + hz_rng_below(r, 6), 100000000);
    s->imo = digits(r, 9, 1000000);
    unsigned of = hz_rng_below(r, sizeof names / sizeof names[0]);
    snprintf(s->name, sizeof s->name, "%s", names[of]);
    snprintf(s->callsign, sizeof s->callsign, "D%c%c%c%u", 'A' + hz_rng_below(r, 17) % 26,
             'A' + hz_rng_below(r, 26), 'A' + hz_rng_below(r, 26), 2 + hz_rng_below(r, 8));
    snprintf(s->destination, sizeof s->destination, "%s",
             ports[hz_rng_below(r, sizeof ports / sizeof ports[0])]);
    s->type = types[hz_rng_below(r, sizeof types / sizeof types[0])];
    s->bow = 40 + hz_rng_below(r, 200);
    s->stern = 10 + hz_rng_below(r, 60);
    s->port = s->starboard = 5 + hz_rng_below(r, 20);
    s->draught_m = hz_rng_between(r, 3, 14);
    s->status = hz_rng_chance(r, 0.15) ? 1 : 0;
    s->speed_kt = s->status == 1 ? 0.1 : hz_rng_between(r, 8, 26);
}

static void begin_yacht(struct hz_sim_ship *s, struct hz_rng *r)
{
    static const char *const names[] = {"SEAGULL", "MOANA",   "LIBERTE", "PINTA",
                                        "FREYA",   "TUMMLER", "ALBA",    "WINDSPIEL"};
    s->kind = HZ_SIM_CLASS_B;
    s->mmsi = digits(r, 211, 1000000);
    snprintf(s->name, sizeof s->name, "%s", names[hz_rng_below(r, sizeof names / sizeof names[0])]);
    snprintf(s->callsign, sizeof s->callsign, "DH%04u", hz_rng_below(r, 10000));
    s->type = hz_rng_chance(r, 0.6) ? 36 : 37;
    s->bow = 5 + hz_rng_below(r, 6);
    s->stern = 3 + hz_rng_below(r, 4);
    s->port = s->starboard = 2;
    s->speed_kt = hz_rng_between(r, 3, 9);
    s->power_db = -8;
}

void hz_sim_ship_init(struct hz_sim_ship *s, size_t i, struct hz_rng *r)
{
    memset(s, 0, sizeof *s);
    s->lat = hz_rng_between(r, south, north);
    s->lon = hz_rng_between(r, west, east);
    s->power_db = hz_rng_between(r, -3, 3);
    s->offset_hz = hz_rng_between(r, -400, 400);
    s->clock = 1 + hz_rng_between(r, -20e-6, 20e-6);
    s->late_s = hz_rng_between(r, 0, 100e-6);
    if (i == 0) {
        s->kind = HZ_SIM_SHORE;
        s->mmsi = 2111240; /* 00MID...: nine digits with two zeros in front */
        s->lat = 53.873;
        s->lon = 8.714;
    } else if (i < 3) {
        s->kind = HZ_SIM_BUOY;
        s->mmsi = 992111800 + (uint32_t)i;
        s->type = i == 1 ? 24 : 25; /* floating, port and starboard hand marks */
        snprintf(s->name, sizeof s->name, "ELBE %u", 4 + (unsigned)i);
        s->bow = s->stern = s->port = s->starboard = 1;
    } else if (i % 3 == 2) {
        begin_yacht(s, r);
    } else {
        begin_merchant(s, r);
    }
    s->course = s->heading = s->want_course = floor(hz_rng_between(r, 0, 360));
    s->want_kt = s->speed_kt;
    s->until = hz_rng_between(r, 5, 120);
}

/* ---- Motion ---- */

static void decide(struct hz_sim_ship *s, double now, struct hz_rng *r)
{
    bool out = s->lat < south || s->lat > north || s->lon < west || s->lon > east;
    double y = (south + north) / 2 - s->lat, x = ((west + east) / 2 - s->lon) * cos(s->lat * RAD);
    s->until = now + hz_rng_between(r, 60, 400);
    s->want_course = out ? wrapped(atan2(x, y) / RAD + hz_rng_between(r, -20, 20))
                         : wrapped(s->course + hz_rng_between(r, -50, 50));
    s->want_kt = s->speed_kt * hz_rng_between(r, 0.9, 1.1);
}

void hz_sim_ship_step(struct hz_sim_ship *s, double now, double dt, struct hz_rng *r)
{
    bool sails = s->kind == HZ_SIM_CLASS_B || (s->kind == HZ_SIM_CLASS_A && s->status == 0);
    if (sails) {
        if (now >= s->until) {
            decide(s, now, r);
        }
        double off = wrapped(s->want_course - s->course + 180) - 180;
        s->turn_dpm = limited(off * 3, s->kind == HZ_SIM_CLASS_A ? 20 : 60);
        s->course = wrapped(s->course + s->turn_dpm / 60 * dt);
        s->heading = wrapped(s->course + 2); /* 2 degrees of drift angle for the current */
        s->speed_kt += limited(s->want_kt - s->speed_kt, 0.02 * dt);
        double arc = s->speed_kt * knot * dt / earth_m / RAD;
        s->lat += arc * cos(s->course * RAD);
        s->lon += arc * sin(s->course * RAD) / cos(s->lat * RAD);
    }
    double y = (s->lat - HZ_SIM_PORT_LAT) * RAD * earth_m;
    double x = (s->lon - HZ_SIM_PORT_LON) * RAD * earth_m * cos(s->lat * RAD);
    s->range_m = hypot(x, y);
}
