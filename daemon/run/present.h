/* The configuration that gives a daemon's present state. Loop thread. */
#ifndef HZ_DAEMON_RUN_PRESENT_H
#define HZ_DAEMON_RUN_PRESENT_H

#include "daemon/run/daemon.h"

/* What gives the present state when it is started with: the configuration in force, with tunings
 * that were set by hand, and with rates and centres that would be chosen otherwise now. 0 with
 * *text, which the caller frees; -errno with the reason in err. */
int hz_daemon_text(const struct hz_daemon *d, struct hz_text *text, char *err, size_t err_len);

/* Where changes are saved: the file of the folder FILE.d that is read last. */
#define HZ_CHANGES_FILE "zz-live.conf"

/* What that file has to say for the present state, as *text, which the caller frees, and its full
 * path. 0; -errno with the reason in err: the files are not as they were read, or one is read after
 * it. */
int hz_daemon_changes(const struct hz_daemon *d, char **text, char *path, size_t size, char *err,
                      size_t err_len);

#endif
