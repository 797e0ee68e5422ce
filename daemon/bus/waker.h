/* Wakes the subscribers of the bus: soon after a new frame, for at most 2 ms in one iteration of
 * the loop, and rarely enough that each has several frames for one write where frames or
 * subscribers are many. Private to bus.c. Loop thread. */
#ifndef HZ_DAEMON_BUS_WAKER_H
#define HZ_DAEMON_BUS_WAKER_H

#include "daemon/bus/bus.h"

enum { HZ_WAKER_HANDLES = 2 };

struct hz_waker {
    uv_timer_t timer; /* runs while there are new frames of which subscribers were not told yet */
    uv_idle_t idle;   /* runs while the list `ready` is not empty */
    size_t new_bytes; /* new bytes since the subscribers were last woken */
    bool pending;     /* a wake of all subscribers has begun, and none has been called yet */
    uint64_t paid_ms; /* rate limit: each wake moves this time pause_ms ahead (loop time) */
    uint64_t spent_ns, pause_ms; /* on subscribers since the last wake; wait before the next */
    /* Heads of two circular lists of subscribers. To wake all, the list `waiting` is appended to
     * `ready`. */
    struct hz_subscriber waiting, ready;
};

void hz_waker_init(struct hz_waker *w, uv_loop_t *loop);
/* Closes its HZ_WAKER_HANDLES handles, with `data` in each. */
void hz_waker_close(struct hz_waker *w, uv_close_cb closed, void *data);

void hz_waker_add(struct hz_waker *w, struct hz_subscriber *s);
void hz_waker_remove(struct hz_subscriber *s);
/* Wakes this one in the next iteration. */
void hz_waker_again(struct hz_waker *w, struct hz_subscriber *s);
/* Wakes all soon, after a new frame of that size. Those whose wake is pending will read it as well.
 */
void hz_waker_soon(struct hz_waker *w, size_t bytes);

#endif
