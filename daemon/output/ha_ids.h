/* How devices of Home Assistant are called, and which of them are wanted. Pure; any thread. */
#ifndef HZ_DAEMON_OUTPUT_HA_IDS_H
#define HZ_DAEMON_OUTPUT_HA_IDS_H

#include "daemon/output/ha_fields.h"

enum { HZ_HA_NAME_MAX = 64, HZ_HA_KEY_MAX = 128, HZ_HA_IDENTIFIER_MAX = 192 };

/* Who a device is. */
struct hz_ha_identity {
    char station[HZ_HA_NAME_MAX];
    char mark[16];              /* "": heard on the air; else "simulated" or "replayed" */
    char group[HZ_HA_NAME_MAX]; /* the protocol; "receiver"; "station" */
    char id[HZ_HA_NAME_MAX];    /* within the group; "" of the station */
};

/* The sender of a message: model, channel and id where it tells a model, else what the record calls
 * it. False: it has no name, so it is no device. */
bool hz_ha_identify(struct hz_ha_identity *who, const char *station,
                    const struct hz_ha_protocol *protocol, const struct hz_record *rec);

/* The name by which Home Assistant knows the device: `hertzd:STATION/GROUP/ID`, or
 * `hertzd:STATION/MARK/GROUP/ID`. And back; false: it is none. */
void hz_ha_identifier(const struct hz_ha_identity *who, char out[HZ_HA_IDENTIFIER_MAX]);
bool hz_ha_identifier_read(const char *text, struct hz_ha_identity *who);

/* The same in letters, digits, `_` and `-`, for topics and unique ids. A hash is added where other
 * characters had to be replaced. */
void hz_ha_key(const struct hz_ha_identity *who, char out[HZ_HA_KEY_MAX]);
/* What the keys of all devices of a station begin with. */
void hz_ha_key_prefix(const char *station, char out[HZ_HA_KEY_MAX]);

enum hz_ha_listed { HZ_HA_UNLISTED, HZ_HA_MATCHED, HZ_HA_NAMED };
/* Whether a list of patterns such as `sensors/Nexus-*, pocsag/1234567` has GROUP/ID, whatever its
 * case: by a pattern with `*`, `?` or `[`, or by its name. */
enum hz_ha_listed hz_ha_listed(const char *patterns, const struct hz_ha_identity *who);
/* Checks such a list. False, with one line in err. */
bool hz_ha_patterns_check(const char *patterns, char *err, size_t err_len);

#endif
