/* Whether the daemon does what it is there for; and what systemd is told of it. Loop thread. */
#ifndef HZ_DAEMON_HEALTH_H
#define HZ_DAEMON_HEALTH_H

#include "daemon/daemon.h"

/* True when all is well: every receiver streams, or waits for its source with good reason, and no
 * job has been at work for longer than it may. Else false with one line in `why`. */
bool hz_daemon_healthy(const struct hz_daemon *d, char *why, size_t len);

/* True when every receiver has had its first samples, or its first back-off. */
bool hz_daemon_settled(const struct hz_daemon *d);

/* Starts telling systemd: READY once settled, STATUS each second, and WATCHDOG as long as healthy.
 */
void hz_health_start(struct hz_daemon *d);

#endif
