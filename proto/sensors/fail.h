/* What is wrong in a text, as one line for people. Pure; any thread. */
#ifndef HZ_PROTO_SENSORS_FAIL_H
#define HZ_PROTO_SENSORS_FAIL_H

#include <stdbool.h>
#include <stddef.h>

/* Writes the line to err. Returns false. */
__attribute__((format(printf, 3, 4))) bool hz_sensor_fail(char *err, size_t err_len,
                                                          const char *format, ...);

#endif
