/* The costs of the registers that are not decoded but may have been asked for. A register is chosen
 * only if none of these fits nearly as well. All figures are in bits: see commb_cost.h. The
 * constant at the end of each sum stands for the fields without a model and for how rarely the
 * register is asked for. They are set so that both tests of tests/unit/test_adsb_commb_kinds.c
 * hold: no register is mistaken, and the right ones are found. */
#include "proto/adsb/altitude.h"
#include "proto/adsb/commb_cost.h"

#include <math.h>

/* The cost of 17 bits each of latitude and longitude. It is lower when the aircraft's position is
 * known: within 10 NM of it, in a grid of 360 NM (in the air) or 90 NM. */
static float position(const uint8_t *mb, bool surface, const struct hz_commb_known *known)
{
    struct hz_cpr cpr = {hz_bits(mb, 23, 17), hz_bits(mb, 40, 17)};
    struct hz_position p;
    if (!known->position)
        return 34.0f;
    bool near = hz_cpr_local(cpr, hz_bit(mb, 22), surface, known->at, &p) &&
                hz_distance_nm(p, known->at) < 10.0;
    return !near ? 37.0f : surface ? 30.0f : 26.0f;
}

/* Register 0,6: the layout of type codes 5 to 8. */
static float on_surface(const uint8_t *mb, const struct hz_commb_known *known)
{
    uint32_t movement = hz_bits(mb, 6, 7);
    float bits = movement <= 1 ? 3.0f : movement <= 124 ? 7.5f : 12.0f;
    bits += hz_bit(mb, 13) ? 7.5f : hz_bits(mb, 14, 7) == 0 ? 1.5f : 8.0f;
    bits += hz_bit(mb, 21) ? 4.0f : 0.2f;
    bool high = known->altitude && known->alt_baro_ft > 15000; /* no airport is so high */
    bits += known->ground ? 3.0f : high ? 16.0f : 6.0f;
    return bits + position(mb, true, known);
}

/* Register 0,5: the layout of type codes 9 to 18 and 20 to 22; the altitude is in steps of 25 ft.
 */
static float in_air(const uint8_t *mb, const struct hz_commb_known *known)
{
    int feet;
    float bits = hz_bits(mb, 6, 2) == 0 ? 0.3f : 5.0f;
    bits += hz_bit(mb, 8) ? 2.0f : 0.5f;
    if (hz_altitude_ac12(hz_bits(mb, 9, 12), &feet))
        bits += hz_commb_altitude(known, feet, 25.0);
    else
        bits += 6.0f;
    bits += hz_bit(mb, 21) ? 4.0f : 0.2f;
    return bits + 5.5f + position(mb, false, known);
}

/* Register 0,5 without a position: type code 0. */
static float no_position(const uint8_t *mb, const struct hz_commb_known *known)
{
    int feet;
    bool altitude = hz_altitude_ac12(hz_bits(mb, 9, 12), &feet);
    return 6.0f + (hz_bits(mb, 6, 3) == 0 ? 0.3f : 5.0f) +
           (altitude ? hz_commb_altitude(known, feet, 25.0) : 8.0f);
}

/* Register 0,9: the layout of type code 19. */
static float velocity(const uint8_t *mb, const struct hz_commb_known *known)
{
    uint32_t subtype = hz_bits(mb, 6, 3);
    if (subtype == 0 || subtype > 4)
        return HZ_COMMB_NEVER;
    double east = (double)hz_bits(mb, 15, 10) - 1.0, north = (double)hz_bits(mb, 26, 10) - 1.0;
    float bits = (subtype == 1 ? 0.5f : 4.0f) + 3.5f;
    if (subtype == 1 && known->speed)
        bits +=
            11.0f + hz_commb_spread(sqrt(east * east + north * north) - known->gs_kt, 5.0, 14.0f);
    else
        bits += 19.0f;
    bits += 2.0f + hz_commb_spread(hz_bits(mb, 38, 9), 12.0, 11.0f);
    bits += hz_bits(mb, 47, 2) == 0 ? 0.2f : 6.0f;
    return bits + 8.1f;
}

/* Register 6,1: the layout of type code 28: emergency and squawk, or an advisory. */
static float aircraft_status(const uint8_t *mb, const struct hz_commb_known *known)
{
    uint32_t subtype = hz_bits(mb, 6, 3), squawk = hz_bits(mb, 12, 13);
    if (subtype != 1)
        return subtype == 2 ? 4.0f + hz_commb_advisory(mb, known) : HZ_COMMB_NEVER;
    float bits = hz_bits(mb, 9, 3) == 0 ? 0.5f : 5.0f;
    bits += squawk == 0 ? 2.0f : 12.5f;
    return bits + (hz_bits(mb, 25, 32) == 0 ? 3.0f : 33.0f);
}

/* Register 6,2: the layout of type code 29. */
static float target_state(const uint8_t *mb)
{
    if (hz_bits(mb, 6, 2) != 1 || hz_bits(mb, 55, 2) != 0)
        return HZ_COMMB_NEVER;
    float bits = hz_bits(mb, 10, 11) == 0 ? 2.0f : 10.0f;
    uint32_t setting = hz_bits(mb, 21, 9); /* steps of 0.8 hPa from 800 */
    bits += setting == 0 ? 2.0f : hz_commb_spread((double)setting - 267.0, 13.0, 15.0f);
    bits += hz_bit(mb, 30) ? 10.0f : hz_bits(mb, 31, 9) == 0 ? 1.5f : 8.0f;
    bits += hz_bit(mb, 47) ? 7.0f : 2.0f;
    return bits + 19.0f;
}

/* The cost of n flags of which few are set. */
static float flags(const uint8_t *mb, unsigned first, unsigned n)
{
    float bits = 0.0f;
    for (unsigned i = first; i < first + n; i++)
        bits += hz_bit(mb, i) ? 2.2f : 0.4f;
    return bits;
}

/* Register 6,5: the layout of type code 31: capabilities 14 and modes 14, after their formats. */
static float operational(const uint8_t *mb)
{
    if (hz_bits(mb, 6, 3) > 1)
        return HZ_COMMB_NEVER;
    float bits = hz_bits(mb, 9, 2) == 0 ? 0.2f : 9.0f;
    bits += hz_bits(mb, 25, 2) == 0 ? 0.2f : 9.0f;
    bits += hz_bits(mb, 41, 3) <= 3 ? 1.5f : 9.0f;
    return bits + flags(mb, 11, 14) + flags(mb, 27, 14) + 12.0f;
}

/* Registers that also fill squitters: 0,5 0,6 0,8 0,9 0,A 6,1 to 6,5. */
static float squitter(const uint8_t *mb, const struct hz_commb_known *known)
{
    unsigned tc = hz_bits(mb, 1, 5);
    if (tc == 0)
        return hz_bits(mb, 22, 32) == 0 && hz_bits(mb, 54, 3) == 0 ? no_position(mb, known)
                                                                   : HZ_COMMB_NEVER;
    if (tc <= 4) /* a 0,8 with the same bits counts as 2,0 */
        return mb[0] == 0x20 ? HZ_COMMB_NEVER : 5.0f + hz_commb_text(mb, 9, 8);
    if (tc <= 8)
        return on_surface(mb, known);
    if (tc == 19)
        return velocity(mb, known);
    if (tc <= 22)
        return in_air(mb, known);
    return tc == 28   ? aircraft_status(mb, known)
           : tc == 29 ? target_state(mb)
           : tc == 31 ? operational(mb)
                      : HZ_COMMB_NEVER; /* reserved, or national */
}

/* 2,1: registration 7 characters, airline 2, each with its status bit. 4,1: waypoint 9 characters.
 * 5,4 to 5,6: waypoint 5 characters, time 9, flight level 6, time to go 9, reserved 1. */
static float with_text(const uint8_t *mb)
{
    float best = HZ_COMMB_NEVER;
    if (hz_commb_guarded(mb, 1, 2, 30) && hz_commb_guarded(mb, 1, 32, 12) &&
        hz_commb_guarded(mb, 44, 45, 12)) {
        best = 1.0f + (hz_bit(mb, 1) ? hz_commb_text(mb, 2, 7) : 3.0f) +
               (hz_bit(mb, 44) ? hz_commb_text(mb, 45, 2) : 1.0f);
    }
    if (!hz_bit(mb, 1) || hz_bit(mb, 56))
        return best;
    float start = 3.0f + hz_commb_text(mb, 2, 5);
    float waypoint = start + fminf(22.0f, hz_commb_text(mb, 32, 4));
    return fminf(best, waypoint);
}

/* 4,2: latitude 19 and longitude 20 of the next waypoint, altitude 14 in steps of 8 ft, each with
 * its status bit. */
static float waypoint_position(const uint8_t *mb, const struct hz_commb_known *known)
{
    if (!hz_bit(mb, 1) || !hz_commb_guarded(mb, 21, 22, 20) || !hz_commb_guarded(mb, 42, 43, 14))
        return HZ_COMMB_NEVER;
    const double step = 90.0 / 131072.0;
    double lat = hz_bits_signed(mb, 2, 19) * step, lon = hz_bits_signed(mb, 22, 20) * step;
    float bits = 37.5f;
    if (known->position) {
        double nm = hz_distance_nm((struct hz_position){lat, lon}, known->at);
        bits = nm < 1000.0 ? 35.0f : 43.0f;
    }
    return bits + (hz_bit(mb, 42) ? 10.0f : 0.0f);
}

/* 5,1: latitude 20 and longitude 21 in steps of 360 / 2^20 degrees, altitude 14 in steps of 8 ft.
 * 5,2: source 4, the lower 18 bits of each, altitude 15. */
static float own_position(const uint8_t *mb, const struct hz_commb_known *known)
{
    if (!hz_bit(mb, 1) || (!known->position && !known->altitude))
        return HZ_COMMB_NEVER; /* it would cost more than an unknown register */
    const double step = 360.0 / 1048576.0;
    double lat = hz_bits_signed(mb, 2, 20) * step, lon = hz_bits_signed(mb, 22, 21) * step;
    float coarse = 43.0f;
    if (known->position)
        coarse = hz_distance_nm((struct hz_position){lat, lon}, known->at) < 10.0 ? 27.0f : 47.0f;
    coarse += hz_commb_altitude(known, hz_bits_signed(mb, 43, 14) * 8.0, 8.0);
    return fminf(coarse, 40.0f + hz_commb_altitude(known, hz_bits(mb, 42, 15) * 8.0, 8.0));
}

/* 4,3: bearing 11, time to go 9, distance 16, each with its status bit, 17 reserved. */
static float next_waypoint(const uint8_t *mb)
{
    if (hz_bits(mb, 40, 17) != 0 || !hz_commb_guarded(mb, 1, 2, 11) ||
        !hz_commb_guarded(mb, 13, 14, 9) || !hz_commb_guarded(mb, 23, 24, 16))
        return HZ_COMMB_NEVER;
    float distance = hz_bits(mb, 24, 16) < 8192 ? 13.0f : 20.0f; /* 819 NM */
    return 1.0f + (hz_bit(mb, 1) ? 11.0f : 6.0f) + (hz_bit(mb, 13) ? 9.0f : 6.0f) +
           (hz_bit(mb, 23) ? distance + 3.0f : 8.0f);
}

/* The cost of a temperature: its deviation from the standard atmosphere, at the aircraft's altitude
 * or at the pressure in the same register (0: none). */
static float air_temperature(const struct hz_commb_known *known, double celsius, uint32_t hpa)
{
    if (celsius < -90.0 || celsius > 65.0)
        return HZ_COMMB_NEVER;
    if (known->altitude) {
        double feet = known->alt_baro_ft < 36089 ? known->alt_baro_ft : 36089;
        return hz_commb_spread((celsius - 15.0 + 1.9812e-3 * feet) * 4.0, 40.0, 12.0f);
    }
    if (hpa == 0)
        return 8.5f;
    double kelvin = fmax(216.65, 288.15 * pow(hpa / 1013.25, 0.190263));
    return hz_commb_spread((celsius + 273.15 - kelvin) * 4.0, 40.0, 12.0f);
}

static float air_pressure(const struct hz_commb_known *known, uint32_t hpa)
{
    if (hpa < 80 || hpa > 1060)
        return HZ_COMMB_NEVER;
    return known->altitude
               ? hz_commb_spread(hpa - hz_commb_pressure(known->alt_baro_ft), 5.0, 16.0f)
               : 9.5f;
}

/* 4,4: figure of merit 4, wind 1 and 9 and 9, temperature 11, pressure 1 and 11, turbulence 1 and
 * 2, humidity 1 and 6. */
static float routine_report(const uint8_t *mb, const struct hz_commb_known *known)
{
    if (hz_bits(mb, 1, 4) > 4 || !hz_commb_guarded(mb, 5, 6, 18) ||
        !hz_commb_guarded(mb, 35, 36, 11) || !hz_commb_guarded(mb, 47, 48, 2) ||
        !hz_commb_guarded(mb, 50, 51, 6) || hz_bits(mb, 6, 9) > 300)
        return HZ_COMMB_NEVER;
    float bits = 2.0f + (hz_bit(mb, 5) ? 16.0f : 4.0f);
    bits += air_temperature(known, hz_bits_signed(mb, 24, 11) * 0.25, hz_bits(mb, 36, 11));
    bits += hz_bit(mb, 35) ? 1.0f + air_pressure(known, hz_bits(mb, 36, 11)) : 1.0f;
    bits += hz_bit(mb, 47) ? 3.0f : 1.0f;
    return bits + (hz_bit(mb, 50) ? 7.0f : 1.0f);
}

/* 4,5: five hazards of 1 and 2, temperature 1 and 10, pressure 1 and 11, height by radio 1 and 12,
 * 5 reserved. */
static float hazard_report(const uint8_t *mb, const struct hz_commb_known *known)
{
    if (hz_bits(mb, 52, 5) != 0 || !hz_commb_guarded(mb, 16, 17, 10) ||
        !hz_commb_guarded(mb, 27, 28, 11) || !hz_commb_guarded(mb, 39, 40, 12))
        return HZ_COMMB_NEVER;
    float bits = 0.0f;
    for (unsigned i = 1; i <= 13; i += 3) {
        uint32_t level = hz_bits(mb, i + 1, 2);
        if (!hz_bit(mb, i) && level != 0)
            return HZ_COMMB_NEVER;
        bits += hz_bit(mb, i) ? 3.0f : 1.0f;
    }
    bool temperature = hz_bit(mb, 16), pressure = hz_bit(mb, 27);
    if (temperature)
        bits += air_temperature(known, hz_bits_signed(mb, 17, 10) * 0.25, hz_bits(mb, 28, 11));
    if (pressure)
        bits += air_pressure(known, hz_bits(mb, 28, 11));
    bits += pressure && !temperature ? 4.2f : pressure || temperature ? 0.0f : 7.0f;
    return bits + (hz_bit(mb, 39) ? 10.0f : 1.0f);
}

/* 5,3: magnetic heading 11, indicated airspeed 10, Mach 9, true airspeed 12, rate of climb 9, each
 * with its status bit. */
static float air_state(const uint8_t *mb, const struct hz_commb_known *known)
{
    if (!hz_commb_guarded(mb, 1, 2, 11) || !hz_commb_guarded(mb, 13, 14, 10) ||
        !hz_commb_guarded(mb, 24, 25, 9) || !hz_commb_guarded(mb, 34, 35, 12) ||
        !hz_commb_guarded(mb, 47, 48, 9))
        return HZ_COMMB_NEVER;
    double mach = hz_bits(mb, 25, 9) * 0.008, tas = hz_bits(mb, 35, 12) * 0.5;
    if (tas > 800.0 || mach > 1.0)
        return HZ_COMMB_NEVER;
    float bits = 1.0f + (hz_bit(mb, 1) ? 11.0f : 5.0f) + (hz_bit(mb, 13) ? 9.0f : 5.0f);
    bits += hz_bit(mb, 24) ? 7.0f : 5.0f;
    if (hz_bit(mb, 34) && hz_bit(mb, 24) && known->altitude)
        bits += hz_commb_spread((tas - mach * hz_commb_sound_kt(known->alt_baro_ft)) * 2.0, 20.0,
                                12.0f);
    else
        bits += hz_bit(mb, 34) ? 9.0f : 5.0f;
    return bits + (hz_bit(mb, 47) ? hz_commb_spread(hz_bits_signed(mb, 48, 9), 12.0, 10.0f) : 4.0f);
}

/* 0,7: rate of squitters 2, kind of altitude 1, reserved. 5,F: counters of changes, reserved
 * between them. */
static float nearly_empty(const uint8_t *mb)
{
    if (hz_bits(mb, 27, 30) != 0 || hz_bits(mb, 3, 10) % 512 != 0 || hz_bits(mb, 15, 2) != 0)
        return HZ_COMMB_NEVER;
    return hz_bits(mb, 13, 14) == 0 ? 4.0f : 16.0f;
}

/* Any other register: bytes of unknown meaning, many of them 0. The greatest cost of this model is
 * also an upper bound for the cost plus margin of a register that is chosen. Random contents stay
 * below it once in 6,500, as 4,0, 5,0 or 6,0 once in 17,000. */
static float unknown(const uint8_t *mb)
{
    float bits = 3.0f;
    for (int i = 0; i < 7; i++)
        bits += mb[i] == 0 ? 1.0f : 9.0f;
    return bits < 49.0f ? bits : 49.0f;
}

/* Radars ask for the decoded registers most often, for all others together less often. */
static const float rarely = 1.0f;

bool hz_commb_rivalled(const uint8_t *mb, const struct hz_commb_known *known, float limit)
{
    float least = limit - rarely;
    return unknown(mb) < limit || squitter(mb, known) < least || nearly_empty(mb) < least ||
           next_waypoint(mb) < least || routine_report(mb, known) < least ||
           hazard_report(mb, known) < least || air_state(mb, known) < least ||
           with_text(mb) < least || waypoint_position(mb, known) < least ||
           own_position(mb, known) < least;
}
