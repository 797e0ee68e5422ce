/* Which register a Comm-B reply is. A register is believed when its layout fits (reserved bits are
 * zero, no value without its status bit) and its values agree with each other by physics:
 *
 *   2,0  is text             1,0 1,7 3,0  have a fixed byte or many fixed bits
 *   4,0  two selected values, altitudes in hundreds of feet
 *   5,0  the turn rate is the one that roll and true airspeed make: g tan(roll) / v
 *   6,0  indicated airspeed and Mach number agree at the altitude
 *
 * On air the residuals of 5,0 and 6,0 are 0.07 deg/s and 1.3 kt, so the limits below are wide.
 * Layouts: ICAO Doc 9871, appendix A, tables A-2-16 ff.; bits are counted from 1. */
#include "proto/adsb/commb.h"

#include "proto/adsb/altitude.h"
#include "proto/bits.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct guarded {
    uint8_t status, first, n; /* status bit, then the value's bits */
};

/* Every value without its status bit is zero. */
static bool guarded(const uint8_t *mb, const struct guarded *fields, int n)
{
    for (int i = 0; i < n; i++) {
        if (!hz_bit(mb, fields[i].status) && hz_bits(mb, fields[i].first, fields[i].n) != 0)
            return false;
    }
    return true;
}

/* The byte 16, five reserved bits. */
static bool is_10(const uint8_t *mb)
{
    return mb[0] == 0x10 && hz_bits(mb, 10, 5) == 0;
}

/* Register 2,0 is there, as in every transponder that has registers, and all reserved are not. */
static bool is_17(const uint8_t *mb)
{
    return hz_bit(mb, 7) && hz_bits(mb, 25, 32) == 0;
}

/* The byte 32, eight letters, digits or blanks, blanks only at the end. */
static bool is_20(const uint8_t *mb)
{
    bool blank = true;
    if (mb[0] != 0x20)
        return false;
    for (unsigned i = 8; i-- > 0;) {
        uint32_t c = hz_bits(mb, 9 + 6 * i, 6);
        if (!((c >= 1 && c <= 26) || (c >= 48 && c <= 57) || (c == 32 && blank)))
            return false;
        blank = c == 32;
    }
    return !blank;
}

/* The byte 48, seven reserved bits, and a threat that fits its type: none, an address, or
 * altitude, range and bearing (ICAO Annex 10, volume IV, 4.3.8.4.2.2). */
static bool is_30(const uint8_t *mb)
{
    int feet;
    if (mb[0] != 0x30 || hz_bits(mb, 16, 7) != 0)
        return false;
    switch (hz_bits(mb, 29, 2)) {
    case 0:
        return hz_bits(mb, 31, 26) == 0;
    case 1:
        return hz_bits(mb, 31, 24) != 0 && hz_bits(mb, 55, 2) == 0;
    case 2:
        return hz_bits(mb, 51, 6) <= 60 && hz_altitude_ac13(hz_bits(mb, 31, 13), &feet);
    default:
        return false;
    }
}

/* Panels select hundreds of feet; the register rounds them to 16 ft. */
static bool selectable(int feet)
{
    int rest = feet % 100;
    return feet > 0 && feet <= 50000 && (rest <= 8 || rest >= 92);
}

static bool is_40(const uint8_t *mb, const struct hz_commb_known *known)
{
    static const struct guarded fields[] = {
        {1, 2, 12}, {14, 15, 12}, {27, 28, 12}, {48, 49, 3}, {54, 55, 2}};
    if (!guarded(mb, fields, 5) || hz_bits(mb, 40, 8) != 0 || hz_bits(mb, 52, 2) != 0)
        return false;
    int mcp = (int)hz_bits(mb, 2, 12) * 16, fms = (int)hz_bits(mb, 15, 12) * 16;
    double qnh = 800.0 + 0.1 * hz_bits(mb, 28, 12);
    bool has_mcp = hz_bit(mb, 1), has_fms = hz_bit(mb, 14), has_qnh = hz_bit(mb, 27);
    if ((has_mcp && !selectable(mcp)) || (has_fms && (fms == 0 || fms > 50000)) ||
        (has_qnh && (qnh < 850.0 || qnh > 1090.0)))
        return false;
    if (has_mcp + has_fms + has_qnh >= 2)
        return true;
    return has_mcp && known->altitude && abs(known->alt_baro_ft - mcp) <= 200;
}

/* Turn rate in degrees per second of a coordinated turn, v in knots. */
static double turn_rate(double roll_deg, double tas_kt)
{
    const double rad = 3.14159265358979323846 / 180.0, g = 9.80665, knot = 0.514444;
    return g * tan(roll_deg * rad) / (tas_kt * knot) / rad;
}

static bool is_50(const uint8_t *mb, const struct hz_commb_known *known)
{
    static const struct guarded fields[] = {
        {1, 2, 10}, {12, 13, 11}, {24, 25, 10}, {35, 36, 10}, {46, 47, 10}};
    if (!guarded(mb, fields, 5) || !hz_bit(mb, 1) || !hz_bit(mb, 12) || !hz_bit(mb, 24) ||
        !hz_bit(mb, 46))
        return false;
    double roll = hz_bits_signed(mb, 2, 10) * (45.0 / 256.0);
    double rate = hz_bits_signed(mb, 36, 10) * (8.0 / 256.0);
    double gs = 2.0 * hz_bits(mb, 25, 10), tas = 2.0 * hz_bits(mb, 47, 10);
    if (fabs(roll) > 45.0 || gs < 30.0 || gs > 800.0 || tas < 50.0 || tas > 700.0)
        return false;
    if (fabs(tas - gs) > 200.0 || (known->speed && fabs(gs - known->gs_kt) > 40.0))
        return false;
    if (!hz_bit(mb, 35)) /* nothing to check the roll by */
        return fabs(roll) <= 30.0 && fabs(tas - gs) <= 150.0;
    double expected = turn_rate(roll, tas);
    return fabs(rate - expected) <= 0.3 + 0.3 * fabs(expected);
}

/* Pressure at a barometric altitude in ft over that at sea level (ICAO Doc 7488). */
static double pressure_ratio(double feet)
{
    return feet < 36089.0 ? pow(1.0 - 6.87559e-6 * feet, 5.25588)
                          : 0.223361 * exp((36089.0 - feet) / 20805.8);
}

/* Impact pressure over static pressure at a Mach number; with sea level's speed of sound, 661.47
 * kt, it makes calibrated airspeed of pressure and back. */
static double impact(double mach)
{
    return pow(1.0 + 0.2 * mach * mach, 3.5) - 1.0;
}

static bool speeds_agree(double ias, double mach, const struct hz_commb_known *known)
{
    double at_sea_level = impact(ias / 661.47), here = impact(mach);
    if (!known->altitude) { /* is there an altitude, -2,000 to 51,000 ft, where they do? */
        double ratio = at_sea_level / here;
        return ratio > 0.11 && ratio < 1.08;
    }
    double q = here * pressure_ratio(known->alt_baro_ft);
    double cas = 661.47 * sqrt(5.0 * (pow(q + 1.0, 2.0 / 7.0) - 1.0));
    return fabs(ias - cas) <= 12.0;
}

static bool is_60(const uint8_t *mb, const struct hz_commb_known *known)
{
    static const struct guarded fields[] = {
        {1, 2, 11}, {13, 14, 10}, {24, 25, 10}, {35, 36, 10}, {46, 47, 10}};
    bool baro = hz_bit(mb, 35), inertial = hz_bit(mb, 46);
    if (!guarded(mb, fields, 5) || !hz_bit(mb, 1) || !hz_bit(mb, 13) || !hz_bit(mb, 24) ||
        !(baro || inertial))
        return false;
    int ias = (int)hz_bits(mb, 14, 10);
    double mach = hz_bits(mb, 25, 10) * 0.004;
    int baro_rate = hz_bits_signed(mb, 36, 10) * 32, rate = hz_bits_signed(mb, 47, 10) * 32;
    if (ias < 60 || ias > 500 || mach < 0.1 || mach > 0.95 || abs(baro_rate) > 6500 ||
        abs(rate) > 6500 || (baro && inertial && abs(baro_rate - rate) > 1000))
        return false;
    return speeds_agree(ias, mach, known);
}

enum hz_register hz_commb_infer(const uint8_t *mb, const struct hz_commb_known *known)
{
    enum hz_register found = HZ_BDS_UNKNOWN;
    const struct {
        enum hz_register which;
        bool fits;
    } all[] = {{HZ_BDS_10, is_10(mb)},        {HZ_BDS_17, is_17(mb)},
               {HZ_BDS_20, is_20(mb)},        {HZ_BDS_30, is_30(mb)},
               {HZ_BDS_40, is_40(mb, known)}, {HZ_BDS_50, is_50(mb, known)},
               {HZ_BDS_60, is_60(mb, known)}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (!all[i].fits)
            continue;
        if (found != HZ_BDS_UNKNOWN)
            return HZ_BDS_UNKNOWN;
        found = all[i].which;
    }
    return found;
}
