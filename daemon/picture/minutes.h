/* Counts of what was heard of aircraft, in all and in the last minutes, as the stats.json of readsb
 * has them. Loop thread. */
#ifndef HZ_DAEMON_PICTURE_MINUTES_H
#define HZ_DAEMON_PICTURE_MINUTES_H

#include "proto/out/record.h"

enum { HZ_MINUTES = 15, HZ_FIXED_MAX = 2 /* bits that are told apart */ };

/* What was counted in some time. Powers are of full scale. */
struct hz_minute {
    int64_t start_ns, end_ns;            /* UTC */
    uint64_t accepted[HZ_FIXED_MAX + 1]; /* messages, by the bits that were corrected */
    uint64_t positions, strong;          /* strong: over -3 dBFS */
    double signal, noise, peak;          /* sums, and the strongest */
    uint64_t signals, noises;            /* how many are in the sums */
    uint64_t tracks, single;             /* aircraft that appeared; that left after one message */
    double max_m;                        /* the furthest position */
    uint64_t loop_ms, others_ms;         /* CPU time of the loop's thread, and of all others */
};

struct hz_minutes {
    struct hz_minute past, latest;     /* past: all that is over */
    struct hz_minute ring[HZ_MINUTES]; /* whole minutes, ring[next] the oldest */
    unsigned n, next;
    uint64_t loop_ms, others_ms; /* since the process began, at the last tick */
    const char *mark;            /* static: some of it was "simulated" or "replayed"; or NULL */
};

void hz_minutes_init(struct hz_minutes *m, int64_t utc_ns);
/* A message of an aircraft. */
void hz_minutes_hear(struct hz_minutes *m, const struct hz_record *rec);
/* Each second. Where the clock was set, the minute ends too. */
void hz_minutes_tick(struct hz_minutes *m, int64_t utc_ns);
/* The sum of the last n whole minutes (0: of all that is over), and of the present one if `latest`.
 */
struct hz_minute hz_minutes_sum(const struct hz_minutes *m, unsigned n, bool latest,
                                int64_t utc_ns);
/* All messages of it. */
uint64_t hz_minute_messages(const struct hz_minute *m);

#endif
