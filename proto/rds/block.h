/* Blocks of RDS from soft bits: 16 bits of information and ten check bits with an offset word
 * (EN 50067, 2.3).
 *
 * The best word and its exact posterior come from a trellis over the syndrome of the bits so far
 * and the polarity of the last symbol, so that nothing is lost to the differential coding (the
 * forward-backward idea of L. Bahl, J. Cocke, F. Jelinek and J. Raviv, IEEE Trans. Inf. Theory 20,
 * 1974, on the trellis of J. Wolf, IEEE Trans. Inf. Theory 24, 1978).
 *
 * Pure; any thread; the memory is the caller's. */
#ifndef HZ_PROTO_RDS_BLOCK_H
#define HZ_PROTO_RDS_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

enum {
    HZ_RDS_BLOCK_BITS = 26,
    HZ_RDS_SYMBOLS = HZ_RDS_BLOCK_BITS + 1, /* the last one of the block before, too */
    HZ_RDS_STATES = 1024
};

enum hz_rds_offset { HZ_RDS_A, HZ_RDS_B, HZ_RDS_C, HZ_RDS_D, HZ_RDS_C2, HZ_RDS_OFFSETS };

/* Work space. */
struct hz_rds_trellis {
    float sum[2][2][HZ_RDS_STATES], best[2][2][HZ_RDS_STATES];
    uint8_t turned[HZ_RDS_BLOCK_BITS][2][HZ_RDS_STATES]; /* whether the better way was a bit 1 */
};

struct hz_rds_block {
    uint16_t info;
    float sure; /* probability that it is right, 0 to 1 */
};

/* Bits of the information that are known: set in `mask`. */
struct hz_rds_known {
    uint16_t mask, info;
};

/* Log of how much likelier the symbols are with each offset word than with random check bits. */
void hz_rds_evidence(struct hz_rds_trellis *t, const float llr[HZ_RDS_SYMBOLS],
                     float evidence[HZ_RDS_OFFSETS]);

/* The best block with that offset word. known: NULL, or what is known of it. */
struct hz_rds_block hz_rds_block_read(struct hz_rds_trellis *t, const float llr[HZ_RDS_SYMBOLS],
                                      enum hz_rds_offset offset, const struct hz_rds_known *known);

/* The bits that the symbols stand for, each one by itself: log P(1) / P(0). */
void hz_rds_bits_of(const float llr[HZ_RDS_SYMBOLS], float bits[HZ_RDS_BLOCK_BITS]);

/* The best block of bits that are not differential: sums over repeats. */
struct hz_rds_block hz_rds_block_sum(struct hz_rds_trellis *t, const float bits[HZ_RDS_BLOCK_BITS],
                                     enum hz_rds_offset offset);

/* A block's 26 bits, the first one sent the most significant. */
uint32_t hz_rds_block_encode(uint16_t info, enum hz_rds_offset offset);

#endif
