/* UTC of a foreign counter of 48 bits at 12 MHz, from when its messages arrive. A message is late
 * by what its network takes, never early, so the least difference between arrival and counter is
 * the best one; it is taken over the last 10 to 20 s, so neither the error of the crystal there nor
 * steps of our clock add up. Pure; one thread at a time. */
#ifndef HZ_PROTO_READER_TICKS_H
#define HZ_PROTO_READER_TICKS_H

#include <stdbool.h>
#include <stdint.h>

struct hz_ticks { /* all zero: nothing was seen */
    bool known;
    uint64_t last;       /* the counter of the latest message */
    int64_t count_ns;    /* the same, without a wrap, in ns since some time */
    int64_t window_ns;   /* count_ns where the present window began */
    int64_t least_ns[2]; /* least arrival minus count, of this window and of the one before */
    uint64_t restarts;   /* times that the counter began anew or jumped */
};

/* UTC of that counter; never later than its arrival. */
int64_t hz_ticks_utc(struct hz_ticks *t, uint64_t ticks, int64_t arrival_ns);

/* A counter of GPS time instead, as a Radarcape sends: 18 bits of seconds of the day, 30 bits of
 * ns. The day is the nearest to the arrival. 0: it is none. */
int64_t hz_ticks_gps(uint64_t ticks, int64_t arrival_ns);

/* Whether it is the mark of positions that were computed (multilateration), which tells no time. */
bool hz_ticks_mlat(uint64_t ticks);

#endif
