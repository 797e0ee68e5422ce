#include "daemon/base/put.h"

#include <string.h>

void hz_put_u16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

void hz_put_u32(uint8_t *p, uint32_t v)
{
    hz_put_u16(p, (uint16_t)v);
    hz_put_u16(p + 2, (uint16_t)(v >> 16));
}

void hz_put_u64(uint8_t *p, uint64_t v)
{
    hz_put_u32(p, (uint32_t)v);
    hz_put_u32(p + 4, (uint32_t)(v >> 32));
}

void hz_put_f32(uint8_t *p, float v)
{
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    hz_put_u32(p, bits);
}

void hz_put_f64(uint8_t *p, double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    hz_put_u64(p, bits);
}
