/* The sample clock of a live receiver: UTC of any sample, the crystal's error, and the samples that
 * were lost without anyone saying so.
 *
 * For a block that ends with sample s and arrives t after the start, the slack is t * rate - s: the
 * samples that the dongle should have produced by now, minus those received. A late arrival makes
 * it larger for one block; the least slack of a window of 1.25 s, its floor, is nearly free of
 * that. The floors run along a line whose slope is the crystal's error. What a floor above the line
 * means depends on the way that the samples took:
 * - USB (clock_usb.c) cannot delay for a second. Two floors above the line are a loss.
 * - TCP (clock_tcp.c) delays and loses nothing. A floor above the line is delay, and the line stays
 *   below all floors; only what a delay cannot be is a loss in the server.
 * Loop thread. Arrival times are monotonic, so a step of the system's clock moves UTC only. */
#ifndef HZ_DAEMON_RECEIVE_CLOCK_H
#define HZ_DAEMON_RECEIVE_CLOCK_H

#include "daemon/source/source.h"
#include "proto/out/sink.h"

#include <stdbool.h>

enum {
    HZ_CLOCK_WINDOWS = 24, /* floors that the line is fitted to: half a minute, or 8 with TCP */
    HZ_CLOCK_BLOCKS = 1024 /* slacks kept to place a loss: at least 4 s of blocks of 4 ms */
};

/* How samples keep coming, TCP only. Faster than their rate: more than a delay that shrinks can
 * explain. Slower: the server's dongle, the server or the network does not reach the rate. */
enum hz_clock_pace { HZ_CLOCK_ON_TIME, HZ_CLOCK_FAST, HZ_CLOCK_SLOW };

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

/* What is told apart on TCP: delay, loss, and a wrong rate. Lateness is the height of a window's
 * floor above the line, in samples. */
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

/* Begins anew: at each opening and retune. */
void hz_clock_start(struct hz_clock *c, double rate_hz, enum hz_source_path path);

/* Takes note of a block: the index after its last sample, and when that arrived. True: a loss has
 * been found; the caller adds loss->samples to its count, beginning with the next block. */
bool hz_clock_block(struct hz_clock *c, uint64_t end, int64_t arrival_mono_ns,
                    int64_t arrival_utc_ns, struct hz_clock_loss *loss);

/* For blocks near that sample. Before the first block: all zero. */
struct hz_stamp hz_clock_stamp(const struct hz_clock *c, uint64_t sample);

/* Error of the receiver's crystal in ppm (positive: it runs fast); NAN before 4 s have passed, and
 * while the delay of a network varies too much to tell. */
double hz_clock_ppm(const struct hz_clock *c);

/* Whether the latest blocks came faster than their rate, as after a stall of the network. More of
 * them wait on the way, so the reader may take its time without falling behind for good. */
bool hz_clock_hurried(const struct hz_clock *c);

/* How samples have kept coming for the last seconds. *received_hz is set unless on time. */
enum hz_clock_pace hz_clock_pace(const struct hz_clock *c, double *received_hz);

#endif
