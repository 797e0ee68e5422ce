#include "daemon/event/told.h"

#include "proto/out/field.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROOM = 64 * 1024 /* for all members but the message: texts are escaped up to six times */ };

void hz_told_span(uint64_t ms, char *out, size_t size)
{
    static const struct {
        uint64_t seconds;
        const char *unit;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    uint64_t seconds = ms / 1000;
    size_t i = 0;
    while (i < 3 && (seconds == 0 || seconds % units[i].seconds != 0))
        i++;
    snprintf(out, size, "%llu %s", (unsigned long long)(seconds / units[i].seconds), units[i].unit);
}

/* ---- values of a template ---- */

/* "KLM1023 (4840d6)", or what there is of it. */
static void put_who(const struct hz_told *t, char *out, size_t size)
{
    if (*t->name && *t->id && strcmp(t->name, t->id) != 0)
        snprintf(out, size, "%s (%s)", t->name, t->id);
    else
        snprintf(out, size, "%s", *t->name ? t->name : *t->id ? t->id : t->topic->channel);
}

static void put_number(char *out, size_t size, double v, int decimals)
{
    struct hz_json j;
    hz_json_init(&j, out, size - 1);
    hz_json_decimals(&j, NULL, v, decimals); /* without trailing zeros, whatever the locale */
    out[j.full ? 0 : j.len] = '\0';
}

static bool envelope(const struct hz_told *t, const char *name, char *out, size_t size)
{
    const struct hz_record *r = t->frame ? &t->frame->rec : NULL;
    double distance_m = NAN, bearing_deg = NAN;
    if (t->target)
        hz_target_seen(t->target, &distance_m, &bearing_deg);
    const struct {
        const char *name;
        double v;
        int decimals;
    } numbers[] = {{"lat", t->at.lat, 5},
                   {"lon", t->at.lon, 5},
                   {"distance_km", distance_m / 1000, 1},
                   {"bearing_deg", bearing_deg, 0},
                   {"freq_mhz", r && r->freq_hz > 0 ? r->freq_hz / 1e6 : NAN, 6},
                   {"snr_db", r ? (double)r->snr_db : NAN, 1},
                   {"rssi_dbfs", r ? (double)r->rssi_dbfs : NAN, 1},
                   {"suppressed", (double)t->suppressed, 0}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (strcmp(name, numbers[i].name) != 0)
            continue;
        put_number(out, size, numbers[i].v, numbers[i].decimals);
        return true;
    }
    return false;
}

static void value_text(struct hz_value v, char *out, size_t size)
{
    if (!hz_value_string(v, out, size))
        snprintf(out, size, "%.*s", v.n < size ? (int)v.n : 0, v.p);
}

/* What the message says, else what is known of its sender. */
static void field(const struct hz_told *t, const char *name, char *out, size_t size)
{
    struct hz_value v;
    if ((t->frame && hz_record_field(&t->frame->rec, name, &v)) ||
        (t->target && hz_target_field(t->target, name, t->now_ms, &v)))
        value_text(v, out, size);
}

static void value(void *ctx, const char *name, char *out, size_t size)
{
    const struct hz_told *t = ctx; /* which is only read */
    char time[HZ_TIME_TEXT];
    hz_time_text(t->utc_ns, time);
    const struct {
        const char *name, *text;
    } texts[] = {{"event", t->conf->name},
                 {"when", hz_when_name(t->when->kind)},
                 {"condition", t->when->words},
                 {"id", t->id},
                 {"name", t->name},
                 {"reason", t->reason},
                 {"time", time},
                 {"text", t->text},
                 {"receiver", t->topic->receiver},
                 {"channel", t->topic->channel},
                 {"protocol", t->topic->protocol}};
    out[0] = '\0';
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (strcmp(name, texts[i].name) == 0) {
            snprintf(out, size, "%s", texts[i].text);
            return;
        }
    }
    if (strcmp(name, "who") == 0)
        put_who(t, out, size);
    else if (!envelope(t, name, out, size))
        field(t, name, out, size);
}

size_t hz_told_fill(const struct hz_told *t, const char *template, enum hz_escape escape, char *out,
                    size_t size)
{
    return hz_template_fill(template, escape, value, (void *)(uintptr_t)t, out, size);
}

void hz_told_write(struct hz_told *t)
{
    char text[HZ_TOLD_TEXT_MAX - 20];
    t->text[0] = '\0'; /* {text} in the text itself is nothing */
    hz_told_fill(t, t->conf->text, HZ_ESCAPE_RAW, text, sizeof text);
    /* nobody must take it for real */
    snprintf(t->text, sizeof t->text, "%s%s%s%s", text, t->mark ? " [" : "", t->mark ? t->mark : "",
             t->mark ? "]" : "");
}

/* ---- the record ---- */

static void put_known(struct hz_json *j, const char *key, const char *text)
{
    if (*text)
        hz_json_str(j, key, text);
}

static void put_members(struct hz_json *j, const struct hz_told *t)
{
    double distance_m = NAN, bearing_deg = NAN;
    if (t->target)
        hz_target_seen(t->target, &distance_m, &bearing_deg);
    hz_json_time(j, "time", t->utc_ns);
    hz_json_str(j, "event", t->conf->name);
    hz_json_str(j, "when", hz_when_name(t->when->kind));
    hz_json_str(j, "condition", t->when->words);
    put_known(j, "receiver", t->topic->receiver);
    put_known(j, "channel", t->topic->channel);
    put_known(j, "protocol", t->topic->protocol);
    if (t->mark)
        hz_json_bool(j, t->mark, true);
    put_known(j, "id", t->id);
    put_known(j, "name", t->name);
    hz_json_str(j, "reason", t->reason);
    hz_json_str(j, "text", t->text);
    hz_json_decimals(j, "lat", t->at.lat, 6);
    hz_json_decimals(j, "lon", t->at.lon, 6);
    hz_json_decimals(j, "distance_m", distance_m, 0);
    hz_json_decimals(j, "bearing_deg", bearing_deg, 0);
    if (t->suppressed > 0)
        hz_json_uint(j, "suppressed", t->suppressed);
    if (t->frame && t->frame->data) {
        hz_json_open(j, "message");
        j->len--; /* the line brings its own braces, and ends with a newline */
        hz_json_raw(j, t->frame->data, t->frame->len - 2);
        hz_json_close(j);
    }
}

struct hz_frame *hz_told_publish(const struct hz_told *t, struct hz_bus *bus)
{
    size_t cap = ROOM + (t->frame ? t->frame->len : 0);
    char *text = malloc(cap);
    struct hz_marks marks = {0};
    struct hz_record rec = {.kind = HZ_KIND_EVENT,
                            .utc_ns = t->utc_ns,
                            .rssi_dbfs = NAN,
                            .noise_dbfs = NAN,
                            .snr_db = t->frame ? t->frame->rec.snr_db : NAN,
                            .offset_hz = NAN,
                            .about = {.lat = t->at.lat, .lon = t->at.lon},
                            .mark = t->mark,
                            .json = text};
    struct hz_json j;
    if (!text)
        return NULL;
    snprintf(rec.about.id, sizeof rec.about.id, "%s", t->id);
    hz_json_init(&j, text, cap);
    j.marks = &marks;
    put_members(&j, t);
    hz_marks_end(&marks, j.len);
    rec.json_len = j.len;
    rec.marks = (const uint8_t *)marks.at;
    rec.n_fields = marks.n;
    struct hz_frame *f = j.full ? NULL : hz_frame_new(t->topic, &rec, "", 0);
    free(text);
    if (!f || hz_bus_publish(bus, hz_frame_ref(f)) == 0) {
        hz_frame_unref(f);
        return NULL;
    }
    return f;
}
