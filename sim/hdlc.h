/* HDLC framing of AIS and AX.25 (ISO 13239): flags, zero insertion, check sequence, and the line
 * codes after it. Symbols are floats, -1 or +1, for hz_sim_fsk. Pure: any thread. */
#ifndef HZ_SIM_HDLC_H
#define HZ_SIM_HDLC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A sequence of bits, one per byte, in the caller's memory. */
struct hz_sim_bits {
    uint8_t *bit;
    size_t n, room;
};

/* Appends n bits of a value, least significant first. Bits beyond the room are dropped. */
void hz_sim_bits_put(struct hz_sim_bits *b, unsigned n, uint32_t value);

/* Appends a flag, the frame with its 16-bit check sequence, and a flag. The bytes are sent least
 * significant bit first, with a zero inserted after every five ones. */
void hz_sim_hdlc_frame(struct hz_sim_bits *b, const uint8_t *frame, size_t len);

/* Scrambles all bits so far with G3RUH's polynomial, x^17 + x^12 + 1. */
void hz_sim_scramble_g3ruh(struct hz_sim_bits *b);

/* NRZI: a change of level for a 0, none for a 1. Writes b->n symbols. */
void hz_sim_nrzi(const struct hz_sim_bits *b, float *symbols);

#endif
