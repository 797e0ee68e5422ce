/* AX.25 frames (AX.25 Link Access Protocol 2.2, section 3): what makes one plausible, and its
 * fields. What an APRS station put into one is described too. Pure; any thread. */
#ifndef HZ_PROTO_PACKET_AX25_FRAME_H
#define HZ_PROTO_PACKET_AX25_FRAME_H

#include "proto/decoder.h"
#include "proto/packet/ax25/address.h"

/* The fields that hz_ax25_describe writes, for the documentation; ends with a NULL name. */
extern const struct hz_field hz_ax25_fields[];

/* True when frame[len] (without its check sequence) has the form of AX.25: addresses of printable
 * characters, the end bit on the last one only, then a control byte, and a protocol byte where one
 * is due. A check sequence of 16 bits needs this support where noise is received for days. Among
 * many trials of a repair even this is not enough: `strict` demands what most frames are: addresses
 * as specified, UI (control 03 or 13) with protocol F0. */
bool hz_ax25_plausible(const uint8_t *frame, size_t len, bool strict);

/* True when the information of a plausible UI frame is text: UTF-8, and no control characters but
 * line ends, tabs and those of Mic-E and telemetry (1C to 1F, 7F). */
bool hz_ax25_is_text(const uint8_t *frame, size_t len);

/* Whether three in four bytes behind a plausible frame's protocol byte are printable ASCII. */
bool hz_ax25_is_mostly_text(const uint8_t *frame, size_t len);

/* Writes the fields of frame[len] (without its check sequence) into the object that is open in j:
 * addresses, path, TNC2 text, deviations from the specification, and the contents of an APRS frame.
 * Any bytes are allowed. */
void hz_ax25_describe(const uint8_t *frame, size_t len, struct hz_json *j);

#endif
