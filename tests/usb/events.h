/* libusb's contexts: waiting, and delivering finished transfers and hotplug events to callbacks.
 * The bus's lock is held for every call. */
#ifndef HZ_USB_EVENTS_H
#define HZ_USB_EVENTS_H

#include "tests/usb/bus.h"

struct hz_news; /* an arrival or departure not yet told */
struct hz_hotplug;

struct libusb_context {
    struct libusb_context *next;
    int wake_fd, timer_fd;         /* what a program's own loop polls */
    bool pumping;                  /* a thread delivers events */
    int waiters;                   /* threads that would */
    pthread_t last;                /* the thread that did last */
    struct libusb_device *devices; /* one reference each while attached */
    struct libusb_device_handle *handles;
    struct hz_hotplug *hotplugs;
    struct hz_news *news;
    int last_hotplug;
};

/* NULL stands for the default context. */
struct libusb_context *hz_context(struct libusb_context *ctx);

/* Whoever waits there looks again. */
void hz_events_wake(struct libusb_context *ctx);
void hz_events_wake_all(void);

/* Delivers what is due, else waits once, until `until` at most or until something changes, and
 * delivers then. Drops the lock around callbacks and waits. Another thread may be at it: then it
 * waits for that one. How many were delivered; LIBUSB_ERROR_BUSY: called from a callback;
 * LIBUSB_ERROR_INTERRUPTED. */
int hz_events_run(struct libusb_context *ctx, int64_t until);

/* Until then, or until something changes: a command, or a thread is done with events. */
void hz_events_sleep(int64_t until);

/* Is this thread in a callback of that context? */
bool hz_events_inside(const struct libusb_context *ctx);

/* Around a callback of ctx: lets go of the lock and takes it again. */
const struct libusb_context *hz_events_enter(const struct libusb_context *ctx);
void hz_events_leave(const struct libusb_context *outer);

/* ---- hotplug.c ---- */

/* A plug-in as this context sees it, made when it is first asked for; NULL: no memory. The
 * reference is the context's, and may be taken again. */
struct libusb_device *hz_device(struct libusb_context *ctx, struct hz_plug *p);
void hz_device_unref(struct libusb_device *d);

/* Tells every context of it. */
void hz_hotplug_arrived(struct hz_plug *p);
void hz_hotplug_left(struct hz_plug *p);

/* Calls back for the oldest news not told yet; false: there is none. */
bool hz_hotplug_deliver(struct libusb_context *ctx);

/* A context's end. */
void hz_hotplug_done(struct libusb_context *ctx);

#endif
