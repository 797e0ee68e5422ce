/* FNV-1a (Fowler, Noll, Vo): a hash for tables and for telling texts apart. It hides nothing. Goes
 * on from a hash, the first from HZ_HASH. Any thread. */
#ifndef HZ_DAEMON_BASE_HASH_H
#define HZ_DAEMON_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HZ_HASH   UINT64_C(0xcbf29ce484222325)
#define HZ_HASH32 UINT32_C(2166136261) /* of 32 bits */

static inline uint64_t hz_hash_byte(uint64_t h, uint8_t byte)
{
    return (h ^ byte) * UINT64_C(0x100000001b3);
}

static inline uint32_t hz_hash32_byte(uint32_t h, uint8_t byte)
{
    return (h ^ byte) * UINT32_C(16777619);
}

static inline uint64_t hz_hash(uint64_t h, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        h = hz_hash_byte(h, p[i]);
    return h;
}

static inline uint64_t hz_hash_text(uint64_t h, const char *text)
{
    for (; *text; text++)
        h = hz_hash_byte(h, (uint8_t)*text);
    return h;
}

#endif
