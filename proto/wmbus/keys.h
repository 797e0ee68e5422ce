/* The keys of a user's meters. Plain data; read-only while decoders use it. Never printed. */
#ifndef HZ_PROTO_WMBUS_KEYS_H
#define HZ_PROTO_WMBUS_KEYS_H

#include <stddef.h>
#include <stdint.h>

struct hz_meter_key {
    uint32_t id; /* the meter's number, a digit in four bits: 0x20096221 */
    uint8_t key[16];
};

/* Several keys of one meter are tried in turn. */
struct hz_meter_keys {
    const struct hz_meter_key *list;
    size_t n;
};

#endif
