#include "proto/out/record.h"

#include <stdio.h>
#include <string.h>

const char *hz_kind_name(enum hz_kind kind)
{
    static const char *const names[HZ_KINDS] = {"hello", "message", "gap",   "state", "stats",
                                                "audio", "repeat",  "event", "burst"};
    return names[kind];
}

void hz_about_id(struct hz_json *j, const char *id)
{
    if (!j->about)
        return;
    size_t n = strlen(id);
    n = n < HZ_ID_MAX ? n : HZ_ID_MAX;
    memcpy(j->about->id, id, n);
    j->about->id[n] = '\0';
}

void hz_about_number(struct hz_json *j, uint32_t id)
{
    if (j->about)
        snprintf(j->about->id, sizeof j->about->id, "%u", (unsigned)id);
}

void hz_about_position(struct hz_json *j, double lat, double lon)
{
    if (!j->about)
        return;
    j->about->lat = lat;
    j->about->lon = lon;
}

void hz_record_print(const struct hz_record *r, struct hz_json *j)
{
    hz_json_str(j, "kind", hz_kind_name(r->kind));
    if (r->json_len > 0) {
        hz_json_raw(j, ",", 1);
        hz_json_raw(j, r->json, r->json_len);
    }
    if (r->kind == HZ_KIND_AUDIO)
        hz_json_base64(j, "data", r->raw, r->raw_len);
}
