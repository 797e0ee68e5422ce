/* Extended squitters: who an aircraft is, where it is and how fast (type codes 1 to 22).
 * Bits are counted in the ME field, from 1, as RTCA DO-260B, 2.2.3.2 does. */
#include "proto/adsb/altitude.h"
#include "proto/adsb/message.h"
#include "proto/bits.h"

#include <math.h>

#define DEGREES      (180.0 / 3.14159265358979323846)
#define ALT_FRESH_NS UINT64_C(5000000000)

/* Type codes 1 to 4 are the category sets D to A. */
static void identification(const struct hz_message_in *in, unsigned tc)
{
    const uint8_t *me = in->frame + 4;
    const char category[2] = {(char)('E' - tc), (char)('0' + hz_bits(me, 6, 3))};
    hz_json_strn(in->json, "category", category, 2);
    hz_flight(in->json, me + 1);
}

struct integrity {
    int nic, rc_m; /* rc 0: not known; metres are rounded up */
};

/* NIC and radius of containment: DO-260B, tables 2-69 (version 2), DO-260A, 2.2.3.2.7.2.6 (version
 * 1, one supplement), DO-260A appendix N (version 0, NUC as the NIC of the same radius). `a` comes
 * with the operational status; `b` is in an airborne position, `c` stands for it on the ground. */
static struct integrity integrity(unsigned tc, const struct hz_aircraft *ac, bool b)
{
    bool v1 = ac->version == 1, v2 = ac->version >= 2;
    bool a = ac->nic_a && (v1 || v2), c = ac->nic_c && v2;
    bool ab = a && (b || v1);
    switch (tc) {
    case 5:
    case 9:
    case 20:
        return (struct integrity){11, 8};
    case 6:
    case 10:
    case 21:
        return (struct integrity){10, 25};
    case 7:
        return a && !c ? (struct integrity){9, 75} : (struct integrity){8, 186};
    case 8:
        if (!v2 || !(a || c))
            return (struct integrity){0, 0};
        return a && c ? (struct integrity){7, 371}
               : a    ? (struct integrity){6, 556}
                      : (struct integrity){6, 1112};
    case 11:
        return ab ? (struct integrity){9, 75} : (struct integrity){8, 186};
    case 12:
        return (struct integrity){7, 371};
    case 13:
        return (struct integrity){6, a ? 1112 : v2 && b ? 556 : 926};
    case 14:
        return (struct integrity){5, 1852};
    case 15:
        return (struct integrity){4, 3704};
    case 16:
        return ab         ? (struct integrity){3, 7408}
               : v1 || v2 ? (struct integrity){2, 14816}
                          : (struct integrity){1, 18520};
    case 17:
        return (struct integrity){1, 37040};
    default:
        return (struct integrity){0, 0};
    }
}

/* Latitude and longitude from bits 23 to 56, with what is known of their quality. */
static void position(const struct hz_message_in *in, unsigned tc, bool surface, bool nic_b)
{
    const uint8_t *me = in->frame + 4;
    struct hz_cpr_frame frame = {.cpr = {hz_bits(me, 23, 17), hz_bits(me, 40, 17)},
                                 .time_ns = in->time_ns,
                                 .odd = hz_bit(me, 22),
                                 .surface = surface};
    struct hz_position at;
    if (hz_track_push(&in->aircraft->track, &frame, in->antenna, &at)) {
        hz_json_fixed(in->json, "lat", at.lat, 6);
        hz_json_fixed(in->json, "lon", at.lon, 6);
    }
    struct integrity q = integrity(tc, in->aircraft, nic_b);
    hz_json_int(in->json, "nic", q.nic);
    if (q.rc_m > 0)
        hz_json_int(in->json, "rc", q.rc_m);
}

/*  TTTTTSSB AAAAAAAA AAAATFYY YYYYYYYY YYYYYYYX XXXXXXXX XXXXXXXX
 *  type 5, surveillance status 2, NIC supplement B (antenna before version 2), altitude 12,
 *  time 1, odd 1, latitude 17, longitude 17 */
static void airborne_position(const struct hz_message_in *in, unsigned tc, enum hz_es_kind kind)
{
    const uint8_t *me = in->frame + 4;
    struct hz_aircraft *ac = in->aircraft;
    int feet;
    if (hz_altitude_ac12(hz_bits(me, 9, 12), &feet)) {
        bool geometric = tc >= 20;
        hz_json_int(in->json, geometric ? "alt_geom" : "alt_baro", feet);
        if (!geometric) {
            ac->alt_baro_ft = feet;
            ac->alt_ns = in->time_ns;
            ac->alt_known = true;
        }
    }
    uint32_t status = hz_bits(me, 6, 2);
    hz_json_int(in->json, "alert", status == 1 || status == 2);
    hz_json_int(in->json, "spi", status == 3);
    if (tc != 0)
        position(in, tc, false, kind == HZ_ES_ADSB && hz_bit(me, 8));
}

/* Movement code to knots, the lower end of each step (DO-260B, table 2-65). */
static bool ground_speed(uint32_t code, double *kt)
{
    static const struct {
        uint32_t first;
        double kt, step;
    } ranges[] = {{124, 175, 0}, {109, 100, 5}, {94, 70, 2},       {39, 15, 1},
                  {13, 2, 0.5},  {9, 1, 0.25},  {2, 0.125, 0.125}, {1, 0, 0}};
    if (code == 0 || code > 124)
        return false;
    unsigned i = 0;
    while (code < ranges[i].first)
        i++;
    *kt = ranges[i].kt + ranges[i].step * (code - ranges[i].first);
    return true;
}

/*  TTTTTMMM MMMMSDDD DDDDTFYY YYYYYYYY YYYYYYYX XXXXXXXX XXXXXXXX
 *  type 5, movement 7, direction valid 1, direction 7, time 1, odd 1, latitude 17, longitude 17 */
static void surface_position(const struct hz_message_in *in, unsigned tc)
{
    const uint8_t *me = in->frame + 4;
    struct hz_aircraft *ac = in->aircraft;
    double kt;
    hz_json_str(in->json, "alt_baro", "ground");
    if (ground_speed(hz_bits(me, 6, 7), &kt)) {
        hz_json_fixed(in->json, "gs", kt, 3);
        hz_track_speed(&ac->track, kt, in->time_ns);
    }
    if (hz_bit(me, 13)) {
        const char *name = !ac->ground_heading              ? "track"
                           : ac->north == HZ_NORTH_MAGNETIC ? "mag_heading"
                                                            : "true_heading";
        hz_json_fixed(in->json, name, hz_bits(me, 14, 7) * (360.0 / 128.0), 2);
    }
    position(in, tc, true, false);
}

/* An angle of -180 to 180 degrees as 0 to 359.99: what would round to 360 is 0. */
static void track_field(struct hz_json *json, double degrees)
{
    double track = floor((degrees < 0.0 ? degrees + 360.0 : degrees) * 100.0 + 0.5) / 100.0;
    hz_json_fixed(json, "track", track < 360.0 ? track : 0.0, 2);
}

/* Speeds are sent as n + 1 knots, 0: not known; supersonic ones in steps of 4 kt. */
static void over_ground(const struct hz_message_in *in, int step)
{
    const uint8_t *me = in->frame + 4;
    int ew = (int)hz_bits(me, 15, 10), ns = (int)hz_bits(me, 26, 10);
    if (ew == 0 || ns == 0)
        return;
    double east = (hz_bit(me, 14) ? 1 - ew : ew - 1) * step;
    double north = (hz_bit(me, 25) ? 1 - ns : ns - 1) * step;
    double kt = sqrt(east * east + north * north);
    hz_json_fixed(in->json, "gs", kt, 1);
    hz_track_speed(&in->aircraft->track, kt, in->time_ns);
    if (kt > 0.0)
        track_field(in->json, atan2(east, north) * DEGREES);
}

static void through_air(const struct hz_message_in *in, int step)
{
    const uint8_t *me = in->frame + 4;
    bool true_north = in->aircraft->north == HZ_NORTH_TRUE;
    int speed = (int)hz_bits(me, 26, 10);
    if (speed != 0)
        hz_json_int(in->json, hz_bit(me, 25) ? "tas" : "ias", (speed - 1) * step);
    if (hz_bit(me, 14))
        hz_json_fixed(in->json, true_north ? "true_heading" : "mag_heading",
                      hz_bits(me, 15, 10) * (360.0 / 1024.0), 2);
}

/* Rate of climb in steps of 64 ft/min, and what to add to the barometric altitude for the
 * geometric one, which makes sense only beside a fresh barometric altitude. */
static void vertical(const struct hz_message_in *in)
{
    const uint8_t *me = in->frame + 4;
    const struct hz_aircraft *ac = in->aircraft;
    int rate = (int)hz_bits(me, 38, 9);
    if (rate != 0)
        hz_json_int(in->json, hz_bit(me, 36) ? "baro_rate" : "geom_rate",
                    (hz_bit(me, 37) ? 1 - rate : rate - 1) * 64);
    int delta = (int)hz_bits(me, 50, 7);
    if (delta != 0 && ac->alt_known && hz_between_ns(in->time_ns, ac->alt_ns) < ALT_FRESH_NS)
        hz_json_int(in->json, "alt_geom",
                    ac->alt_baro_ft + (hz_bit(me, 49) ? 1 - delta : delta - 1) * 25);
}

/*  TTTTTSSS IRAAADEE EEEEEEEE DNNNNNNN NNNVDRRR RRRRRR-- DGGGGGGG
 *  type 5, subtype 3, intent 1, IFR 1, NACv 3, direction 1, east 10, direction 1, north 10, source
 *  of the rate 1, its sign 1, rate 9, 2 reserved, sign 1, geometric minus barometric 7. Subtypes 3
 *  and 4 have heading valid, heading, true airspeed and airspeed in place of east and north. A
 *  ground station (TIS-B) uses bits 10 to 13 and from 36 on for other things. */
static void velocity(const struct hz_message_in *in, enum hz_es_kind kind)
{
    const uint8_t *me = in->frame + 4;
    uint32_t subtype = hz_bits(me, 6, 3);
    if (subtype < 1 || subtype > 4)
        return;
    int step = subtype % 2 == 0 ? 4 : 1;
    if (subtype <= 2)
        over_ground(in, step);
    else
        through_air(in, step);
    if (kind != HZ_ES_ADSB)
        return;
    vertical(in);
    uint32_t nac_v = hz_bits(me, 11, 3);
    if (nac_v <= 4)
        hz_json_uint(in->json, "nac_v", nac_v);
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
        surface_position(in, tc);
    else if (tc == 19)
        velocity(in, kind);
    else if (tc <= 22)
        airborne_position(in, tc, kind);
    else if (kind == HZ_ES_ADSB)
        hz_squitter_status(in, tc);
}
