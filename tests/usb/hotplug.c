/* Arrivals and departures: what a context makes of the bus, and its hotplug callbacks. */
#include "tests/usb/events.h"

#include <stdlib.h>

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

void hz_hotplug_arrived(struct hz_plug *p)
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

void hz_hotplug_left(struct hz_plug *p)
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

static void notify_one(struct libusb_context *ctx, struct hz_hotplug *h, struct libusb_device *d,
                       libusb_hotplug_event event)
{
    if (h->dead || !(h->events & (int)event) ||
        (h->vendor != LIBUSB_HOTPLUG_MATCH_ANY && h->vendor != HZ_VENDOR) ||
        (h->product != LIBUSB_HOTPLUG_MATCH_ANY && h->product != HZ_PRODUCT))
        return;
    const struct libusb_context *outer = hz_events_enter(ctx);
    int done = h->fn(ctx, d, event, h->user_data);
    hz_events_leave(outer);
    if (done)
        h->dead = true;
}

bool hz_hotplug_deliver(struct libusb_context *ctx)
{
    struct hz_news *news = ctx->news;
    if (!news)
        return false;
    ctx->news = news->next;
    for (struct hz_hotplug *h = ctx->hotplugs; h; h = h->next)
        notify_one(ctx, h, news->device, news->event);
    hz_device_unref(news->device);
    free(news);
    bury_hotplugs(ctx);
    return true;
}

void hz_hotplug_done(struct libusb_context *c)
{
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
        notify_one(ctx, h, present[i], LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED);
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
