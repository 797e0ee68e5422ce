#include "daemon/bus/bucket.h"

static uint32_t fold(uint32_t hash, uint8_t byte)
{
    return (hash ^ byte) * 16777619u;
}

unsigned hz_bucket(const struct hz_record *r)
{
    uint32_t hash = 2166136261u;
    const char *id = r->about.id;
    if (*id) {
        for (; *id; id++)
            hash = fold(hash, (uint8_t)(*id >= 'A' && *id <= 'Z' ? *id - 'A' + 'a' : *id));
    } else {
        for (size_t i = 0; i < r->raw_len; i++)
            hash = fold(hash, r->raw[i]);
    }
    return hash % HZ_BUCKETS;
}
