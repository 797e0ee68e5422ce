/* The health of the daemon, and its notifications to systemd. Loop thread. */
#ifndef HZ_DAEMON_RUN_HEALTH_H
#define HZ_DAEMON_RUN_HEALTH_H

#include "daemon/run/daemon.h"

/* Two verdicts; if false, `why` gets one line of text.
 *
 * Alive: nothing hangs inside hertzd. This satisfies the watchdog, which would restart the daemon.
 */
bool hz_daemon_alive(const struct hz_daemon *d, char *why, size_t len);

/* Healthy: alive, and everything in the configuration works: no receiver is without its source, no
 * decoder has failed, no listener waits. This is the answer of /healthz. The watchdog does not use
 * it, because a restart would not help and hertzd retries by itself. */
bool hz_daemon_healthy(const struct hz_daemon *d, char *why, size_t len);

/* True when every receiver has delivered samples or is in its first back-off. */
bool hz_daemon_settled(const struct hz_daemon *d);

/* The number of messages of all present channels. */
uint64_t hz_daemon_messages(const struct hz_daemon *d);
/* One line of status: "2 of 2 receivers streaming, 84 messages, 12 clients". */
void hz_daemon_headline(const struct hz_daemon *d, char *out, size_t len);

void hz_health_init(struct hz_daemon *d, uv_loop_t *loop);
/* Starts the notifications to systemd: READY once settled, STATUS every second, and WATCHDOG as
 * long as the daemon is alive. */
void hz_health_start(struct hz_daemon *d);
void hz_health_stop(struct hz_daemon *d);
void hz_health_close(struct hz_daemon *d);

#endif
