/* What is wrong, in words, and what a person can do about it. Pure; any thread. */
#ifndef HZ_DAEMON_CONTROL_TROUBLES_H
#define HZ_DAEMON_CONTROL_TROUBLES_H

#include <cjson/cJSON.h>

/* The troubles that a complete status (daemon/control/status.h) shows, the worst first: an array of
 *
 *     {"severity":"error","about":"receiver","name":"roof","what":"backoff: …","remedy":"…"}
 *
 * severity: "error" (something of the configuration does not work), "warning" (it works, but
 * worse than it could), "note" (perhaps nothing is wrong). about: receiver, channel, listener,
 * output, or daemon with an empty name. Empty if there is none. NULL: no memory. */
cJSON *hz_troubles(const cJSON *status);

#endif
