/* The status of the daemon as JSON; documented in docs/control.md. Loop thread. Each function
 * returns a new tree that the caller frees; NULL: no memory. */
#ifndef HZ_DAEMON_CONTROL_STATUS_H
#define HZ_DAEMON_CONTROL_STATUS_H

#include "daemon/run/daemon.h"

cJSON *hz_status_status(const struct hz_daemon *d);
cJSON *hz_status_receivers(const struct hz_daemon *d);
cJSON *hz_status_channels(const struct hz_daemon *d);
cJSON *hz_status_decoders(const struct hz_daemon *d);

#endif
