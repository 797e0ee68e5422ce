#include "daemon/run/kinds.h"

#include "daemon/capture/captures.h"
#include "daemon/event/rule.h"
#include "daemon/input/kinds.h"
#include "daemon/output/kinds.h"
#include "daemon/serve/listen_keys.h"
#include "daemon/source/source.h"

struct hz_conf_kinds hz_kinds_with(const struct hz_registry *decoders)
{
    return (struct hz_conf_kinds){.decoders = decoders,
                                  .sources = hz_source_kinds,
                                  .listens = hz_listen_kinds,
                                  .outputs = hz_output_kinds,
                                  .check_event = hz_event_check,
                                  .check_capture = hz_capture_check,
                                  .inputs = hz_input_kinds};
}
