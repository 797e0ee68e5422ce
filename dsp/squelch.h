/* Power squelch of one narrow channel, decided once per block of 20 ms.
 *
 * Signal model: in block b the M bins of the channel hold noise of power N_b, or noise and a
 * signal. Metric: P_b / F_b, where P_b is the measured power over the M bins and F_b the noise
 * floor of this channel. Estimate: F_b in dB is the noise of the whole band (dsp/band.h) plus an
 * offset that belongs to the channel. While the squelch is closed the offset follows P_b with a
 * one-pole filter. While it is open the offset rises by 0.25 dB per second, to at most 6 dB: a
 * floor that was too low recovers, and a permanent carrier keeps the squelch open. A change of gain
 * changes the noise of the band and so moves the floor at once.
 *
 * The squelch opens when P_b / F_b >= open_db, or five standard deviations of the noise power over
 * M bins if that is more. It closes after `hang` blocks below open_db / 2. When it opens, the
 * caller first processes the block before, which may hold the start of the signal, then this one.
 *
 * Pure. One thread at a time. The memory is the caller's; there is nothing to free. */
#ifndef HZ_DSP_SQUELCH_H
#define HZ_DSP_SQUELCH_H

#include "dsp/slice.h"

#include <stdbool.h>

enum hz_squelch_state {
    HZ_SQUELCH_CLOSED, /* nothing to run */
    HZ_SQUELCH_OPENS,  /* run the block before, if there is one, and this one */
    HZ_SQUELCH_OPEN,   /* run this block */
    HZ_SQUELCH_CLOSES, /* the samples end before this block: end the decoder's stream */
};

struct hz_squelch {
    float open_db, close_db; /* over the floor */
    unsigned hang, quiet;    /* limit and count of consecutive blocks below close_db */
    bool always, open;
    uint64_t block;           /* number of the last block pushed, plus 1; 0 before the first */
    float floor_db;           /* the channel's floor over the noise of the band, dB */
    float power_db, noise_db; /* power and floor of the last block, dBFS in the channel's width */
};

/* For a channel of `bins` bins. `always`: open from the first block on, whatever the power is. */
void hz_squelch_init(struct hz_squelch *q, size_t bins, float open_db, unsigned hang, bool always);

/* Decides on the next block. `power` is the result of hz_bins_power, `noise` the spectrum's noise
 * times the number of bins, both with full scale 1. If the block number does not follow the last
 * one and the squelch is open, it closes: the result is HZ_SQUELCH_CLOSES, and the caller pushes
 * the same block again. */
enum hz_squelch_state hz_squelch_push(struct hz_squelch *q, uint64_t block, float power,
                                      float noise);

#endif
