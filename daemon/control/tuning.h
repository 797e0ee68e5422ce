/* Changes of a receiver while it streams, asked for by clients. Loop thread. */
#ifndef HZ_DAEMON_CONTROL_TUNING_H
#define HZ_DAEMON_CONTROL_TUNING_H

#include "daemon/run/daemon.h"

/* As `set` and `tuner` of struct hz_serve_calls (daemon/serve/calls.h). */
int hz_control_set(struct hz_daemon *d, const char *receiver, enum hz_knob knob, double value,
                   bool force, char *err, size_t err_len);
bool hz_control_tuner(const struct hz_daemon *d, const char *receiver, uint32_t *tuner,
                      uint32_t *n_gains);

/* The methods "tune", "gain", "ppm" and "bias": params receiver and value, of "tune" also force. */
int hz_control_tune(struct hz_daemon *d, enum hz_knob knob, const cJSON *params, cJSON **result,
                    char *err, size_t err_len);

#endif
