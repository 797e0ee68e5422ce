/* The tuner: 32 registers behind I2C, and their meaning.
 * Pure; the caller serialises. Register meanings: Rafael Micro R820T register description, as
 * librtlsdr's driver uses them. */
#ifndef HZ_USB_R820T_H
#define HZ_USB_R820T_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HZ_R820T_REGS = 32, HZ_R820T_ADDRESS = 0x34 };

struct hz_r820t {
    uint8_t reg[HZ_R820T_REGS];
    bool no_lock; /* fault: the PLL never locks */
};

void hz_r820t_reset(struct hz_r820t *t);

/* I2C write: a register number, then values for it and those after it; those past the last register
 * go nowhere. False: no register number. */
bool hz_r820t_write(struct hz_r820t *t, const uint8_t *data, size_t n);

/* I2C read: n registers from number 0 on, as the chip sends them (lowest bit first). */
void hz_r820t_read(const struct hz_r820t *t, uint8_t *data, size_t n);

/* The local oscillator in Hz for a crystal of xtal_hz. */
double hz_r820t_lo_hz(const struct hz_r820t *t, double xtal_hz);

/* The PLL's own judgement: is the VCO in its range? */
bool hz_r820t_locked(const struct hz_r820t *t);

/* LNA and mixer gain in tenths of a dB; meaningless while either is automatic. */
int hz_r820t_gain_tenths(const struct hz_r820t *t);
bool hz_r820t_gain_auto(const struct hz_r820t *t);

/* The IF filter's width in Hz. */
double hz_r820t_bandwidth_hz(const struct hz_r820t *t);

#endif
