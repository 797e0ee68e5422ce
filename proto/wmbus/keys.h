/* The keys of a user's meters. Never printed; read-only while decoders use them. References are
 * counted by one thread. */
#ifndef HZ_PROTO_WMBUS_KEYS_H
#define HZ_PROTO_WMBUS_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hz_meter_key {
    uint32_t id; /* the meter's number, a digit in four bits: 0x20096221 */
    uint8_t key[16];
};

/* Several keys of one meter are tried in turn. */
struct hz_meter_keys {
    struct hz_meter_key *list;
    size_t n;
    unsigned refs;
};

/* Room for n keys, zeroed, with one reference; NULL: no memory. */
struct hz_meter_keys *hz_meter_keys_new(size_t n);
/* NULL is allowed in all of these. The last reference wipes the memory. */
struct hz_meter_keys *hz_meter_keys_ref(struct hz_meter_keys *k);
void hz_meter_keys_unref(struct hz_meter_keys *k);
bool hz_meter_keys_same(const struct hz_meter_keys *a, const struct hz_meter_keys *b);

/* Eight digits to a number as above; 32 hexadecimal digits to 16 bytes. 0 or -EINVAL. */
int hz_meter_id_parse(const char *text, void *id);
int hz_meter_key_parse(const char *text, void *key);

#endif
