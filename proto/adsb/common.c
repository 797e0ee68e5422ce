/* Fields that are common to several kinds of messages. Bits are counted from 1. */
#include "proto/adsb/altitude.h"
#include "proto/adsb/message.h"
#include "proto/link/bits.h"

void hz_flight(struct hz_json *json, const uint8_t *packed)
{
    static const char set[64] = " ABCDEFGHIJKLMNOPQRSTUVWXYZ?????"
                                " ???????????????0123456789??????";
    char flight[8];
    bool any = false;
    for (unsigned i = 0; i < 8; i++) {
        flight[i] = set[hz_bits(packed, 1 + 6 * i, 6)];
        any |= flight[i] != ' ';
    }
    if (any)
        hz_json_strn(json, "flight", flight, 8);
}

void hz_nac_p(struct hz_json *json, uint32_t value)
{
    if (value <= 11)
        hz_json_uint(json, "nac_p", value);
}

void hz_nac_v(struct hz_json *json, uint32_t value)
{
    if (value <= 4)
        hz_json_uint(json, "nac_v", value);
}

void hz_sil(struct hz_json *json, uint32_t level, const char *type)
{
    hz_json_uint(json, "sil", level);
    hz_json_str(json, "sil_type", type);
}

void hz_squawk_field(struct hz_json *json, uint32_t id)
{
    char digits[4];
    hz_squawk(id, digits);
    hz_json_strn(json, "squawk", digits, 4);
}

void hz_nav_modes(struct hz_json *json, unsigned modes)
{
    static const char *const names[] = {"autopilot", "vnav", "althold", "approach", "lnav", "tcas"};
    hz_json_open_array(json, "nav_modes");
    for (unsigned i = 0; i < 6; i++) {
        if (modes & 1u << i)
            hz_json_str(json, NULL, names[i]);
    }
    hz_json_close_array(json);
}

/*  -------- AAAAAAAA AAAAAARR RRTM----  8 bits that name the report, advisory 14, complement 4,
 *  terminated 1, several threats 1 (ICAO Annex 10, volume IV, 4.3.8.4.2.2). With neither its first
 * bit nor `several threats` set there is no advisory. */
void hz_acas_ra(struct hz_json *json, const uint8_t *mb)
{
    if (hz_bit(mb, 27))
        hz_json_str(json, "acas_ra", "terminated");
    else if (hz_bit(mb, 9) || hz_bit(mb, 28))
        hz_json_str(json, "acas_ra", "active");
}
