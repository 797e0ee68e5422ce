/* Wakes the loop from another thread. It does what uv_async_t does but for one thing: after a wake
 * libuv's loop spins until the sender has returned from its system call. Where the woken loop has
 * taken the sender's core, as with a worker on every core, it spins for nothing: 8 % of the time of
 * two workers on two cores.
 *
 * Embedded in its owner. Loop thread, but for hz_wake_send. */
#ifndef HZ_DAEMON_BASE_WAKE_H
#define HZ_DAEMON_BASE_WAKE_H

#include <uv.h>

struct hz_wake {
    void (*woken)(void *ctx); /* once for one or many sends */
    void *ctx;
    int fd;
    uv_poll_t poll; /* does not keep the loop alive */
};

/* 0 or -errno. */
int hz_wake_init(struct hz_wake *w, uv_loop_t *loop, void (*woken)(void *ctx), void *ctx);
/* Any thread, until hz_wake_close. */
void hz_wake_send(struct hz_wake *w);
/* The loop lets go of *w in its next iteration. */
void hz_wake_close(struct hz_wake *w);

#endif
