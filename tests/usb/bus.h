/* The virtual USB bus: the dongles, which of them are plugged in, and who has opened them.
 *
 * A program calls libusb's functions by name and passes no state of ours, so there is one bus per
 * process (hz_bus), created at the first libusb_init. One mutex guards all of it. It is never held
 * while callbacks of the program run, nor while samples are copied. */
#ifndef HZ_USB_BUS_H
#define HZ_USB_BUS_H

#include <libusb.h>
#include <pthread.h>
#include <stdio.h>

#include "tests/usb/rtl2832.h"
#include "tests/usb/stream.h"

enum { HZ_VENDOR = 0x0bda, HZ_PRODUCT = 0x2838 };
enum { HZ_DONGLES_MAX = 8, HZ_PLAYS_MAX = 8, HZ_PORTS_MAX = 7 };

enum hz_driver {
    HZ_DRIVER_NONE,
    HZ_DRIVER_KERNEL, /* dvb_usb_rtl28xxu has it, and can be detached */
    HZ_DRIVER_STUCK,  /* it has it, and the detach is refused */
    HZ_DRIVER_OTHER   /* another program has claimed it */
};

/* A stick of hardware: keeps its identity, habits and counts from one plug-in to the next. */
struct hz_dongle {
    int number;
    char serial[64];
    uint8_t bus_number, ports[HZ_PORTS_MAX];
    int n_ports;
    uint8_t eeprom[HZ_EEPROM_BYTES];
    struct hz_recording plays[HZ_PLAYS_MAX]; /* [0] at least */
    int n_plays;
    struct hz_pipe pipe;
    enum hz_driver driver;
    bool detached;      /* the kernel's driver, by the program */
    bool denied;        /* no permission to open */
    bool dead;          /* answers no control transfer */
    bool no_lock;       /* the tuner's PLL never locks */
    int64_t cancel_ns;  /* the first cancel of a stop blocks so long; HZ_NEVER: until changed */
    int64_t control_ns; /* a control transfer takes so long */
    uint64_t opens, closes, controls, plugs, freed_in_flight, closed_in_flight;
    struct hz_plug *plug; /* NULL: not plugged in */
};

/* One plug-in of a stick: powered chip and stream. The bus has a reference while it lasts, and
 * each libusb_device one. */
struct hz_plug {
    struct hz_plug *next; /* in the order of libusb_get_device_list */
    struct hz_dongle *dongle;
    int refs;
    bool attached, claimed;
    bool held_up; /* a cancel was, in this run of the stream */
    uint8_t address, ports[HZ_PORTS_MAX];
    int n_ports;
    struct hz_rtl2832 chip;
    struct hz_stream stream;
    struct hz_settings logged; /* what the report said last */
};

/* A plug-in as one context sees it. */
struct libusb_device {
    struct libusb_device *next; /* in its context */
    struct libusb_context *ctx; /* NULL: it has exited */
    struct hz_plug *plug;
    int refs;
};

struct libusb_device_handle {
    struct libusb_device_handle *next; /* in its context */
    struct libusb_context *ctx;
    struct libusb_device *device;
    bool claims;
};

struct hz_bus {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* somebody stopped handling events */
    struct hz_dongle dongles[HZ_DONGLES_MAX];
    int n_dongles;
    struct hz_plug *plugs;
    struct libusb_context *contexts, *default_context;
    bool hotplug_silent; /* arrivals and departures are not told */
    int address;         /* last given */
    int64_t start_ns;
    /* what a program ought to have given back at its end */
    int n_contexts, n_handles, n_refs, n_transfers, n_buffers;
    FILE *report;
};
extern struct hz_bus hz_bus;

/* Makes the bus from the environment (README.md), once; complains and exits on a mistake. */
void hz_bus_start(void);

/* A control transfer of a dongle in health: a microframe, or nothing where nothing is paced. */
int64_t hz_control_ns(const struct hz_dongle *g);

/* Clock of all times here: monotonic, ns. */
int64_t hz_now(void);

/* The rest with the lock held. */

void hz_plug_unref(struct hz_plug *p);

/* Into a port, as the first or the last of the list; nothing when it is in already. -ENOMEM. */
int hz_dongle_plug(struct hz_dongle *g, bool first);
void hz_dongle_unplug(struct hz_dongle *g);

/* Another recording "FILE[@HZ]"; 0 or negative errno. */
int hz_dongle_play(struct hz_dongle *g, const char *name);

/* The registers have changed: rate and what is heard follow, and the report says what. */
void hz_plug_apply(struct hz_plug *p);

#endif
