/* HDLC frames as AIS and AX.25 send them (ISO/IEC 13239): NRZI, zero insertion, flags and the
 * check sequence of X.25. Bits are one a byte, in the order of the air. Pure. */
#ifndef HZ_PROTO_HDLC_H
#define HZ_PROTO_HDLC_H

#include <stddef.h>
#include <stdint.h>

/* NRZI: a change of level is a 0. levels[0] is the level before the first bit: bits[n - 1] from
 * levels[n]. May be the same memory. */
void hz_hdlc_nrzi(const uint8_t *levels, size_t n, uint8_t *bits);

/* Why there is no frame. */
enum {
    HZ_HDLC_NO_END = -1,  /* the bits ended before a flag did */
    HZ_HDLC_ABORT = -2,   /* seven ones in a row */
    HZ_HDLC_RAGGED = -3,  /* no whole number of bytes between the flags */
    HZ_HDLC_TOO_LONG = -4 /* more than `room` */
};

/* The frame that begins at bits[0], right after its opening flag: takes out stuffed zeros up to
 * the closing flag and packs bytes, least significant bit first as they were sent. Returns the
 * bytes, check sequence included (0 when the next flag follows at once), or one of the above; *used
 * is the number of bits read, closing flag included. */
int hz_hdlc_frame(const uint8_t *bits, size_t n, uint8_t *out, size_t room, size_t *used);

/* CRC-16 of X.25 over a frame (generator x^16 + x^12 + x^5 + 1, reflected, ones at the start and
 * complemented). Over a frame with its check sequence behind it: HZ_HDLC_GOOD. */
uint16_t hz_hdlc_crc(const uint8_t *bytes, size_t n);
#define HZ_HDLC_GOOD 0x0f47

#endif
