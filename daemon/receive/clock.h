/* The sample clock of a live receiver: UTC of any sample, the error of the crystal, and samples
 * that were lost without a report.
 *
 * Model: a block that ends with sample s arrives at the time t after the start. Its slack
 *     t * rate - s = crystal error * t + delay of the block + lost samples
 * is the number of samples that the dongle should have produced, minus those received. The smallest
 * slack of a window of 1.25 s, its floor, is nearly free of delay. Estimates: a line is fitted to
 * the floors; its slope is the error of the crystal. A floor above the line means
 * - USB (clock_usb.c), which cannot delay for a second: a loss, if two floors in a row are above
 * it;
 * - TCP (clock_tcp.c), which delays but loses nothing: delay. The line is below all floors, and
 * only what cannot be delay is a loss in the server. Loop thread. Arrival times are monotonic, so
 * setting the system clock changes UTC only. */
#ifndef HZ_DAEMON_RECEIVE_CLOCK_H
#define HZ_DAEMON_RECEIVE_CLOCK_H

#include "daemon/source/source.h"
#include "proto/out/sink.h"

#include <stdbool.h>

enum {
    HZ_CLOCK_WINDOWS = 24, /* floors for the fit: half a minute, or 8 minutes with TCP */
    HZ_CLOCK_BLOCKS = 1024 /* slacks kept to locate a loss: at least 4 s of blocks of 4 ms */
};

/* The rate of arrival, TCP only. Fast: faster than the nominal rate, beyond what a shrinking delay
 * explains. Slow: the server's dongle, the server or the network does not reach the rate. */
enum hz_clock_pace { HZ_CLOCK_ON_TIME, HZ_CLOCK_FAST, HZ_CLOCK_SLOW };

struct hz_clock_point {
    double t_s, slack; /* since the start; samples */
    uint64_t end;      /* the sample after the block */
};

/* A loss that was found afterwards. */
struct hz_clock_loss {
    uint64_t sample;  /* the first lost sample, as counted at that time */
    uint64_t samples; /* the number of lost samples */
    double sigma;     /* uncertainty of that number */
};

/* State that distinguishes delay, loss and a wrong rate on TCP. Lateness is the height of a
 * window's floor above the line, in samples. */
struct hz_clock_tcp {
    int in_entry, per_entry; /* windows that the newest of the floors stands for; that each does */
    double slope;            /* of the line when it was known last; 0 before that */
    bool knows_slope;        /* now */
    double late;             /* of the window before */
    double usual;            /* lateness that counts as the network's delay now */
    double low, high;        /* of the windows that have been equally late, */
    int level;               /* and how many these are */
    double peak[2];          /* most lateness of a block: of this window and of those before */
    double level_peak;       /* peak on the way to this level */
    struct hz_clock_point on_time; /* the last block that was no later than usual */
    enum hz_clock_pace trend, pace;
    int trend_windows;
    struct hz_clock_point trend_from, last; /* floors: where the trend began; the latest */
    double received_hz;                     /* measured along the trend; valid unless on time */
};

struct hz_clock {
    enum hz_source_path path;
    double rate_hz; /* nominal */
    int64_t start_mono_ns;
    int64_t utc_offset_ns; /* UTC minus monotonic */
    struct hz_clock_point floors[HZ_CLOCK_WINDOWS];
    size_t n_floors;
    double slope, base, base_t;  /* the line: slack = base + slope * (t - base_t) */
    double spread;               /* of the floors about it */
    struct hz_clock_point least; /* of the window under way */
    double window_end_s;
    struct hz_clock_point latest; /* block */
    double ahead, block;          /* see hz_clock_hurried; size of the latest block */
    bool suspect;                 /* USB: the window before lay above the line */
    struct hz_clock_point blocks[HZ_CLOCK_BLOCKS]; /* USB */
    size_t next_block, n_blocks;
    struct hz_clock_tcp tcp;
    uint64_t utc_steps; /* times the system's clock was set while we ran */
};

/* Restarts the clock, at each opening and retune. */
void hz_clock_start(struct hz_clock *c, double rate_hz, enum hz_source_path path);

/* Processes a block: the index after its last sample, and its time of arrival. True: a loss was
 * found; the caller adds loss->samples to its count from the next block on. */
bool hz_clock_block(struct hz_clock *c, uint64_t end, int64_t arrival_mono_ns,
                    int64_t arrival_utc_ns, struct hz_clock_loss *loss);

/* For blocks near that sample. Before the first block: all zero. */
struct hz_stamp hz_clock_stamp(const struct hz_clock *c, uint64_t sample);

/* Error of the receiver's crystal in ppm (positive: it is fast); NAN before 4 s have passed, and
 * while the delay of a network varies too much. */
double hz_clock_ppm(const struct hz_clock *c);

/* Its uncertainty as a standard deviation, in ppm, without that of the system's clock. INFINITY
 * where it is not known. */
double hz_clock_ppm_sigma(const struct hz_clock *c);

/* Whether the last blocks arrived faster than their rate, as after a stall of the network. More of
 * them are queued in the network, so the reader may pause without falling behind permanently. */
bool hz_clock_hurried(const struct hz_clock *c);

/* The rate of arrival in the last seconds. *received_hz is set unless it is on time. */
enum hz_clock_pace hz_clock_pace(const struct hz_clock *c, double *received_hz);

#endif
