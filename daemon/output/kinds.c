#include "daemon/output/kinds.h"

#include "daemon/output/filter.h"
#include "daemon/output/output.h"

#include <string.h>

/* All kinds of output, one line each. */
/* clang-format off */
const struct hz_conf_kind *const hz_output_kinds[] = {
    &hz_output_file.kind,
    &hz_output_wav.kind,
    &hz_output_record.kind,
    &hz_output_aircraft.kind,
    &hz_output_tcp.kind,
    &hz_output_udp.kind,
    &hz_output_http.kind,
    &hz_output_aprs_is.kind,
    &hz_output_sondehub.kind,
    &hz_output_ais_post.kind,
    &hz_output_nats.kind,
    &hz_output_mqtt.kind,
    NULL,
};
/* clang-format on */

void hz_output_check_path(const struct hz_check *c, void *item)
{
    const struct hz_conf_path_output *o = item;
    const struct hz_config *config = hz_check_config(c);
    hz_output_check_filter(c, &o->output);
    if (!hz_check_needs(c, "path", "path = PATH"))
        return;
    for (size_t i = 0; i < hz_check_index(c); i++) {
        const struct hz_conf_output *other = config->outputs[i];
        const struct hz_output_kind *kind = (const struct hz_output_kind *)other->kind;
        if (kind && strcmp(kind->target(other), o->path) == 0)
            hz_check_error(c, "path", "path = '%s' is taken by [output %s]", o->path, other->name);
    }
}
