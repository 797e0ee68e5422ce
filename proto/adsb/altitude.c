#include "proto/adsb/altitude.h"

/* The pulses of both fields in order: C1 A1 C2 A2 C4 A4 M/X B1 D1/Q B2 D2 B4 D4. */
enum pulse {
    C1 = 1 << 12,
    A1 = 1 << 11,
    C2 = 1 << 10,
    A2 = 1 << 9,
    C4 = 1 << 8,
    A4 = 1 << 7,
    M = 1 << 6,
    B1 = 1 << 5,
    Q = 1 << 4,
    D1 = 1 << 4,
    B2 = 1 << 3,
    D2 = 1 << 2,
    B4 = 1 << 1,
    D4 = 1 << 0
};

/* The number formed by the pulses in `order`, the first one most significant. */
static unsigned gather(uint32_t code, const uint16_t *order, int n)
{
    unsigned v = 0;
    for (int i = 0; i < n; i++)
        v = v << 1 | ((code & order[i]) != 0);
    return v;
}

static unsigned gray_to_binary(unsigned g)
{
    g ^= g >> 4;
    g ^= g >> 2;
    return g ^ g >> 1;
}

/* D2 D4 A1 A2 A4 B1 B2 B4 are a Gray code of steps of 500 ft from -1000 ft. C1 C2 C4 are the
 * hundreds around each step, in a Gray code of five values whose order is reversed in every second
 * step. */
static bool gillham(uint32_t ac, int *feet)
{
    static const uint16_t coarse[] = {D2, D4, A1, A2, A4, B1, B2, B4};
    static const uint16_t fine[] = {C1, C2, C4};
    static const int8_t hundreds[8] = {0, 1, 3, 2, 5, 0, 4, 0}; /* 0: no code */
    int fives = (int)gray_to_binary(gather(ac, coarse, 8));
    int ones = hundreds[gather(ac, fine, 3)];
    if (ones == 0)
        return false;
    if (fives % 2 == 1)
        ones = 6 - ones;
    *feet = fives * 500 + ones * 100 - 1300;
    return true;
}

bool hz_altitude_ac13(uint32_t ac, int *feet)
{
    if (ac == 0 || ac & M)
        return false;
    if (!(ac & Q))
        return gillham(ac, feet);
    uint32_t n = (ac & (C1 | A1 | C2 | A2 | C4 | A4)) >> 2 | (ac & B1) >> 1 | (ac & 0xf);
    *feet = (int)n * 25 - 1000;
    return true;
}

bool hz_altitude_ac12(uint32_t ac, int *feet)
{
    return hz_altitude_ac13((ac & 0xfc0) << 1 | (ac & 0x3f), feet);
}

void hz_squawk(uint32_t id, char digits[4])
{
    static const uint16_t order[4][3] = {{A4, A2, A1}, {B4, B2, B1}, {C4, C2, C1}, {D4, D2, D1}};
    for (int i = 0; i < 4; i++)
        digits[i] = (char)('0' + gather(id, order[i], 3));
}
