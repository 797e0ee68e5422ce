/* From a telegram that passed its checks to the fields that users know. Pure; one thread at a time.
 */
#ifndef HZ_PROTO_WMBUS_DESCRIBE_H
#define HZ_PROTO_WMBUS_DESCRIBE_H

#include "proto/decoder.h"
#include "proto/wmbus/compact.h"

/* The fields that hz_wmbus_describe writes; ends with a NULL name. */
extern const struct hz_field hz_wmbus_fields[];

/* What a decoder remembers between telegrams. */
struct hz_wmbus_state {
    struct hz_wmbus_compact compact;
    struct hz_meter_keys keys; /* borrowed */
};

/* How a telegram was sent. */
struct hz_wmbus_way {
    const char *mode; /* "T1" */
    char format;      /* 'A' or 'B' */
};

/* Describes the telegram bytes[n], from the length byte on and without CRCs, into the object that
 * is open in j. False, with nothing written: it is none (hz_wmbus_telegram_read). */
bool hz_wmbus_describe(struct hz_wmbus_state *st, const struct hz_wmbus_way *way,
                       const uint8_t *bytes, size_t n, struct hz_json *j);

#endif
