/* What the carrier does from bit to bit of a decided batch, and what that tells of its transmitter:
 * carrier and deviation by how it turns within runs of equal bits, drift by how that changes over
 * the batch, clock and timing by how it turns where the bits change. Pure. */
#ifndef HZ_PROTO_POCSAG_ADVANCE_H
#define HZ_PROTO_POCSAG_ADVANCE_H

#include "proto/pocsag/batch.h"

#include <stddef.h>

enum { HZ_POCSAG_PARTS = 8 }; /* of a batch */

/* The steepest drift of a carrier. */
#define HZ_POCSAG_DRIFT_MOST_HZ_S 3000.0

struct hz_pocsag_phasor {
    double re, im;
};

/* Sums over the parts of a batch: within a run of equal bits (0 and 1), and where the bit goes down
 * (0) and up (1). */
struct hz_pocsag_advance {
    struct hz_pocsag_phasor same[2][HZ_POCSAG_PARTS], change[2][HZ_POCSAG_PARTS];
    size_t pairs; /* of equal bits */
};

/* From the carrier in each bit of a batch (hz_cpm_carrier) and its bits, 1 being the higher tone.
 */
void hz_pocsag_advance_measure(struct hz_pocsag_advance *t, const float *carrier,
                               const uint8_t *bits);

/* The drift that is left, in Hz/s, given a bit's length in seconds; takes it out of the turns.
 * known: the carrier is known to drift, else only a plain one is believed. */
double hz_pocsag_advance_drift(struct hz_pocsag_advance *t, double bit_s, bool known);

/* By how much the carrier turns in a bit within runs of the ones or zeros, in radians, and how
 * large the sum is that tells. */
double hz_pocsag_advance_tone(const struct hz_pocsag_advance *t, unsigned bit, double *size);

/* Timing error: samples by which the batch begins later than assumed, and relative error of the bit
 * length. `carrier` in radians per bit, `bit` in samples. The timing error must be less than half a
 * cycle of the tones against each other: 1.3 samples at 4.5 kHz. */
struct hz_pocsag_late {
    double samples, clock;
};
struct hz_pocsag_late hz_pocsag_advance_clock(const struct hz_pocsag_advance *t, double carrier,
                                              double deviation_hz, double bit);

#endif
