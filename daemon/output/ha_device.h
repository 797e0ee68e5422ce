/* A device of Home Assistant: who it is, the values that it has, and what must be published of it:
 * its announcement (one retained message with all its entities), and the state of each entity on a
 * topic of its own. Pure but for memory; loop thread. */
#ifndef HZ_DAEMON_OUTPUT_HA_DEVICE_H
#define HZ_DAEMON_OUTPUT_HA_DEVICE_H

#include "daemon/output/ha_ids.h"

#include <stdint.h>

enum { HZ_HA_TOPIC_MAX = 512 };

/* What all devices of an output have in common. Borrowed texts. */
struct hz_ha_common {
    const char *station;
    const char *prefix;       /* of discovery: "homeassistant" */
    const char *base;         /* of states: "hertzd/STATION/ha" */
    const char *availability; /* topic with online or offline */
    unsigned expire_s;        /* of what sensors tell; 0: never */
};

/* One message to be published. */
struct hz_ha_out {
    char topic[HZ_HA_TOPIC_MAX];
    char *payload; /* malloc'd, the caller's; NULL: empty */
    size_t len;
    bool retain;
};

struct hz_ha_state {
    bool known; /* the entity exists */
    bool dirty; /* to be published */
    bool ghost; /* its retained state is to be removed */
    char text[HZ_HA_VALUE_MAX];
};

struct hz_ha_device {
    struct hz_ha_device *next;         /* in the list of its owner */
    struct hz_ha_device *next_pending; /* in the queue of those with something to publish */
    bool pending;                      /* it is in that queue */
    struct hz_ha_identity who;
    char key[HZ_HA_KEY_MAX];
    char name[2 * HZ_HA_NAME_MAX + 32], model[HZ_HA_NAME_MAX];
    const struct hz_ha_field *fields; /* NULL: nothing is known but its key; to be removed */
    size_t n_fields;
    bool heard;    /* of messages: what it tells expires, and it has the entities of hearing */
    bool announce; /* its announcement is to be published */
    bool remove;   /* it is to be removed from Home Assistant, then freed */
    bool kept;     /* its owner still has it; of those that are not heard */
    /* By the loop's clock: its last message (before the start of the loop: of an earlier run), and
     * the one whose time was published. */
    int64_t heard_ms, stamp_ms;
    struct hz_ha_state states[]; /* of n_fields, then of hz_ha_hearing if it is heard */
};

/* Entities of everything that is heard: when, and how strong. */
enum { HZ_HA_HEARD, HZ_HA_SNR, HZ_HA_HEARING };
extern const struct hz_ha_field hz_ha_hearing[HZ_HA_HEARING + 1];

/* `fields` are static, and end with a NULL name. NULL: no memory. */
struct hz_ha_device *hz_ha_device_new(const struct hz_ha_identity *who, const char *model,
                                      const struct hz_ha_field *fields, bool heard);
void hz_ha_device_free(struct hz_ha_device *d);

size_t hz_ha_device_states(const struct hz_ha_device *d);
/* Field i: of its own, then those of hearing. */
const struct hz_ha_field *hz_ha_device_field(const struct hz_ha_device *d, size_t i);
/* Sets a state; NULL: it is not known now. An entity that was not there is announced. `always`:
 * published even if it is the same. Returns whether there is something to publish. */
bool hz_ha_device_set(struct hz_ha_device *d, size_t i, const char *text, bool always);
/* All that was announced and retained is to be published again, and states that were heard after
 * `since_ms`. */
void hz_ha_device_again(struct hz_ha_device *d, int64_t since_ms);

/* Its topics. */
void hz_ha_config_topic(const struct hz_ha_common *c, const char *key, char out[HZ_HA_TOPIC_MAX]);
void hz_ha_state_topic(const struct hz_ha_common *c, const char *key, const char *field,
                       char out[HZ_HA_TOPIC_MAX]);
/* The next message to publish, which then counts as published. False: there is none. */
bool hz_ha_device_next(struct hz_ha_device *d, const struct hz_ha_common *c, struct hz_ha_out *out);
/* The announcement as text, to be freed. NULL: no memory. */
char *hz_ha_announcement(const struct hz_ha_device *d, const struct hz_ha_common *c);

/* Reads the announcement of an earlier run: which entities it had (those that the fields do not
 * know are ignored). False: it is none of this program, or cannot be read. */
bool hz_ha_announcement_read(const char *text, size_t len, struct hz_ha_identity *who,
                             char model[HZ_HA_NAME_MAX], uint64_t known[4]);

#endif
