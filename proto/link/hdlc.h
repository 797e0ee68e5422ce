/* HDLC framing of AIS and AX.25 (ISO/IEC 13239): NRZI, zero insertion, flags and the check sequence
 * of X.25. There is one bit per byte, in the order of transmission. Pure; one thread at a time. */
#ifndef HZ_PROTO_LINK_HDLC_H
#define HZ_PROTO_LINK_HDLC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* NRZI: a change of level is a 0. levels[0] is the level before the first bit: bits[n - 1] from
 * levels[n]. May be the same memory. */
void hz_hdlc_nrzi(const uint8_t *levels, size_t n, uint8_t *bits);

/* Why there is no frame. */
enum {
    HZ_HDLC_NO_END = -1,   /* the bits ended before a flag did */
    HZ_HDLC_ABORT = -2,    /* seven ones in a row */
    HZ_HDLC_RAGGED = -3,   /* no whole number of bytes between the flags */
    HZ_HDLC_TOO_LONG = -4, /* more than `room` */
    HZ_HDLC_FIRST = -5     /* of hz_hdlc_put: a flag, with no frame under way before it */
};

/* The frame that begins at bits[0], right after its opening flag: takes out stuffed zeros up to
 * the closing flag and packs bytes, least significant bit first as they were sent. Returns the
 * bytes, check sequence included (0 when the next flag follows at once), or one of the above; *used
 * is the number of bits read, closing flag included. */
int hz_hdlc_frame(const uint8_t *bits, size_t n, uint8_t *out, size_t room, size_t *used);

/* The same for a frame that need not be whole bytes: returns the number of its bits, check sequence
 * included. The bits behind the last whole byte are the low ones of the byte that follows it. */
int hz_hdlc_bits(const uint8_t *bits, size_t n, uint8_t *out, size_t room, size_t *used);

/* A reader of bits without end, for frames of any length up to `room`. */
struct hz_hdlc {
    bool open;     /* a flag has been, and neither an abort nor too many bytes since */
    unsigned ones; /* in a row, up to now */
    unsigned bits; /* the latest ones, newest most significant of 32 */
    size_t count;  /* bits of the frame under way, and of the flag that may be closing it */
    size_t room;   /* bytes */
    uint8_t *out;  /* borrowed */
};

/* Waits for a first flag. */
void hz_hdlc_begin(struct hz_hdlc *h, uint8_t *out, size_t room);

/* The next bit. Where it ends a flag, what hz_hdlc_frame returns of the bits since the flag before
 * or HZ_HDLC_FIRST, and the next frame begins: out[] is to be read now. Else HZ_HDLC_NO_END, or why
 * the frame under way was given up. */
int hz_hdlc_put(struct hz_hdlc *h, unsigned bit);

/* CRC-16 of X.25 over a frame (generator x^16 + x^12 + x^5 + 1, reflected, ones at the start and
 * complemented). Over a frame with its check sequence behind it: HZ_HDLC_GOOD. */
uint16_t hz_hdlc_crc(const uint8_t *bytes, size_t n);

/* The same over `count` bits, laid out as hz_hdlc_bits does. */
uint16_t hz_hdlc_crc_bits(const uint8_t *bytes, size_t count);
#define HZ_HDLC_GOOD 0x0f47

#endif
