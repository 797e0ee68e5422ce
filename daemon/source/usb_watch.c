#include "daemon/source/usb_watch.h"
#include "daemon/source/dongle.h"

#include <libusb.h>
#include <poll.h>
#include <stdlib.h>

enum {
    FDS_MAX = 16,
    SLOW_POLL_MS = 2000, /* counting the dongles takes some 70 us */
};

struct watched_fd {
    uv_poll_t poll;
    int fd;
};

struct hz_usb_watch {
    uv_loop_t *loop;
    void (*changed)(void *ctx);
    void *ctx;
    libusb_context *usb;
    libusb_hotplug_callback_handle hotplug;
    bool has_hotplug, came;
    uv_timer_t timer;
    int count;
    struct watched_fd *fds[FDS_MAX];
    int open_handles;
    bool closing;
};

static int LIBUSB_CALL on_hotplug(libusb_context *usb, libusb_device *dev,
                                  libusb_hotplug_event event, void *arg)
{
    (void)usb;
    (void)event;
    struct hz_usb_watch *w = arg;
    (void)dev;
    w->came = true;
    return 0;
}

/* Calls `changed` after libusb has returned, so that the callee may open the device. */
static void handle_events(struct hz_usb_watch *w)
{
    struct timeval zero = {0};
    libusb_handle_events_timeout_completed(w->usb, &zero, NULL);
    if (!w->came || w->closing)
        return;
    w->came = false;
    w->count = hz_dongle_count();
    w->changed(w->ctx);
}

static void on_fd(uv_poll_t *p, int status, int events)
{
    (void)status;
    (void)events;
    handle_events(p->data);
}

static void on_timer(uv_timer_t *t)
{
    struct hz_usb_watch *w = t->data;
    handle_events(w);
    int count = hz_dongle_count();
    bool more = count > w->count;
    w->count = count;
    if (more)
        w->changed(w->ctx);
}

static void on_fd_closed(uv_handle_t *h)
{
    struct hz_usb_watch *w = h->data;
    free(h); /* the handle is the first member of its struct */
    if (--w->open_handles == 0 && w->closing)
        free(w);
}

static void on_timer_closed(uv_handle_t *h)
{
    struct hz_usb_watch *w = h->data;
    if (--w->open_handles == 0)
        free(w);
}

static void LIBUSB_CALL add_fd(int fd, short events, void *arg)
{
    struct hz_usb_watch *w = arg;
    for (int i = 0; i < FDS_MAX; i++) {
        if (w->fds[i])
            continue;
        struct watched_fd *f = calloc(1, sizeof *f);
        if (!f || uv_poll_init(w->loop, &f->poll, fd) != 0) {
            free(f);
            return; /* the slow poll covers this */
        }
        f->fd = fd;
        f->poll.data = w;
        w->fds[i] = f;
        w->open_handles++;
        uv_poll_start(&f->poll,
                      (events & POLLIN ? UV_READABLE : 0) | (events & POLLOUT ? UV_WRITABLE : 0),
                      on_fd);
        uv_unref((uv_handle_t *)&f->poll);
        return;
    }
}

static void LIBUSB_CALL remove_fd(int fd, void *arg)
{
    struct hz_usb_watch *w = arg;
    for (int i = 0; i < FDS_MAX; i++) {
        if (!w->fds[i] || w->fds[i]->fd != fd)
            continue;
        uv_poll_stop(&w->fds[i]->poll);
        uv_close((uv_handle_t *)&w->fds[i]->poll, on_fd_closed);
        w->fds[i] = NULL;
    }
}

static void watch_fds(struct hz_usb_watch *w)
{
    const struct libusb_pollfd **list = libusb_get_pollfds(w->usb);
    for (size_t i = 0; list && list[i]; i++)
        add_fd(list[i]->fd, list[i]->events, w);
    libusb_free_pollfds(list);
    libusb_set_pollfd_notifiers(w->usb, add_fd, remove_fd, w);
}

struct hz_usb_watch *hz_usb_watch_new(uv_loop_t *loop, void (*changed)(void *ctx), void *ctx)
{
    struct hz_usb_watch *w = calloc(1, sizeof *w);
    if (!w || libusb_init(&w->usb) != 0) {
        free(w);
        return NULL;
    }
    w->loop = loop;
    w->changed = changed;
    w->ctx = ctx;
    uv_timer_init(loop, &w->timer);
    w->timer.data = w;
    w->open_handles = 1;
    watch_fds(w);
    w->has_hotplug = libusb_has_capability(LIBUSB_CAP_HAS_HOTPLUG) &&
                     libusb_hotplug_register_callback(
                         w->usb, LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED, 0, LIBUSB_HOTPLUG_MATCH_ANY,
                         LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY, on_hotplug, w,
                         &w->hotplug) == LIBUSB_SUCCESS;
    w->count = hz_dongle_count();
    uv_timer_start(&w->timer, on_timer, SLOW_POLL_MS, SLOW_POLL_MS);
    uv_unref((uv_handle_t *)&w->timer);
    return w;
}

void hz_usb_watch_close(struct hz_usb_watch *w)
{
    if (!w)
        return;
    w->closing = true;
    if (w->has_hotplug)
        libusb_hotplug_deregister_callback(w->usb, w->hotplug);
    libusb_set_pollfd_notifiers(w->usb, NULL, NULL, NULL);
    for (int i = 0; i < FDS_MAX; i++) {
        if (w->fds[i])
            remove_fd(w->fds[i]->fd, w);
    }
    uv_close((uv_handle_t *)&w->timer, on_timer_closed);
    libusb_exit(w->usb);
}
