/* The demodulator chip: its registers, its I2C bus with tuner and EEPROM, and the settings of the
 * program.
 * Pure; the caller serialises. */
#ifndef HZ_USB_RTL2832_H
#define HZ_USB_RTL2832_H

#include "tests/usb/r820t.h"

enum { HZ_EEPROM_BYTES = 256 };

struct hz_rtl2832 {
    uint8_t demod[16][256]; /* [page][register] */
    uint8_t usb[4096];      /* 0x2000 on */
    uint8_t sys[4096];      /* 0x3000 on */
    uint8_t *eeprom;        /* the stick's: outlives the power */
    uint8_t eeprom_at;
    struct hz_r820t tuner;
};

/* What the registers say. */
struct hz_settings {
    double rate_hz;
    double centre_hz; /* as asked: undoes the crystal correction that was programmed */
    double actual_hz; /* where it really listens, the crystal's error included */
    double if_hz, lo_hz, bandwidth_hz;
    int ppm, gain_tenths, direct; /* direct sampling: 0 off, 1 I, 2 Q */
    bool gain_auto, agc, test, bias, locked, powered;
};

/* Power on. */
void hz_rtl2832_reset(struct hz_rtl2832 *c, uint8_t *eeprom);

/* Vendor control transfers: bytes moved, or a LIBUSB_ERROR_*. */
int hz_rtl2832_out(struct hz_rtl2832 *c, uint16_t value, uint16_t index, const uint8_t *data,
                   size_t n);
int hz_rtl2832_in(struct hz_rtl2832 *c, uint16_t value, uint16_t index, uint8_t *data, size_t n);

/* Is endpoint 0x81 let go (EPA_CTL = 0)? */
bool hz_rtl2832_streams(const struct hz_rtl2832 *c);

/* Is that write the last of a group, so that the registers fit together now? */
bool hz_rtl2832_settled(const struct hz_rtl2832 *c, uint16_t value, uint16_t index);

/* The registers read back, for a crystal that is crystal_ppm fast. */
void hz_rtl2832_settings(const struct hz_rtl2832 *c, double crystal_ppm, struct hz_settings *s);

/* An EEPROM that says the same as the descriptors (layout: librtlsdr's rtl_eeprom). */
void hz_eeprom_write(uint8_t eeprom[HZ_EEPROM_BYTES], const char *const strings[3]);

#endif
