/* The proposal of `hertzd learn` on standard output: the declaration with examples, and how it
 * reads the recordings, as comments behind it. Loop thread. */
#ifndef HZ_DAEMON_CMD_LEARN_SHOW_H
#define HZ_DAEMON_CMD_LEARN_SHOW_H

#include "proto/sensors/learn.h"

/* names: of the recordings, by their number. Exit code: 1 where the text cannot be compiled, with
 * the reason on standard error. */
int hz_learn_show(const struct hz_learn *l, const char *name, const char *field,
                  const char *const *names);

#endif
