/* Reload of the configuration while the daemon runs. Loop thread. */
#ifndef HZ_DAEMON_RUN_RELOAD_H
#define HZ_DAEMON_RUN_RELOAD_H

#include "daemon/run/daemon.h"

/* Reads the configuration again and applies the changes. It is rejected as a whole on any error,
 * and while the daemon stops. 0, or -errno with the errors in err (of err_len); also if it is in
 * force but a listener waits, which err names. */
int hz_daemon_reload(struct hz_daemon *d, char *err, size_t err_len);

/* From now on SIGHUP reloads. */
void hz_reload_init(struct hz_daemon *d, uv_loop_t *loop);
void hz_reload_close(struct hz_daemon *d);

#endif
