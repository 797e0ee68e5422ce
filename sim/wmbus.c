#include "sim/wmbus.h"

#include <stdbool.h>
#include <string.h>

const double hz_sim_wmbus_chips_s[] = {
    [HZ_SIM_WMBUS_T1] = 100e3,
    [HZ_SIM_WMBUS_C1A] = 100e3,
    [HZ_SIM_WMBUS_C1B] = 100e3,
    [HZ_SIM_WMBUS_S1] = 32768,
};

struct out {
    uint8_t *chip;
    size_t n;
};

static void put(struct out *o, uint32_t value, int bits)
{
    for (int i = bits - 1; i >= 0 && o->n < HZ_SIM_WMBUS_CHIPS; i--)
        o->chip[o->n++] = value >> i & 1;
}

static void put_byte(struct out *o, enum hz_sim_wmbus_mode mode, uint8_t byte)
{
    static const char six[16][7] = {"010110", "001101", "001110", "001011", "011100", "011001",
                                    "011010", "010011", "101100", "100101", "100110", "100011",
                                    "110100", "110001", "110010", "101001"};
    for (int i = 0; mode == HZ_SIM_WMBUS_T1 && i < 2; i++)
        for (const char *c = six[i == 0 ? byte >> 4 : byte & 15]; *c; c++)
            put(o, *c == '1', 1);
    for (int i = 7; mode == HZ_SIM_WMBUS_S1 && i >= 0; i--)
        put(o, byte >> i & 1 ? 1 : 2, 2);
    if (mode == HZ_SIM_WMBUS_C1A || mode == HZ_SIM_WMBUS_C1B)
        put(o, byte, 8);
}

/* The remainder of the block times x^16, by long division, complemented. */
static void put_block(struct out *o, enum hz_sim_wmbus_mode mode, const uint8_t *p, size_t n)
{
    uint32_t rest = 0;
    for (size_t bit = 0; bit < 8 * n + 16; bit++) {
        bool one = bit < 8 * n && (p[bit / 8] & 0x80 >> bit % 8);
        rest = rest << 1 | one;
        if (rest & 0x10000)
            rest ^= 0x13d65;
    }
    for (size_t i = 0; i < n; i++)
        put_byte(o, mode, p[i]);
    put_byte(o, mode, (uint8_t)(~rest >> 8));
    put_byte(o, mode, (uint8_t)~rest);
}

static void put_frame(struct out *o, enum hz_sim_wmbus_mode mode, const uint8_t *bytes, size_t n)
{
    uint8_t copy[256];
    bool b = mode == HZ_SIM_WMBUS_C1B;
    memcpy(copy, bytes, n);
    if (b)
        copy[0] = (uint8_t)(copy[0] + (n > 126 ? 4 : 2));
    for (size_t at = 0; at < n;) {
        size_t most = b ? 126 : at == 0 ? 10 : 16, len = n - at < most ? n - at : most;
        put_block(o, mode, copy + at, len);
        at += len;
    }
}

size_t hz_sim_wmbus(enum hz_sim_wmbus_mode mode, const uint8_t *bytes, size_t n,
                    uint8_t chips[HZ_SIM_WMBUS_CHIPS])
{
    struct out o = {chips, 0};
    int pairs = mode == HZ_SIM_WMBUS_S1 ? 24 : mode == HZ_SIM_WMBUS_T1 ? 24 : 16;
    for (int i = 0; i < pairs; i++)
        put(&o, 1, 2);
    if (mode == HZ_SIM_WMBUS_S1)
        put(&o, 0x7696, 18);
    else if (mode == HZ_SIM_WMBUS_T1)
        put(&o, 0x3d, 10);
    else
        put(&o, 0x543d, 16);
    if (mode == HZ_SIM_WMBUS_C1A)
        put(&o, 0x54cd, 16);
    if (mode == HZ_SIM_WMBUS_C1B)
        put(&o, 0x543d, 16);
    put_frame(&o, mode, bytes, n);
    put(&o, 0x5, 4);
    return o.n;
}

static size_t put_digits(uint8_t *out, uint32_t value)
{
    for (int i = 0; i < 4; i++, value /= 100)
        out[i] = (uint8_t)(value / 10 % 10 << 4 | value % 10);
    return 4;
}

size_t hz_sim_meter_telegram(struct hz_sim_meter *m, uint8_t out[64])
{
    const uint8_t head[] = {0x44,
                            (uint8_t)m->maker,
                            (uint8_t)(m->maker >> 8),
                            (uint8_t)m->id,
                            (uint8_t)(m->id >> 8),
                            (uint8_t)(m->id >> 16),
                            (uint8_t)(m->id >> 24),
                            m->version,
                            m->type,
                            0x7a,
                            m->access++,
                            0,
                            0,
                            0};
    size_t n = 1;
    memcpy(out + n, head, sizeof head);
    n += sizeof head;
    out[n++] = 0x0c; /* eight digits: the reading now */
    out[n++] = m->type == 4 ? 0x06 : 0x13;
    n += put_digits(out + n, m->reading % 100000000);
    out[n++] = 0x4c; /* and stored, at the end of the year */
    out[n++] = m->type == 4 ? 0x06 : 0x13;
    n += put_digits(out + n, m->reading / 3 % 100000000);
    static const uint8_t day[] = {0x42, 0x6c, 0xdf, 0x2c}; /* 2022-12-31 */
    memcpy(out + n, day, sizeof day);
    n += sizeof day;
    out[0] = (uint8_t)(n - 1);
    return n;
}
