/* What Home Assistant is told of a field of a message: its class, unit and so on. Home Assistant
 * accepts only certain units for each class, and drops an entity that has another; ha_fields.c
 * keeps to its lists. A field is one line there. Pure; any thread. */
#ifndef HZ_DAEMON_OUTPUT_HA_FIELDS_H
#define HZ_DAEMON_OUTPUT_HA_FIELDS_H

#include "proto/out/field.h"

enum hz_ha_platform { HZ_HA_SENSOR, HZ_HA_BINARY, HZ_HA_EVENT };

/* "sensor", "binary_sensor", "event". */
const char *hz_ha_platform_name(enum hz_ha_platform platform);

enum hz_ha_flags {
    HZ_HA_DIAGNOSTIC = 1u << 0, /* out of the way of the values that people look at */
    HZ_HA_DISABLED = 1u << 1,   /* an entity only when a person enables it */
    HZ_HA_INVERT = 1u << 2,     /* binary: 0 is on */
    HZ_HA_STAYS = 1u << 3,      /* does not expire: it is sent only when something happens */
    HZ_HA_RETAINED = 1u << 4,   /* its state is retained by the broker */
};

struct hz_ha_field {
    /* In the protocol's object: "humidity"; "wx.temp" is a member of an object in it. */
    const char *name;
    const char *title; /* for people */
    enum hz_ha_platform platform;
    const char *class, *unit, *state_class; /* NULL: none */
    int digits;                             /* after the point; -1: as sent */
    double scale;                           /* the value times this, plus `add`; 0: as sent */
    double add;
    unsigned flags;             /* enum hz_ha_flags */
    const char *const *options; /* of class enum; ends with NULL */
};

/* What is known of a protocol whose senders stay what they are. */
struct hz_ha_protocol {
    const char *name;
    const struct hz_ha_field *fields; /* ends with a NULL name */
    const char *title;                /* of its devices, if they tell no model: "Pager" */
};

/* NULL: there is none of that name. */
const struct hz_ha_protocol *hz_ha_protocol_find(const char *name);
/* Of a message of that decoder: tyres of cars are apart from other sensors. NULL: its senders are
 * no devices. */
const struct hz_ha_protocol *hz_ha_protocol_of(const char *decoder, const struct hz_record *rec);
/* All of them; ends with a NULL name. */
extern const struct hz_ha_protocol hz_ha_protocols[];
size_t hz_ha_fields_count(const struct hz_ha_field *fields);

/* What happened, in a word: "page", "pressed". */
const char *hz_ha_event_type(const struct hz_ha_field *f);
/* The event as Home Assistant takes it: an object with event_type, the time, what heard it, and the
 * fields of the message. To be freed; NULL: no memory. */
char *hz_ha_event(const struct hz_ha_field *f, const struct hz_record *rec, const char *receiver,
                  const char *channel);

enum { HZ_HA_VALUE_MAX = 40 }; /* bytes of a state, its end included */

/* The state of the field as Home Assistant takes it: a number, ON or OFF. False: the message does
 * not have it. Of an event: whether the message is one, with "" in text. */
bool hz_ha_field_value(const struct hz_ha_field *f, const struct hz_record *rec,
                       char text[HZ_HA_VALUE_MAX]);

#endif
