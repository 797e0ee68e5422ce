/* Watches the USB bus for dongles that come and go: libusb's hotplug on a context of our own, with
 * its file descriptors on the loop, and a slow poll of the number of dongles beside it, since
 * without udev there are no events. Loop thread. */
#ifndef HZ_DAEMON_SOURCE_USB_WATCH_H
#define HZ_DAEMON_SOURCE_USB_WATCH_H

#include <uv.h>

struct hz_usb_watch;

/* `changed` is called when a dongle came (or, by the poll, their number grew). NULL: libusb does
 * not start here. */
struct hz_usb_watch *hz_usb_watch_new(uv_loop_t *loop, void (*changed)(void *ctx), void *ctx);
/* NULL is allowed. Freed when its handles are closed. */
void hz_usb_watch_close(struct hz_usb_watch *w);

#endif
