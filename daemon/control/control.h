/* The functions of the daemon for the listeners: what clients may read and change. Loop thread. */
#ifndef HZ_DAEMON_CONTROL_CONTROL_H
#define HZ_DAEMON_CONTROL_CONTROL_H

#include "daemon/serve/calls.h"

/* Their ctx is the struct hz_daemon. */
extern const struct hz_serve_calls hz_control_calls;

#endif
