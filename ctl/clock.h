/* Time as hertzctl needs it, and the setup of hertzd. Any thread. */
#ifndef HZ_CTL_CLOCK_H
#define HZ_CTL_CLOCK_H

#include <errno.h>
#include <time.h>

/* Seconds of a clock, as CLOCK_MONOTONIC. */
static inline double hz_ctl_seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Returns after so long, whatever signals come. */
static inline void hz_ctl_pause_ms(double ms)
{
    const double whole_s = (double)(time_t)(ms / 1000);
    struct timespec t = {.tv_sec = (time_t)whole_s, .tv_nsec = (long)((ms / 1000 - whole_s) * 1e9)};
    while (nanosleep(&t, &t) < 0 && errno == EINTR)
        ;
}

#endif
