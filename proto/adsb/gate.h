/* Where in a band may a Mode S burst begin? Cheap tests on magnitudes, so that the costly stages
 * see almost nothing of the noise. Pure. */
#ifndef HZ_PROTO_ADSB_GATE_H
#define HZ_PROTO_ADSB_GATE_H

#include "proto/adsb/envelope.h"

struct hz_adsb_gate {
    /* Offsets in half samples; `earlier` counts backwards. */
    size_t pulse[HZ_ADSB_PULSES], gap[HZ_ADSB_GAPS], earlier[HZ_ADSB_EARLIER];
    size_t data;    /* samples to the data */
    size_t quarter; /* of 56 us, in 8 samples */
    float share;    /* of one sample in their mean */
    bool loose;     /* bursts may overlap: bounds are wider */
    /* Elements: first of the stretch at work, next to look at, one past the last. */
    size_t from, at, end;
    /* Scores of the preambles found on samples and between, and where they are, a bit each; one
     * segment more than the stretch, for what a burst at its end does there. */
    int16_t score[2][HZ_ADSB_SIZE + HZ_ADSB_SEGMENT];
    uint64_t open[2][HZ_ADSB_SEGMENTS + 1];
};

/* A burst's possible start. */
struct hz_adsb_candidate {
    size_t at; /* half samples from element 0: centre of the first pulse */
    int level; /* sum of the magnitudes of the four pulses */
};

void hz_adsb_gate_init(struct hz_adsb_gate *g, float rate_hz);

/* Looks at the elements from `from` up to `end` of a measured envelope. */
void hz_adsb_gate_open(struct hz_adsb_gate *g, const struct hz_adsb_envelope *b, size_t from,
                       size_t end, bool loose);

/* The next candidate that has the shape of a preamble; false: no more. */
bool hz_adsb_gate_next(struct hz_adsb_gate *g, const struct hz_adsb_envelope *b,
                       struct hz_adsb_candidate *found);

/* Skips to a position in samples from element 0; never backwards. */
void hz_adsb_gate_skip(struct hz_adsb_gate *g, size_t to);

/* Does what follows the preamble look like 56 us of pulses? */
bool hz_adsb_gate_plausible(const struct hz_adsb_gate *g, const struct hz_adsb_envelope *b,
                            const struct hz_adsb_candidate *c);

#endif
