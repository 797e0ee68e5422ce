/* Extended squitters with identity or position (type codes 0 to 18 and 20 to 22). Bits are counted
 * in the ME field, from 1, as in RTCA DO-260B, 2.2.3.2. */
#include "proto/adsb/altitude.h"
#include "proto/adsb/message.h"
#include "proto/link/bits.h"
#include "proto/out/record.h"

/* Type codes 1 to 4 are the category sets D to A. */
static void identification(const struct hz_message_in *in, unsigned tc)
{
    const uint8_t *me = in->frame + 4;
    const char category[2] = {(char)('E' - tc), (char)('0' + hz_bits(me, 6, 3))};
    hz_json_strn(in->json, "category", category, 2);
    hz_flight(in->json, me + 1);
}

/* Invalid positions that encoders without a position send: all zeros, or type code 15 without an
 * altitude at longitude 0 and a round latitude (received from helicopters and turboprops between
 * good positions; readsb rejects them too). A true position has these bits once in 2^34. */
static bool no_position(const uint8_t *me, unsigned tc, struct hz_cpr cpr)
{
    bool round = (cpr.lat & 0xfff) == 0;
    return cpr.lon == 0 && (cpr.lat == 0 || (tc == 15 && round && hz_bits(me, 9, 12) == 0));
}

static struct hz_integrity integrity(const struct hz_message_in *in, unsigned tc,
                                     enum hz_es_kind kind)
{
    const struct hz_aircraft *ac = in->aircraft;
    struct hz_nic_supplements s = ac->nic;
    if (kind == HZ_ES_TISB) { /* no supplements: integrity by type code alone, as in version 0 */
        s = (struct hz_nic_supplements){0};
        return hz_adsb_integrity(tc, HZ_ADSB_V0, &s);
    }
    s.b = kind == HZ_ES_ADSB && hz_bit(in->frame + 4, 8); /* IMF in ADS-R */
    return hz_adsb_integrity(tc, ac->version, &s);
}

/* Writes latitude and longitude from bits 23 to 56, and their quality. feet: the barometric
 * altitude in the same message; NULL: none. */
static void position(const struct hz_message_in *in, unsigned tc, enum hz_es_kind kind,
                     const int *feet)
{
    const uint8_t *me = in->frame + 4;
    struct hz_cpr_frame frame = {.cpr = {hz_bits(me, 23, 17), hz_bits(me, 40, 17)},
                                 .time_ns = in->time_ns,
                                 .odd = hz_bit(me, 22),
                                 .surface = tc < 9,
                                 .typecode = (uint8_t)tc,
                                 .altitude = feet != NULL,
                                 .altitude_ft = feet ? *feet : 0};
    if (no_position(me, tc, frame.cpr))
        return;
    struct hz_position at;
    if (hz_track_push(&in->aircraft->track, &frame, in->antenna, &at)) {
        hz_json_decimals(in->json, "lat", at.lat, 6);
        hz_json_decimals(in->json, "lon", at.lon, 6);
        hz_about_position(in->json, at.lat, at.lon);
    }
    struct hz_integrity q = integrity(in, tc, kind);
    hz_json_int(in->json, "nic", q.nic);
    if (q.rc_m > 0)
        hz_json_int(in->json, "rc", q.rc_m);
}

/* Surveillance status (DO-260B, 2.2.3.2.3.2): 0 none, 1 permanent alert, 2 temporary alert, 3
 * ident. An alert hides an ident at the same time. */
static void surveillance(struct hz_json *json, uint32_t status)
{
    bool alert = status == 1 || status == 2;
    hz_json_int(json, "alert", alert);
    if (!alert)
        hz_json_int(json, "spi", status == 3);
}

/*  TTTTTSSB AAAAAAAA AAAATFYY YYYYYYYY YYYYYYYX XXXXXXXX XXXXXXXX
 *  type 5, surveillance status 2, NIC supplement B (antenna before version 2, IMF of TIS-B and
 *  ADS-R), altitude 12, time 1, odd 1, latitude 17, longitude 17 */
static void airborne_position(const struct hz_message_in *in, unsigned tc, enum hz_es_kind kind)
{
    const uint8_t *me = in->frame + 4;
    struct hz_aircraft *ac = in->aircraft;
    int feet;
    bool known = hz_altitude_ac12(hz_bits(me, 9, 12), &feet), geometric = tc >= 20;
    if (known)
        hz_json_int(in->json, geometric ? "alt_geom" : "alt_baro", feet);
    if (known && !geometric) {
        ac->alt_baro_ft = feet;
        ac->alt_ns = in->time_ns;
        ac->alt_known = true;
    }
    surveillance(in->json, hz_bits(me, 6, 2));
    if (tc != 0)
        position(in, tc, kind, known && !geometric ? &feet : NULL);
}

/*  TTTTTMMM MMMMSDDD DDDDTFYY YYYYYYYY YYYYYYYX XXXXXXXX XXXXXXXX
 *  type 5, movement 7, direction valid 1, direction 7, time 1, odd 1, latitude 17, longitude 17 */
static void surface_position(const struct hz_message_in *in, unsigned tc, enum hz_es_kind kind)
{
    const uint8_t *me = in->frame + 4;
    struct hz_aircraft *ac = in->aircraft;
    double kt;
    hz_json_str(in->json, "alt_baro", "ground");
    /* TIS-B has the steps of version 2 (DO-260B, 2.2.17.3.2.1). */
    if (hz_adsb_movement(hz_bits(me, 6, 7), kind == HZ_ES_TISB ? HZ_ADSB_V2 : ac->version, &kt)) {
        hz_json_decimals(in->json, "gs", kt, 3);
        hz_track_speed(&ac->track, kt, in->time_ns);
    }
    if (hz_bit(me, 13)) {
        const char *name = !ac->ground_heading              ? "track"
                           : ac->north == HZ_NORTH_MAGNETIC ? "mag_heading"
                                                            : "true_heading";
        hz_json_decimals(in->json, name, hz_bits(me, 14, 7) * (360.0 / 128.0), 2);
    }
    position(in, tc, kind, NULL);
}

void hz_squitter(const struct hz_message_in *in, enum hz_es_kind kind)
{
    if (kind == HZ_ES_OTHER)
        return;
    unsigned tc = hz_bits(in->frame, 33, 5);
    hz_json_uint(in->json, "typecode", tc);
    if (tc >= 1 && tc <= 4)
        identification(in, tc);
    else if (tc >= 5 && tc <= 8)
        surface_position(in, tc, kind);
    else if (tc == 19)
        hz_squitter_velocity(in, kind);
    else if (tc <= 22)
        airborne_position(in, tc, kind);
    else if (kind != HZ_ES_TISB)
        hz_squitter_status(in, tc);
}
