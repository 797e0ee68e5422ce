/* The parts of hz_adsb_describe: each writes the fields of one kind of contents. Private to
 * proto/adsb. Pure; one thread at a time. */
#ifndef HZ_PROTO_ADSB_MESSAGE_H
#define HZ_PROTO_ADSB_MESSAGE_H

#include "proto/adsb/aircraft.h"

/* The frame that is being described. */
struct hz_message_in {
    const uint8_t *frame;
    int64_t time_ns;
    struct hz_aircraft *aircraft;
    const struct hz_position *antenna; /* NULL: not known */
    struct hz_json *json;
};

/* The sender of an extended squitter, which decides how its contents are read. */
enum hz_es_kind {
    HZ_ES_ADSB,
    HZ_ES_ADSR, /* ADS-B of another link, rebroadcast: the same layout but for the IMF bit */
    HZ_ES_TISB, /* a ground station about others: positions and speeds have the same layout */
    HZ_ES_OTHER /* coarse TIS-B, management, reserved: not read */
};

/* The ME field (frame bits 33 to 88) of an extended squitter. */
void hz_squitter(const struct hz_message_in *in, enum hz_es_kind kind);

/* Airborne velocity, type code 19 (velocity.c). */
void hz_squitter_velocity(const struct hz_message_in *in, enum hz_es_kind kind);

/* Operational status, target state, emergency: type codes 23, 28, 29, 31. */
void hz_squitter_status(const struct hz_message_in *in, unsigned typecode);

/* The MB field (frame bits 33 to 88) of a Comm-B reply, if its register can be inferred. */
void hz_register(const struct hz_message_in *in);

/* Fields that several of these have (common.c). */

/* Writes eight characters of 6 bits (ICAO Annex 10, volume IV, table 3-8) as `flight`, padded with
 * blanks as readsb does; nothing when none is set. */
void hz_flight(struct hz_json *json, const uint8_t *packed);

/* Write the accuracy categories of position and velocity as `nac_p` and `nac_v`; nothing for
 * reserved values (over 11 and over 4: DO-260B, 2.2.3.2.7.2.7 and 2.2.3.2.6.1.5). */
void hz_nac_p(struct hz_json *json, uint32_t value);
void hz_nac_v(struct hz_json *json, uint32_t value);

/* Writes the source integrity level and its unit (per hour or per sample) as `sil` and `sil_type`.
 */
void hz_sil(struct hz_json *json, uint32_t level, const char *type);

/* Writes the Mode A identity as four octal digits, `squawk`. */
void hz_squawk_field(struct hz_json *json, uint32_t id);

/* Writes an ACAS resolution advisory as `acas_ra`; nothing where there is none. The layout is the
 * same in register 3,0, type code 28 and DF 16. */
void hz_acas_ra(struct hz_json *json, const uint8_t *mb);

/* The modes of the autopilot, written as the array `nav_modes`. */
enum hz_nav_mode {
    HZ_NAV_AUTOPILOT = 1u << 0,
    HZ_NAV_VNAV = 1u << 1,
    HZ_NAV_ALTHOLD = 1u << 2,
    HZ_NAV_APPROACH = 1u << 3,
    HZ_NAV_LNAV = 1u << 4,
    HZ_NAV_TCAS = 1u << 5
};

void hz_nav_modes(struct hz_json *json, unsigned modes);

#endif
