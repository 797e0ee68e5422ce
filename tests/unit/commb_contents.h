/* Realistic contents of Comm-B registers of a random flight, for the tests of the inference of
 * registers. Layouts: ICAO Doc 9871, appendix A. Deterministic. */
#ifndef TESTS_COMMB_CONTENTS_H
#define TESTS_COMMB_CONTENTS_H

#include "commb_flight.h"
#include "proto/adsb/commb.h"

static inline void letters(struct flight *f, uint8_t *mb, unsigned first, unsigned n, unsigned used)
{
    for (unsigned i = 0; i < n; i++) {
        uint32_t c = i >= used         ? 32
                     : chance(f, 0.55) ? 1 + bits_of(f, 16) % 26
                                       : 48 + bits_of(f, 16) % 10;
        set_bits(mb, first + 6 * i, 6, c);
    }
}

static inline int64_t altitude_code(double feet) /* 12 bits, 25 ft */
{
    int64_t n = whole((feet + 1000.0) / 25.0);
    return (n >> 4) << 5 | 1 << 4 | (n & 15);
}

/* As a transponder encodes it (DO-260B, A.1.7.3). */
static inline void position_code(const struct flight *f, uint8_t *mb, bool odd, bool surface)
{
    double span = surface ? 90.0 : 360.0, dlat = span / (odd ? 59.0 : 60.0);
    double y = f->lat / dlat - floor(f->lat / dlat);
    double rlat = dlat * (floor(131072.0 * y + 0.5) / 131072.0 + floor(f->lat / dlat));
    int zones = hz_cpr_nl(rlat) - odd;
    double dlon = span / (zones > 1 ? zones : 1);
    double x = f->lon / dlon - floor(f->lon / dlon);
    set_bits(mb, 22, 1, odd);
    set_bits(mb, 23, 17, whole(131072.0 * y) & 0x1ffff);
    set_bits(mb, 40, 17, whole(131072.0 * x) & 0x1ffff);
}

static inline void r05(struct flight *f, uint8_t *mb)
{
    static const uint8_t codes[] = {9, 10, 11, 11, 11, 11, 12, 13, 14, 15, 16, 17, 18, 20, 21, 22};
    set_bits(mb, 1, 5, codes[bits_of(f, 4)]);
    set_bits(mb, 6, 2, chance(f, 0.05) ? bits_of(f, 2) : 0);
    set_bits(mb, 8, 1, chance(f, 0.2));
    set_bits(mb, 9, 12, altitude_code(f->alt_ft));
    position_code(f, mb, bits_of(f, 1), false);
}

static inline void r06(struct flight *f, uint8_t *mb)
{
    f->ground = true;
    set_bits(mb, 1, 5, 5 + bits_of(f, 2));
    set_bits(mb, 6, 7, chance(f, 0.3) ? 1 : 2 + bits_of(f, 16) % 60);
    if (chance(f, 0.9))
        field(mb, 13, 7, bits_of(f, 7));
    position_code(f, mb, bits_of(f, 1), true);
}

static inline void r07(struct flight *f, uint8_t *mb)
{
    set_bits(mb, 1, 3, bits_of(f, 3));
}

static inline void r08(struct flight *f, uint8_t *mb) /* with a category, else it is as 2,0 */
{
    set_bits(mb, 1, 5, 1 + bits_of(f, 2));
    set_bits(mb, 6, 3, 1 + bits_of(f, 16) % 7);
    letters(f, mb, 9, 8, 4 + bits_of(f, 16) % 5);
}

static inline void r09(struct flight *f, uint8_t *mb)
{
    bool air = chance(f, 0.1);
    double a = f->track * PI / 180.0, east = f->gs * sin(a), north = f->gs * cos(a);
    set_bits(mb, 1, 5, 19);
    set_bits(mb, 6, 3, air ? 3 : 1);
    set_bits(mb, 9, 2, bits_of(f, 2));
    set_bits(mb, 11, 3, bits_of(f, 16) % 5);
    set_bits(mb, 14, 1, air || east < 0);
    set_bits(mb, 15, 10, air ? whole(f->heading * 1024 / 360) % 1024 : whole(fabs(east)) + 1);
    set_bits(mb, 25, 1, air ? bits_of(f, 1) : north < 0);
    set_bits(mb, 26, 10, air ? whole(f->ias) + 1 : whole(fabs(north)) + 1);
    set_bits(mb, 36, 1, bits_of(f, 1));
    set_bits(mb, 37, 1, f->climb < 0);
    set_bits(mb, 38, 9, whole(fabs(f->climb) / 64) + 1);
    set_bits(mb, 49, 1, bits_of(f, 1));
    set_bits(mb, 50, 7, bits_of(f, 16) % 60);
}

static inline void r10(struct flight *f, uint8_t *mb)
{
    mb[0] = 0x10;
    set_bits(mb, 15, 2, bits_of(f, 2));
    set_bits(mb, 17, 7, bits_of(f, 16) % 6);
    set_bits(mb, 24, 2, bits_of(f, 2));
    if (chance(f, 0.5)) {
        set_bits(mb, 26, 3, bits_of(f, 3));
        set_bits(mb, 29, 4, bits_of(f, 4));
    }
    set_bits(mb, 33, 8, bits_of(f, 8) | 0x80);
    if (chance(f, 0.3))
        set_bits(mb, 41, 16, bits_of(f, 16));
}

static inline void r17(struct flight *f, uint8_t *mb)
{
    set_bits(mb, 1, 5, chance(f, 0.8) ? 31 : 0);
    set_bits(mb, 6, 3, bits_of(f, 1) * 4 + 2 + bits_of(f, 1));
    if (chance(f, 0.9)) {
        set_bits(mb, 9, 1, 1);
        set_bits(mb, 16, 1, 1);
        set_bits(mb, 24, 1, 1);
    }
    for (unsigned i = 17; i <= 23; i++)
        if (chance(f, i <= 19 || i == 23 ? 0.3 : 0.05))
            set_bits(mb, i, 1, 1);
    for (unsigned i = 10; i <= 15; i++)
        if (chance(f, 0.05))
            set_bits(mb, i, 1, 1);
}

static inline void r20(struct flight *f, uint8_t *mb)
{
    mb[0] = 0x20;
    letters(f, mb, 9, 8, 3 + bits_of(f, 16) % 6);
}

static inline void r21(struct flight *f, uint8_t *mb)
{
    set_bits(mb, 1, 1, 1);
    letters(f, mb, 2, 7, 4 + bits_of(f, 2));
    if (chance(f, 0.5)) {
        set_bits(mb, 44, 1, 1);
        letters(f, mb, 45, 2, 2);
    }
}

static inline void r30(struct flight *f, uint8_t *mb)
{
    static const uint8_t advice[] = {0x40, 0x60, 0x70, 0x50, 0x61, 0x71, 0x69, 0x79, 0x65, 0x21};
    uint32_t kind = bits_of(f, 16) % 10;
    mb[0] = 0x30;
    set_bits(mb, 9, 7, advice[kind]);
    set_bits(mb, 23, 2, bits_of(f, 16) % 3);
    set_bits(mb, 27, 1, bits_of(f, 1));
    set_bits(mb, 28, 1, kind == 9);
    if (chance(f, 0.8)) {
        set_bits(mb, 29, 2, 1);
        set_bits(mb, 31, 24, 1 + bits_of(f, 23));
    } else {
        set_bits(mb, 29, 2, 2);
        set_bits(mb, 31, 13,
                 (altitude_code(f->alt_ft) & 0xfc0) << 1 | (altitude_code(f->alt_ft) & 63));
        set_bits(mb, 44, 7, 1 + bits_of(f, 6));
        set_bits(mb, 51, 6, bits_of(f, 16) % 61);
    }
}

static inline double level(struct flight *f)
{
    bool here = chance(f, 0.5);
    return here ? floor(f->alt_ft / 1000.0 + 0.5) * 1000.0 : 100.0 * floor(uniform(f, 10.0, 430.0));
}

/* Without what is in `lacks`: 1 panel, 2 FMS, 4 pressure, 8 modes and source. */
static inline void vertical_intention(struct flight *f, uint8_t *mb, unsigned lacks)
{
    double mcp = level(f), fms = chance(f, 0.7) ? mcp : 100.0 * floor(uniform(f, 10.0, 430.0));
    if (!(lacks & 1))
        field(mb, 1, 12, mcp / 16.0);
    if (!(lacks & 2))
        field(mb, 14, 12, fms / 16.0);
    if (!(lacks & 4))
        field(mb, 27, 12, chance(f, 0.6) ? 2132.0 : (1013.0 + normal(f, 10.0) - 800.0) * 10.0);
    if (!(lacks & 8) && chance(f, 0.5))
        field(mb, 48, 3, chance(f, 0.8) ? (1u << bits_of(f, 16) % 3) : 0);
    if (!(lacks & 8) && chance(f, 0.5))
        field(mb, 54, 2, bits_of(f, 2));
}

static inline void r40(struct flight *f, uint8_t *mb)
{
    vertical_intention(f, mb, bits_of(f, 1) * 2);
}

static inline void r40_two_altitudes(struct flight *f, uint8_t *mb)
{
    vertical_intention(f, mb, 4);
}

static inline void r40_no_panel(struct flight *f, uint8_t *mb)
{
    vertical_intention(f, mb, 1);
}

static inline void r40_panel_only(struct flight *f, uint8_t *mb)
{
    vertical_intention(f, mb, 14);
}

static inline void r40_pressure_only(struct flight *f, uint8_t *mb)
{
    vertical_intention(f, mb, 11);
}

static inline void r41(struct flight *f, uint8_t *mb)
{
    set_bits(mb, 1, 1, 1);
    letters(f, mb, 2, 9, 3 + bits_of(f, 16) % 7);
}

static inline void r42(struct flight *f, uint8_t *mb)
{
    field(mb, 1, 19, (f->lat + normal(f, 1.0)) * 131072.0 / 90.0);
    field(mb, 21, 20, (f->lon + normal(f, 1.0)) * 131072.0 / 90.0);
    if (chance(f, 0.7))
        field(mb, 42, 14, level(f) / 8.0);
}

static inline void r43(struct flight *f, uint8_t *mb)
{
    field(mb, 1, 11, uniform(f, 0.0, 360.0) * 2048.0 / 360.0);
    field(mb, 13, 9, uniform(f, 0.0, 51.0) * 10.0);
    field(mb, 23, 16, uniform(f, 0.0, 400.0) * 10.0);
}

static inline void r44(struct flight *f, uint8_t *mb)
{
    set_bits(mb, 1, 4, bits_of(f, 16) % 5);
    if (chance(f, 0.9)) {
        field(mb, 5, 9, uniform(f, 0.0, 150.0));
        set_bits(mb, 15, 9, bits_of(f, 9));
    }
    set_bits(mb, 24, 11, whole(f->celsius * 4.0));
    if (chance(f, 0.6))
        field(mb, 35, 11, f->hpa);
    if (chance(f, 0.5))
        field(mb, 47, 2, bits_of(f, 2));
    if (chance(f, 0.5))
        field(mb, 50, 6, bits_of(f, 6));
}

static inline void r45(struct flight *f, uint8_t *mb)
{
    for (unsigned i = 1; i <= 13; i += 3)
        if (chance(f, 0.6))
            field(mb, i, 2, bits_of(f, 2));
    bool temperature = chance(f, 0.9); /* one of the two at least */
    if (temperature)
        field(mb, 16, 10, f->celsius * 4.0);
    if (!temperature || chance(f, 0.7))
        field(mb, 27, 11, f->hpa);
    if (chance(f, 0.5))
        field(mb, 39, 12, f->alt_ft / 16.0);
}

/* Without what is in `lacks`: 1 roll, 2 track, 4 speed, 8 turn rate, 16 airspeed. */
static inline void track_and_turn(struct flight *f, uint8_t *mb, unsigned lacks)
{
    if (!(lacks & 1))
        field(mb, 1, 10, (f->roll + normal(f, 0.2)) * 256.0 / 45.0);
    if (!(lacks & 2))
        field(mb, 12, 11, f->track * 512.0 / 90.0);
    if (!(lacks & 4))
        field(mb, 24, 10, f->gs / 2.0);
    if (!(lacks & 8))
        field(mb, 35, 10, (f->turn + normal(f, 0.06)) * 32.0);
    if (!(lacks & 16))
        field(mb, 46, 10, f->tas / 2.0);
}

static inline void r50(struct flight *f, uint8_t *mb)
{
    track_and_turn(f, mb, 0);
}

static inline void r50_no_airspeed(struct flight *f, uint8_t *mb)
{
    track_and_turn(f, mb, 16);
}

static inline void r50_no_turn(struct flight *f, uint8_t *mb)
{
    track_and_turn(f, mb, 8);
}

static inline void r50_no_roll(struct flight *f, uint8_t *mb)
{
    track_and_turn(f, mb, 1);
}

static inline void r50_no_track(struct flight *f, uint8_t *mb)
{
    track_and_turn(f, mb, 2);
}

static inline void r51(struct flight *f, uint8_t *mb)
{
    set_bits(mb, 1, 1, 1);
    set_bits(mb, 2, 20, whole(f->lat * 1048576.0 / 360.0));
    set_bits(mb, 22, 21, whole(f->lon * 1048576.0 / 360.0));
    set_bits(mb, 43, 14, whole(f->alt_ft / 8.0));
}

static inline void r52(struct flight *f, uint8_t *mb)
{
    field(mb, 1, 4, bits_of(f, 16) % 9);
    set_bits(mb, 6, 18, bits_of(f, 18));
    set_bits(mb, 24, 18, bits_of(f, 18));
    set_bits(mb, 42, 15, whole(f->alt_ft / 8.0));
}

static inline void r53(struct flight *f, uint8_t *mb)
{
    if (chance(f, 0.9))
        field(mb, 1, 11, f->heading * 512.0 / 90.0);
    if (chance(f, 0.9))
        field(mb, 13, 10, f->ias);
    if (chance(f, 0.9))
        field(mb, 24, 9, f->mach / 0.008);
    if (chance(f, 0.9))
        field(mb, 34, 12, f->tas * 2.0);
    if (chance(f, 0.9))
        field(mb, 47, 9, f->climb / 64.0);
}

static inline void r54(struct flight *f, uint8_t *mb)
{
    set_bits(mb, 1, 1, 1);
    letters(f, mb, 2, 5, 3 + bits_of(f, 16) % 3);
    set_bits(mb, 32, 9, bits_of(f, 9));
    set_bits(mb, 41, 6, whole(f->alt_ft / 1000.0));
    set_bits(mb, 47, 9, bits_of(f, 9));
}

/* Without what is in `lacks`: 1 heading, 2 airspeed, 4 Mach, 8 barometric rate, 16 inertial rate.
 */
static inline void heading_and_speed(struct flight *f, uint8_t *mb, unsigned lacks)
{
    if (!(lacks & 1))
        field(mb, 1, 11, f->heading * 512.0 / 90.0);
    if (!(lacks & 2))
        field(mb, 13, 10, f->ias);
    if (!(lacks & 4))
        field(mb, 24, 10, f->mach * 250.0);
    if (!(lacks & 8))
        field(mb, 35, 10, (f->climb + normal(f, 60.0)) / 32.0);
    if (!(lacks & 16))
        field(mb, 46, 10, (f->climb + normal(f, 60.0)) / 32.0);
}

static inline void r60(struct flight *f, uint8_t *mb)
{
    heading_and_speed(f, mb, 0);
}

static inline void r60_one_rate(struct flight *f, uint8_t *mb)
{
    heading_and_speed(f, mb, bits_of(f, 1) ? 8 : 16);
}

static inline void r60_no_mach(struct flight *f, uint8_t *mb)
{
    heading_and_speed(f, mb, 4);
}

static inline void r60_no_rates(struct flight *f, uint8_t *mb)
{
    heading_and_speed(f, mb, 24);
}

static inline void r60_no_heading(struct flight *f, uint8_t *mb)
{
    heading_and_speed(f, mb, 1);
}

static inline void r61(struct flight *f, uint8_t *mb)
{
    set_bits(mb, 1, 5, 28);
    set_bits(mb, 6, 3, 1);
    set_bits(mb, 9, 3, chance(f, 0.9) ? 0 : bits_of(f, 3));
    set_bits(mb, 12, 13, bits_of(f, 12) << 1 | 0);
    set_bits(mb, 18, 1, 0); /* the X pulse */
}

static inline void r62(struct flight *f, uint8_t *mb)
{
    set_bits(mb, 1, 5, 29);
    set_bits(mb, 6, 2, 1);
    set_bits(mb, 8, 2, bits_of(f, 2));
    set_bits(mb, 10, 11, whole(level(f) / 32.0) + 1);
    set_bits(mb, 21, 9, chance(f, 0.9) ? whole((213.0 + normal(f, 10.0)) / 0.8) : 0);
    if (chance(f, 0.7))
        field(mb, 30, 9, bits_of(f, 9));
    set_bits(mb, 40, 4, 7 + bits_of(f, 2));
    set_bits(mb, 44, 3, bits_of(f, 3));
    if (chance(f, 0.7))
        field(mb, 47, 7, bits_of(f, 7));
}

static inline void r65(struct flight *f, uint8_t *mb)
{
    set_bits(mb, 1, 5, 31);
    set_bits(mb, 6, 3, bits_of(f, 1));
    set_bits(mb, 11, 14, bits_of(f, 14) & bits_of(f, 14));
    set_bits(mb, 27, 14, bits_of(f, 14) & bits_of(f, 14));
    set_bits(mb, 41, 3, bits_of(f, 16) % 3);
    set_bits(mb, 44, 12, bits_of(f, 12));
}

#endif
