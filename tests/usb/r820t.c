#include "tests/usb/r820t.h"

#include <string.h>

static const double nominal_xtal_hz = 28.8e6;

void hz_r820t_reset(struct hz_r820t *t)
{
    bool no_lock = t->no_lock;
    memset(t, 0, sizeof *t);
    t->no_lock = no_lock;
    t->reg[0] = 0x96; /* the chip's mark; 0x69 with the lowest bit first */
    t->reg[4] = 0x25; /* VCO fine tune in the middle, filter calibration 5 */
}

bool hz_r820t_write(struct hz_r820t *t, const uint8_t *data, size_t n)
{
    if (n == 0)
        return false;
    for (size_t i = 1; i < n; i++) {
        size_t reg = data[0] + i - 1;
        if (reg >= 5 && reg < HZ_R820T_REGS) /* 0 to 4 are read-only */
            t->reg[reg] = data[i];
    }
    return true;
}

static uint8_t reversed(uint8_t v)
{
    v = (uint8_t)((v & 0xf0) >> 4 | (v & 0x0f) << 4);
    v = (uint8_t)((v & 0xcc) >> 2 | (v & 0x33) << 2);
    return (uint8_t)((v & 0xaa) >> 1 | (v & 0x55) << 1);
}

void hz_r820t_read(const struct hz_r820t *t, uint8_t *data, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t v = i < HZ_R820T_REGS ? t->reg[i] : 0;
        if (i == 2)
            v = hz_r820t_locked(t) ? 0x40 : 0;
        data[i] = reversed(v);
    }
}

static double vco_hz(const struct hz_r820t *t, double xtal_hz)
{
    int n = 4 * (t->reg[0x14] & 0x3f) + (t->reg[0x14] >> 6) + 13;
    int sdm = t->reg[0x16] << 8 | t->reg[0x15];
    return 2 * xtal_hz * (n + sdm / 65536.0);
}

double hz_r820t_lo_hz(const struct hz_r820t *t, double xtal_hz)
{
    if (t->reg[0x14] == 0 && t->reg[0x16] == 0 && t->reg[0x15] == 0)
        return 0; /* never set */
    return vco_hz(t, xtal_hz) / (double)(2u << (t->reg[0x10] >> 5));
}

bool hz_r820t_locked(const struct hz_r820t *t)
{
    double vco = vco_hz(t, nominal_xtal_hz);
    return !t->no_lock && vco > 1.74e9 && vco < 3.6e9;
}

/* Gain steps measured at 928 MHz, tenths of a dB (librtlsdr's table). */
int hz_r820t_gain_tenths(const struct hz_r820t *t)
{
    static const int lna[16] = {0, 9, 13, 40, 38, 13, 31, 22, 26, 31, 26, 14, 19, 5, 35, 13};
    static const int mixer[16] = {0, 5, 10, 10, 19, 9, 10, 25, 17, 10, 8, 16, 13, 6, 3, -8};
    int gain = 0;
    for (int i = 1; i <= (t->reg[0x05] & 0x0f); i++)
        gain += lna[i];
    for (int i = 1; i <= (t->reg[0x07] & 0x0f); i++)
        gain += mixer[i];
    return gain;
}

bool hz_r820t_gain_auto(const struct hz_r820t *t)
{
    return !(t->reg[0x05] & 0x10);
}

/* 0x0b: bit 7 the narrow filter, bits 6 and 5 leave out the two high-pass corners, the low
 * nibble counts the low-pass widths down from 15; without bit 7 the three television widths. */
double hz_r820t_bandwidth_hz(const struct hz_r820t *t)
{
    static const double low_pass[10] = {1.7e6, 1.6e6, 1.55e6, 1.45e6, 1.2e6,
                                        0.9e6, 0.7e6, 0.55e6, 0.45e6, 0.35e6};
    uint8_t r = t->reg[0x0b];
    if (!(r & 0x80))
        return r & 0x40 ? 6e6 : r & 0x20 ? 7e6 : 8e6;
    unsigned i = 15u - (r & 0x0f);
    double bw = i < 10 ? low_pass[i] : 0;
    return bw + (r & 0x20 ? 0 : 0.38e6) + (r & 0x40 ? 0 : 0.35e6);
}
