/* What is wrong with a configuration although each part of it could run. */
#include "config/config.h"

#include <string.h>

void hz_config_check_whole(const struct hz_config *c, const char *file,
                           struct hz_conf_errors *errors)
{
    if (c->n_receivers == 0 && c->n_inputs == 0)
        hz_conf_error(errors, file, 0,
                      "has no receiver: expected at least one section [receiver NAME], or [input "
                      "NAME] for messages of other programs");
    if (c->n_listens == 0 && c->n_outputs == 0)
        hz_conf_error(
            errors, file, 0,
            "has no listener, so that nobody gets what is received: expected at least one "
            "section [listen NAME] or [output NAME]");
}

/* Whether two channels are the same in all but their names and priorities. */
static bool twins(const struct hz_conf_channel *a, const struct hz_conf_channel *b)
{
    struct hz_conf_channel same = *a;
    memcpy(same.name, b->name, sizeof same.name);
    same.priority = b->priority;
    return hz_conf_channel_same(&same, b);
}

void hz_config_check_twins(const struct hz_config *c, struct hz_conf_errors *errors)
{
    for (size_t i = 0; i < c->n_channels; i++) {
        const struct hz_conf_channel *ch = &c->channels[i];
        for (size_t k = 0; k < i; k++) {
            const struct hz_conf_channel *o = &c->channels[k];
            if (!twins(o, ch))
                continue;
            const struct hz_where *at = ch->freq_at.line ? &ch->freq_at : &ch->where;
            hz_conf_error(
                errors, at->file, at->line,
                "%s at %.10g MHz is received twice by %s: channel %s at %s:%d is the same",
                ch->decoder->name, ch->freq_hz / 1e6, ch->receiver, o->name, o->where.file,
                o->where.line);
            break;
        }
    }
}
