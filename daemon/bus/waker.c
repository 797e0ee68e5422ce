#include "daemon/bus/waker.h"

enum {
    WAKE_BYTES = 16 * 1024, /* new bytes after which subscribers are woken at once */
    WAKE_MS = 10,           /* under load: longest wait for that many bytes */
    PAUSES_MAX = 4,         /* both are so much larger at most, where subscribers take long */
    WAKE_BURST = 10,        /* wakes that may follow each other without a wait */
    ITERATION_NS = 2000000, /* longest time spent on subscribers in one loop iteration */
};

static void ring_init(struct hz_subscriber *head)
{
    head->next = head->prev = head;
}

static void ring_append(struct hz_subscriber *head, struct hz_subscriber *s)
{
    s->next = head;
    s->prev = head->prev;
    head->prev->next = s;
    head->prev = s;
}

static void ring_remove(struct hz_subscriber *s)
{
    s->next->prev = s->prev;
    s->prev->next = s->next;
}

/* Appends everything in `from` to `to`. */
static void ring_move(struct hz_subscriber *to, struct hz_subscriber *from)
{
    if (from->next == from)
        return;
    from->next->prev = to->prev;
    to->prev->next = from->next;
    from->prev->next = to;
    to->prev = from->prev;
    ring_init(from);
}

static void on_idle(uv_idle_t *handle)
{
    struct hz_waker *w = handle->data;
    uint64_t start = uv_hrtime();
    w->pending = false;
    while (w->ready.next != &w->ready) {
        struct hz_subscriber *s = w->ready.next;
        ring_remove(s);
        ring_append(&w->waiting, s);
        s->wake(s);
        if (uv_hrtime() - start > ITERATION_NS)
            break;
    }
    w->spent_ns += uv_hrtime() - start;
    if (w->ready.next != &w->ready)
        return;
    uv_idle_stop(&w->idle);
    w->pending = false; /* one that was woken may have published, which woke all once more */
}

/* Subscribers get at most half of the loop's time: where they are so many that a wake of all takes
 * more than WAKE_MS / 2, the next one waits longer, and brings more frames in one write. */
static void set_pause(struct hz_waker *w)
{
    uint64_t pause = 2 * w->spent_ns / 1000000;
    w->spent_ns = 0;
    w->pause_ms = pause < WAKE_MS                ? WAKE_MS
                  : pause > PAUSES_MAX * WAKE_MS ? PAUSES_MAX * WAKE_MS
                                                 : pause;
}

static void wake_all(struct hz_waker *w)
{
    uint64_t now = uv_now(w->timer.loop);
    set_pause(w);
    w->paid_ms = (w->paid_ms > now ? w->paid_ms : now) + w->pause_ms;
    w->new_bytes = 0;
    uv_timer_stop(&w->timer);
    ring_move(&w->ready, &w->waiting);
    if (w->ready.next == &w->ready)
        return;
    w->pending = true;
    uv_idle_start(&w->idle, on_idle);
}

static void on_timer(uv_timer_t *timer)
{
    wake_all(timer->data);
}

void hz_waker_soon(struct hz_waker *w, size_t bytes)
{
    bool rested = w->paid_ms < uv_now(w->timer.loop) + WAKE_BURST * WAKE_MS;
    bool waits = uv_is_active((uv_handle_t *)&w->timer);
    w->new_bytes += bytes;
    if (w->pending)
        return;
    if (w->new_bytes >= WAKE_BYTES * w->pause_ms / WAKE_MS || (rested && !waits))
        wake_all(w);
    else if (!waits)
        uv_timer_start(&w->timer, on_timer, w->pause_ms, 0);
}

void hz_waker_init(struct hz_waker *w, uv_loop_t *loop)
{
    *w = (struct hz_waker){.pause_ms = WAKE_MS};
    ring_init(&w->waiting);
    ring_init(&w->ready);
    uv_timer_init(loop, &w->timer);
    uv_idle_init(loop, &w->idle);
    w->timer.data = w->idle.data = w;
}

void hz_waker_close(struct hz_waker *w, uv_close_cb closed, void *data)
{
    w->timer.data = w->idle.data = data;
    uv_close((uv_handle_t *)&w->timer, closed);
    uv_close((uv_handle_t *)&w->idle, closed);
}

void hz_waker_add(struct hz_waker *w, struct hz_subscriber *s)
{
    ring_append(&w->waiting, s);
}

void hz_waker_remove(struct hz_subscriber *s)
{
    ring_remove(s);
}

void hz_waker_again(struct hz_waker *w, struct hz_subscriber *s)
{
    ring_remove(s);
    ring_append(&w->ready, s);
    uv_idle_start(&w->idle, on_idle);
}
