/* Finds lost samples by the timestamps of a driver. Only timestamps that count samples exactly are
 * used: the first ones are compared with the samples that were read, and if they do not agree, all
 * of them are ignored (of one driver they run at twice the rate, others state when the computer got
 * the samples). Not shared between threads. */
#ifndef HZ_DAEMON_SOURCE_STREAM_TIME_H
#define HZ_DAEMON_SOURCE_STREAM_TIME_H

#include <stdbool.h>
#include <stdint.h>

enum hz_stream_trust { HZ_STREAM_LEARNING, HZ_STREAM_EXACT, HZ_STREAM_IGNORED };

struct hz_stream_time {
    double rate_hz;
    enum hz_stream_trust trust;
    int agreed, differed; /* timestamps while learning */
    bool has_last, overflow;
    int64_t last_ns; /* the last timestamp */
    uint64_t since;  /* samples read since it */
};

void hz_stream_time_init(struct hz_stream_time *t, double rate_hz);
/* The driver reports that it lost samples here. */
void hz_stream_time_overflow(struct hz_stream_time *t);
/* The next sample has that timestamp: returns how many were lost since the last timestamp. A step
 * back, or of more than 10 s, means that the driver's clock was set: nothing was lost. */
uint64_t hz_stream_time_at(struct hz_stream_time *t, int64_t ns);
/* So many samples were read. */
void hz_stream_time_pass(struct hz_stream_time *t, uint64_t samples);

#endif
