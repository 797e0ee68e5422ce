/* Where the CPU time goes, and how much faster several workers can be than one. What must be done
 * one after the other sets the limit: the jobs of one channel, what the band strand does in order
 * (gathering of samples, hunt, squelches), and the loop. Loop thread. */
#ifndef HZ_DAEMON_RECEIVE_WORKLOAD_H
#define HZ_DAEMON_RECEIVE_WORKLOAD_H

#include "daemon/receive/receiver.h"

struct hz_workload {
    double jobs_s;       /* CPU time of all workers */
    double loop_s;       /* of the loop's thread */
    double band_s;       /* of the jobs: transforms */
    double order_s;      /* of these, the longest that one band does in order */
    double channels_s;   /* of the jobs: channels */
    double longest_s;    /* of these, the longest of one channel */
    const char *longest; /* its name; "": there are no channels */
    struct hz_jobs_stats jobs;
};

/* CPU seconds of the calling thread. */
double hz_thread_cpu_s(void);

/* Takes the figures of the pool; receivers are added to them. */
struct hz_workload hz_workload_of(const struct hz_jobs *jobs, double loop_s);
/* Borrows the name of a channel. */
void hz_workload_add(struct hz_workload *w, const struct hz_receiver *r);

/* The longest of what is done in order. */
double hz_workload_serial_s(const struct hz_workload *w);
/* How many times faster than one worker so many can be (Amdahl), when first_s more is done before
 * they begin. */
double hz_workload_speedup(const struct hz_workload *w, int workers, double first_s);

#endif
