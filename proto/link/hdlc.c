#include "proto/link/hdlc.h"

#include <limits.h>

void hz_hdlc_nrzi(const uint8_t *levels, size_t n, uint8_t *bits)
{
    for (size_t i = 0; i + 1 < n; i++)
        bits[i] = (levels[i] ^ levels[i + 1] ^ 1) & 1;
}

/* 0: go on; else what hz_hdlc_frame returns, or INT_MAX: the closing flag. */
static int put_bit(struct hz_hdlc *d, unsigned bit)
{
    if (!bit && d->ones == 5) {
        d->ones = 0;
        return 0;
    }
    if (!bit && d->ones == 6) /* 0 and six ones of the flag were put as data */
        return INT_MAX;
    d->ones = bit ? d->ones + 1 : 0;
    if (d->ones == 7)
        return HZ_HDLC_ABORT;
    d->bits = d->bits >> 1 | bit << 31;
    if (++d->count % 8 == 0) {
        if (d->count / 8 > d->room)
            return HZ_HDLC_TOO_LONG;
        d->out[d->count / 8 - 1] = (uint8_t)(d->bits >> 24);
    }
    return 0;
}

/* Eight bits at once, of which the first is the least significant. False when five ones in a row
 * are among them or the bits before: these have to go in one by one. */
static bool put_eight(struct hz_hdlc *d, unsigned eight)
{
    unsigned all = eight << d->ones | ((1u << d->ones) - 1);
    if ((all & all >> 1 & all >> 2 & all >> 3 & all >> 4) != 0 || (d->count + 8) / 8 > d->room)
        return false;
    d->ones = (unsigned)__builtin_clz(~(eight << 24));
    d->bits = d->bits >> 8 | eight << 24;
    d->count += 8;
    d->out[d->count / 8 - 1] = (uint8_t)(d->bits >> (24 - d->count % 8));
    return true;
}

/* Bits of the frame that a flag has closed, whose first seven bits were put as data. */
static int closed_bits(const struct hz_hdlc *d)
{
    return d->count < 7 ? 0 : (int)(d->count - 7);
}

/* The bits behind the last whole byte of `count`, which came before the flag's first seven. */
static void put_rest(const struct hz_hdlc *d, size_t count)
{
    unsigned rest = count % 8;
    size_t behind = d->count - (count - rest); /* bits put since, at most 14 */
    if (rest > 0)
        d->out[count / 8] = (uint8_t)(d->bits >> (32 - behind) & ((1u << rest) - 1));
}

/* What hz_hdlc_frame returns of a frame of `bits` bits. */
static int whole_bytes(int bits)
{
    return bits < 0 ? bits : bits % 8 ? HZ_HDLC_RAGGED : bits / 8;
}

void hz_hdlc_begin(struct hz_hdlc *h, uint8_t *out, size_t room)
{
    /* Ones of unknown number come before: a flag begins with a zero. */
    *h = (struct hz_hdlc){.ones = 7, .room = room, .out = out};
}

int hz_hdlc_put(struct hz_hdlc *h, unsigned bit)
{
    int stop;
    if (h->open) {
        stop = put_bit(h, bit);
    } else {
        stop = !bit && h->ones == 6 ? INT_MAX : 0;
        h->ones = !bit ? 0 : h->ones < 7 ? h->ones + 1 : 7;
    }
    if (stop == 0)
        return HZ_HDLC_NO_END;
    int len = stop != INT_MAX ? stop : h->open ? whole_bytes(closed_bits(h)) : HZ_HDLC_FIRST;
    h->open = stop == INT_MAX;
    if (h->open) {
        h->ones = h->bits = 0;
        h->count = 0;
    }
    return len;
}

int hz_hdlc_bits(const uint8_t *bits, size_t n, uint8_t *out, size_t room, size_t *used)
{
    struct hz_hdlc d = {.room = room, .out = out};
    for (size_t i = 0; i < n; i += 8) {
        size_t end = n - i < 8 ? n : i + 8;
        unsigned eight = 0;
        for (unsigned k = 0; k < 8 && i + k < end; k++)
            eight |= (unsigned)bits[i + k] << k;
        if (end == i + 8 && put_eight(&d, eight))
            continue;
        for (size_t k = i; k < end; k++) {
            int stop = put_bit(&d, bits[k]);
            *used = k + 1;
            if (stop == INT_MAX) {
                put_rest(&d, (size_t)closed_bits(&d));
                return closed_bits(&d);
            }
            if (stop != 0)
                return stop;
        }
    }
    *used = n;
    return HZ_HDLC_NO_END;
}

int hz_hdlc_frame(const uint8_t *bits, size_t n, uint8_t *out, size_t room, size_t *used)
{
    return whole_bytes(hz_hdlc_bits(bits, n, out, room, used));
}

/* The check's register after n more bytes. */
static unsigned crc_bytes(unsigned crc, const uint8_t *bytes, size_t n)
{
    /* Four bits at a time. */
    static const uint16_t step[16] = {0x0000, 0x1081, 0x2102, 0x3183, 0x4204, 0x5285,
                                      0x6306, 0x7387, 0x8408, 0x9489, 0xa50a, 0xb58b,
                                      0xc60c, 0xd68d, 0xe70e, 0xf78f};
    for (size_t i = 0; i < n; i++) {
        crc = crc >> 4 ^ step[(crc ^ bytes[i]) & 15];
        crc = crc >> 4 ^ step[(crc ^ (unsigned)bytes[i] >> 4) & 15];
    }
    return crc;
}

uint16_t hz_hdlc_crc(const uint8_t *bytes, size_t n)
{
    return (uint16_t)~crc_bytes(0xffff, bytes, n);
}

uint16_t hz_hdlc_crc_bits(const uint8_t *bytes, size_t count)
{
    unsigned crc = crc_bytes(0xffff, bytes, count / 8);
    for (size_t k = 0; k < count % 8; k++)
        crc = crc >> 1 ^ (((crc ^ (unsigned)bytes[count / 8] >> k) & 1) ? 0x8408 : 0);
    return (uint16_t)~crc;
}
