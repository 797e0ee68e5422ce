#include "sim/hdlc.h"

static const uint32_t flag = 0x7e;

void hz_sim_bits_put(struct hz_sim_bits *b, unsigned n, uint32_t value)
{
    for (unsigned i = 0; i < n && b->n < b->room; i++) {
        b->bit[b->n++] = value >> i & 1;
    }
}

/* CRC-16 of X.25: x^16 + x^12 + x^5 + 1, reflected, preset to ones and complemented. */
static uint16_t check_sequence(const uint8_t *frame, size_t len)
{
    uint32_t crc = 0xffff;
    for (size_t i = 0; i < len * 8; i++) {
        uint32_t in = frame[i / 8] >> (i % 8) & 1;
        crc = (crc ^ in) & 1 ? crc >> 1 ^ 0x8408 : crc >> 1;
    }
    return (uint16_t)~crc;
}

static void put_stuffed(struct hz_sim_bits *b, unsigned *ones, uint8_t byte)
{
    for (unsigned i = 0; i < 8; i++) {
        uint32_t bit = byte >> i & 1;
        hz_sim_bits_put(b, 1, bit);
        *ones = bit ? *ones + 1 : 0;
        if (*ones == 5) {
            hz_sim_bits_put(b, 1, 0);
            *ones = 0;
        }
    }
}

void hz_sim_hdlc_frame(struct hz_sim_bits *b, const uint8_t *frame, size_t len)
{
    uint16_t check = check_sequence(frame, len);
    unsigned ones = 0;
    hz_sim_bits_put(b, 8, flag);
    for (size_t i = 0; i < len; i++) {
        put_stuffed(b, &ones, frame[i]);
    }
    put_stuffed(b, &ones, (uint8_t)check);
    put_stuffed(b, &ones, (uint8_t)(check >> 8));
    hz_sim_bits_put(b, 8, flag);
}

void hz_sim_scramble_g3ruh(struct hz_sim_bits *b)
{
    uint32_t past = 0;
    for (size_t i = 0; i < b->n; i++) {
        uint32_t out = (b->bit[i] ^ past >> 16 ^ past >> 11) & 1;
        past = past << 1 | out;
        b->bit[i] = (uint8_t)out;
    }
}

void hz_sim_nrzi(const struct hz_sim_bits *b, float *symbols)
{
    float level = 1;
    for (size_t i = 0; i < b->n; i++) {
        level = b->bit[i] ? level : -level;
        symbols[i] = level;
    }
}
