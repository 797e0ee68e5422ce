/* What a configuration may name: the decoders, sources, listeners and outputs of this program. */
#ifndef HZ_DAEMON_RUN_KINDS_H
#define HZ_DAEMON_RUN_KINDS_H

#include "config/kind.h"

/* With those decoders, which are borrowed. Any thread. */
struct hz_conf_kinds hz_kinds_with(const struct hz_registry *decoders);

#endif
