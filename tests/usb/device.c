/* libusb's functions on devices and handles: lists, descriptors, open, claim, control transfers. */
#include <stdlib.h>
#include <string.h>

#include "tests/usb/events.h"
#include "tests/usb/report.h"

static void lock(void)
{
    pthread_mutex_lock(&hz_bus.lock);
}

static void unlock(void)
{
    pthread_mutex_unlock(&hz_bus.lock);
}

/* ---- devices ---- */

ssize_t libusb_get_device_list(libusb_context *ctx, libusb_device ***list)
{
    libusb_device **out = calloc(HZ_DONGLES_MAX + 1, sizeof(libusb_device *));
    if (!out)
        return LIBUSB_ERROR_NO_MEM;
    ssize_t n = 0;
    lock();
    for (struct hz_plug *p = hz_bus.plugs; p; p = p->next) {
        libusb_device *d = hz_device(hz_context(ctx), p);
        if (!d)
            continue;
        d->refs++;
        hz_bus.n_refs++;
        out[n++] = d;
    }
    unlock();
    *list = out;
    return n;
}

void libusb_free_device_list(libusb_device **list, int unref_devices)
{
    for (libusb_device **d = list; list && *d && unref_devices; d++)
        libusb_unref_device(*d);
    free(list);
}

libusb_device *libusb_ref_device(libusb_device *d)
{
    lock();
    d->refs++;
    hz_bus.n_refs++;
    unlock();
    return d;
}

void libusb_unref_device(libusb_device *d)
{
    if (!d)
        return;
    lock();
    hz_bus.n_refs--;
    hz_device_unref(d);
    unlock();
}

int libusb_get_device_descriptor(libusb_device *d, struct libusb_device_descriptor *out)
{
    (void)d;
    *out = (struct libusb_device_descriptor){.bLength = LIBUSB_DT_DEVICE_SIZE,
                                             .bDescriptorType = LIBUSB_DT_DEVICE,
                                             .bcdUSB = 0x0200,
                                             .bMaxPacketSize0 = 64,
                                             .idVendor = HZ_VENDOR,
                                             .idProduct = HZ_PRODUCT,
                                             .bcdDevice = 0x0100,
                                             .iManufacturer = 1,
                                             .iProduct = 2,
                                             .iSerialNumber = 3,
                                             .bNumConfigurations = 1};
    return 0;
}

/* A plug-in's address and ports do not change. */
uint8_t libusb_get_bus_number(libusb_device *d)
{
    return d->plug->dongle->bus_number;
}

uint8_t libusb_get_device_address(libusb_device *d)
{
    return d->plug->address;
}

int libusb_get_device_speed(libusb_device *d)
{
    (void)d;
    return LIBUSB_SPEED_HIGH;
}

int libusb_get_port_numbers(libusb_device *d, uint8_t *ports, int n)
{
    if (d->plug->n_ports > n)
        return LIBUSB_ERROR_OVERFLOW;
    memcpy(ports, d->plug->ports, (size_t)d->plug->n_ports);
    return d->plug->n_ports;
}

uint8_t libusb_get_port_number(libusb_device *d)
{
    return d->plug->ports[d->plug->n_ports - 1];
}

/* ---- handles ---- */

int libusb_open(libusb_device *d, libusb_device_handle **out)
{
    struct libusb_device_handle *h = calloc(1, sizeof *h);
    if (!h)
        return LIBUSB_ERROR_NO_MEM;
    lock();
    struct hz_dongle *g = d->plug->dongle;
    int r = !d->plug->attached ? LIBUSB_ERROR_NO_DEVICE : g->denied ? LIBUSB_ERROR_ACCESS : 0;
    if (r == 0) {
        *h = (struct libusb_device_handle){.device = d, .ctx = d->ctx, .next = d->ctx->handles};
        d->ctx->handles = h;
        d->refs++;
        g->opens++;
        hz_bus.n_handles++;
        *out = h;
    }
    unlock();
    if (r)
        free(h);
    return r;
}

static void give_up_claim(struct libusb_device_handle *h)
{
    if (!h->claims)
        return;
    h->claims = h->device->plug->claimed = false;
    hz_report_event(h->device->plug->dongle, "release");
}

void libusb_close(libusb_device_handle *h)
{
    if (!h)
        return;
    lock();
    struct hz_plug *p = h->device->plug;
    for (struct hz_flight *f = p->stream.head, *next; f; f = next) {
        next = f->next;
        if (f->handle != h)
            continue;
        hz_flight_drop(f);
        p->dongle->closed_in_flight++;
    }
    give_up_claim(h);
    struct libusb_device_handle **link = &h->ctx->handles;
    while (*link != h)
        link = &(*link)->next;
    *link = h->next;
    p->dongle->closes++;
    hz_bus.n_handles--;
    hz_device_unref(h->device);
    unlock();
    free(h);
}

libusb_device *libusb_get_device(libusb_device_handle *h)
{
    return h->device;
}

static bool driver_has_it(const struct hz_dongle *g)
{
    return (g->driver == HZ_DRIVER_KERNEL || g->driver == HZ_DRIVER_STUCK) && !g->detached;
}

int libusb_kernel_driver_active(libusb_device_handle *h, int interface)
{
    (void)interface;
    lock();
    struct hz_plug *p = h->device->plug;
    int r = !p->attached ? LIBUSB_ERROR_NO_DEVICE : driver_has_it(p->dongle);
    unlock();
    return r;
}

int libusb_detach_kernel_driver(libusb_device_handle *h, int interface)
{
    (void)interface;
    lock();
    struct hz_plug *p = h->device->plug;
    int r = 0;
    if (!p->attached)
        r = LIBUSB_ERROR_NO_DEVICE;
    else if (!driver_has_it(p->dongle))
        r = LIBUSB_ERROR_NOT_FOUND;
    else if (p->dongle->driver == HZ_DRIVER_STUCK)
        r = LIBUSB_ERROR_OTHER;
    else
        p->dongle->detached = true;
    unlock();
    return r;
}

int libusb_attach_kernel_driver(libusb_device_handle *h, int interface)
{
    (void)interface;
    lock();
    struct hz_plug *p = h->device->plug;
    int r = 0;
    if (!p->attached)
        r = LIBUSB_ERROR_NO_DEVICE;
    else if (!p->dongle->detached)
        r = LIBUSB_ERROR_NOT_FOUND;
    else
        p->dongle->detached = false;
    unlock();
    return r;
}

int libusb_claim_interface(libusb_device_handle *h, int interface)
{
    lock();
    struct hz_plug *p = h->device->plug;
    int r = 0;
    if (!p->attached)
        r = LIBUSB_ERROR_NO_DEVICE;
    else if (interface != 0)
        r = LIBUSB_ERROR_NOT_FOUND;
    else if (!h->claims &&
             (p->claimed || driver_has_it(p->dongle) || p->dongle->driver == HZ_DRIVER_OTHER))
        r = LIBUSB_ERROR_BUSY;
    else {
        h->claims = p->claimed = true;
        hz_report_event(p->dongle, "claim");
    }
    unlock();
    return r;
}

int libusb_release_interface(libusb_device_handle *h, int interface)
{
    (void)interface;
    lock();
    struct hz_plug *p = h->device->plug;
    int r = !p->attached ? LIBUSB_ERROR_NO_DEVICE : h->claims ? 0 : LIBUSB_ERROR_NOT_FOUND;
    give_up_claim(h);
    unlock();
    return r;
}

int libusb_reset_device(libusb_device_handle *h)
{
    lock();
    int r = h->device->plug->attached ? 0 : LIBUSB_ERROR_NOT_FOUND;
    unlock();
    return r;
}

/* The kernel's zero-copy memory: plain memory does as well, so long as it is given back. */
unsigned char *libusb_dev_mem_alloc(libusb_device_handle *h, size_t length)
{
    (void)h;
    unsigned char *memory = calloc(1, length);
    lock();
    hz_bus.n_buffers += memory != NULL;
    unlock();
    return memory;
}

int libusb_dev_mem_free(libusb_device_handle *h, unsigned char *buffer, size_t length)
{
    (void)h;
    (void)length;
    lock();
    hz_bus.n_buffers -= buffer != NULL;
    unlock();
    free(buffer);
    return 0;
}

/* ---- the control pipe ---- */

/* Waits as a control transfer does: this thread handles events meanwhile, unless another does.
 * 0: answered; else the error. */
static int control_wait(struct libusb_device_handle *h, unsigned timeout_ms)
{
    struct hz_plug *p = h->device->plug;
    struct hz_dongle *g = p->dongle;
    if (hz_events_inside(h->ctx))
        return LIBUSB_ERROR_BUSY;
    g->controls++;
    int64_t begin = hz_now();
    int64_t give_up = timeout_ms ? begin + timeout_ms * INT64_C(1000000) : HZ_NEVER;
    for (;;) {
        int64_t answer = g->dead ? HZ_NEVER : begin + g->control_ns;
        int64_t until = answer < give_up ? answer : give_up;
        hz_events_run(h->ctx, until);
        if (!p->attached)
            return LIBUSB_ERROR_NO_DEVICE;
        int64_t now = hz_now();
        if (!g->dead && now >= answer)
            return 0;
        if (now >= give_up)
            return LIBUSB_ERROR_TIMEOUT;
    }
}

static void after_write(struct hz_plug *p, uint16_t value, uint16_t index, bool streamed)
{
    if (!streamed && hz_rtl2832_streams(&p->chip)) {
        hz_stream_arm(&p->stream);
        p->held_up = false;
    }
    if (hz_rtl2832_settled(&p->chip, value, index))
        hz_plug_apply(p);
}

int libusb_control_transfer(libusb_device_handle *h, uint8_t type, uint8_t request, uint16_t value,
                            uint16_t index, unsigned char *data, uint16_t length,
                            unsigned int timeout)
{
    (void)request;
    lock();
    struct hz_plug *p = h->device->plug;
    int r = control_wait(h, timeout);
    if (r == 0 && (type & LIBUSB_REQUEST_TYPE_VENDOR) == 0)
        r = LIBUSB_ERROR_PIPE;
    else if (r == 0 && type & LIBUSB_ENDPOINT_IN)
        r = hz_rtl2832_in(&p->chip, value, index, data, length);
    else if (r == 0) {
        bool streamed = hz_rtl2832_streams(&p->chip);
        r = hz_rtl2832_out(&p->chip, value, index, data, length);
        if (r >= 0)
            after_write(p, value, index, streamed);
    }
    unlock();
    return r;
}

int libusb_get_string_descriptor_ascii(libusb_device_handle *h, uint8_t number, unsigned char *data,
                                       int length)
{
    lock();
    const char *strings[] = {"Realtek", "RTL2838UHIDIR", h->device->plug->dongle->serial};
    int r =
        number < 1 || number > 3 || length < 1 ? LIBUSB_ERROR_INVALID_PARAM : control_wait(h, 1000);
    if (r == 0) {
        size_t n = strlen(strings[number - 1]);
        n = n < (size_t)length ? n : (size_t)length - 1;
        memcpy(data, strings[number - 1], n);
        data[n] = 0;
        r = (int)n;
    }
    unlock();
    return r;
}
