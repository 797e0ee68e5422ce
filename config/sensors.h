/* Sets of sensors (proto/sensors/set.h) from text: files of [sensor NAME] sections, read by the
 * configuration's own reader. The shipped declarations, config/sensors/NAME.conf, are also in the
 * program. Any thread, for sets that are the caller's. */
#ifndef HZ_CONFIG_SENSORS_H
#define HZ_CONFIG_SENSORS_H

#include "proto/sensors/set.h"

/* A shipped file, as it is in the source tree. */
struct hz_sensors_file {
    const char *name; /* "config/sensors/nexus.conf" */
    const char *text, *end;
};
/* All of them, sorted by name; ends with a NULL name. make writes them (build/sensors.c). */
extern const struct hz_sensors_file hz_sensors_files[];

/* One file in the program: for build/sensors.c. */
#define HZ_SENSORS_EMBED(number, name)                                                             \
    __asm__(".section .rodata\n"                                                                   \
            "hz_sensors_" #number ": .incbin \"" name "\"\n"                                       \
            "hz_sensors_" #number "_end: .byte 0\n"                                                \
            ".previous\n");                                                                        \
    extern const char hz_sensors_##number[] __attribute__((visibility("hidden")));                 \
    extern const char hz_sensors_##number##_end[] __attribute__((visibility("hidden")));

/* Reads a text as if it were that file. Other sections than [sensor NAME] are errors. */
void hz_sensors_read(struct hz_sensor_drafts *d, const char *file, const char *text, size_t len,
                     hz_sensor_tell *tell, void *ctx);

/* The shipped files. */
void hz_sensors_read_shipped(struct hz_sensor_drafts *d, hz_sensor_tell *tell, void *ctx);
/* By name each .conf file of a folder, or a single file. `must`: it is an error that there is none.
 */
void hz_sensors_read_folder(struct hz_sensor_drafts *d, const char *folder, bool must,
                            hz_sensor_tell *tell, void *ctx);
/* The folder sensors.d beside a configuration. NULL: no memory. Freed by the caller. */
char *hz_sensors_folder(const char *conf_file);

/* The shipped set, with what is in that folder or file in addition (NULL: nothing). 0; -EINVAL with
 * the first error in err, as FILE:LINE; -ENOMEM. */
int hz_sensor_set_load(struct hz_sensor_set **set, const char *folder, bool must, char *err,
                       size_t err_len);

/* The shipped set. 0, or -errno with the first error in err. */
int hz_sensor_set_builtin(struct hz_sensor_set **set, char *err, size_t err_len);

/* The shipped set, and this text in addition; file names it in errors. For tests and tools. */
int hz_sensor_set_with(struct hz_sensor_set **set, const char *file, const char *text, size_t len,
                       char *err, size_t err_len);

/* This text alone. */
int hz_sensor_set_of(struct hz_sensor_set **set, const char *file, const char *text, size_t len,
                     char *err, size_t err_len);

#endif
