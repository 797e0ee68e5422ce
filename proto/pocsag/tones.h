/* The tones of a batch by its sync word, to a tenth of the bit rate. Pure. */
#ifndef HZ_PROTO_POCSAG_TONES_H
#define HZ_PROTO_POCSAG_TONES_H

#include <stdbool.h>

/* Position of the sync word, and its tones: estimates, which are improved. */
struct hz_pocsag_tones {
    const float *iq;
    double start, bit; /* samples from iq to the word's first bit, and of a bit */
    bool inverted;
    double low_hz, high_hz;
};

/* For bits with sharp edges: by all bits, within half a bit rate of the estimates. */
void hz_pocsag_tones_find(struct hz_pocsag_tones *t);

/* For bits with soft edges: by the bits within runs, in a wider range, since alternating soft bits
 * stay closer to the carrier than their tones. */
void hz_pocsag_tones_find_soft(struct hz_pocsag_tones *t);

#endif
