/* Bits of a VDL2 transmission: what the phases mean, the scrambler, and the header.
 *
 * A step between two symbols of so many eighths of a cycle is three bits of a Gray code. All bits
 * are scrambled by a register of 15 bits that starts anew with each header. The header: three
 * zeros, the length in bits (17, least significant first), five bits of parity. Pure. */
#ifndef HZ_PROTO_VDL2_BITS_H
#define HZ_PROTO_VDL2_BITS_H

#include "proto/vdl2/symbols.h"

enum {
    HZ_VDL2_BITS_SENT = 3 * (HZ_VDL2_SYMBOLS_MAX - HZ_VDL2_PREAMBLE),
    HZ_VDL2_HEADER_SYMBOLS = (HZ_VDL2_HEADER_BITS + 2) / 3,
    HZ_VDL2_GUESSES = 4,
};

/* Makes bit[3 n] of n steps: those from symbol HZ_VDL2_PREAMBLE on. `white`: from
 * hz_vdl2_whitening. */
void hz_vdl2_bits(const struct hz_vdl2_symbols *s, const uint8_t *white, size_t n, uint8_t *bit);

/* What the bits are xored with, one a byte. */
void hz_vdl2_whitening(uint8_t white[HZ_VDL2_BITS_SENT]);

/* The bits of a step: 0 to 7, the first one most significant. */
uint8_t hz_vdl2_step_bits(unsigned step);

struct hz_vdl2_header {
    unsigned length; /* bits of data */
    unsigned fixed;  /* bits that were wrong */
    float doubt;     /* of what was changed */
};

/* Likely headers, the likeliest first: the symbols' own and those with one or two of the first
 * symbols the second nearest, where zeros and parity are right. */
size_t hz_vdl2_header_guess(const struct hz_vdl2_symbols *s, const uint8_t *white,
                            struct hz_vdl2_header guess[HZ_VDL2_GUESSES]);

#endif
