/* The tones of a batch by its sync word, to a tenth of the bit rate. Pure. */
#ifndef HZ_PROTO_POCSAG_TONES_H
#define HZ_PROTO_POCSAG_TONES_H

#include <stdbool.h>

/* Where the sync word is, and what its tones are: about at first, then as found. */
struct hz_pocsag_tones {
    const float *iq;
    double start, bit; /* samples from iq to the word's first bit, and of a bit */
    bool inverted;
    double low_hz, high_hz;
};

/* Of bits with sharp edges, by all bits, within half a bit rate of where they are thought to be. */
void hz_pocsag_tones_find(struct hz_pocsag_tones *t);

/* Of bits with soft edges, by those within runs of equal ones, further from each other too: what
 * such bits send where they alternate is nearer to the carrier than their tones. */
void hz_pocsag_tones_find_soft(struct hz_pocsag_tones *t);

#endif
