/* Bit fields of frames, numbered as in the standards of radio protocols: bit 1 is the most
 * significant bit of the first byte, and the first bit of a field is its most significant. Pure:
 * any thread. */
#ifndef HZ_PROTO_LINK_BITS_H
#define HZ_PROTO_LINK_BITS_H

#include <stdbool.h>
#include <stdint.h>

/* The field of n bits (1 to 32) from bit `first` (1 or more) on. Reads no byte outside the field.
 */
static inline uint32_t hz_bits(const uint8_t *p, unsigned first, unsigned n)
{
    unsigned end = first - 1 + n;
    uint64_t v = 0;
    for (unsigned i = (first - 1) / 8; i * 8 < end; i++)
        v = v << 8 | p[i];
    v >>= (8 - end % 8) % 8;
    return (uint32_t)(v & ((UINT64_C(1) << n) - 1));
}

static inline bool hz_bit(const uint8_t *p, unsigned i)
{
    return p[(i - 1) / 8] >> (7 - (i - 1) % 8) & 1;
}

/* The field as a two's complement number. */
static inline int32_t hz_bits_signed(const uint8_t *p, unsigned first, unsigned n)
{
    uint32_t sign = UINT32_C(1) << (n - 1);
    return (int32_t)((int64_t)(hz_bits(p, first, n) ^ sign) - (int64_t)sign);
}

#endif
