/* Extended squitters with state and equipment of the aircraft: type codes 23, 28, 29 and 31.
 * Bits are counted in the ME field, from 1 (RTCA DO-260B, 2.2.3.2.7). */
#include "proto/adsb/altitude.h"
#include "proto/adsb/message.h"
#include "proto/link/bits.h"

static bool before_v2(enum hz_adsb_version v)
{
    return v == HZ_ADSB_V0 || v == HZ_ADSB_V1;
}

static void emergency(const struct hz_message_in *in, uint32_t code)
{
    const char *word = hz_adsb_emergency(code, in->aircraft->version);
    if (word)
        hz_json_str(in->json, "emergency", word);
}

/*  TTTTTSSS SSSSSSSS SSSSS---  test message: type 5, subtype 7, mode A code 13 */
static void test_message(const struct hz_message_in *in)
{
    const uint8_t *me = in->frame + 4;
    if (hz_bits(me, 6, 3) == 7 && hz_bits(me, 9, 13) != 0)
        hz_squawk_field(in->json, hz_bits(me, 9, 13));
}

/*  TTTTTSSS EEEAAAAA AAAAAAAA --------  type 5, subtype 1, emergency 3, mode A code 13 (from
 * version 2 on, reserved and 0 before); subtype 2 is an ACAS resolution advisory (likewise), laid
 * out as register 3,0 from bit 9 on (DO-260B, 2.2.3.2.7.8) */
static void aircraft_status(const struct hz_message_in *in)
{
    const uint8_t *me = in->frame + 4;
    uint32_t subtype = hz_bits(me, 6, 3);
    bool old = before_v2(in->aircraft->version);
    if (subtype == 2 && !old)
        hz_acas_ra(in->json, me);
    if (subtype != 1)
        return;
    emergency(in, hz_bits(me, 9, 3));
    if (hz_bits(me, 12, 13) != 0 && !old)
        hz_squawk_field(in->json, hz_bits(me, 12, 13));
}

/* Fields common to all versions of the target state. */
static void target_quality(const struct hz_message_in *in, const char *sil_type)
{
    const uint8_t *me = in->frame + 4;
    hz_nac_p(in->json, hz_bits(me, 40, 4));
    if (in->aircraft->version == HZ_ADSB_V1 || in->aircraft->version == HZ_ADSB_V2)
        hz_json_uint(in->json, "nic_baro", hz_bit(me, 44)); /* reserved in version 3 */
    hz_sil(in->json, hz_bits(me, 45, 2), sil_type);
}

/*  TTTTTSSH AAAAAAAA AAAABBBB BBBBBVHH HHHHHHHP PPPNIIMA VLIPTN--
 *  type 5, subtype 2, SIL supplement 1, altitude is the FMS's 1, altitude 11, pressure 9, heading
 *  valid 1, heading 9, NACp 4, NICbaro 1, SIL 2, modes valid 1, autopilot, VNAV, altitude hold,
 *  IMF, approach, TCAS, LNAV (version 2 and 3: DO-260B, 2.2.3.2.7.1) */
static void target_state(const struct hz_message_in *in)
{
    const uint8_t *me = in->frame + 4;
    uint32_t altitude = hz_bits(me, 10, 11), pressure = hz_bits(me, 21, 9);
    if (altitude != 0)
        hz_json_uint(in->json, hz_bit(me, 9) ? "nav_altitude_fms" : "nav_altitude_mcp",
                     (altitude - 1) * 32);
    if (pressure != 0)
        hz_json_decimals(in->json, "nav_qnh", 800.0 + 0.8 * (pressure - 1), 1);
    if (hz_bit(me, 30))
        hz_json_decimals(in->json, "nav_heading", hz_bits(me, 31, 9) * (180.0 / 256.0), 2);
    target_quality(in, hz_bit(me, 8) ? "persample" : "perhour");
    if (hz_bit(me, 47))
        hz_nav_modes(
            in->json,
            (hz_bit(me, 48) ? HZ_NAV_AUTOPILOT : 0u) | (hz_bit(me, 49) ? HZ_NAV_VNAV : 0u) |
                (hz_bit(me, 50) ? HZ_NAV_ALTHOLD : 0u) | (hz_bit(me, 52) ? HZ_NAV_APPROACH : 0u) |
                (hz_bit(me, 53) ? HZ_NAV_TCAS : 0u) | (hz_bit(me, 54) ? HZ_NAV_LNAV : 0u));
}

/* Version 1 has the same quality fields, other targets (not decoded: few such aircraft are left),
 * and the emergency status in bits 54 to 56 (DO-260A, 2.2.3.2.7.1). */
static void target_state_v1(const struct hz_message_in *in)
{
    target_quality(in, "unknown");
    emergency(in, hz_bits(in->frame + 4, 54, 3));
}

/* Type code 29. In version 0 it is a trajectory change point, with a 1 in bit 11 and any value in
 * the last bits (DO-260, 2.2.3.2.7.1). The target state of version 1 has a 0 in bit 11 to
 * distinguish it; that of versions 2 and 3 ends with two reserved bits. */
static void target(const struct hz_message_in *in)
{
    const uint8_t *me = in->frame + 4;
    enum hz_adsb_version v = in->aircraft->version;
    uint32_t subtype = hz_bits(me, 6, 2);
    bool known = v != HZ_ADSB_UNKNOWN;
    if (subtype == 0 && (!known || v == HZ_ADSB_V1) && !hz_bit(me, 11))
        target_state_v1(in);
    if (subtype == 1 && (known ? v >= HZ_ADSB_V2 : hz_bits(me, 55, 2) == 0))
        target_state(in);
}

/* Capability class and operational mode of versions 2 and 3. Bits 9, 10 and 25, 26 are their
 * formats; only format 0 is defined. */
static void capabilities(const struct hz_message_in *in, bool surface)
{
    const uint8_t *me = in->frame + 4;
    if (hz_bits(me, 25, 2) == 0)
        hz_json_uint(in->json, "sda", hz_bits(me, 31, 2));
    if (surface && hz_bits(me, 9, 2) == 0) {
        in->aircraft->nic.c = hz_bit(me, 20);
        hz_nac_v(in->json, hz_bits(me, 17, 3));
    }
}

/* Bit 53: NICbaro in the air; on the ground, whether heading is sent instead of track. Bit 54: the
 * reference of headings, true or magnetic north. Version 3 has both on the ground only. */
static void reference(const struct hz_message_in *in, bool surface)
{
    const uint8_t *me = in->frame + 4;
    struct hz_aircraft *ac = in->aircraft;
    if (surface)
        ac->ground_heading = hz_bit(me, 53);
    else if (ac->version != HZ_ADSB_V3)
        hz_json_uint(in->json, "nic_baro", hz_bit(me, 53));
    if (surface || ac->version != HZ_ADSB_V3)
        ac->north = hz_bit(me, 54) ? HZ_NORTH_MAGNETIC : HZ_NORTH_TRUE;
}

/*  TTTTTSSS CCCCCCCC CCCCCCCC OOOOOOOO OOOOOOOO VVVAPPPP GGIIBHT-
 *  type 5, subtype 3 (0 airborne, 1 surface), capability class 16 (on the ground 12 and length and
 *  width 4), operational mode 16, version 3, NIC supplement A 1, NACp 4, GVA 2, SIL 2, NICbaro or
 *  track/heading 1, north 1, SIL supplement 1 (DO-260B, 2.2.3.2.7.2; DO-260A has no GVA and no SIL
 *  supplement, DO-260 nothing but the version, and no subtype 1) */
static void operational(const struct hz_message_in *in)
{
    const uint8_t *me = in->frame + 4;
    struct hz_aircraft *ac = in->aircraft;
    uint32_t subtype = hz_bits(me, 6, 3), number = hz_bits(me, 41, 3);
    bool surface = subtype == 1;
    if (subtype > 1)
        return;
    hz_json_uint(in->json, "version", number);
    enum hz_adsb_version v = hz_adsb_version_of(number);
    if (v != ac->version)
        ac->nic = (struct hz_nic_supplements){0};
    ac->version = v;
    if (v == HZ_ADSB_V0)
        return;
    ac->nic.a = hz_bit(me, 44);
    reference(in, surface);
    hz_nac_p(in->json, hz_bits(me, 45, 4));
    const char *per = v == HZ_ADSB_V1 ? "unknown" : hz_bit(me, 55) ? "persample" : "perhour";
    hz_sil(in->json, hz_bits(me, 51, 2), per);
    if (v == HZ_ADSB_V1)
        return;
    capabilities(in, surface);
    if (!surface)
        hz_json_uint(in->json, "gva", hz_bits(me, 49, 2));
}

void hz_squitter_status(const struct hz_message_in *in, unsigned typecode)
{
    if (typecode == 23)
        test_message(in);
    else if (typecode == 28)
        aircraft_status(in);
    else if (typecode == 29)
        target(in);
    else if (typecode == 31)
        operational(in);
}
