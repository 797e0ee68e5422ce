/* The 24-bit parity of Mode S (ICAO Annex 10 volume IV, 3.1.2.3.3). Pure: any thread. */
#ifndef HZ_PROTO_ADSB_CRC_H
#define HZ_PROTO_ADSB_CRC_H

#include <stddef.h>
#include <stdint.h>

enum {
    HZ_MODES_SHORT_BITS = 56,
    HZ_MODES_LONG_BITS = 112,
    HZ_MODES_LONG_BYTES = 14,
};

/* The residual of the parity of a frame (7 or 14 bytes): for a correct DF 17 or DF 18 it is 0, for
 * a DF 11 the interrogator's code in the low 7 bits, and for formats whose parity is combined with
 * the address (DF 0, 4, 5, 16, 20, 21, 24) the sender's address. */
uint32_t hz_modes_residual(const uint8_t *frame, size_t len);

/* The change of the residual when one bit of a long frame flips; bit 0 is the first bit sent. Bit
 * b of a short frame is bit b + 56 here. */
void hz_modes_syndromes(uint32_t syndrome[HZ_MODES_LONG_BITS]);

#endif
