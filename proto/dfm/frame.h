/* The frame of the radiosondes Graw DFM-06, DFM-09, DFM-17 and PS-15: 280 bits in Manchester code
 * at 2500 half-bits a second, one behind the other. A header of 16 bits, then three fields of 7, 13
 * and 13 codewords, each field interleaved: bit j of codeword i of n is its bit n j + i. A codeword
 * is four bits and four of parity, an extended Hamming code. (rs1729/RS, dfm09mod.)
 *
 * Pure; any thread. */
#ifndef HZ_PROTO_DFM_FRAME_H
#define HZ_PROTO_DFM_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HZ_DFM_HEADER = 32,     /* half-bits */
    HZ_DFM_HALF_BITS = 560, /* of a frame */
    HZ_DFM_CONF = 7,        /* codewords */
    HZ_DFM_DATA = 13,
    HZ_DFM_FIELDS = 3,
    HZ_DFM_RAW = 17, /* octets that hold all 33 nibbles */
};

/* 45CF as half-bits (0 is 10, 1 is 01), the first one in the lowest bit. */
#define HZ_DFM_HEADER_BITS 0xaa5a9959u

/* The nibbles of the three fields, and how many bits of each were corrected. */
struct hz_dfm_frame {
    uint8_t conf[HZ_DFM_CONF], data[2][HZ_DFM_DATA];
    unsigned wrong[HZ_DFM_FIELDS];
};

/* From the half-bits behind the header: soft[HZ_DFM_HALF_BITS - HZ_DFM_HEADER], each positive for a
 * 1, its magnitude how sure it is. Every codeword becomes the likeliest one. */
void hz_dfm_read(const float *soft, struct hz_dfm_frame *out);

/* Packs the nibbles, high one first. */
void hz_dfm_pack(const struct hz_dfm_frame *f, uint8_t raw[HZ_DFM_RAW]);

#endif
