/* The announcement of a device: Home Assistant's device-based form of discovery (2024.11 and
 * later). It takes no key that it does not know at the root, in `device` or in `origin`. */
#include "daemon/output/ha_device.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

static void add_text(cJSON *o, const char *name, const char *text)
{
    if (text && *text)
        cJSON_AddStringToObject(o, name, text);
}

/* Where a device is part of another, it is one of the station. */
static void add_device(cJSON *root, const struct hz_ha_device *d)
{
    char name[HZ_HA_IDENTIFIER_MAX];
    cJSON *o = cJSON_AddObjectToObject(root, "device");
    hz_ha_identifier(&d->who, name);
    const char *names[] = {name};
    cJSON_AddItemToObject(o, "identifiers", cJSON_CreateStringArray(names, 1));
    add_text(o, "name", d->name);
    add_text(o, "model", d->model);
    if (d->heard)
        add_text(o, "serial_number", d->who.id);
    if (!*d->who.id) {
        cJSON_AddStringToObject(o, "sw_version", HZ_VERSION);
        return;
    }
    struct hz_ha_identity station = {.group = "station"};
    snprintf(station.station, sizeof station.station, "%s", d->who.station);
    hz_ha_identifier(&station, name);
    cJSON_AddStringToObject(o, "via_device", name);
}

static void add_class(cJSON *o, const struct hz_ha_field *f)
{
    add_text(o, "device_class", f->class);
    add_text(o, "unit_of_measurement", f->unit);
    add_text(o, "state_class", f->state_class);
    if (f->platform == HZ_HA_SENSOR && f->unit && f->digits >= 0)
        cJSON_AddNumberToObject(o, "suggested_display_precision", f->digits);
    if (f->options) {
        cJSON *list = cJSON_AddArrayToObject(o, "options");
        for (const char *const *p = f->options; *p; p++)
            cJSON_AddItemToArray(list, cJSON_CreateString(*p));
    }
    if (f->platform == HZ_HA_EVENT) {
        const char *types[] = {hz_ha_event_type(f)};
        cJSON_AddItemToObject(o, "event_types", cJSON_CreateStringArray(types, 1));
    }
}

static void add_component(cJSON *components, const struct hz_ha_device *d,
                          const struct hz_ha_field *f, const struct hz_ha_common *c)
{
    char topic[HZ_HA_TOPIC_MAX], unique[HZ_HA_KEY_MAX + 64];
    hz_ha_state_topic(c, d->key, f->name, topic);
    const char *key = strrchr(topic, '/') + 1;
    snprintf(unique, sizeof unique, "%s_%s", d->key, key);
    cJSON *o = cJSON_AddObjectToObject(components, key);
    cJSON_AddStringToObject(o, "platform", hz_ha_platform_name(f->platform));
    cJSON_AddStringToObject(o, "unique_id", unique);
    cJSON_AddStringToObject(o, "name", f->title);
    cJSON_AddStringToObject(o, "state_topic", topic);
    add_class(o, f);
    if (f->flags & HZ_HA_DIAGNOSTIC)
        cJSON_AddStringToObject(o, "entity_category", "diagnostic");
    if (f->flags & HZ_HA_DISABLED)
        cJSON_AddFalseToObject(o, "enabled_by_default");
    if (d->heard && c->expire_s > 0 && f->platform != HZ_HA_EVENT && !(f->flags & HZ_HA_STAYS))
        cJSON_AddNumberToObject(o, "expire_after", c->expire_s);
}

char *hz_ha_announcement(const struct hz_ha_device *d, const struct hz_ha_common *c)
{
    cJSON *root = cJSON_CreateObject();
    add_device(root, d);
    cJSON *origin = cJSON_AddObjectToObject(root, "origin");
    cJSON_AddStringToObject(origin, "name", "hertzd");
    cJSON_AddStringToObject(origin, "sw_version", HZ_VERSION);
    cJSON_AddStringToObject(root, "availability_topic", c->availability);
    cJSON *components = cJSON_AddObjectToObject(root, "components");
    for (size_t i = 0; i < hz_ha_device_states(d); i++) {
        const struct hz_ha_field *f = hz_ha_device_field(d, i);
        if (d->states[i].known)
            add_component(components, d, f, c);
    }
    char *text = components ? cJSON_PrintUnformatted(root) : NULL;
    cJSON_Delete(root);
    return text;
}

/* ---- those of earlier runs -------------------------------------------------------------- */

static const char *text_of(const cJSON *o, const char *name)
{
    const cJSON *text = cJSON_GetObjectItemCaseSensitive(o, name);
    return cJSON_IsString(text) ? text->valuestring : "";
}

/* Which of the fields have a component. */
static void read_components(const cJSON *components, const struct hz_ha_field *fields,
                            uint64_t known[4])
{
    size_t n = hz_ha_fields_count(fields);
    for (size_t i = 0; i < n && i < 256; i++) {
        char topic[HZ_HA_TOPIC_MAX];
        const struct hz_ha_common none = {.base = ""};
        hz_ha_state_topic(&none, "", fields[i].name, topic);
        const cJSON *o = cJSON_GetObjectItemCaseSensitive(components, strrchr(topic, '/') + 1);
        if (cJSON_IsObject(o) && cJSON_GetArraySize(o) > 1)
            known[i / 64] |= UINT64_C(1) << i % 64;
    }
}

bool hz_ha_announcement_read(const char *text, size_t len, struct hz_ha_identity *who,
                             char model[HZ_HA_NAME_MAX], uint64_t known[4])
{
    cJSON *root = cJSON_ParseWithLength(text, len);
    const cJSON *device = cJSON_GetObjectItemCaseSensitive(root, "device");
    const cJSON *names = cJSON_GetObjectItemCaseSensitive(device, "identifiers");
    const cJSON *name = cJSON_GetArrayItem(names, 0);
    const cJSON *origin = cJSON_GetObjectItemCaseSensitive(root, "origin");
    bool ours = strcmp(text_of(origin, "name"), "hertzd") == 0 && cJSON_IsString(name) &&
                hz_ha_identifier_read(name->valuestring, who);
    memset(known, 0, 4 * sizeof *known);
    if (ours) {
        const struct hz_ha_protocol *p = hz_ha_protocol_find(who->group);
        snprintf(model, HZ_HA_NAME_MAX, "%s", text_of(device, "model"));
        if (p)
            read_components(cJSON_GetObjectItemCaseSensitive(root, "components"), p->fields, known);
    }
    cJSON_Delete(root);
    return ours;
}
