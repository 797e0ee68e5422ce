/* Extended squitters with an airborne velocity (type code 19): RTCA DO-260B, 2.2.3.2.6 (ADS-B),
 * 2.2.17.3.4 (TIS-B); DO-260C, 2.2.3.2.6.1.15 (version 3). Bits are counted in the ME field,
 * from 1. */
#include "proto/adsb/message.h"
#include "proto/link/bits.h"

#include <math.h>

#define DEGREES      (180.0 / 3.14159265358979323846)
#define ALT_FRESH_NS UINT64_C(5000000000)

/* An angle of -180 to 180 degrees as 0 to 359.99; a value that would round to 360 becomes 0. */
static void track_field(struct hz_json *json, double degrees)
{
    double track = floor((degrees < 0.0 ? degrees + 360.0 : degrees) * 100.0 + 0.5) / 100.0;
    hz_json_decimals(json, "track", track < 360.0 ? track : 0.0, 2);
}

/* A speed is sent in knots plus 1, with 0 for unknown; supersonic speeds in steps of 4 kt. */
static void over_ground(const struct hz_message_in *in, int step)
{
    const uint8_t *me = in->frame + 4;
    struct hz_aircraft *ac = in->aircraft;
    int ew = (int)hz_bits(me, 15, 10), ns = (int)hz_bits(me, 26, 10);
    if (ew == 0 || ns == 0)
        return;
    double east = (hz_bit(me, 14) ? 1 - ew : ew - 1) * step;
    double north = (hz_bit(me, 25) ? 1 - ns : ns - 1) * step;
    double kt = sqrt(east * east + north * north);
    hz_json_decimals(in->json, "gs", kt, 1);
    hz_track_speed(&ac->track, kt, in->time_ns);
    if (kt > 0.0) {
        ac->track_deg = atan2(east, north) * DEGREES;
        ac->track_ns = in->time_ns;
        ac->track_known = true;
        track_field(in->json, ac->track_deg);
    }
}

static void through_air(const struct hz_message_in *in, int step, bool true_north)
{
    const uint8_t *me = in->frame + 4;
    int speed = (int)hz_bits(me, 26, 10);
    if (speed != 0)
        hz_json_int(in->json, hz_bit(me, 25) ? "tas" : "ias", (speed - 1) * step);
    if (hz_bit(me, 14))
        hz_json_decimals(in->json, true_north ? "true_heading" : "mag_heading",
                         hz_bits(me, 15, 10) * (360.0 / 1024.0), 2);
}

/* Rate of climb in steps of 64 ft/min; 0: not known. */
static void climb(const struct hz_message_in *in, const char *name)
{
    const uint8_t *me = in->frame + 4;
    int rate = (int)hz_bits(me, 38, 9);
    if (rate != 0)
        hz_json_int(in->json, name, (hz_bit(me, 37) ? 1 - rate : rate - 1) * 64);
}

/* The geometric altitude is sent as a difference to the barometric altitude, so it needs a recent
 * one. */
static void geometric_altitude(const struct hz_message_in *in, double difference_ft)
{
    const struct hz_aircraft *ac = in->aircraft;
    double signed_ft = hz_bit(in->frame + 4, 49) ? -difference_ft : difference_ft;
    if (ac->alt_known && hz_between_ns(in->time_ns, ac->alt_ns) < ALT_FRESH_NS)
        hz_json_int(in->json, "alt_geom", ac->alt_baro_ft + (int)floor(signed_ft + 0.5));
}

/* Bits 49 to 56 in versions 0 to 2, and in TIS-B: sign, steps of 25 ft; 0: not known. */
static void difference(const struct hz_message_in *in)
{
    uint32_t steps = hz_bits(in->frame + 4, 50, 7);
    if (steps != 0)
        geometric_altitude(in, (steps - 1) * 25.0);
}

/* In version 3, bits 10, 47, 48, 50 to 56 and 9 are one number, in steps of 12.5 ft, above 3,250 ft
 * in steps of 100 ft. If bits 50 to 56 are 0 there is no difference, and bits 47 and 48 are NIC
 * supplement D (DO-260C, table 2-27). */
static void difference_v3(const struct hz_message_in *in)
{
    const uint8_t *me = in->frame + 4;
    unsigned old = hz_bits(me, 50, 7), high = hz_bit(me, 10) * 4u + hz_bits(me, 47, 2);
    if (old == 0) {
        in->aircraft->nic.d = (uint8_t)hz_bits(me, 47, 2);
        return;
    }
    if (high == 0)
        geometric_altitude(in, (old * 2 + hz_bit(me, 9) - 2) * 12.5);
    else if (old == 127)
        geometric_altitude(in, 3150.0 + 100.0 * (high * 2 + hz_bit(me, 9)));
}

/*  TTTTTSSS IRAAADEE EEEEEEEE DNNNNNNN NNNVDRRR RRRRRR-- DGGGGGGG
 *  type 5, subtype 3, intent 1, IFR 1, NACv 3, direction 1, east 10, direction 1, north 10, source
 *  of the rate 1, its sign 1, rate 9, 2 reserved, sign 1, geometric minus barometric 7 */
static void of_aircraft(const struct hz_message_in *in, bool relayed)
{
    const uint8_t *me = in->frame + 4;
    climb(in, hz_bit(me, 36) ? "baro_rate" : "geom_rate");
    if (in->aircraft->version == HZ_ADSB_V3 && !relayed)
        difference_v3(in); /* bit 9 is IMF in ADS-R */
    else
        difference(in);
    hz_nac_v(in->json, hz_bits(me, 11, 3));
}

/*  TTTTTSSS IPPPPDEE EEEEEEEE DNNNNNNN NNNGDRRR RRRRRRSA AALL--H-
 *  of a ground station: IMF 1, NACp 4. G selects what follows the rate and NIC supplement S: the
 *  difference as above, or NACv 3, SIL 2, 2 reserved, reference of the heading 1. The source of the
 *  rate is not sent. */
static void of_ground_station(const struct hz_message_in *in)
{
    const uint8_t *me = in->frame + 4;
    climb(in, "vert_rate");
    hz_nac_p(in->json, hz_bits(me, 10, 4));
    if (hz_bit(me, 36)) {
        difference(in);
        return;
    }
    hz_nac_v(in->json, hz_bits(me, 48, 3));
    hz_sil(in->json, hz_bits(me, 51, 2), "unknown");
}

/* Subtypes 3 and 4 have heading valid, heading, true airspeed and airspeed in place of east and
 * north. Version 3 does not have these subtypes. */
void hz_squitter_velocity(const struct hz_message_in *in, enum hz_es_kind kind)
{
    const uint8_t *me = in->frame + 4;
    const struct hz_aircraft *ac = in->aircraft;
    bool tisb = kind == HZ_ES_TISB;
    uint32_t subtype = hz_bits(me, 6, 3);
    if (subtype < 1 || subtype > (!tisb && ac->version == HZ_ADSB_V3 ? 2 : 4))
        return;
    int step = subtype % 2 == 0 ? 4 : 1;
    if (subtype <= 2)
        over_ground(in, step);
    else if (tisb)
        through_air(in, step, !hz_bit(me, 36) && !hz_bit(me, 55));
    else
        through_air(in, step, ac->north == HZ_NORTH_TRUE);
    if (tisb)
        of_ground_station(in);
    else
        of_aircraft(in, kind == HZ_ES_ADSR);
}
