/* What the carrier does from bit to bit of a decided burst of FSK with a large modulation index,
 * and what that tells of its transmitter: carrier and deviation by how it turns within runs of
 * equal bits, drift by how that changes over the burst, clock and timing by how it turns where the
 * bits change. The burst is taken in parts, over each of which clock and carrier hardly matter.
 * Pure. */
#ifndef HZ_DSP_CPM_TURNS_H
#define HZ_DSP_CPM_TURNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HZ_CPM_TURNS_PARTS = 48 }; /* of a burst, at most */

/* The steepest drift of a carrier. */
#define HZ_CPM_DRIFT_MOST_HZ_S 3000.0

struct hz_phasor {
    double re, im;
};

/* Sums over the parts of a burst: within a run of equal bits (0 and 1), and where the bit goes down
 * (0) and up (1). */
struct hz_cpm_turns {
    double rate_hz;     /* of the samples */
    size_t parts, part; /* and bits of a part */
    struct hz_phasor same[2][HZ_CPM_TURNS_PARTS], change[2][HZ_CPM_TURNS_PARTS];
    size_t pairs; /* of equal bits */
};

/* From the carrier in each of n bits (hz_cpm_carrier) and the bits, 1 being the higher tone; in so
 * many parts. What is left of n after whole parts is not used. */
void hz_cpm_turns_measure(struct hz_cpm_turns *t, const float *carrier, const uint8_t *bits,
                          size_t n, size_t parts, double rate_hz);

/* The drift that is left, in Hz/s, given a bit's length in seconds; takes it out of the turns.
 * known: the carrier is known to drift, else only a plain one is believed. */
double hz_cpm_turns_drift(struct hz_cpm_turns *t, double bit_s, bool known);

/* By how much the carrier turns in a bit within runs of the ones or zeros, in radians, and how
 * large the sum is that tells. */
double hz_cpm_turns_tone(const struct hz_cpm_turns *t, unsigned bit, double *size);

/* Timing error: samples by which the burst begins later than assumed, and relative error of the bit
 * length. `carrier` in radians per bit, `bit` in samples. The timing error must be less than half a
 * cycle of the tones against each other: 1.3 samples at 4.5 kHz. */
struct hz_cpm_late {
    double samples, clock;
};
struct hz_cpm_late hz_cpm_turns_clock(const struct hz_cpm_turns *t, double carrier,
                                      double deviation_hz, double bit);

#endif
