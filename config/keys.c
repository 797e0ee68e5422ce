/* The keys of meters, for the channels that want them. */
#include "proto/wmbus/keys.h"
#include "config/schema.h"

#include <string.h>

void hz_config_keys(struct hz_conf_parser *p)
{
    struct hz_config *c = p->config;
    if (p->errors->count > 0 || c->n_meters == 0)
        return;
    c->keys = hz_meter_keys_new(c->n_meters);
    if (!c->keys) {
        hz_conf_error(p->errors, p->file, 0, "out of memory");
        return;
    }
    for (size_t i = 0; i < c->n_meters; i++) {
        c->keys->list[i].id = c->meters[i].id;
        memcpy(c->keys->list[i].key, c->meters[i].key, sizeof c->meters[i].key);
    }
    for (size_t i = 0; i < c->n_channels; i++) {
        if (c->channels[i].decoder->wants_keys)
            c->channels[i].keys = c->keys;
    }
}
