/* Fields of the registers of Comm-B replies. Bits are counted in the MB field, from 1 (ICAO Doc
 * 9871, appendix A). */
#include "proto/adsb/commb.h"
#include "proto/adsb/message.h"
#include "proto/link/bits.h"

#define FRESH_NS UINT64_C(10000000000)

/* An angle in two's complement of n bits, whose sign bit is 180 degrees, as 0 to 360. */
static void heading(struct hz_json *json, const char *name, const uint8_t *p, unsigned first)
{
    int32_t v = hz_bits_signed(p, first, 11);
    hz_json_decimals(json, name, (v < 0 ? v + 2048 : v) * (90.0 / 512.0), 2);
}

/*  S AAAAAAAAAAAA S AAAAAAAAAAAA S BBBBBBBBBBBB -------- S VHA -- S TT
 *  each with its status bit: panel altitude 12, FMS altitude 12, pressure 12, reserved 8, modes 3
 *  (VNAV, altitude hold, approach), reserved 2, source of the target altitude 2 */
static void vertical_intention(struct hz_json *json, const uint8_t *mb)
{
    if (hz_bit(mb, 1))
        hz_json_uint(json, "nav_altitude_mcp", hz_bits(mb, 2, 12) * 16);
    if (hz_bit(mb, 14))
        hz_json_uint(json, "nav_altitude_fms", hz_bits(mb, 15, 12) * 16);
    if (hz_bit(mb, 27))
        hz_json_decimals(json, "nav_qnh", 800.0 + 0.1 * hz_bits(mb, 28, 12), 1);
    if (hz_bit(mb, 48))
        hz_nav_modes(json, (hz_bit(mb, 49) ? HZ_NAV_VNAV : 0u) |
                               (hz_bit(mb, 50) ? HZ_NAV_ALTHOLD : 0u) |
                               (hz_bit(mb, 51) ? HZ_NAV_APPROACH : 0u));
}

/*  S RRRRRRRRRR S TTTTTTTTTTT S GGGGGGGGGG S RRRRRRRRRR S AAAAAAAAAA
 *  each with its status bit: roll 10 (signed), true track 11 (signed), ground speed 10, track rate
 *  10 (signed), true airspeed 10; a track rate of -16 deg/s marks it as invalid */
static void track_and_turn(const struct hz_message_in *in, const uint8_t *mb)
{
    struct hz_json *json = in->json;
    uint32_t gs = hz_bits(mb, 25, 10) * 2;
    int32_t rate = hz_bits_signed(mb, 36, 10);
    if (hz_bit(mb, 1))
        hz_json_decimals(json, "roll", hz_bits_signed(mb, 2, 10) * (45.0 / 256.0), 2);
    if (hz_bit(mb, 12))
        heading(json, "track", mb, 13);
    if (hz_bit(mb, 24)) {
        hz_json_uint(json, "gs", gs);
        hz_track_speed(&in->aircraft->track, gs, in->time_ns);
    }
    if (hz_bit(mb, 35) && rate != -512)
        hz_json_decimals(json, "track_rate", rate * (8.0 / 256.0), 2);
    if (hz_bit(mb, 46))
        hz_json_uint(json, "tas", hz_bits(mb, 47, 10) * 2);
}

/*  S HHHHHHHHHHH S IIIIIIIIII S MMMMMMMMMM S BBBBBBBBBB S VVVVVVVVVV
 *  each with its status bit: magnetic heading 11 (signed), indicated airspeed 10, Mach 10,
 *  barometric rate 10 (signed), inertial rate 10 (signed) */
static void heading_and_speed(struct hz_json *json, const uint8_t *mb)
{
    if (hz_bit(mb, 1))
        heading(json, "mag_heading", mb, 2);
    if (hz_bit(mb, 13))
        hz_json_uint(json, "ias", hz_bits(mb, 14, 10));
    if (hz_bit(mb, 24))
        hz_json_decimals(json, "mach", hz_bits(mb, 25, 10) * 0.004, 3);
    if (hz_bit(mb, 35))
        hz_json_int(json, "baro_rate", hz_bits_signed(mb, 36, 10) * 32);
    if (hz_bit(mb, 46))
        hz_json_int(json, "geom_rate", hz_bits_signed(mb, 47, 10) * 32);
}

static bool fresh(const struct hz_message_in *in, bool known, int64_t time_ns)
{
    return known && hz_between_ns(in->time_ns, time_ns) <= FRESH_NS;
}

void hz_register(const struct hz_message_in *in)
{
    const uint8_t *mb = in->frame + 4;
    const struct hz_aircraft *ac = in->aircraft;
    const struct hz_track *track = &ac->track;
    uint32_t fs = hz_bits(in->frame, 6, 3);
    struct hz_commb_known known = {.altitude = fresh(in, ac->alt_known, ac->alt_ns),
                                   .alt_baro_ft = ac->alt_baro_ft,
                                   .speed = fresh(in, track->gs_known, track->gs_ns),
                                   .gs_kt = track->gs_kt,
                                   .track = fresh(in, ac->track_known, ac->track_ns),
                                   .track_deg = ac->track_deg,
                                   .position =
                                       fresh(in, track->known && track->proven, track->at_ns),
                                   .at = track->at,
                                   .ground = fs == 1 || fs == 3};
    enum hz_register which = hz_commb_infer(mb, &known);
    if (which == HZ_BDS_UNKNOWN)
        return;
    const char name[3] = {(char)('0' + which / 16), ',', (char)('0' + which % 16)};
    hz_json_strn(in->json, "bds", name, 3);
    if (which == HZ_BDS_20)
        hz_flight(in->json, mb + 1);
    else if (which == HZ_BDS_30)
        hz_acas_ra(in->json, mb);
    else if (which == HZ_BDS_40)
        vertical_intention(in->json, mb);
    else if (which == HZ_BDS_50)
        track_and_turn(in, mb);
    else if (which == HZ_BDS_60)
        heading_and_speed(in->json, mb);
}
