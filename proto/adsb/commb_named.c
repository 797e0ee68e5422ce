/* The costs of the registers that are decoded, and whether their contents can be checked. All
 * figures are in bits: see commb_cost.h. The scales of 5,0 and 6,0 are wider than the residuals
 * measured on air, 0.07 deg/s and 1.3 kt. */
#include "proto/adsb/altitude.h"
#include "proto/adsb/commb_cost.h"

#include <math.h>
#include <stdlib.h>

/* The margins in bits; larger for registers with fewer values that can be checked. With them, less
 * than 1 of 10,000 replies with another register is mistaken for one of these (measured in
 * tests/unit). */
static const float usual = 4.0f, sparing = 7.0f;

static const struct hz_commb_fit never = {HZ_COMMB_NEVER, 0.0f};

/* Table A-2-16: the byte 16, continuation, five reserved, overlay, ACAS, version of the subnetwork
 * 7, enhanced protocol, specific services, throughputs up 3 and down 4, identification, squitters,
 * SI, change of 1,7, ACAS 4, terminals 16. */
struct hz_commb_fit hz_commb_10(const uint8_t *mb)
{
    if (mb[0] != 0x10 || hz_bits(mb, 10, 5) != 0)
        return never;
    float bits = hz_bit(mb, 33) ? 8.0f : 16.0f; /* identification is always set; other flags */
    uint32_t version = hz_bits(mb, 17, 7);
    bits += version <= 1 ? 5.0f : version <= 7 ? 2.5f : 9.0f;
    bits += hz_bits(mb, 26, 7) == 0 ? 1.0f : 11.0f;
    bits += hz_bits(mb, 41, 16) == 0 ? 1.0f : 17.0f;
    return (struct hz_commb_fit){bits, usual};
}

/* Table A-2-23: a bit for each of 0,5 0,6 0,7 0,8 0,9 0,A 2,0 2,1 4,0 4,1 4,2 4,3 4,4 4,5 4,8 5,0
 * 5,1 5,2 5,3 5,4 5,5 5,6 5,F 6,0, then reserved. Every transponder with registers has 2,0. The
 * registers of squitters come together, and so do 4,0 5,0 and 6,0. */
struct hz_commb_fit hz_commb_17(const uint8_t *mb)
{
    if (!hz_bit(mb, 7) || hz_bits(mb, 25, 32) != 0)
        return never;
    uint32_t squitters = hz_bits(mb, 1, 5);
    bool all = hz_bit(mb, 9) && hz_bit(mb, 16) && hz_bit(mb, 24);
    bool none = !hz_bit(mb, 9) && !hz_bit(mb, 16) && !hz_bit(mb, 24);
    float bits = 2.0f; /* 0,A and 2,1 */
    bits += squitters == 31 ? 0.5f : squitters == 0 ? 2.5f : 12.5f;
    bits += all ? 0.7f : none ? 2.5f : 8.0f;
    for (unsigned i = 10; i <= 23; i++) {
        bool often = i == 23 || (i >= 17 && i <= 19);
        if (i != 16)
            bits += !hz_bit(mb, i) ? 0.2f : often ? 2.5f : 5.0f;
    }
    bool says = squitters != 0 || hz_bits(mb, 9, 16) != 0;
    return (struct hz_commb_fit){bits, says ? usual : 0.0f};
}

/* Table A-2-32: the byte 32, eight letters, digits or blanks, blanks only at the end. Register 0,8
 * of an aircraft without a category has the same bits and the same meaning. */
struct hz_commb_fit hz_commb_20(const uint8_t *mb)
{
    bool blank = true;
    if (mb[0] != 0x20)
        return never;
    for (unsigned i = 8; i-- > 0;) {
        uint32_t c = hz_bits(mb, 9 + 6 * i, 6);
        if (!((c >= 1 && c <= 26) || (c >= 48 && c <= 57) || (c == 32 && blank)))
            return never;
        blank = c == 32;
    }
    return (struct hz_commb_fit){hz_commb_text(mb, 9, 8), blank ? 0.0f : usual};
}

/* The cost of the threat's identity: its type in bits 29 and 30, then an address or a position. */
static float threat(const uint8_t *mb)
{
    int feet;
    switch (hz_bits(mb, 29, 2)) {
    case 0:
        return hz_bits(mb, 31, 26) == 0 ? 1.0f : HZ_COMMB_NEVER;
    case 1:
        return hz_bits(mb, 31, 24) != 0 && hz_bits(mb, 55, 2) == 0 ? 25.0f : HZ_COMMB_NEVER;
    case 2:
        return hz_bits(mb, 51, 6) <= 60 && hz_altitude_ac13(hz_bits(mb, 31, 13), &feet)
                   ? 29.0f
                   : HZ_COMMB_NEVER;
    default:
        return HZ_COMMB_NEVER;
    }
}

/* Annex 10, volume IV, 4.3.8.4.2.2: advisory 7, reserved 7, complements 4 (at most one of up and
 * down is used, and neither left nor right), terminated 1, several threats 1, the threat. An
 * advisory has its first bit set unless there are several threats; the other bits have no meaning
 * without it. There are no advisories on the ground. */
float hz_commb_advisory(const uint8_t *mb, const struct hz_commb_known *known)
{
    uint32_t rest = hz_bits(mb, 10, 6), complement = hz_bits(mb, 23, 4);
    bool first = hz_bit(mb, 9), several = hz_bit(mb, 28);
    if (hz_bits(mb, 16, 7) != 0 || complement % 4 != 0 || complement == 12)
        return HZ_COMMB_NEVER;
    if (!first && !several && (rest != 0 || hz_bits(mb, 29, 2) != 0))
        return HZ_COMMB_NEVER;
    float bits = threat(mb) + (several ? 5.0f : 1.2f); /* includes one bit for `terminated` */
    bits += !first && !several ? 2.0f : 5.0f;
    if (first && !hz_bit(mb, 10) && hz_bits(mb, 12, 4) != 0)
        bits += 8.0f; /* preventive, yet with an increased, reversed or positive rate */
    bits += complement == 0 ? 0.6f : 2.6f;
    return known->ground ? bits + 10.0f : bits;
}

struct hz_commb_fit hz_commb_30(const uint8_t *mb, const struct hz_commb_known *known)
{
    float bits = mb[0] == 0x30 ? hz_commb_advisory(mb, known) : HZ_COMMB_NEVER;
    return (struct hz_commb_fit){bits, sparing};
}

/* Panels select hundreds of feet, and flight management systems mostly do; the register rounds to
 * 16 ft. Half of the time the selected altitude is that of the aircraft. */
static float selected(const struct hz_commb_known *known, int feet, float odd)
{
    int rest = feet % 100;
    bool round = rest <= 8 || rest >= 92;
    if (feet <= 0 || feet > 50000)
        return HZ_COMMB_NEVER;
    if (!round)
        return 12.0f + odd;
    bool here = known->altitude && abs(feet - known->alt_baro_ft) <= 300;
    return here ? 4.0f : feet > 45000 ? 13.0f : 9.0f;
}

/* The pressure setting: 1013.25 hPa above the transition level, the local pressure below it. */
static float setting(uint32_t tenths)
{
    double off = (double)tenths - 2132.0;
    if (tenths < 500 ||
        tenths > 2900) /* 850 to 1090 hPa, the range of pressures recorded at sea level */
        return HZ_COMMB_NEVER;
    return fabs(off) <= 1.0 ? 2.0f : 1.0f + hz_commb_spread(off, 100.0, 17.0f);
}

/* Table A-2-64: panel altitude 12, FMS altitude 12, pressure 12, each with its status bit before
 * it, 8 reserved, modes 1 and 3, 2 reserved, source 1 and 2. */
struct hz_commb_fit hz_commb_40(const uint8_t *mb, const struct hz_commb_known *known)
{
    if (hz_bits(mb, 40, 8) != 0 || hz_bits(mb, 52, 2) != 0 || !hz_commb_guarded(mb, 1, 2, 12) ||
        !hz_commb_guarded(mb, 14, 15, 12) || !hz_commb_guarded(mb, 27, 28, 12) ||
        !hz_commb_guarded(mb, 48, 49, 3) || !hz_commb_guarded(mb, 54, 55, 2))
        return never;
    int mcp = (int)hz_bits(mb, 2, 12) * 16, fms = (int)hz_bits(mb, 15, 12) * 16;
    bool has_mcp = hz_bit(mb, 1), has_fms = hz_bit(mb, 14), has_qnh = hz_bit(mb, 27);
    float bits = has_mcp ? selected(known, mcp, 6.0f) : 3.0f;
    if (has_fms)
        bits += has_mcp && mcp == fms ? 2.0f : 1.0f + selected(known, fms, 4.0f);
    else
        bits += 1.0f;
    bits += has_qnh ? setting(hz_bits(mb, 28, 12)) : 3.0f;
    uint32_t modes = hz_bits(mb, 49, 3);
    bits += !hz_bit(mb, 48) ? 1.0f : (modes & (modes - 1)) == 0 ? 2.5f : 6.0f;
    bits += hz_bit(mb, 54) ? 2.5f : 1.0f;
    return (struct hz_commb_fit){bits, has_mcp || (has_fms && has_qnh) ? usual : 0.0f};
}

/* Turn rate in degrees per second of a coordinated turn, v in knots. */
static double turn_rate(double roll_deg, double v_kt)
{
    const double rad = 3.14159265358979323846 / 180.0, g = 9.80665, knot = 0.514444;
    return g * tan(roll_deg * rad) / (v_kt * knot) / rad;
}

/* Roll: level, or any turn of up to 60 degrees. */
static float rolled(double degrees)
{
    const double step = 45.0 / 256.0;
    float turn = fabs(degrees) <= 60.0 ? 10.0f : HZ_COMMB_NEVER;
    return fminf(turn, 0.5f + hz_commb_spread(degrees / step, 1.5 / step, 20.0f));
}

static float turning(const uint8_t *mb, double roll, double v)
{
    int32_t rate = hz_bits_signed(mb, 36, 10);
    if (rate == -512) /* marks an invalid rate */
        return 6.0f;
    if (!hz_bit(mb, 1))
        return hz_commb_spread(rate, 20.0, 13.0f);
    const double step = 8.0 / 256.0;
    double expected = turn_rate(roll, v);
    return hz_commb_spread((rate * step - expected) / step, (0.1 + 0.2 * fabs(expected)) / step,
                           18.0f);
}

static float ground_speed(const struct hz_commb_known *known, double kt)
{
    if (kt < 30.0 || kt > 800.0 || (known->speed && fabs(kt - known->gs_kt) > 40.0))
        return HZ_COMMB_NEVER;
    return known->speed ? hz_commb_spread((kt - known->gs_kt) / 2.0, 5.0, 9.0f) : 9.0f;
}

/* True airspeed minus ground speed, in steps of 2 kt: the wind. */
static float wind(double steps)
{
    return hz_commb_spread(steps, 20.0, 18.0f);
}

/* Table A-2-80: roll 10 (signed), true track 11 (signed), ground speed 10, track rate 10 (signed),
 * true airspeed 10, each with its status bit before it. */
struct hz_commb_fit hz_commb_50(const uint8_t *mb, const struct hz_commb_known *known)
{
    if (!hz_commb_guarded(mb, 1, 2, 10) || !hz_commb_guarded(mb, 12, 13, 11) ||
        !hz_commb_guarded(mb, 24, 25, 10) || !hz_commb_guarded(mb, 35, 36, 10) ||
        !hz_commb_guarded(mb, 46, 47, 10))
        return never;
    bool has_roll = hz_bit(mb, 1), has_track = hz_bit(mb, 12), has_gs = hz_bit(mb, 24);
    bool has_rate = hz_bit(mb, 35), has_tas = hz_bit(mb, 46);
    double roll = hz_bits_signed(mb, 2, 10) * (45.0 / 256.0);
    double track = hz_bits(mb, 13, 11) * (90.0 / 512.0);
    double gs = 2.0 * hz_bits(mb, 25, 10), tas = 2.0 * hz_bits(mb, 47, 10);
    float bits = has_roll ? rolled(roll) : 5.0f;
    if (!has_track)
        bits += 6.0f;
    else if (!known->track)
        bits += 11.0f;
    else
        bits += hz_commb_spread(hz_commb_turned(track, known->track_deg) * 5.69, 40.0, 14.0f);
    bits += has_gs ? ground_speed(known, gs) : 6.0f;
    if (has_tas && (tas < 50.0 || tas > 700.0))
        return never;
    bits += !has_tas ? 4.0f : has_gs ? wind((tas - gs) / 2.0) : 9.0f;
    bits += !has_rate ? 4.0f : turning(mb, roll, has_tas ? tas : has_gs ? gs : 300.0);
    bool checked = has_roll && has_rate && hz_bits_signed(mb, 36, 10) != -512;
    bool checkable = has_gs && has_track && (has_tas || checked);
    return (struct hz_commb_fit){bits, !checkable ? 0.0f : has_tas && has_rate ? usual : sparing};
}

/* The agreement of Mach number and indicated airspeed, at the aircraft's altitude or, if that is
 * unknown, at any altitude. */
static float speeds(double ias, double mach, const struct hz_commb_known *known)
{
    if (ias < 40.0 || ias > 500.0 || mach < 0.06 || mach > 0.98)
        return HZ_COMMB_NEVER;
    if (known->altitude) {
        double miss = fabs(ias - hz_commb_cas(mach, known->alt_baro_ft));
        return miss > 30.0 ? HZ_COMMB_NEVER : 9.0f + hz_commb_spread(miss / 2.0, 2.5, 14.0f);
    }
    bool fits =
        ias <= hz_commb_cas(mach, -2000.0) + 1.0 && ias >= hz_commb_cas(mach, 51000.0) - 1.0;
    return fits ? 9.0f + 6.6f : HZ_COMMB_NEVER;
}

/* Barometric and inertial rates of climb, in steps of 32 ft/min; they are nearly equal. */
static float climbs(const uint8_t *mb)
{
    bool has_baro = hz_bit(mb, 35), has_inertial = hz_bit(mb, 46);
    int baro = hz_bits_signed(mb, 36, 10), inertial = hz_bits_signed(mb, 47, 10);
    int rate = has_baro ? baro : inertial;
    float one = hz_commb_spread(rate, 10.0, abs(rate) <= 156 ? 9.5f : 15.0f); /* 5,000 ft/min */
    if (abs(baro) > 312 || abs(inertial) > 312)                               /* 10,000 ft/min */
        return HZ_COMMB_NEVER;
    if (!has_baro && !has_inertial)
        return 8.0f;
    if (!has_baro || !has_inertial)
        return one + 3.0f;
    float apart =
        abs(baro - inertial) <= 31 ? 9.0f : 18.0f; /* 1,000 ft/min: vertical air movement */
    return one + hz_commb_spread(baro - inertial, 4.0, apart);
}

/* Table A-2-96: magnetic heading 11 (signed), indicated airspeed 10, Mach 10, barometric rate 10
 * (signed), inertial rate 10 (signed), each with its status bit before it. */
struct hz_commb_fit hz_commb_60(const uint8_t *mb, const struct hz_commb_known *known)
{
    if (!hz_commb_guarded(mb, 1, 2, 11) || !hz_commb_guarded(mb, 13, 14, 10) ||
        !hz_commb_guarded(mb, 24, 25, 10) || !hz_commb_guarded(mb, 35, 36, 10) ||
        !hz_commb_guarded(mb, 46, 47, 10))
        return never;
    bool has_heading = hz_bit(mb, 1), has_ias = hz_bit(mb, 13), has_mach = hz_bit(mb, 24);
    double heading = hz_bits(mb, 2, 11) * (90.0 / 512.0);
    double ias = hz_bits(mb, 14, 10), mach = hz_bits(mb, 25, 10) * 0.004;
    float bits = climbs(mb);
    if (!has_heading)
        bits += 5.0f;
    else if (!known->track)
        bits += 11.0f;
    else /* wind and magnetic variation */
        bits += hz_commb_spread(hz_commb_turned(heading, known->track_deg) * 5.69, 85.0, 13.0f);
    if (has_ias && has_mach)
        bits += speeds(ias, mach, known);
    else
        bits += has_ias || has_mach ? 13.0f : 9.0f;
    int climbs = hz_bit(mb, 35) + hz_bit(mb, 46);
    bool checkable = has_ias && has_mach && climbs > 0;
    return (struct hz_commb_fit){bits, !checkable ? 0.0f : climbs == 2 ? usual : sparing};
}
