#include "proto/out/record.h"

const char *hz_kind_name(enum hz_kind kind)
{
    static const char *const names[HZ_KINDS] = {"hello", "message", "gap",   "state",
                                                "stats", "audio",   "repeat"};
    return names[kind];
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
