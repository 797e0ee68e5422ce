/* The kinds of `type =` of an [input] section. */
#ifndef HZ_DAEMON_INPUT_KINDS_H
#define HZ_DAEMON_INPUT_KINDS_H

#include "config/kind.h"

/* In the order of the documentation; ends with NULL. */
extern const struct hz_conf_kind *const hz_input_kinds[];

#endif
