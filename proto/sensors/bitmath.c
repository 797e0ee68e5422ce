#include "proto/sensors/bitmath.h"

uint64_t hz_bits_number(const uint8_t *bit, size_t n)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v = v << 1 | bit[i];
    return v;
}

void hz_bits_write(uint8_t *bit, uint64_t v, size_t n)
{
    for (size_t i = n; i-- > 0; v >>= 1)
        bit[i] = v & 1;
}

int64_t hz_bits_signed(uint64_t v, size_t n)
{
    const uint64_t top = UINT64_C(1) << (n - 1);
    return (int64_t)((v ^ top) - top);
}

bool hz_bits_bcd(const uint8_t *bit, size_t n, uint64_t *v)
{
    *v = 0;
    for (size_t at = 0; at < n; at += 4) {
        const uint64_t digit = hz_bits_number(bit + at, n - at < 4 ? n - at : 4);
        if (digit > 9)
            return false;
        *v = *v * 10 + digit;
    }
    return true;
}

static uint32_t mask(unsigned width)
{
    return width < 32 ? (UINT32_C(1) << width) - 1 : UINT32_MAX;
}

uint32_t hz_crc_plain(const struct hz_crc *c, const uint8_t *bit, size_t n)
{
    const unsigned top = c->width - 1;
    const uint32_t keep = mask(c->width);
    uint32_t r = c->init & keep;
    for (size_t i = 0; i < n; i++) {
        const uint32_t out = (r >> top & 1) ^ bit[i];
        r = (r << 1 ^ (c->poly & (0 - out))) & keep;
    }
    return (r ^ c->xor) & keep;
}

uint32_t hz_crc_reflected(const struct hz_crc *c, const uint8_t *bit, size_t n)
{
    const uint32_t keep = mask(c->width);
    uint32_t r = c->init & keep;
    for (size_t i = 0; i < n; i++) {
        const uint32_t out = (r & 1) ^ bit[i ^ 7];
        r = r >> 1 ^ (c->poly & (0 - out));
    }
    return (r ^ c->xor) & keep;
}

uint32_t hz_digest(enum hz_digest kind, unsigned width, const uint8_t *bit, size_t n, uint32_t gen,
                   uint32_t key)
{
    const uint32_t keep = mask(width), top = UINT32_C(1) << (width - 1);
    uint32_t sum = 0;
    key &= keep;
    for (size_t i = 0; i < n; i++) {
        size_t at = i;
        if (kind == HZ_DIGEST_R)
            at = n - 1 - i;
        else if (kind == HZ_DIGEST_V)
            at = (n - 8 - (i & ~(size_t)7)) + (i & 7);
        sum ^= key & (0 - (uint32_t)bit[at]);
        if (kind == HZ_DIGEST_R)
            key = (key << 1 ^ (key & top ? gen : 0)) & keep;
        else
            key = (key >> 1 ^ (key & 1 ? gen : 0)) & keep;
    }
    return sum;
}

uint32_t hz_roll(const uint8_t *bit, size_t n, uint32_t key)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum ^= key >> i % 8 & (0 - (uint32_t)bit[i]);
    return sum & 255;
}

static uint32_t group(const uint8_t *bit, size_t n, size_t size)
{
    if (n >= size)
        return (uint32_t)hz_bits_number(bit, size);
    return (uint32_t)(hz_bits_number(bit, n) << (size - n));
}

uint64_t hz_bits_sum(const uint8_t *bit, size_t n, size_t size)
{
    uint64_t sum = 0;
    for (size_t at = 0; at < n; at += size)
        sum += group(bit + at, n - at, size);
    return sum;
}

uint32_t hz_bits_xor(const uint8_t *bit, size_t n, size_t size)
{
    uint32_t sum = 0;
    for (size_t at = 0; at < n; at += size)
        sum ^= group(bit + at, n - at, size);
    return sum;
}

unsigned hz_bits_ones(const uint8_t *bit, size_t n)
{
    unsigned ones = 0;
    for (size_t i = 0; i < n; i++)
        ones += bit[i];
    return ones;
}

void hz_bits_reverse(uint8_t *out, const uint8_t *bit, size_t n, size_t size)
{
    for (size_t at = 0; at < n; at += size)
        for (size_t i = 0; i < size; i++)
            out[at + i] = bit[at + size - 1 - i];
}

void hz_bits_order(uint8_t *out, const uint8_t *bit, size_t n, size_t size)
{
    for (size_t at = 0; at < n; at += size)
        for (size_t i = 0; i < size; i++)
            out[at + i] = bit[n - size - at + i];
}

bool hz_bits_uart(uint8_t *out, const uint8_t *bit, size_t n)
{
    for (size_t at = 0; at + 10 <= n; at += 10, out += 8) {
        if (bit[at] != 0 || bit[at + 9] != 1)
            return false;
        hz_bits_reverse(out, bit + at + 1, 8, 8);
    }
    return true;
}
