/* A random flight, and functions that write the bits of its transponder; for commb_contents.h.
 * Deterministic. */
#ifndef TESTS_COMMB_FLIGHT_H
#define TESTS_COMMB_FLIGHT_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#define PI 3.14159265358979323846

struct flight {
    uint64_t seed;
    double alt_ft, mach, ias, tas, gs, track, heading, roll, turn, climb; /* kt, degrees, ft/min */
    double lat, lon, celsius, hpa;
    bool ground;
};

static inline uint32_t bits_of(struct flight *f, unsigned n)
{
    f->seed += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = f->seed;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((z ^ (z >> 31)) >> (64 - n));
}

static inline double uniform(struct flight *f, double from, double to)
{
    return from + (to - from) * bits_of(f, 24) / 16777216.0;
}

/* Four uniform numbers make a bell, and three and a half sigmas at most. */
static inline double normal(struct flight *f, double sigma)
{
    double s = -2.0;
    for (int i = 0; i < 4; i++)
        s += bits_of(f, 24) / 16777216.0;
    return s * 1.7320508 * sigma;
}

static inline bool chance(struct flight *f, double p)
{
    return uniform(f, 0.0, 1.0) < p;
}

static inline double degrees_of(double a)
{
    return a - 360.0 * floor(a / 360.0);
}

/* n bits from bit `first`, from 1; a value that does not fit is cut. */
static inline void set_bits(uint8_t *mb, unsigned first, unsigned n, int64_t value)
{
    for (unsigned i = 0; i < n; i++) {
        unsigned at = first - 1 + i;
        uint8_t bit = (uint8_t)(0x80 >> at % 8);
        if ((uint64_t)value >> (n - 1 - i) & 1)
            mb[at / 8] |= bit;
        else
            mb[at / 8] &= (uint8_t)~bit;
    }
}

static inline int64_t whole(double x)
{
    return (int64_t)floor(x + 0.5);
}

/* A status bit and the value behind it. */
static inline void field(uint8_t *mb, unsigned status, unsigned n, double value)
{
    set_bits(mb, status, 1, 1);
    set_bits(mb, status + 1, n, whole(value));
}

static inline void fly(struct flight *f)
{
    f->ground = false;
    f->alt_ft = uniform(f, 1000.0, 41000.0);
    double sound = 661.47 * sqrt(1.0 - 6.87559e-6 * fmin(f->alt_ft, 36089.0));
    double ratio = f->alt_ft < 36089.0 ? pow(1.0 - 6.87559e-6 * f->alt_ft, 5.25588)
                                       : 0.223361 * exp((36089.0 - f->alt_ft) / 20805.8);
    f->mach = fmin(0.86, 0.25 + 0.55 * f->alt_ft / 41000.0 + normal(f, 0.04));
    double q = (pow(1.0 + 0.2 * f->mach * f->mach, 3.5) - 1.0) * ratio;
    f->ias = 661.47 * sqrt(5.0 * (pow(q + 1.0, 2.0 / 7.0) - 1.0)) + normal(f, 1.3);
    f->tas = f->mach * sound * (1.0 + normal(f, 0.012));
    f->heading = uniform(f, 0.0, 360.0);
    double wind = fabs(normal(f, 45.0)), from = uniform(f, 0.0, 2.0 * PI);
    double x = f->tas * sin(f->heading * PI / 180.0) + wind * sin(from);
    double y = f->tas * cos(f->heading * PI / 180.0) + wind * cos(from);
    f->gs = hypot(x, y);
    f->track = degrees_of(atan2(x, y) * 180.0 / PI);
    bool turns = chance(f, 0.25);
    f->roll = turns ? (chance(f, 0.5) ? 1 : -1) * uniform(f, 3.0, 30.0) : normal(f, 0.6);
    f->turn = 9.80665 * tan(f->roll * PI / 180.0) / (f->tas * 0.514444) * 180.0 / PI;
    bool climbs = chance(f, 0.5);
    f->climb = climbs ? (chance(f, 0.5) ? 1 : -1) * uniform(f, 300.0, 3500.0) : normal(f, 40.0);
    f->lat = uniform(f, -65.0, 65.0);
    f->lon = uniform(f, -180.0, 180.0);
    f->celsius = 15.0 - 1.9812e-3 * fmin(f->alt_ft, 36089.0) + normal(f, 8.0);
    f->hpa = 1013.25 * ratio;
}

#endif
