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

/*  TTTTTSSS EEEAAAAA AAAAAAAA --------  type 5, subtype 1, emergency 3, mode A code 13 (version 2)
 */
static void emergency(const struct hz_message_in *in)
{
    const uint8_t *me = in->frame + 4;
    if (hz_bits(me, 6, 3) != 1)
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
        emergency(in);
    else if (typecode == 31)
        operational(in);
}
