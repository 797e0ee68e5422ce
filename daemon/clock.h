/* The sample clock of a live receiver: UTC of any sample, the crystal's error, and the samples that
 * were lost without anyone saying so.
 *
 * For a block that ends with sample s and arrives t after the start, the slack is t * rate - s:
 * what was produced, were the rate exact, and has not come. A late arrival makes it larger for one
 * block; the least slack of a window of 1.25 s is free of that. From window to window this floor
 * runs along a line whose slope is the crystal's error. A floor that lies above the line and stays
 * there is a loss of just that many samples; where it began is looked up in the blocks of the last
 * windows. Loop thread. Arrival times are monotonic, so a step of the system's clock moves UTC
 * only. */
#ifndef HZ_DAEMON_CLOCK_H
#define HZ_DAEMON_CLOCK_H

#include "proto/sink.h"

#include <stdbool.h>

enum {
    HZ_CLOCK_WINDOWS = 24, /* floors that the line is fitted to: half a minute */
    HZ_CLOCK_BLOCKS = 1024 /* slacks kept to place a loss: at least 4 s of blocks of 4 ms */
};

struct hz_clock_point {
    double t_s, slack; /* since the start; samples */
    uint64_t end;      /* the sample after the block */
};

/* A loss that was found, after the fact. */
struct hz_clock_loss {
    uint64_t sample;  /* the first one missing, as samples were counted then */
    uint64_t samples; /* how many */
    double sigma;     /* uncertainty of that number, in samples */
};

struct hz_clock {
    double rate_hz; /* nominal */
    int64_t start_mono_ns;
    int64_t utc_offset_ns; /* UTC minus monotonic */
    struct hz_clock_point floors[HZ_CLOCK_WINDOWS];
    size_t n_floors;
    double slope, base, base_t;  /* the line: slack = base + slope * (t - base_t) */
    double spread;               /* of the floors about it */
    struct hz_clock_point least; /* of the window under way */
    double window_end_s;
    bool suspect; /* the window before lay above the line */
    struct hz_clock_point blocks[HZ_CLOCK_BLOCKS];
    size_t next_block, n_blocks;
    uint64_t utc_steps; /* times the system's clock was set while we ran */
};

/* Begins anew: at each opening and retune. */
void hz_clock_start(struct hz_clock *c, double rate_hz);

/* Takes note of a block: the index after its last sample, and when that arrived. True: a loss has
 * been found; the caller adds loss->samples to its count, beginning with the next block. */
bool hz_clock_block(struct hz_clock *c, uint64_t end, int64_t arrival_mono_ns,
                    int64_t arrival_utc_ns, struct hz_clock_loss *loss);

/* For blocks near that sample. Before the first block: all zero. */
struct hz_stamp hz_clock_stamp(const struct hz_clock *c, uint64_t sample);

/* Error of the receiver's crystal in ppm (positive: it runs fast); NAN before 4 s have passed. */
double hz_clock_ppm(const struct hz_clock *c);

#endif
