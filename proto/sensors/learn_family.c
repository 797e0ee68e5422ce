#include "proto/sensors/learn_family.h"

#include <string.h>

unsigned hz_check_number(const uint8_t *bit, size_t n)
{
    unsigned v = 0;
    for (size_t i = 0; i < n; i++)
        v = 2 * v + bit[i];
    return v;
}

unsigned hz_check_reversed(unsigned v, size_t n)
{
    unsigned r = 0;
    for (size_t i = 0; i < n; i++)
        r |= ((v >> i) & 1) << (n - 1 - i);
    return r;
}

unsigned hz_check_crc(const uint8_t *bit, size_t n, unsigned poly, size_t width)
{
    unsigned r = 0, mask = (1u << width) - 1;
    for (size_t i = 0; i < n; i++) {
        unsigned out = ((r >> (width - 1)) ^ bit[i]) & 1;
        r = (r << 1 & mask) ^ (out ? poly : 0);
    }
    return r;
}

unsigned hz_check_digest(const uint8_t *bit, size_t n, enum hz_learn_family f, unsigned gen,
                         unsigned key)
{
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++) {
        size_t byte = f == HZ_CHECK_DIGEST ? i / 8 : n / 8 - 1 - i / 8;
        size_t at = f == HZ_CHECK_DIGEST_R ? 7 - i % 8 : i % 8;
        sum ^= bit[8 * byte + at] ? key : 0;
        if (f == HZ_CHECK_DIGEST_R)
            key = (key << 1 & 255) ^ (key & 128 ? gen : 0);
        else
            key = key >> 1 ^ (key & 1 ? gen : 0);
    }
    return sum;
}

static unsigned group(const uint8_t *bit, size_t i, size_t n, size_t width, bool lsb_first)
{
    unsigned v = 0;
    for (size_t k = 0; k < width; k++) {
        size_t at = lsb_first ? i + width - 1 - k : i + k;
        v = 2 * v + (at < n ? bit[at] : 0);
    }
    return v;
}

unsigned hz_check_sum(const uint8_t *bit, size_t n, const struct hz_learn_check *c)
{
    unsigned sum = 0;
    for (size_t i = 0; i < n; i += c->width) {
        unsigned g = group(bit, i, n, c->width, c->reversed);
        sum = c->family == HZ_CHECK_XOR ? sum ^ g : sum + g;
    }
    return sum;
}

unsigned hz_check_expected(const struct hz_learn_check *c, const uint8_t *frame)
{
    uint8_t body[HZ_LEARN_BITS + 8] = {0};
    unsigned mask = (1u << c->width) - 1, r;
    size_t n = c->n + c->pad;
    memcpy(body, frame + c->from, c->n);
    switch (c->family) {
    case HZ_CHECK_CRC_R:
        for (size_t i = 0; i < c->n; i++)
            body[i] = frame[c->from + (i ^ 7)];
        r = hz_check_crc(body, n, hz_check_reversed(c->poly, c->width), c->width);
        return hz_check_reversed(r, c->width) ^ c->xor ;
    case HZ_CHECK_CRC:
        return hz_check_crc(body, n, c->poly, c->width) ^ c->xor ;
    case HZ_CHECK_SUM:
    case HZ_CHECK_SUM_MINUS:
        r = hz_check_sum(body, n, c);
        r = (c->family == HZ_CHECK_SUM ? c->xor +r : c->xor -r) & mask;
        return c->reversed ? hz_check_reversed(r, c->width) : r;
    case HZ_CHECK_XOR:
        return hz_check_sum(body, n, c) ^ c->xor ;
    default:
        return hz_check_digest(body, n, c->family, c->poly, c->key) ^ c->xor ;
    }
}
