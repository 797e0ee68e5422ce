/* The addresses of an AX.25 frame: callsign, SSID and the bits that go with them (AX.25 2.2,
 * sections 3.12 and 6.1.2). Pure; any thread. */
#ifndef HZ_PROTO_PACKET_AX25_ADDRESS_H
#define HZ_PROTO_PACKET_AX25_ADDRESS_H

#include "proto/out/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HZ_AX25_ADDRESS = 7, /* bytes of one address on the air */
    /* Digipeaters: AX.25 2.0 allows eight (section 2.2.13.3), 2.2 two. More are sent all the same,
       and are reported up to this number. */
    HZ_AX25_PATH_BOOK = 8,
    HZ_AX25_PATH_MAX = 24,
    /* Bytes of information. 256 is the default (AX.25 2.2, section 6.7.2.3); stations agree on more
     * by XID. 2,048 is what TNCs and Dire Wolf (ax25_pad.h) hold, and the longest sent. */
    HZ_AX25_INFO_MAX = 2048,
    /* The longest frame that is read: addresses, two bytes of control, protocol, information. */
    HZ_AX25_FRAME_MAX = (2 + HZ_AX25_PATH_MAX) * HZ_AX25_ADDRESS + 3 + HZ_AX25_INFO_MAX,
    HZ_AX25_CALL_MAX = 9, /* characters of "CALLSG-15"; of what APRS-IS makes of it too */
};

struct hz_ax25_address {
    char call[HZ_AX25_CALL_MAX + 1]; /* "CALL", "CALL-12" or "", ends with a zero */
    bool flag;                       /* of a digipeater: it has repeated the frame;
                                      * of the first two: the C bit */
};

/* Deviations of addresses from the specification (AX.25 2.2, section 3.12: upper-case letters,
 * digits, trailing blanks). Satellites and trackers send all of these. */
enum hz_ax25_odd {
    HZ_AX25_BLANK = 1,       /* an address without characters */
    HZ_AX25_NUL_PADDED = 2,  /* zeros in place of trailing blanks */
    HZ_AX25_CHARACTERS = 4,  /* lower case, signs, blanks among letters */
    HZ_AX25_UNPRINTABLE = 8, /* control characters */
    HZ_AX25_LONG_PATH = 16,  /* more digipeaters than HZ_AX25_PATH_BOOK */
    HZ_AX25_NO_END_BIT = 32, /* no address is marked as the last one; UI and F0 follow */
};

struct hz_ax25_header {
    struct hz_ax25_address to, from, path[HZ_AX25_PATH_MAX];
    size_t digipeaters;
    unsigned odd; /* of enum hz_ax25_odd */
};

/* Reads the addresses at the beginning of frame[len]. The number of bytes they take, or 0 when the
 * end bit is not on the last of two addresses or more. */
size_t hz_ax25_header(const uint8_t *frame, size_t len, struct hz_ax25_header *h);

/* Reads "SRC>DST,DIGI*,DIGI" (n characters), as a third-party frame has it: calls of 1 to 9
 * letters, digits and dashes. A star marks its digipeater as one that repeated. False: it is not of
 * that form. */
bool hz_ax25_header_text(const char *text, size_t n, struct hz_ax25_header *h);

/* Writes srccallsign, dstcallsign and digipeaters. */
void hz_ax25_header_describe(const struct hz_ax25_header *h, struct hz_json *j);

/* "SRC>DST,DIGI,DIGI*,DIGI:" into out, without a zero at the end; the star is behind the last that
 * repeated. The number of characters. */
enum { HZ_AX25_TNC2_MAX = (2 + HZ_AX25_PATH_MAX) * (HZ_AX25_CALL_MAX + 1) + 1 };
size_t hz_ax25_tnc2(const struct hz_ax25_header *h, char out[HZ_AX25_TNC2_MAX]);

#endif
