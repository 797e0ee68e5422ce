/* Extended squitters about the aircraft's state and equipment: type codes 23, 28, 29 and 31.
 * Bits are counted in the ME field, from 1 (RTCA DO-260B, 2.2.3.2.7). */
#include "proto/adsb/altitude.h"
#include "proto/adsb/message.h"
#include "proto/bits.h"

/* Emergency/priority status (DO-260B, table 2-78), in readsb's words. */
static const char *const emergencies[8] = {"none",  "general",  "lifeguard", "minfuel",
                                           "nordo", "unlawful", "downed",    "reserved"};

/*  TTTTTSSS SSSSSSSS SSSSS---  test message: type 5, subtype 7, mode A code 13 */
static void test_message(const struct hz_message_in *in)
{
    const uint8_t *me = in->frame + 4;
    if (hz_bits(me, 6, 3) == 7 && hz_bits(me, 9, 13) != 0)
        hz_squawk_field(in->json, hz_bits(me, 9, 13));
}

/*  TTTTTSSS EEEAAAAA AAAAAAAA --------  type 5, subtype 1, emergency 3, mode A code 13 (version 2);
 *  subtype 2 is an ACAS resolution advisory, laid out as register 3,0 from bit 9 on */
static void aircraft_status(const struct hz_message_in *in)
{
    const uint8_t *me = in->frame + 4;
    uint32_t subtype = hz_bits(me, 6, 3);
    if (subtype == 2)
        hz_acas_ra(in->json, me);
    if (subtype != 1)
        return;
    hz_json_str(in->json, "emergency", emergencies[hz_bits(me, 9, 3)]);
    if (hz_bits(me, 12, 13) != 0)
        hz_squawk_field(in->json, hz_bits(me, 12, 13));
}

static void source_integrity(const struct hz_message_in *in, uint32_t sil, const char *type)
{
    hz_json_uint(in->json, "sil", sil);
    hz_json_str(in->json, "sil_type", type);
}

/* What the last bits of a target state and of an operational status have in common. */
static void target_quality(const struct hz_message_in *in, const char *sil_type)
{
    const uint8_t *me = in->frame + 4;
    hz_json_uint(in->json, "nac_p", hz_bits(me, 40, 4));
    hz_json_uint(in->json, "nic_baro", hz_bit(me, 44));
    source_integrity(in, hz_bits(me, 45, 2), sil_type);
}

/*  TTTTTSSH AAAAAAAA AAAABBBB BBBBBVHH HHHHHHHP PPPNIIMA VLIPTN--
 *  type 5, subtype 2, SIL supplement 1, altitude is the FMS's 1, altitude 11, pressure 9, heading
 *  valid 1, heading 9, NACp 4, NICbaro 1, SIL 2, modes valid 1, autopilot, VNAV, altitude hold,
 *  IMF, approach, TCAS, LNAV (version 2: DO-260B, 2.2.3.2.7.1) */
static void target_state(const struct hz_message_in *in)
{
    const uint8_t *me = in->frame + 4;
    uint32_t altitude = hz_bits(me, 10, 11), pressure = hz_bits(me, 21, 9);
    if (altitude != 0)
        hz_json_uint(in->json, hz_bit(me, 9) ? "nav_altitude_fms" : "nav_altitude_mcp",
                     (altitude - 1) * 32);
    if (pressure != 0)
        hz_json_fixed(in->json, "nav_qnh", 800.0 + 0.8 * (pressure - 1), 1);
    if (hz_bit(me, 30))
        hz_json_fixed(in->json, "nav_heading", hz_bits(me, 31, 9) * (180.0 / 256.0), 2);
    target_quality(in, hz_bit(me, 8) ? "persample" : "perhour");
    if (hz_bit(me, 47))
        hz_nav_modes(
            in->json,
            (hz_bit(me, 48) ? HZ_NAV_AUTOPILOT : 0u) | (hz_bit(me, 49) ? HZ_NAV_VNAV : 0u) |
                (hz_bit(me, 50) ? HZ_NAV_ALTHOLD : 0u) | (hz_bit(me, 52) ? HZ_NAV_APPROACH : 0u) |
                (hz_bit(me, 53) ? HZ_NAV_TCAS : 0u) | (hz_bit(me, 54) ? HZ_NAV_LNAV : 0u));
}

/* Version 1 has the same quality, other targets (not read: hardly any such aircraft is left), and
 * the emergency status in bits 54 to 56 (DO-260A, 2.2.3.2.7.1). */
static void target_state_v1(const struct hz_message_in *in)
{
    target_quality(in, "unknown");
    hz_json_str(in->json, "emergency", emergencies[hz_bits(in->frame + 4, 54, 3)]);
}

/*  TTTTTSSS CCCCCCCC CCCCCCCC OOOOOOOO OOOOOOOO VVVAPPPP GGIIBHT-
 *  type 5, subtype 3 (0 airborne, 1 surface), capability class 16 (on the ground 12 and length and
 *  width 4), operational mode 16, version 3, NIC supplement A 1, NACp 4, GVA 2, SIL 2, NICbaro or
 *  track/heading 1, north 1, SIL supplement 1 */
static void operational(const struct hz_message_in *in)
{
    const uint8_t *me = in->frame + 4;
    struct hz_aircraft *ac = in->aircraft;
    uint32_t subtype = hz_bits(me, 6, 3), version = hz_bits(me, 41, 3);
    if (subtype > 1)
        return;
    bool surface = subtype == 1;
    hz_json_uint(in->json, "version", version);
    ac->version = (uint8_t)(version < 2 ? version : 2);
    if (version == 0)
        return;
    ac->nic_a = hz_bit(me, 44);
    ac->north = hz_bit(me, 54) ? HZ_NORTH_MAGNETIC : HZ_NORTH_TRUE;
    if (surface)
        ac->ground_heading = hz_bit(me, 53);
    else
        hz_json_uint(in->json, "nic_baro", hz_bit(me, 53));
    hz_json_uint(in->json, "nac_p", hz_bits(me, 45, 4));
    if (version == 1) {
        source_integrity(in, hz_bits(me, 51, 2), "unknown");
        return;
    }
    source_integrity(in, hz_bits(me, 51, 2), hz_bit(me, 55) ? "persample" : "perhour");
    hz_json_uint(in->json, "sda", hz_bits(me, 31, 2));
    if (surface) {
        ac->nic_c = hz_bit(me, 20);
        hz_json_uint(in->json, "nac_v", hz_bits(me, 17, 3));
    } else {
        hz_json_uint(in->json, "gva", hz_bits(me, 49, 2));
    }
}

void hz_squitter_status(const struct hz_message_in *in, unsigned typecode)
{
    if (typecode == 23)
        test_message(in);
    else if (typecode == 28)
        aircraft_status(in);
    else if (typecode == 29 && hz_bits(in->frame + 4, 6, 2) == 1)
        target_state(in);
    else if (typecode == 29 && hz_bits(in->frame + 4, 6, 2) == 0)
        target_state_v1(in);
    else if (typecode == 31)
        operational(in);
}
