#include "daemon/bus/bucket.h"

#include "daemon/base/hash.h"

unsigned hz_bucket(const struct hz_record *r)
{
    uint32_t hash = HZ_HASH32;
    const char *id = r->about.id;
    if (*id) {
        for (; *id; id++)
            hash =
                hz_hash32_byte(hash, (uint8_t)(*id >= 'A' && *id <= 'Z' ? *id - 'A' + 'a' : *id));
    } else {
        for (size_t i = 0; i < r->raw_len; i++)
            hash = hz_hash32_byte(hash, r->raw[i]);
    }
    return hash % HZ_BUCKETS;
}
