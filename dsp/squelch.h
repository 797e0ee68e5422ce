/* Whether there is a signal in a channel, block by block, from the power over its bins and the
 * noise of the band. An idle channel costs no more than this.
 *
 * The floor is the channel's own: it starts at the band's noise and follows the channel while that
 * is closed, against the band's noise, so that a change of gain moves it at once. While the channel
 * is open it creeps up by 0.25 dB a second, to 6 dB over the band's noise at most: a floor that was
 * set too low comes right, and a carrier that never ends stays open.
 *
 * The channel opens at `open_db` over the floor, or at five times the spread of the power of noise
 * in so many bins, if that is more: as early as noise lets it. It closes below half of that (in
 * dB), after `hang` blocks. On HZ_SQUELCH_OPENS the caller first runs the block before, which holds
 * the head of what opened it, then this one. */
#ifndef HZ_DSP_SQUELCH_H
#define HZ_DSP_SQUELCH_H

#include "dsp/slice.h"

#include <stdbool.h>

enum hz_squelch_state {
    HZ_SQUELCH_CLOSED, /* nothing to run */
    HZ_SQUELCH_OPENS,  /* run the block before, if there is one, and this one */
    HZ_SQUELCH_OPEN,   /* run this block */
    HZ_SQUELCH_CLOSES, /* the samples end before this block: tell the decoder */
};

struct hz_squelch {
    float open_db, close_db; /* over the floor */
    unsigned hang, quiet;    /* blocks that it stays open below close_db; blocks so far */
    bool always, open;
    uint64_t block;           /* the last pushed, + 1; 0 before the first */
    float floor_db;           /* of the channel's width, over the band's noise */
    float power_db, noise_db; /* of the last block and of its floor, dBFS in the channel's width */
};

/* For a channel of `bins` bins. `always`: open from the first block to the end. */
void hz_squelch_init(struct hz_squelch *q, size_t bins, float open_db, unsigned hang, bool always);

/* The next block. `power` is that of the slice, `noise` that of the spectrum times the bins. A
 * block number that does not follow the last closes what was open (CLOSES; push the block again).
 */
enum hz_squelch_state hz_squelch_push(struct hz_squelch *q, uint64_t block, float power,
                                      float noise);

#endif
