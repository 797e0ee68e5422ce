/* Reading the configuration again while the daemon runs. Loop thread. */
#ifndef HZ_DAEMON_RUN_RELOAD_H
#define HZ_DAEMON_RUN_RELOAD_H

#include "daemon/run/daemon.h"

/* Reads the configuration again and applies what changed; refuses it whole on any error, and while
 * the daemon stops. err (of err_len) gets the errors. Not 0 also when it is in force but for a
 * listener that waits, which err names. */
int hz_daemon_reload(struct hz_daemon *d, char *err, size_t err_len);

/* From now on SIGHUP reloads. */
void hz_reload_init(struct hz_daemon *d, uv_loop_t *loop);
void hz_reload_close(struct hz_daemon *d);

#endif
