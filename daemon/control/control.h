/* What clients may ask and change: the functions that the listeners are handed. Loop thread. */
#ifndef HZ_DAEMON_CONTROL_CONTROL_H
#define HZ_DAEMON_CONTROL_CONTROL_H

#include "daemon/serve/calls.h"

/* Their ctx is the struct hz_daemon. */
extern const struct hz_serve_calls hz_control_calls;

#endif
