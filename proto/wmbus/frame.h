/* From chips to the bytes of a frame: line codes, blocks and their CRCs (EN 13757-4). Each symbol
 * also gives its second best reading, and a block whose CRC fails is tried with the likeliest of
 * these. Pure; one thread at a time. */
#ifndef HZ_PROTO_WMBUS_FRAME_H
#define HZ_PROTO_WMBUS_FRAME_H

#include "dsp/cpm.h"
#include "proto/wmbus/telegram.h"

enum hz_wmbus_code {
    HZ_WMBUS_NRZ,          /* a chip is a bit */
    HZ_WMBUS_MANCHESTER,   /* 01 is 1, 10 is 0 */
    HZ_WMBUS_THREE_OF_SIX, /* six chips with three ones are four bits */
};

enum {
    HZ_WMBUS_FRAME = 290, /* bytes of the longest frame: 256 and a CRC for each of 17 blocks */
    HZ_WMBUS_BITS = 8 * HZ_WMBUS_FRAME,
    HZ_WMBUS_HEAD = 12, /* bytes after which a frame's length is known for sure */
};

/* Chips that n bytes take, and bytes that n chips hold. */
size_t hz_wmbus_chips(enum hz_wmbus_code code, size_t bytes);

struct hz_wmbus_bits {
    uint8_t bit[HZ_WMBUS_BITS]; /* one a byte */
    /* For each symbol the bits that its second best reading changes, as the list decoder of
     * dsp/crclist.h takes it. */
    struct hz_cpm_event other[HZ_WMBUS_BITS];
    size_t n, n_other;
};

/* Reads chips[n] with their reliabilities, as hz_cpm_trace and hz_cpm_sureness give them. */
void hz_wmbus_bits_read(enum hz_wmbus_code code, const uint8_t *chip, const float *sure, size_t n,
                        struct hz_wmbus_bits *out);

/* Bytes of a frame of that format whose length byte is that, CRCs included; 0: there is none. */
size_t hz_wmbus_frame_bytes(char format, uint8_t length);

/* Checks the first block of format 'A', and repairs it in b where it can. False: it is wrong. */
bool hz_wmbus_head(struct hz_wmbus_bits *b, int *fixed);

/* Checks and repairs all blocks; writes the bytes without CRCs to out, the length byte as if there
 * were none. Returns their number, or 0: a block is wrong. *fixed: bits that were changed. */
size_t hz_wmbus_frame(char format, struct hz_wmbus_bits *b, uint8_t out[HZ_WMBUS_BYTES],
                      int *fixed);

#endif
