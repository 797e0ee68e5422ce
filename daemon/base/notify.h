/* What systemd is told of the service (sd_notify(3)). Loop thread. */
#ifndef HZ_DAEMON_BASE_NOTIFY_H
#define HZ_DAEMON_BASE_NOTIFY_H

#include <stdbool.h>

/* True: $NOTIFY_SOCKET is not set, so that nobody wants to be told. */
bool hz_notify_unwanted(void);

/* Sends lines of NAME=VALUE to $NOTIFY_SOCKET. False when they were not taken: whoever reads is
 * behind, or there is nobody. libsystemd's own function waits in that case, which would stop the
 * loop. */
__attribute__((format(printf, 1, 2))) bool hz_notify(const char *format, ...);

#endif
