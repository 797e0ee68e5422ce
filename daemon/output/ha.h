/* Home Assistant: which devices it is told of. A sender of a protocol of ha_fields.c becomes a
 * device when it is on the list of allowed ones and was heard often enough to be real; it is
 * removed when it is denied or was silent for days. Receivers and counts are devices too
 * (ha_radio.h). Announcements that an earlier run left with the broker are taken over, or removed.
 *
 * It does no I/O: what is to be published is fetched with hz_ha_next. Loop thread. */
#ifndef HZ_DAEMON_OUTPUT_HA_H
#define HZ_DAEMON_OUTPUT_HA_H

#include "daemon/bus/frame.h"
#include "daemon/output/ha_device.h"

#include <cjson/cJSON.h>

enum { HZ_HA_CANDIDATES = 1024, HZ_HA_GHOSTS = 256 };

struct hz_ha_conf {
    struct hz_ha_common common; /* borrowed texts */
    const char *allow, *deny;   /* patterns of ha_ids.h, borrowed */
    unsigned after;             /* good messages until a sender is a device */
    unsigned max_devices;       /* that are heard */
    unsigned forget_s;          /* silent for so long: removed */
};

struct hz_ha;

/* NULL: no memory. */
struct hz_ha *hz_ha_new(const struct hz_ha_conf *conf);
void hz_ha_free(struct hz_ha *ha); /* NULL is allowed */

/* Takes in a message. True: it is an event of a device, to be published as it is in `event`. */
bool hz_ha_hear(struct hz_ha *ha, const struct hz_frame *f, int64_t now_ms,
                struct hz_ha_out *event);
/* The connection is new: everything is to be published again, since the broker may have lost it. */
void hz_ha_up(struct hz_ha *ha, int64_t now_ms);
/* The patterns of topics whose retained messages hz_ha_adopt wants to see: `i` from 0; false: there
 * are no more. */
bool hz_ha_watches(const struct hz_ha *ha, size_t i, char topic[HZ_HA_TOPIC_MAX]);
/* A message that the broker had retained. */
void hz_ha_adopt(struct hz_ha *ha, const char *topic, const char *payload, size_t len,
                 int64_t now_ms, int64_t utc_ns);
/* Removes what was silent for too long. */
void hz_ha_sweep(struct hz_ha *ha, int64_t now_ms);
/* The next message to publish. False: there is none. */
bool hz_ha_next(struct hz_ha *ha, struct hz_ha_out *out);

/* A device that is not heard: the one of that name, or a new one; marked as kept. NULL: no memory.
 * hz_ha_prune removes those of that group that were not marked since its last call. */
struct hz_ha_device *hz_ha_own(struct hz_ha *ha, const char *mark, const char *group,
                               const char *id, const char *model, const struct hz_ha_field *fields);
void hz_ha_set(struct hz_ha *ha, struct hz_ha_device *d, const char *field, const char *text);
void hz_ha_prune(struct hz_ha *ha);

/* The counts, for status. NULL: no memory. */
cJSON *hz_ha_json(const struct hz_ha *ha);

#endif
