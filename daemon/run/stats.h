/* Publishes lines of kind `stats` at the interval of the configuration. Loop thread. */
#ifndef HZ_DAEMON_RUN_STATS_H
#define HZ_DAEMON_RUN_STATS_H

#include "daemon/run/daemon.h"

void hz_stats_init(struct hz_daemon *d, uv_loop_t *loop);
/* Begins, or goes on with another interval, if the configuration in force has one. */
void hz_stats_start(struct hz_daemon *d);
void hz_stats_close(struct hz_daemon *d);

#endif
