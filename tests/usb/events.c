#include "tests/usb/events.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "tests/usb/script.h"

/* Whose callback this thread is in. */
static _Thread_local const struct libusb_context *inside;

const struct libusb_context *hz_events_enter(const struct libusb_context *ctx)
{
    const struct libusb_context *outer = inside;
    inside = ctx;
    pthread_mutex_unlock(&hz_bus.lock);
    return outer;
}

void hz_events_leave(const struct libusb_context *outer)
{
    pthread_mutex_lock(&hz_bus.lock);
    inside = outer;
}

bool hz_events_inside(const struct libusb_context *ctx)
{
    return inside == ctx;
}

struct libusb_context *hz_context(struct libusb_context *ctx)
{
    return ctx ? ctx : hz_bus.default_context;
}

void hz_events_wake(struct libusb_context *ctx)
{
    uint64_t one = 1;
    if (write(ctx->wake_fd, &one, sizeof one) < 0)
        return; /* full: it is awake */
}

void hz_events_wake_all(void)
{
    for (struct libusb_context *c = hz_bus.contexts; c; c = c->next)
        hz_events_wake(c);
    pthread_cond_broadcast(&hz_bus.changed);
}

static struct hz_flight *next_finished(struct libusb_context *ctx, int64_t now)
{
    for (struct libusb_device_handle *h = ctx->handles; h; h = h->next) {
        struct hz_stream *s = &h->device->plug->stream;
        if (!s->head || s->head->handle->ctx != ctx)
            continue;
        struct hz_flight *f = hz_stream_finish(s, !h->device->plug->attached, now);
        if (f)
            return f;
    }
    return NULL;
}

static void deliver(struct libusb_context *ctx, struct hz_flight *f)
{
    struct libusb_transfer *t = &f->transfer;
    bool free_it = t->flags & LIBUSB_TRANSFER_FREE_TRANSFER;
    const struct hz_plug *p = f->handle->device->plug;
    hz_script_reached(p->dongle->number, p->stream.delivered);
    const struct libusb_context *outer = hz_events_enter(ctx);
    hz_flight_fill(f);
    t->callback(t);
    if (free_it)
        libusb_free_transfer(t);
    hz_events_leave(outer);
}

static int waiting(const struct libusb_context *ctx)
{
    int n = 0;
    for (const struct libusb_device_handle *h = ctx->handles; h; h = h->next)
        for (const struct hz_flight *f = h->device->plug->stream.head; f; f = f->next)
            n++;
    return n;
}

/* What is due, but no more than waits now: resubmitted ones are for the next time. How many. */
static int run_due(struct libusb_context *ctx)
{
    uint64_t drained;
    while (read(ctx->wake_fd, &drained, sizeof drained) > 0)
        continue;
    int done = 0;
    while (hz_hotplug_deliver(ctx))
        done++;
    struct hz_flight *f;
    for (int n = waiting(ctx); n > 0 && (f = next_finished(ctx, hz_now())); n--) {
        deliver(ctx, f);
        done++;
    }
    return done;
}

/* The timer says when something is due next, to us and to a program's own poll. */
static void set_timer(const struct libusb_context *ctx)
{
    int64_t now = hz_now(), due = HZ_NEVER;
    for (const struct libusb_device_handle *h = ctx->handles; h; h = h->next) {
        int64_t d = hz_stream_due(&h->device->plug->stream, !h->device->plug->attached, now);
        due = d < due ? d : due;
    }
    struct itimerspec at = {0};
    if (due != HZ_NEVER) {
        at.it_value.tv_sec = due / 1000000000;
        at.it_value.tv_nsec = due % 1000000000;
    }
    timerfd_settime(ctx->timer_fd, TFD_TIMER_ABSTIME, &at, NULL);
}

static int wait_once(const struct libusb_context *ctx, int64_t until)
{
    int64_t left = until - hz_now();
    if (left <= 0)
        return 0;
    struct timespec ts = {.tv_sec = left / 1000000000, .tv_nsec = left % 1000000000};
    struct pollfd fds[2] = {{.fd = ctx->wake_fd, .events = POLLIN},
                            {.fd = ctx->timer_fd, .events = POLLIN}};
    pthread_mutex_unlock(&hz_bus.lock);
    int r = ppoll(fds, 2, until == HZ_NEVER ? NULL : &ts, NULL);
    int err = r < 0 && errno == EINTR ? LIBUSB_ERROR_INTERRUPTED : 0;
    pthread_mutex_lock(&hz_bus.lock);
    return err;
}

void hz_events_sleep(int64_t until)
{
    struct timespec ts = {.tv_sec = until / 1000000000, .tv_nsec = until % 1000000000};
    if (until == HZ_NEVER)
        pthread_cond_wait(&hz_bus.changed, &hz_bus.lock);
    else if (until > hz_now())
        pthread_cond_timedwait(&hz_bus.changed, &hz_bus.lock, &ts);
}

int hz_events_run(struct libusb_context *ctx, int64_t until)
{
    if (inside == ctx)
        return LIBUSB_ERROR_BUSY;
    /* Who had the last turn lets one go first that waits: so a thread that waits for a control
     * transfer does get to deliver samples, which libusb leaves to chance. */
    if (ctx->pumping || (ctx->waiters > 0 && pthread_equal(ctx->last, pthread_self()))) {
        ctx->waiters++;
        hz_events_sleep(until);
        ctx->waiters--;
        pthread_cond_broadcast(&hz_bus.changed); /* whoever let us go first may go on */
        return 0;
    }
    ctx->pumping = true;
    ctx->last = pthread_self();
    int r = run_due(ctx);
    if (r == 0) {
        set_timer(ctx);
        r = wait_once(ctx, until);
        if (r == 0)
            r = run_due(ctx);
    }
    set_timer(ctx);
    ctx->pumping = false;
    pthread_cond_broadcast(&hz_bus.changed);
    return r;
}

/* ---- libusb's functions ---- */

int libusb_init(libusb_context **out)
{
    hz_bus_start();
    struct libusb_context *c = NULL;
    pthread_mutex_lock(&hz_bus.lock);
    if (!out && hz_bus.default_context)
        goto done;
    c = calloc(1, sizeof *c);
    if (!c)
        goto done;
    c->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    c->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (c->wake_fd < 0 || c->timer_fd < 0) {
        close(c->wake_fd);
        close(c->timer_fd);
        free(c);
        c = NULL;
        goto done;
    }
    c->next = hz_bus.contexts;
    hz_bus.contexts = c;
    hz_bus.n_contexts++;
    if (out)
        *out = c;
    else
        hz_bus.default_context = c;
done:
    pthread_mutex_unlock(&hz_bus.lock);
    return c || !out ? 0 : LIBUSB_ERROR_NO_MEM;
}

void libusb_exit(libusb_context *ctx)
{
    pthread_mutex_lock(&hz_bus.lock);
    struct libusb_context *c = hz_context(ctx);
    if (!c)
        goto done;
    struct libusb_context **link = &hz_bus.contexts;
    while (*link != c)
        link = &(*link)->next;
    *link = c->next;
    if (hz_bus.default_context == c)
        hz_bus.default_context = NULL;
    hz_bus.n_contexts--;
    hz_hotplug_done(c);
    close(c->wake_fd);
    close(c->timer_fd);
    free(c);
done:
    pthread_mutex_unlock(&hz_bus.lock);
}

int libusb_handle_events_timeout_completed(libusb_context *ctx, struct timeval *tv, int *completed)
{
    int64_t until = hz_now() + tv->tv_sec * INT64_C(1000000000) + tv->tv_usec * INT64_C(1000);
    pthread_mutex_lock(&hz_bus.lock);
    int r = 0;
    do {
        if (!completed || !*completed)
            r = hz_events_run(hz_context(ctx), until);
    } while (r == 0 && !(completed && *completed) && hz_now() < until);
    pthread_mutex_unlock(&hz_bus.lock);
    return r < 0 ? r : 0;
}

int libusb_handle_events_timeout(libusb_context *ctx, struct timeval *tv)
{
    return libusb_handle_events_timeout_completed(ctx, tv, NULL);
}

int libusb_handle_events_completed(libusb_context *ctx, int *completed)
{
    struct timeval tv = {.tv_sec = 60}; /* as libusb has it */
    return libusb_handle_events_timeout_completed(ctx, &tv, completed);
}

int libusb_handle_events(libusb_context *ctx)
{
    return libusb_handle_events_completed(ctx, NULL);
}

/* The timer's descriptor does it, as on Linux. */
int libusb_pollfds_handle_timeouts(libusb_context *ctx)
{
    (void)ctx;
    return 1;
}

int libusb_get_next_timeout(libusb_context *ctx, struct timeval *tv)
{
    (void)ctx;
    (void)tv;
    return 0;
}

const struct libusb_pollfd **libusb_get_pollfds(libusb_context *ctx)
{
    struct both {
        const struct libusb_pollfd *list[3];
        struct libusb_pollfd fd[2];
    } *both = calloc(1, sizeof *both);
    if (!both)
        return NULL;
    pthread_mutex_lock(&hz_bus.lock);
    ctx = hz_context(ctx);
    both->fd[0] = (struct libusb_pollfd){.fd = ctx->wake_fd, .events = POLLIN};
    both->fd[1] = (struct libusb_pollfd){.fd = ctx->timer_fd, .events = POLLIN};
    pthread_mutex_unlock(&hz_bus.lock);
    both->list[0] = &both->fd[0];
    both->list[1] = &both->fd[1];
    return both->list;
}

void libusb_free_pollfds(const struct libusb_pollfd **pollfds)
{
    free((void *)pollfds);
}

/* The two descriptors stay the same for a context's life: there is nothing to notify. */
void libusb_set_pollfd_notifiers(libusb_context *ctx, libusb_pollfd_added_cb added,
                                 libusb_pollfd_removed_cb removed, void *user_data)
{
    (void)ctx;
    (void)added;
    (void)removed;
    (void)user_data;
}
