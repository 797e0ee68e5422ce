/* The addresses of an AX.25 frame: callsign, SSID and the bits that go with them (AX.25 2.2,
 * sections 3.12 and 6.1.2). Pure; any thread. */
#ifndef HZ_PROTO_AX25_ADDRESS_H
#define HZ_PROTO_AX25_ADDRESS_H

#include "proto/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest frame that is looked at: ten addresses, control, protocol, 256 bytes and the check
 * sequence, with room for the longer ones that some stations send. */
enum { HZ_AX25_FRAME_MAX = 400 };

enum {
    HZ_AX25_ADDRESS = 7,  /* bytes of one address on the air */
    HZ_AX25_PATH_MAX = 8, /* digipeaters */
    HZ_AX25_CALL_MAX = 9, /* characters of "CALLSG-15"; of what APRS-IS makes of it too */
};

struct hz_ax25_address {
    char call[HZ_AX25_CALL_MAX + 1]; /* "CALL" or "CALL-12", ends with a zero */
    bool flag;                       /* of a digipeater: it has repeated the frame;
                                      * of the first two: the C bit */
};

struct hz_ax25_header {
    struct hz_ax25_address to, from, path[HZ_AX25_PATH_MAX];
    size_t digipeaters;
};

/* Reads the addresses at the beginning of frame[len]. The number of bytes they take, or 0 when it
 * is not two to ten addresses of upper-case letters, digits and trailing spaces, the end bit on the
 * last one only; without `strict`, of any printable characters but for a blank in front. */
size_t hz_ax25_header(const uint8_t *frame, size_t len, bool strict, struct hz_ax25_header *h);

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
