/* Whether the daemon does what it is there for; and what systemd is told of it. Loop thread. */
#ifndef HZ_DAEMON_RUN_HEALTH_H
#define HZ_DAEMON_RUN_HEALTH_H

#include "daemon/run/daemon.h"

/* Two verdicts, each with one line in `why` when it is false.
 *
 * Alive: nothing hangs inside hertzd. This feeds the watchdog, whose restart is the cure. */
bool hz_daemon_alive(const struct hz_daemon *d, char *why, size_t len);

/* Healthy: alive, and everything that the configuration wants is there: no receiver is without its
 * source, no channel's decoder has failed, no listener waits. /healthz tells this. A restart would
 * mend none of it, and hertzd tries again by itself, so the watchdog does not ask. */
bool hz_daemon_healthy(const struct hz_daemon *d, char *why, size_t len);

/* True when every receiver has had its first samples, or its first back-off. */
bool hz_daemon_settled(const struct hz_daemon *d);

/* Messages of all channels that are there. */
uint64_t hz_daemon_messages(const struct hz_daemon *d);
/* One line for people, how it goes: "2 of 2 receivers streaming, 84 messages, 12 clients". */
void hz_daemon_headline(const struct hz_daemon *d, char *out, size_t len);

void hz_health_init(struct hz_daemon *d, uv_loop_t *loop);
/* Starts telling systemd: READY once settled, STATUS each second, and WATCHDOG as long as healthy.
 */
void hz_health_start(struct hz_daemon *d);
void hz_health_stop(struct hz_daemon *d);
void hz_health_close(struct hz_daemon *d);

#endif
