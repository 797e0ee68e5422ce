#include "tests/usb/events.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

struct hz_news {
    struct hz_news *next;
    struct libusb_device *device; /* a reference */
    libusb_hotplug_event event;
};

struct hz_hotplug {
    struct hz_hotplug *next;
    int id, events, vendor, product;
    bool dead; /* deregistered; freed when nobody walks the list */
    libusb_hotplug_callback_fn fn;
    void *user_data;
};

/* Whose callback this thread is in. */
static _Thread_local const struct libusb_context *inside;

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

struct libusb_device *hz_device(struct libusb_context *ctx, struct hz_plug *p)
{
    for (struct libusb_device *d = ctx->devices; d; d = d->next)
        if (d->plug == p)
            return d;
    struct libusb_device *d = calloc(1, sizeof *d);
    if (!d)
        return NULL;
    *d = (struct libusb_device){.next = ctx->devices, .ctx = ctx, .plug = p, .refs = 1};
    p->refs++;
    ctx->devices = d;
    return d;
}

void hz_device_unref(struct libusb_device *d)
{
    if (--d->refs > 0)
        return;
    hz_plug_unref(d->plug);
    free(d);
}

/* Takes over one reference to d. */
static void add_news(struct libusb_context *ctx, struct libusb_device *d,
                     libusb_hotplug_event event)
{
    struct hz_news *news = NULL;
    if (ctx->hotplugs && !hz_bus.hotplug_silent)
        news = calloc(1, sizeof *news);
    if (!news) {
        hz_device_unref(d);
        return;
    }
    *news = (struct hz_news){.device = d, .event = event};
    struct hz_news **link = &ctx->news;
    while (*link)
        link = &(*link)->next;
    *link = news;
}

void hz_events_arrived(struct hz_plug *p)
{
    for (struct libusb_context *c = hz_bus.contexts; c; c = c->next) {
        struct libusb_device *d = hz_device(c, p);
        if (!d)
            continue;
        d->refs++;
        add_news(c, d, LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED);
    }
    hz_events_wake_all();
}

void hz_events_left(struct hz_plug *p)
{
    for (struct libusb_context *c = hz_bus.contexts; c; c = c->next) {
        struct libusb_device **link = &c->devices;
        while (*link && (*link)->plug != p)
            link = &(*link)->next;
        struct libusb_device *d = *link;
        if (!d)
            continue;
        *link = d->next;
        add_news(c, d, LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT);
    }
    hz_events_wake_all();
}

static void bury_hotplugs(struct libusb_context *ctx)
{
    for (struct hz_hotplug **link = &ctx->hotplugs; *link;) {
        struct hz_hotplug *h = *link;
        if (h->dead) {
            *link = h->next;
            free(h);
        } else {
            link = &h->next;
        }
    }
}

static void tell_one(struct libusb_context *ctx, struct hz_hotplug *h, struct libusb_device *d,
                     libusb_hotplug_event event)
{
    if (h->dead || !(h->events & (int)event) ||
        (h->vendor != LIBUSB_HOTPLUG_MATCH_ANY && h->vendor != HZ_VENDOR) ||
        (h->product != LIBUSB_HOTPLUG_MATCH_ANY && h->product != HZ_PRODUCT))
        return;
    pthread_mutex_unlock(&hz_bus.lock);
    const struct libusb_context *outer = inside;
    inside = ctx;
    int done = h->fn(ctx, d, event, h->user_data);
    inside = outer;
    pthread_mutex_lock(&hz_bus.lock);
    if (done)
        h->dead = true;
}

static bool tell_news(struct libusb_context *ctx)
{
    struct hz_news *news = ctx->news;
    if (!news)
        return false;
    ctx->news = news->next;
    for (struct hz_hotplug *h = ctx->hotplugs; h; h = h->next)
        tell_one(ctx, h, news->device, news->event);
    hz_device_unref(news->device);
    free(news);
    bury_hotplugs(ctx);
    return true;
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
    pthread_mutex_unlock(&hz_bus.lock);
    const struct libusb_context *outer = inside;
    inside = ctx;
    hz_flight_fill(f);
    t->callback(t);
    inside = outer;
    if (free_it)
        libusb_free_transfer(t);
    pthread_mutex_lock(&hz_bus.lock);
}

static int waiting(const struct libusb_context *ctx)
{
    int n = 0;
    for (const struct libusb_device_handle *h = ctx->handles; h; h = h->next)
        for (const struct hz_flight *f = h->device->plug->stream.head; f; f = f->next)
            n++;
    return n;
}

/* What is due, but no more than waits now: resubmitted ones are for the next time. */
static bool run_due(struct libusb_context *ctx)
{
    uint64_t drained;
    while (read(ctx->wake_fd, &drained, sizeof drained) > 0)
        continue;
    bool any = false;
    while (tell_news(ctx))
        any = true;
    struct hz_flight *f;
    for (int n = waiting(ctx); n > 0 && (f = next_finished(ctx, hz_now())); n--) {
        deliver(ctx, f);
        any = true;
    }
    return any;
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

int hz_events_run(struct libusb_context *ctx, int64_t until)
{
    if (inside == ctx)
        return LIBUSB_ERROR_BUSY;
    if (ctx->pumping) {
        int64_t at = until == HZ_NEVER ? hz_now() + INT64_C(1000000000) : until;
        struct timespec ts = {.tv_sec = at / 1000000000, .tv_nsec = at % 1000000000};
        if (at > hz_now())
            pthread_cond_timedwait(&hz_bus.changed, &hz_bus.lock, &ts);
        return 0;
    }
    ctx->pumping = true;
    int r = 0;
    if (!run_due(ctx)) {
        set_timer(ctx);
        r = wait_once(ctx, until);
        if (r == 0)
            run_due(ctx);
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
    for (struct hz_news *n; (n = c->news);) {
        c->news = n->next;
        hz_device_unref(n->device);
        free(n);
    }
    for (struct libusb_device *d; (d = c->devices);) {
        c->devices = d->next;
        d->ctx = NULL;
        hz_device_unref(d);
    }
    for (struct hz_hotplug *h = c->hotplugs; h; h = h->next)
        h->dead = true;
    bury_hotplugs(c);
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
    int r = completed && *completed ? 0 : hz_events_run(hz_context(ctx), until);
    pthread_mutex_unlock(&hz_bus.lock);
    return r;
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

int libusb_hotplug_register_callback(libusb_context *ctx, int events, int flags, int vendor,
                                     int product, int dev_class, libusb_hotplug_callback_fn fn,
                                     void *user_data, libusb_hotplug_callback_handle *handle)
{
    (void)dev_class;
    struct hz_hotplug *h = calloc(1, sizeof *h);
    if (!h)
        return LIBUSB_ERROR_NO_MEM;
    *h = (struct hz_hotplug){
        .events = events, .vendor = vendor, .product = product, .fn = fn, .user_data = user_data};
    pthread_mutex_lock(&hz_bus.lock);
    ctx = hz_context(ctx);
    h->id = ++ctx->last_hotplug;
    h->next = ctx->hotplugs;
    ctx->hotplugs = h;
    if (handle)
        *handle = h->id;
    /* Those present: a list first, since a callback may do anything. */
    struct libusb_device *present[HZ_DONGLES_MAX];
    int n = 0;
    for (struct hz_plug *p = hz_bus.plugs; p && flags & LIBUSB_HOTPLUG_ENUMERATE; p = p->next) {
        present[n] = hz_device(ctx, p);
        if (present[n])
            present[n++]->refs++;
    }
    for (int i = 0; i < n; i++) {
        tell_one(ctx, h, present[i], LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED);
        hz_device_unref(present[i]);
    }
    pthread_mutex_unlock(&hz_bus.lock);
    return 0;
}

void libusb_hotplug_deregister_callback(libusb_context *ctx, libusb_hotplug_callback_handle handle)
{
    pthread_mutex_lock(&hz_bus.lock);
    for (struct hz_hotplug *h = hz_context(ctx)->hotplugs; h; h = h->next)
        if (h->id == handle)
            h->dead = true;
    pthread_mutex_unlock(&hz_bus.lock);
}
