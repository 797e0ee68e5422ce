/* Measures the load of the loop: its longest iteration, the number of iterations over 10 ms, and
 * the busy fraction, which is the serial part of the program. Loop thread. */
#ifndef HZ_DAEMON_BASE_LOOPWATCH_H
#define HZ_DAEMON_BASE_LOOPWATCH_H

#include <stdint.h>
#include <uv.h>

struct hz_loopwatch {
    uv_prepare_t prepare;
    uint64_t started_ns;
    uint64_t last_ns, last_idle_ns; /* at the last iteration */
    uint64_t turns, slow;           /* iterations, and those over 10 ms */
    uint64_t longest_ns, busy_ns;
};

/* Call it before anything else runs on the loop. */
int hz_loopwatch_init(struct hz_loopwatch *w, uv_loop_t *loop);
void hz_loopwatch_close(struct hz_loopwatch *w);

#endif
