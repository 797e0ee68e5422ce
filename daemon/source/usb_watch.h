/* Watches the USB bus: libusb's hotplug events on a context of its own, with its file descriptors
 * on the loop, whatever is plugged in, since only SoapySDR's drivers know their radios; and a slow
 * poll of the number of dongles, because without udev there are no events. Loop thread. */
#ifndef HZ_DAEMON_SOURCE_USB_WATCH_H
#define HZ_DAEMON_SOURCE_USB_WATCH_H

#include <uv.h>

struct hz_usb_watch;

/* `changed` is called when a device was plugged in, or the poll finds more dongles. NULL: libusb
 * could not be initialised. */
struct hz_usb_watch *hz_usb_watch_new(uv_loop_t *loop, void (*changed)(void *ctx), void *ctx);
/* Closes the watch, which is freed when its handles are closed. NULL is allowed. */
void hz_usb_watch_close(struct hz_usb_watch *w);

#endif
