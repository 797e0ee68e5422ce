/* What a receiver found out about its device, kept for the next start: a file NAME.tuning.json in
 * the daemon's state folder, of the receiver of that name. It is written in a job, under another
 * name first. Loop thread. */
#ifndef HZ_DAEMON_RECEIVE_REMEMBERED_H
#define HZ_DAEMON_RECEIVE_REMEMBERED_H

#include <stdbool.h>
#include <uv.h>

struct hz_remembered {
    char device[160];      /* what it is true of (struct hz_source) */
    double gain_db;        /* NAN: not found yet */
    double ppm, ppm_sigma; /* likewise */
};

/* False: there is none, or it cannot be read (which is logged); then all are "" and NAN. */
bool hz_remembered_load(const char *folder, const char *receiver, struct hz_remembered *m);

/* A failure is logged. */
void hz_remembered_save(uv_loop_t *loop, const char *folder, const char *receiver,
                        const struct hz_remembered *m);

#endif
