/* Finds bursts at any carrier in the whole band, in the spectra that the channels share
 * (dsp/band.h): no transform of its own.
 *
 * Signal model: in a block, a group of 100 bins (4 kHz) holds noise of power N, or noise and a
 * signal. Metric: the power of a cell (one group in one block) over the floor of its group, less 1,
 * as a mean over several looks: one cell, the mean of 8 and of 32 blocks, each also over
 * neighbouring groups, up to 100 kHz. Estimate: the floor follows the power with a time constant of
 * 5 s. It stands still where something was found.
 *
 * What the looks find is joined in time and frequency to *candidates*. A candidate is told one
 * block after it was found, with the block in which it began, which is past; and again when it is
 * over. It ends
 * HZ_HUNT_HANG blocks after the last look that found it, and after HZ_HUNT_LONGEST blocks in any
 * case. Then its level is taken for the floor for some time, longer each time that something is
 * still there: a carrier that stays on is a candidate ever more rarely.
 *
 * A signal hides weaker ones beside it, as far as keying it on and off spreads its power. What
 * raises the whole band at once (a change of gain, a jammer) is divided out.
 *
 * Pure. One thread at a time. All memory is taken by hz_hunt_new. */
#ifndef HZ_DSP_HUNT_H
#define HZ_DSP_HUNT_H

#include "dsp/band.h"

#define HZ_HUNT_GROUP_HZ 4000.0

enum {
    HZ_HUNT_PAST = 33,       /* blocks before the present one in which a candidate may begin */
    HZ_HUNT_HANG = 4,        /* blocks of silence after which one ends */
    HZ_HUNT_LONGEST = 125,   /* blocks, 2.5 s */
    HZ_HUNT_OPEN_MAX = 32,   /* candidates at a time; more are counted as shed */
    HZ_HUNT_EVENTS_MAX = 64, /* that one block can give: each may end, and each begin */
};

/* A candidate begins or ends. Frequencies are from the receiver's centre. */
struct hz_hunt_event {
    uint32_t id;   /* of the candidate, counted from 1 */
    bool ends;     /* it is over; else it was found now */
    bool too_long; /* it ended because it lasted too long, not because it was silent */
    float low_hz, high_hz;
    float over_db;  /* of its strongest cell over the floor */
    uint64_t from;  /* its first block, perhaps the one before the signal */
    uint64_t until; /* of one that is over: the block after its last one; else 0 */
};

struct hz_hunt_stats {
    uint64_t found;    /* candidates */
    uint64_t too_long; /* of these, ended by their length */
    uint64_t shed;     /* candidates that found no place */
    uint64_t raised;   /* blocks in which the whole band was raised */
    float floor_db;    /* the median floor of the groups, in the width of a group; full scale 0 */
};

struct hz_hunt;

/* For the spectra of that band, which is not kept. NULL: no memory. hz_hunt_free allows NULL. */
struct hz_hunt *hz_hunt_new(const struct hz_band *band);
void hz_hunt_free(struct hz_hunt *h);

/* Looks at the next block. Writes at most HZ_HUNT_EVENTS_MAX events and returns their number. After
 * missing blocks, all candidates end. */
size_t hz_hunt_push(struct hz_hunt *h, const struct hz_spectrum *x, struct hz_hunt_event *events);

/* The end of the stream: tells of candidates that the last block has shown; at most
 * HZ_HUNT_OPEN_MAX events. */
size_t hz_hunt_flush(struct hz_hunt *h, struct hz_hunt_event *events);

/* A new epoch: forgets the floors and all candidates, which are not told to end. */
void hz_hunt_reset(struct hz_hunt *h);

struct hz_hunt_stats hz_hunt_stats(const struct hz_hunt *h);

#endif
