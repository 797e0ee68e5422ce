/* What is told of a capture. */
#include "daemon/capture/capture_own.h"

#include <math.h>
#include <stdio.h>

static const char *const states[] = {[HZ_CAPTURE_READING] = "starting",
                                     [HZ_CAPTURE_READY] = "ready",
                                     [HZ_CAPTURE_TAKING] = "taking",
                                     [HZ_CAPTURE_LINGERING] = "taking",
                                     [HZ_CAPTURE_WRITING] = "writing"};

static double tenths(double seconds)
{
    return round(seconds * 10) / 10;
}

static cJSON *last_json(const struct hz_capture *c)
{
    char time[HZ_TIME_TEXT], path[4096];
    cJSON *o = cJSON_CreateObject();
    hz_time_text(c->last_utc, time);
    cJSON_AddNumberToObject(o, "number", (double)c->last_number);
    cJSON_AddStringToObject(o, "time", time);
    cJSON_AddStringToObject(o, "trigger", c->last_trigger);
    if (c->last.rc < 0) {
        cJSON_AddStringToObject(o, "error", c->last.error);
        return o;
    }
    snprintf(path, sizeof path, "%s/%s", c->conf->path, c->last.file);
    cJSON_AddStringToObject(o, "path", path);
    cJSON_AddNumberToObject(o, "bytes", (double)c->last.bytes);
    cJSON_AddNumberToObject(o, "seconds", tenths((double)c->last.samples / c->last_rate_hz));
    cJSON_AddNumberToObject(o, "messages", (double)c->last.messages);
    return o;
}

cJSON *hz_capture_json(const struct hz_capture *c)
{
    cJSON *o = cJSON_CreateObject();
    const struct hz_past *p = c->past;
    cJSON_AddStringToObject(o, "name", c->conf->name);
    cJSON_AddStringToObject(o, "receiver", c->conf->receiver);
    cJSON_AddStringToObject(o, "trigger", c->conf->trigger);
    cJSON_AddStringToObject(o, "state",
                            c->state == HZ_CAPTURE_READY && !p ? "waiting" : states[c->state]);
    cJSON_AddStringToObject(o, "error", c->error);
    cJSON_AddNumberToObject(o, "holds_s", p ? tenths((double)p->samples / c->rate_hz) : 0);
    cJSON_AddNumberToObject(o, "memory_bytes", p ? (double)hz_past_bytes(p) : 0);
    cJSON_AddNumberToObject(o, "memory_max_bytes",
                            p ? (double)hz_past_most(p) : (double)c->conf->memory_bytes);
    cJSON_AddNumberToObject(o, "not_kept", p ? (double)p->not_kept : 0);
    cJSON_AddNumberToObject(o, "taken", (double)c->taken);
    cJSON_AddNumberToObject(o, "failed", (double)c->failed);
    cJSON_AddNumberToObject(o, "refused_interval", (double)c->refused_interval);
    cJSON_AddNumberToObject(o, "refused_quota", (double)c->refused_quota);
    cJSON_AddNumberToObject(o, "missed", (double)c->missed);
    cJSON_AddStringToObject(o, "path", c->conf->path);
    cJSON_AddNumberToObject(o, "files", (double)c->files);
    cJSON_AddNumberToObject(o, "bytes", (double)c->bytes);
    cJSON_AddNumberToObject(o, "quota_bytes", (double)c->conf->quota_bytes);
    cJSON_AddNumberToObject(o, "deleted", (double)c->deleted);
    if (c->last_number > 0)
        cJSON_AddItemToObject(o, "last", last_json(c));
    return o;
}
