/* HDLC framing as AIS and AX.25 send it (ISO 13239): flags, zero insertion, check sequence, and the
 * line codes behind it. Symbols are floats, -1 or +1, as hz_sim_fsk takes them. Pure. */
#ifndef HZ_SIM_HDLC_H
#define HZ_SIM_HDLC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bits on their way, one a byte, in the caller's memory. */
struct hz_sim_bits {
    uint8_t *bit;
    size_t n, room;
};

/* Appends n bits of a value, least significant first. Bits beyond the room are dropped: callers
 * leave enough. */
void hz_sim_bits_put(struct hz_sim_bits *b, unsigned n, uint32_t value);

/* Appends the frame between two flags: its bytes, each least significant bit first, and the 16-bit
 * check sequence, with a zero after every five ones. */
void hz_sim_hdlc_frame(struct hz_sim_bits *b, const uint8_t *frame, size_t len);

/* G3RUH's scrambler, x^17 + x^12 + 1, over all bits so far. */
void hz_sim_scramble_g3ruh(struct hz_sim_bits *b);

/* A change of level for a 0, none for a 1. */
void hz_sim_nrzi(const struct hz_sim_bits *b, float *symbols);

#endif
