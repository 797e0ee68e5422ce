/* The methods `change` and `config`. Loop thread. */
#ifndef HZ_DAEMON_CONTROL_CONFIGURATION_H
#define HZ_DAEMON_CONTROL_CONFIGURATION_H

#include "daemon/run/daemon.h"

#include <cjson/cJSON.h>

/* params: {"add":"channel ships","keys":{"decoder":"ais",…}}, or "set", or "remove" without keys.
 * 0 with *result; -errno with the errors in err. */
int hz_control_change(struct hz_daemon *d, const cJSON *params, cJSON **result, char *err,
                      size_t err_len);

/* params: {"save":true} or none. 0 with *result: the text of the configuration that gives the
 * present state; to be saved, what a file of changes has to say, and where it belongs. */
int hz_control_config(struct hz_daemon *d, const cJSON *params, cJSON **result, char *err,
                      size_t err_len);

/* Keys of a section as they would be written in a file, from the members of an object but `name`:
 * numbers, or texts that a line of a file can hold, or lists of them for a key that repeats. */
enum { HZ_CONTROL_KEYS_MAX = 64, HZ_CONTROL_VALUE_MAX = 1000 };
struct hz_control_keys {
    struct hz_setting list[HZ_CONTROL_KEYS_MAX];
    size_t n;
    char values[HZ_CONTROL_KEYS_MAX][HZ_CONTROL_VALUE_MAX];
};

/* NULL with one line in err: they are none, or memory is short. Freed by free; borrows the names of
 * the members. */
struct hz_control_keys *hz_control_keys(const cJSON *object, char *err, size_t err_len);

#endif
