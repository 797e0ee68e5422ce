/* Changes a running daemon to another configuration. Loop thread. */
#ifndef HZ_DAEMON_RUN_APPLY_H
#define HZ_DAEMON_RUN_APPLY_H

#include "daemon/run/daemon.h"

/* Makes a configuration of a text, as hz_config_make does. -errno with one line in err: the first
 * error. */
int hz_daemon_make(const struct hz_daemon *d, struct hz_config *new, struct hz_text *text,
                   const struct hz_config *before, char *err, size_t err_len);

/* The keys of [hertzd] whose value now counts only after a restart, as it is another one than at
 * the start: "workers"; NULL: none. */
const char *hz_daemon_waits_for_restart(const struct hz_daemon *d);

/* Puts *new, which is emptied, in the place of the configuration in force. What is the same in both
 * goes on and does not notice. Everything that can fail is done before anything changes, except
 * memory for single channels. 0; or -errno with one line in err: nothing changed if *new is still
 * whole, else it is in force, but something waits, as a listener that cannot be opened yet. */
int hz_daemon_apply(struct hz_daemon *d, struct hz_config *new, char *err, size_t err_len);

#endif
