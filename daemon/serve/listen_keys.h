/* The keys of each `type =` of a [listen] section. What a type does is in kinds.h. */
#ifndef HZ_DAEMON_SERVE_LISTEN_KEYS_H
#define HZ_DAEMON_SERVE_LISTEN_KEYS_H

#include "config/kind.h"

/* In the order of the documentation; ends with NULL. */
extern const struct hz_listen_kind *const hz_listen_kinds[];

#endif
