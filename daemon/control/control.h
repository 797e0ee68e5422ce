/* The methods of the control interface. Loop thread. */
#ifndef HZ_DAEMON_CONTROL_CONTROL_H
#define HZ_DAEMON_CONTROL_CONTROL_H

#include "daemon/serve/control.h"

/* A hz_control_fn; ctx is the struct hz_daemon. */
int hz_daemon_control(void *ctx, const char *method, const cJSON *params, cJSON **result, char *err,
                      size_t err_len);

#endif
