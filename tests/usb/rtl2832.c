#include "tests/usb/rtl2832.h"

#include <libusb.h>
#include <math.h>
#include <string.h>

/* Register blocks, the high byte of wIndex. */
enum { DEMOD, USB, SYS, IIC = 6 };
enum { EPA_CTL = 0x2148, DEMOD_CTL = 0x3000, GPO = 0x3001, EEPROM_ADDRESS = 0xa0 };
static const double nominal_xtal_hz = 28.8e6;

void hz_rtl2832_reset(struct hz_rtl2832 *c, uint8_t *eeprom)
{
    memset(c, 0, sizeof *c);
    c->eeprom = eeprom;
    c->usb[EPA_CTL & 0xfff] = 0x10;
    hz_r820t_reset(&c->tuner);
}

/* The registers a transfer touches; NULL: not there. Demodulator addresses are (reg << 8 | 0x20)
 * with the page in the low nibble of wIndex. */
static uint8_t *place(struct hz_rtl2832 *c, uint16_t value, uint16_t index, size_t n)
{
    switch (index >> 8) {
    case DEMOD:
        return (value >> 8) + n <= 256 ? &c->demod[index & 0x0f][value >> 8] : NULL;
    case USB:
        return value >> 12 == 2 && (value & 0xfffu) + n <= 4096 ? &c->usb[value & 0xfff] : NULL;
    case SYS:
        return value >> 12 == 3 && (value & 0xfffu) + n <= 4096 ? &c->sys[value & 0xfff] : NULL;
    default:
        return NULL;
    }
}

static bool repeater_on(const struct hz_rtl2832 *c)
{
    return c->demod[1][0x01] & 0x08;
}

static int i2c_out(struct hz_rtl2832 *c, uint16_t address, const uint8_t *data, size_t n)
{
    if (address == HZ_R820T_ADDRESS && repeater_on(c) && hz_r820t_write(&c->tuner, data, n))
        return (int)n;
    if (address == EEPROM_ADDRESS && n > 0) {
        c->eeprom_at = data[0];
        for (size_t i = 1; i < n; i++)
            c->eeprom[c->eeprom_at++] = data[i];
        return (int)n;
    }
    return LIBUSB_ERROR_PIPE; /* nobody acknowledged */
}

static int i2c_in(struct hz_rtl2832 *c, uint16_t address, uint8_t *data, size_t n)
{
    if (address == HZ_R820T_ADDRESS && repeater_on(c)) {
        hz_r820t_read(&c->tuner, data, n);
        return (int)n;
    }
    if (address == EEPROM_ADDRESS) {
        for (size_t i = 0; i < n; i++)
            data[i] = c->eeprom[c->eeprom_at++];
        return (int)n;
    }
    return LIBUSB_ERROR_PIPE;
}

int hz_rtl2832_out(struct hz_rtl2832 *c, uint16_t value, uint16_t index, const uint8_t *data,
                   size_t n)
{
    if (index >> 8 == IIC)
        return i2c_out(c, value, data, n);
    uint8_t *at = place(c, value, index, n);
    if (!at)
        return LIBUSB_ERROR_PIPE;
    memcpy(at, data, n);
    return (int)n;
}

int hz_rtl2832_in(struct hz_rtl2832 *c, uint16_t value, uint16_t index, uint8_t *data, size_t n)
{
    if (index >> 8 == IIC)
        return i2c_in(c, value, data, n);
    const uint8_t *at = place(c, value, index, n);
    if (!at)
        return LIBUSB_ERROR_PIPE;
    memcpy(data, at, n);
    return (int)n;
}

bool hz_rtl2832_streams(const struct hz_rtl2832 *c)
{
    return c->usb[EPA_CTL & 0xfff] == 0 && c->usb[(EPA_CTL & 0xfff) + 1] == 0;
}

bool hz_rtl2832_settled(const struct hz_rtl2832 *c, uint16_t value, uint16_t index)
{
    unsigned block = index >> 8, page = index & 0x0f, reg = value >> 8;
    if (block == SYS)
        return value == GPO || value == DEMOD_CTL;
    if (block != DEMOD || repeater_on(c))
        return false;
    if (page == 0)
        return reg == 0x19 || reg == 0x06;
    /* repeater off or reset done; last byte of the IF; last byte of the rate's correction */
    return page == 1 && (reg == 0x01 || reg == 0x1b || reg == 0x3e);
}

static double ratio_rate_hz(const uint8_t *p)
{
    uint32_t r =
        (uint32_t)p[0x9f] << 24 | (uint32_t)p[0xa0] << 16 | (uint32_t)p[0xa1] << 8 | p[0xa2];
    r &= 0x0ffffffc;
    r |= (r & 0x08000000) << 1;
    return r ? nominal_xtal_hz * 4194304.0 / r : 0;
}

/* v as a signed number of the given bits. */
static int sign_extend(int v, int bits)
{
    return v & 1 << (bits - 1) ? v - (1 << bits) : v;
}

void hz_rtl2832_settings(const struct hz_rtl2832 *c, double crystal_ppm, struct hz_settings *s)
{
    const uint8_t *p0 = c->demod[0], *p1 = c->demod[1];
    memset(s, 0, sizeof *s); /* so that two of them can be compared as bytes */
    double correction = -sign_extend((p1[0x3e] & 0x3f) << 8 | p1[0x3f], 14) * 1e6 / 16777216.0;
    s->ppm = (int)lrint(correction);
    int v = sign_extend((p1[0x19] & 0x3f) << 16 | p1[0x1a] << 8 | p1[0x1b], 22);
    s->rate_hz = ratio_rate_hz(p1);

    double asked = nominal_xtal_hz * (1 + s->ppm * 1e-6);
    s->if_hz = -v * asked / 4194304.0;
    s->lo_hz = hz_r820t_lo_hz(&c->tuner, asked);
    /* Without the tuner there is neither its spectrum inversion (0x15) nor Zero-IF (0xb1). */
    s->direct = p1[0xb1] == 0x1a && p1[0x15] == 0 ? (p0[0x06] == 0x90 ? 2 : 1) : 0;
    s->centre_hz = s->direct ? s->if_hz : s->lo_hz - s->if_hz;
    s->actual_hz = s->centre_hz * (1 + crystal_ppm * 1e-6) / (1 + s->ppm * 1e-6);

    s->bandwidth_hz = hz_r820t_bandwidth_hz(&c->tuner);
    s->gain_tenths = hz_r820t_gain_tenths(&c->tuner);
    s->gain_auto = hz_r820t_gain_auto(&c->tuner);
    s->locked = hz_r820t_locked(&c->tuner);
    s->agc = p0[0x19] == 0x25;
    s->test = p0[0x19] == 0x03;
    s->bias = c->sys[GPO & 0xfff] & 1;
    s->powered = c->sys[DEMOD_CTL & 0xfff] == 0xe8;
}

void hz_eeprom_write(uint8_t eeprom[HZ_EEPROM_BYTES], const char *const strings[3])
{
    static const uint8_t head[9] = {0x28, 0x32,  /* the mark */
                                    0xda, 0x0b,  /* vendor, low byte first */
                                    0x38, 0x28,  /* product */
                                    0xa5,        /* there is a serial */
                                    0x14, 0x02}; /* no remote wake-up, no infrared */
    memset(eeprom, 0, HZ_EEPROM_BYTES);
    memcpy(eeprom, head, sizeof head);
    size_t at = sizeof head;
    for (int i = 0; i < 3; i++) { /* three USB string descriptors, UTF-16 */
        size_t n = strlen(strings[i]);
        if (at + 2 + 2 * n > HZ_EEPROM_BYTES)
            return;
        eeprom[at] = (uint8_t)(2 + 2 * n);
        eeprom[at + 1] = LIBUSB_DT_STRING;
        for (size_t k = 0; k < n; k++)
            eeprom[at + 2 + 2 * k] = (uint8_t)strings[i][k];
        at += 2 + 2 * n;
    }
}
