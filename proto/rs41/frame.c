#include "proto/rs41/frame.h"

#include "proto/link/crc16.h"

static const uint8_t whitening[64] = {
    0x96, 0x83, 0x3e, 0x51, 0xb1, 0x49, 0x08, 0x98, 0x32, 0x05, 0x59, 0x0e, 0xf9, 0x44, 0xc6, 0x26,
    0x21, 0x60, 0xc2, 0xea, 0x79, 0x5d, 0x6d, 0xa1, 0x54, 0x69, 0x47, 0x0c, 0xdc, 0xe8, 0x5c, 0xf1,
    0xf7, 0x76, 0x82, 0x7f, 0x07, 0x99, 0xa2, 0x2c, 0x93, 0x7c, 0x30, 0x63, 0xf5, 0x10, 0x2e, 0x61,
    0xd0, 0xbc, 0xb4, 0xb6, 0x06, 0xaa, 0xf4, 0x23, 0x78, 0x6e, 0x3b, 0xae, 0xbf, 0x7b, 0x4c, 0xc1};

const uint64_t hz_rs41_header = 0xf812962211cab610;

uint8_t hz_rs41_white(size_t i)
{
    return whitening[i % sizeof whitening];
}

void hz_rs41_code(struct hz_rs *rs)
{
    hz_rs_init(rs, 0x11d, 0, 1, HZ_RS41_PARITY);
}

size_t hz_rs41_word_len(size_t len)
{
    return HZ_RS41_PARITY + (len - HZ_RS41_TYPE) / 2;
}

size_t hz_rs41_word_at(unsigned word, size_t i)
{
    return i < HZ_RS41_PARITY ? HZ_RS41_HEADER + HZ_RS41_PARITY * word + i
                              : HZ_RS41_TYPE + 2 * (i - HZ_RS41_PARITY) + word;
}

bool hz_rs41_word_of(size_t at, unsigned *word, uint8_t *i)
{
    if (at < HZ_RS41_HEADER)
        return false;
    size_t parity = at - HZ_RS41_HEADER, message = at - HZ_RS41_TYPE;
    *word = at < HZ_RS41_TYPE ? (unsigned)(parity / HZ_RS41_PARITY) : (unsigned)(message % 2);
    *i = (uint8_t)(at < HZ_RS41_TYPE ? parity % HZ_RS41_PARITY : HZ_RS41_PARITY + message / 2);
    return true;
}

uint16_t hz_rs41_crc(const uint8_t *p, size_t n)
{
    return hz_crc16(0x1021, 0xffff, p, n);
}

bool hz_rs41_next(const uint8_t *frame, size_t len, size_t *at, struct hz_rs41_block *block)
{
    if (*at + 4 > len || *at + 4 + frame[*at + 1] > len)
        return false;
    *block = (struct hz_rs41_block){frame[*at], frame[*at + 1], frame + *at + 2, false};
    const uint8_t *check = block->data + block->n;
    block->right = hz_rs41_crc(block->data, block->n) == (check[0] | check[1] << 8);
    *at += 4 + block->n;
    return true;
}
