#include "daemon/output/taped.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct hz_taped *hz_taped_new(const struct hz_taped *r, const char *file)
{
    size_t n = strlen(file) + 1;
    struct hz_taped *copy = malloc(sizeof *copy + n);
    if (!copy)
        return NULL;
    *copy = *r;
    copy->next = NULL;
    memcpy(copy->file, file, n);
    return copy;
}

const char *hz_taped_ending(bool opus)
{
    return opus ? ".opus" : ".wav";
}

size_t hz_taped_print(const struct hz_taped *r, const char *name, const struct hz_frame *message,
                      char *text, size_t size)
{
    struct hz_json j;
    hz_json_init(&j, text, size);
    hz_json_open(&j, NULL);
    hz_json_str(&j, "recorded_by", "hertzd");
    hz_json_str(&j, "name", name);
    hz_json_str(&j, "format", hz_taped_ending(r->opus) + 1);
    hz_json_time(&j, "time", r->utc_ns);
    hz_json_str(&j, "receiver", r->receiver);
    hz_json_str(&j, "channel", r->channel);
    hz_json_decimals(&j, "seconds", r->seconds, 3);
    hz_json_uint(&j, "bytes", r->bytes);
    if (message) {
        hz_json_open(&j, "message");
        hz_record_print(&message->rec, &j);
        hz_json_close(&j);
    }
    hz_json_close(&j);
    hz_json_raw(&j, "\n", 1);
    return j.full ? 0 : j.len;
}

static const char *text_of(const cJSON *o, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, key));
    return text ? text : "";
}

static double number_of(const cJSON *o, const char *key)
{
    const cJSON *n = cJSON_GetObjectItemCaseSensitive(o, key);
    return cJSON_IsNumber(n) ? n->valuedouble : NAN;
}

struct hz_taped *hz_taped_parse(const char *text, size_t n, const char *name, const char *file)
{
    cJSON *o = cJSON_ParseWithLength(text, n);
    struct hz_taped r = {0}, *made = NULL;
    const char *channel = text_of(o, "channel"), *receiver = text_of(o, "receiver"),
               *format = text_of(o, "format");
    r.opus = strcmp(format, "opus") == 0;
    r.seconds = number_of(o, "seconds");
    double bytes = number_of(o, "bytes");
    bool good = strcmp(text_of(o, "recorded_by"), "hertzd") == 0 &&
                strcmp(text_of(o, "name"), name) == 0 && hz_name_ok(channel) &&
                hz_name_ok(receiver) && (r.opus || strcmp(format, "wav") == 0) && r.seconds >= 0 &&
                r.seconds < 1e9 && bytes >= 0 && bytes < 1e15 &&
                hz_parse_time(text_of(o, "time"), &r.utc_ns) == 0;
    if (good) {
        r.bytes = (uint64_t)bytes;
        snprintf(r.channel, sizeof r.channel, "%s", channel);
        snprintf(r.receiver, sizeof r.receiver, "%s", receiver);
        made = hz_taped_new(&r, file);
    }
    cJSON_Delete(o);
    return made;
}
