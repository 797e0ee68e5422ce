/* Symbols of the data subcarrier as soft bits.
 *
 * The subcarrier is suppressed, and its phase and clock are found from the symbols q alone, so that
 * stations without a pilot are heard too: q squared has a line at twice the carrier's error; and
 * since a bit lasts 48 cycles of the subcarrier, that error is the error of the bit clock as well.
 * The timing is where the symbols are largest. All is measured over HZ_RDS_WINDOW chunks of bits,
 * and the bits of the middle one are decided with it.
 *
 * Pure; one thread at a time. */
#ifndef HZ_PROTO_RDS_BITS_H
#define HZ_PROTO_RDS_BITS_H

#include "proto/rds/front.h"

#include <stdbool.h>

enum {
    HZ_RDS_CHUNK = 128,  /* bits */
    HZ_RDS_WINDOW = 7,   /* chunks */
    HZ_RDS_TIMINGS = 32, /* tried in a bit */
    HZ_RDS_SQUARES = 16, /* sums of squares in a chunk: of 8 bits each */
    HZ_RDS_HELD = 32768, /* samples of 15 kHz that are held, at most */
};

/* What was measured in a chunk: its first bit is at sample `start`, and bits have `length`. */
struct hz_rds_chunk {
    double start, length;
    float size[HZ_RDS_TIMINGS];      /* mean square of the symbols at each timing */
    float square[HZ_RDS_SQUARES][2]; /* sums of squared symbols, at timing `used` */
    unsigned used;
};

struct hz_rds_bits {
    float x[2 * HZ_RDS_HELD]; /* matched samples */
    size_t n;
    uint64_t first; /* index of x[0] in the stream of 15 kHz */
    struct hz_rds_chunk chunk[HZ_RDS_WINDOW];
    unsigned chunks;
    unsigned todo, until; /* chunks of the window that are decided next: from, to before */
    double turns;         /* phase of the subcarrier in the middle of the window, but for a half */
    double next;          /* sample at which the next chunk begins */
    double error_hz;      /* of the subcarrier */
    double phase; /* of the subcarrier in the latest bit, turns; goes on from chunk to chunk */
    bool running;
    double due;      /* sample of the first symbol of the next chunk that is decided */
    unsigned timing; /* the best one, from the start of the middle chunk on */
    bool present;    /* there is a subcarrier */
    float strength;  /* line of the squares over all: 0 to 1 */
};

/* Soft bits of a chunk. */
struct hz_rds_soft {
    float llr[HZ_RDS_CHUNK]; /* log P(1) / P(0) of each symbol, whose polarity is not known */
    double at[HZ_RDS_CHUNK]; /* sample of 15 kHz at the middle of the symbol */
};

void hz_rds_bits_reset(struct hz_rds_bits *b);
/* Takes matched samples x[2 n], n at most HZ_RDS_HELD / 2. */
void hz_rds_bits_push(struct hz_rds_bits *b, const float *x, size_t n);
/* The next chunk of bits; false: more samples are needed. end: there are none, so that all of what
 * is held is decided. If there is no subcarrier, b->present is false and the bits mean nothing. */
bool hz_rds_bits_next(struct hz_rds_bits *b, bool end, struct hz_rds_soft *out);

#endif
