/* Notifications to systemd (sd_notify(3)). Loop thread. */
#ifndef HZ_DAEMON_BASE_NOTIFY_H
#define HZ_DAEMON_BASE_NOTIFY_H

#include <stdbool.h>

/* True: $NOTIFY_SOCKET is not set, so nobody wants notifications. */
bool hz_notify_unwanted(void);

/* Sends lines of NAME=VALUE to $NOTIFY_SOCKET. False if they were not accepted: the reader is
 * behind, or there is none. libsystemd's function would wait in that case and block the loop. */
__attribute__((format(printf, 1, 2))) bool hz_notify(const char *format, ...);

#endif
