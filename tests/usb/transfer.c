/* libusb's functions on transfers, and those that say something about libusb itself. */
#include <stdlib.h>
#include <string.h>

#include "tests/usb/events.h"
#include "tests/usb/report.h"

static struct hz_flight *flight_of(struct libusb_transfer *t)
{
    return (struct hz_flight *)(void *)((char *)t - offsetof(struct hz_flight, transfer));
}

struct libusb_transfer *libusb_alloc_transfer(int iso_packets)
{
    size_t iso = (size_t)iso_packets * sizeof(struct libusb_iso_packet_descriptor);
    struct hz_flight *f = calloc(1, sizeof *f + iso);
    if (!f)
        return NULL;
    pthread_mutex_lock(&hz_bus.lock);
    hz_bus.n_transfers++;
    pthread_mutex_unlock(&hz_bus.lock);
    return &f->transfer;
}

void libusb_free_transfer(struct libusb_transfer *t)
{
    if (!t)
        return;
    struct hz_flight *f = flight_of(t);
    pthread_mutex_lock(&hz_bus.lock);
    hz_bus.n_transfers--;
    if (f->stream) { /* a use after free in life */
        f->handle->device->plug->dongle->freed_in_flight++;
        hz_flight_drop(f);
    }
    pthread_mutex_unlock(&hz_bus.lock);
    free(f);
}

/* With the lock. */
static int submit(struct hz_flight *f)
{
    struct libusb_device_handle *h = f->transfer.dev_handle;
    struct hz_plug *p = h->device->plug;
    if (!p->attached)
        return LIBUSB_ERROR_NO_DEVICE;
    if (f->transfer.endpoint != 0x81 || f->transfer.type != LIBUSB_TRANSFER_TYPE_BULK)
        return LIBUSB_ERROR_NOT_FOUND;
    f->handle = h;
    bool first = !p->stream.head, ran = p->stream.running;
    int r = hz_stream_submit(&p->stream, f, hz_now());
    if (p->stream.running && !ran)
        hz_report_start(p);
    if (r == 0 && first)
        hz_events_wake(h->ctx);
    return r;
}

int libusb_submit_transfer(struct libusb_transfer *t)
{
    pthread_mutex_lock(&hz_bus.lock);
    int r = submit(flight_of(t));
    pthread_mutex_unlock(&hz_bus.lock);
    return r;
}

/* The first cancel since the stream began waits as long as the dongle was told to hold it up: as
 * an ioctl does that hangs in the host controller. */
static void hold_up(const struct hz_flight *f)
{
    if (!f->stream || f->handle->device->plug->held_up)
        return;
    f->handle->device->plug->held_up = true;
    const struct hz_dongle *g = f->handle->device->plug->dongle;
    for (int64_t begin = hz_now(); g->cancel_ns > 0;) {
        int64_t until = g->cancel_ns == HZ_NEVER ? HZ_NEVER : begin + g->cancel_ns;
        if (hz_now() >= until)
            return;
        hz_events_sleep(until);
    }
}

int libusb_cancel_transfer(struct libusb_transfer *t)
{
    struct hz_flight *f = flight_of(t);
    pthread_mutex_lock(&hz_bus.lock);
    hold_up(f);
    int r = hz_flight_cancel(f, hz_now());
    if (r == 0)
        hz_events_wake(f->handle->ctx);
    pthread_mutex_unlock(&hz_bus.lock);
    return r;
}

static void LIBUSB_CALL on_done(struct libusb_transfer *t)
{
    pthread_mutex_lock(&hz_bus.lock);
    *(bool *)t->user_data = true;
    pthread_mutex_unlock(&hz_bus.lock);
}

static int error_of(enum libusb_transfer_status status)
{
    switch (status) {
    case LIBUSB_TRANSFER_COMPLETED:
        return 0;
    case LIBUSB_TRANSFER_TIMED_OUT:
        return LIBUSB_ERROR_TIMEOUT;
    case LIBUSB_TRANSFER_STALL:
        return LIBUSB_ERROR_PIPE;
    case LIBUSB_TRANSFER_OVERFLOW:
        return LIBUSB_ERROR_OVERFLOW;
    case LIBUSB_TRANSFER_NO_DEVICE:
        return LIBUSB_ERROR_NO_DEVICE;
    case LIBUSB_TRANSFER_ERROR:
    case LIBUSB_TRANSFER_CANCELLED:
        return LIBUSB_ERROR_IO;
    }
    return LIBUSB_ERROR_OTHER;
}

int libusb_bulk_transfer(libusb_device_handle *h, unsigned char endpoint, unsigned char *data,
                         int length, int *actual, unsigned int timeout)
{
    if (hz_events_inside(h->ctx))
        return LIBUSB_ERROR_BUSY;
    struct libusb_transfer *t = libusb_alloc_transfer(0);
    if (!t)
        return LIBUSB_ERROR_NO_MEM;
    bool done = false;
    libusb_fill_bulk_transfer(t, h, endpoint, data, length, on_done, &done, timeout);
    pthread_mutex_lock(&hz_bus.lock);
    int r = submit(flight_of(t));
    while (r == 0 && !done)
        hz_events_run(h->ctx, hz_now() + INT64_C(1000000000));
    if (r == 0) {
        r = error_of(t->status);
        if (actual)
            *actual = t->actual_length;
    }
    pthread_mutex_unlock(&hz_bus.lock);
    libusb_free_transfer(t);
    return r;
}

int libusb_clear_halt(libusb_device_handle *h, unsigned char endpoint)
{
    (void)endpoint;
    pthread_mutex_lock(&hz_bus.lock);
    int r = h->device->plug->attached ? 0 : LIBUSB_ERROR_NO_DEVICE;
    pthread_mutex_unlock(&hz_bus.lock);
    return r;
}

int libusb_has_capability(uint32_t capability)
{
    return capability == LIBUSB_CAP_HAS_CAPABILITY || capability == LIBUSB_CAP_HAS_HOTPLUG ||
           capability == LIBUSB_CAP_SUPPORTS_DETACH_KERNEL_DRIVER;
}

const struct libusb_version *libusb_get_version(void)
{
    static const struct libusb_version version = {1, 0, 26, 0, "", "virtual dongle"};
    return &version;
}

void libusb_set_debug(libusb_context *ctx, int level)
{
    (void)ctx;
    (void)level;
}

int libusb_set_option(libusb_context *ctx, enum libusb_option option, ...)
{
    (void)ctx;
    (void)option;
    return 0;
}

static const struct {
    int code;
    const char *name, *text;
} errors[] = {
    {LIBUSB_SUCCESS, "LIBUSB_SUCCESS", "Success"},
    {LIBUSB_ERROR_IO, "LIBUSB_ERROR_IO", "Input/Output Error"},
    {LIBUSB_ERROR_INVALID_PARAM, "LIBUSB_ERROR_INVALID_PARAM", "Invalid parameter"},
    {LIBUSB_ERROR_ACCESS, "LIBUSB_ERROR_ACCESS", "Access denied (insufficient permissions)"},
    {LIBUSB_ERROR_NO_DEVICE, "LIBUSB_ERROR_NO_DEVICE",
     "No such device (it may have been disconnected)"},
    {LIBUSB_ERROR_NOT_FOUND, "LIBUSB_ERROR_NOT_FOUND", "Entity not found"},
    {LIBUSB_ERROR_BUSY, "LIBUSB_ERROR_BUSY", "Resource busy"},
    {LIBUSB_ERROR_TIMEOUT, "LIBUSB_ERROR_TIMEOUT", "Operation timed out"},
    {LIBUSB_ERROR_OVERFLOW, "LIBUSB_ERROR_OVERFLOW", "Overflow"},
    {LIBUSB_ERROR_PIPE, "LIBUSB_ERROR_PIPE", "Pipe error"},
    {LIBUSB_ERROR_INTERRUPTED, "LIBUSB_ERROR_INTERRUPTED",
     "System call interrupted (perhaps due to signal)"},
    {LIBUSB_ERROR_NO_MEM, "LIBUSB_ERROR_NO_MEM", "Insufficient memory"},
    {LIBUSB_ERROR_NOT_SUPPORTED, "LIBUSB_ERROR_NOT_SUPPORTED",
     "Operation not supported or unimplemented on this platform"},
};

const char *libusb_error_name(int code)
{
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (errors[i].code == code)
            return errors[i].name;
    return "**UNKNOWN**";
}

const char *libusb_strerror(int code)
{
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (errors[i].code == code)
            return errors[i].text;
    return "Other error";
}
