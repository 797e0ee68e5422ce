/* Preamble detector for Mode S: cheap tests on magnitudes, so that the costly stages process almost
 * no noise.
 *
 * Signal model: magnitudes |x| of a burst have pulses at half-chips 0, 2, 7 and 9, and gaps at 4, 5
 * and 11 to 14. Metric: with P and G the sums of the magnitudes at these pulses and gaps, the score
 * P - G / 2, at every half sample (the exact conditions are in kernels.h). Estimate: of all
 * positions within 12 samples that pass, the one with the highest score. A candidate is plausible
 * when the mean magnitude of the 56 us after the preamble fits its pulses and is even over four
 * quarters.
 *
 * Pure. One thread at a time; the memory is the caller's. */
#ifndef HZ_PROTO_ADSB_GATE_H
#define HZ_PROTO_ADSB_GATE_H

#include "proto/adsb/envelope.h"

struct hz_adsb_gate {
    /* Offsets from the first pulse in half samples; `earlier` counts backwards. */
    size_t pulse[HZ_ADSB_PULSES], gap[HZ_ADSB_GAPS], earlier[HZ_ADSB_EARLIER];
    size_t data;    /* samples from the first pulse to the data */
    size_t quarter; /* a quarter of 56 us, in units of 8 samples */
    float scale;    /* 1 / samples in the four quarters */
    bool loose;     /* bursts may overlap: the bounds are wider */
    /* Elements: first of the search, next to be tested, one past the last. */
    size_t from, at, end;
    /* A bit for each position that passed, and their scores on samples [0] and between them [1],
     * which are valid in segments with such a bit and in those that follow one. One segment more
     * than searched, for a burst at the end. */
    uint64_t open[HZ_ADSB_SEGMENTS + 1];
    int16_t score[2][HZ_ADSB_SIZE + HZ_ADSB_SEGMENT];
};

/* A possible start of a burst. */
struct hz_adsb_candidate {
    size_t at; /* centre of the first pulse, in half samples from element 0 */
    int level; /* P, the sum of the magnitudes of the four pulses */
};

void hz_adsb_gate_init(struct hz_adsb_gate *g, float rate_hz);

/* Begins a search of the elements from `from` up to `end` of a measured envelope. */
void hz_adsb_gate_open(struct hz_adsb_gate *g, const struct hz_adsb_envelope *b, size_t from,
                       size_t end, bool loose);

/* Writes the next candidate with the shape of a preamble; false: there are no more. */
bool hz_adsb_gate_next(struct hz_adsb_gate *g, const struct hz_adsb_envelope *b,
                       struct hz_adsb_candidate *found);

/* Skips to a position in samples from element 0; never backwards. */
void hz_adsb_gate_skip(struct hz_adsb_gate *g, size_t to);

/* Whether the 56 us after the preamble look like pulses. */
bool hz_adsb_gate_plausible(const struct hz_adsb_gate *g, const struct hz_adsb_envelope *b,
                            const struct hz_adsb_candidate *c);

#endif
