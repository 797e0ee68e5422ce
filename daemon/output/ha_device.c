#include "daemon/output/ha_device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
const struct hz_ha_field hz_ha_hearing[HZ_HA_HEARING + 1] = {
    [HZ_HA_HEARD] = {.name = "last_heard", .title = "Last heard", .class = "timestamp", .digits = -1,
                     .flags = HZ_HA_DIAGNOSTIC | HZ_HA_STAYS | HZ_HA_RETAINED},
    [HZ_HA_SNR] = {.name = "snr", .title = "SNR", .class = "signal_strength", .unit = "dB",
                   .state_class = "measurement", .digits = 1, .flags = HZ_HA_DIAGNOSTIC | HZ_HA_DISABLED},
};
/* clang-format on */

struct hz_ha_device *hz_ha_device_new(const struct hz_ha_identity *who, const char *model,
                                      const struct hz_ha_field *fields, bool heard)
{
    size_t n = hz_ha_fields_count(fields), all = n + (heard ? HZ_HA_HEARING : 0);
    struct hz_ha_device *d = calloc(1, sizeof *d + all * sizeof *d->states);
    if (!d)
        return NULL;
    d->who = *who;
    d->fields = fields;
    d->n_fields = n;
    d->heard = heard;
    d->announce = true;
    hz_ha_key(who, d->key);
    snprintf(d->model, sizeof d->model, "%s", model);
    bool receiver = strcmp(who->group, "receiver") == 0;
    const char *id = *who->id ? who->id : who->station;
    const char *kind = !*who->id ? "hertzd " : receiver ? "Receiver " : "";
    bool titled = heard && strncmp(id, model, strlen(model)) != 0; /* "Pager 1234567" */
    snprintf(d->name, sizeof d->name, "%s%s%s%s%s%s%s", titled ? d->model : "", titled ? " " : "",
             kind, id, *who->mark ? " (" : "", who->mark, *who->mark ? ")" : "");
    for (size_t i = n; i < all; i++)
        d->states[i].known = true;
    return d;
}

void hz_ha_device_free(struct hz_ha_device *d)
{
    free(d);
}

size_t hz_ha_device_states(const struct hz_ha_device *d)
{
    return d->n_fields + (d->heard ? HZ_HA_HEARING : 0);
}

const struct hz_ha_field *hz_ha_device_field(const struct hz_ha_device *d, size_t i)
{
    return i < d->n_fields ? &d->fields[i] : &hz_ha_hearing[i - d->n_fields];
}

bool hz_ha_device_set(struct hz_ha_device *d, size_t i, const char *text, bool always)
{
    struct hz_ha_state *s = &d->states[i];
    if (!s->known)
        d->announce = s->known = true;
    if (!text)
        text = "None"; /* what Home Assistant takes for "not known" */
    if (always || strcmp(s->text, text) != 0) {
        snprintf(s->text, sizeof s->text, "%s", text);
        s->dirty = true;
    }
    return s->dirty || d->announce;
}

void hz_ha_device_again(struct hz_ha_device *d, int64_t since_ms)
{
    d->announce = true;
    for (size_t i = 0; i < hz_ha_device_states(d); i++) {
        struct hz_ha_state *s = &d->states[i];
        bool retained = hz_ha_device_field(d, i)->flags & HZ_HA_RETAINED;
        bool event = hz_ha_device_field(d, i)->platform == HZ_HA_EVENT;
        s->dirty =
            !d->remove && s->known && *s->text && !event && (retained || d->heard_ms > since_ms);
    }
}

/* ---- what is published ------------------------------------------------------------------ */

void hz_ha_config_topic(const struct hz_ha_common *c, const char *key, char out[HZ_HA_TOPIC_MAX])
{
    snprintf(out, HZ_HA_TOPIC_MAX, "%s/device/%s/config", c->prefix, key);
}

/* A field's name as a level of a topic and as the key of a component: without dots. */
static void component(const char *field, char out[64])
{
    snprintf(out, 64, "%s", field);
    for (; *out; out++) {
        if (*out == '.')
            *out = '_';
    }
}

void hz_ha_state_topic(const struct hz_ha_common *c, const char *key, const char *field,
                       char out[HZ_HA_TOPIC_MAX])
{
    char name[64];
    component(field, name);
    snprintf(out, HZ_HA_TOPIC_MAX, "%s/%s/%s", c->base, key, name);
}

/* Removed: an empty message in the place of the announcement and of each retained state. */
static bool next_removal(struct hz_ha_device *d, const struct hz_ha_common *c,
                         struct hz_ha_out *out)
{
    *out = (struct hz_ha_out){.retain = true};
    if (d->announce) {
        d->announce = false;
        for (size_t i = 0; i < hz_ha_device_states(d); i++)
            d->states[i].ghost = hz_ha_device_field(d, i)->flags & HZ_HA_RETAINED;
        hz_ha_config_topic(c, d->key, out->topic);
        return true;
    }
    for (size_t i = 0; i < hz_ha_device_states(d); i++) {
        if (d->states[i].ghost) {
            d->states[i].ghost = false;
            hz_ha_state_topic(c, d->key, hz_ha_device_field(d, i)->name, out->topic);
            return true;
        }
    }
    return false;
}

bool hz_ha_device_next(struct hz_ha_device *d, const struct hz_ha_common *c, struct hz_ha_out *out)
{
    if (d->remove)
        return next_removal(d, c, out);
    *out = (struct hz_ha_out){0};
    if (d->announce) {
        out->payload = hz_ha_announcement(d, c);
        if (!out->payload)
            return false; /* no memory: it stays to be announced */
        d->announce = false;
        out->len = strlen(out->payload);
        out->retain = true;
        hz_ha_config_topic(c, d->key, out->topic);
        return true;
    }
    for (size_t i = 0; i < hz_ha_device_states(d); i++) {
        struct hz_ha_state *s = &d->states[i];
        if (!s->dirty)
            continue;
        const struct hz_ha_field *f = hz_ha_device_field(d, i);
        out->payload = strdup(s->text);
        if (!out->payload)
            return false;
        s->dirty = false;
        out->len = strlen(out->payload);
        out->retain = f->flags & HZ_HA_RETAINED;
        hz_ha_state_topic(c, d->key, f->name, out->topic);
        return true;
    }
    return false;
}
