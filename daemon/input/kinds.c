#include "daemon/input/kinds.h"

#include "daemon/input/input.h"

/* All kinds of input, one line each. */
const struct hz_conf_kind *const hz_input_kinds[] = {&hz_input_tcp.kind, &hz_input_udp.kind,
                                                     &hz_input_nats.kind, NULL};
