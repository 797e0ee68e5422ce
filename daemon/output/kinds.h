/* The kinds of `type =` of an [output] section. */
#ifndef HZ_DAEMON_OUTPUT_KINDS_H
#define HZ_DAEMON_OUTPUT_KINDS_H

#include "config/kind.h"

/* In the order of the documentation; ends with NULL. */
extern const struct hz_conf_kind *const hz_output_kinds[];

#endif
