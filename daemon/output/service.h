/* What outputs to services of other people have in common: what must not be told there. Loop
 * thread. */
#ifndef HZ_DAEMON_OUTPUT_SERVICE_H
#define HZ_DAEMON_OUTPUT_SERVICE_H

#include "daemon/bus/frame.h"

/* What was never on the air now (simulated, replayed) is not for a service, unless the key `marked`
 * says so, as for a server of one's own. The line of a table for it. */
/* clang-format off */
#define HZ_KEY_MARKED(type_, field) \
    {.name = "marked", .type = HZ_OPTION_YES, .at = offsetof(type_, field), .fallback = "no", \
     .help = "also what is marked as simulated or replayed; for a server of your own"}
/* clang-format on */

/* Whether error correction changed bits of the message. */
bool hz_service_is_repaired(const struct hz_frame *f);

#endif
