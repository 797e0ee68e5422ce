#include "daemon/base/log.h"
#include "daemon/base/utc.h"
#include "daemon/input/hub_own.h"
#include "daemon/input/json_copy.h"

#include <stdlib.h>
#include <string.h>

enum { MORE_MAX = 64 };

/* What the subject and the id of a message tell of its line. */
struct origin {
    char station[HZ_NAME_MAX + 1];
    char stream[HZ_STREAM_MAX + 1]; /* "": not told */
    uint64_t seq;
};

/* hertzd.STATION.PROTOCOL.BUCKET, and STREAM-SEQ. */
static bool read_origin(const struct hz_nats_in *m, struct origin *o)
{
    const char *station = strchr(m->subject, '.');
    size_t n = station ? strcspn(++station, ".") : 0;
    const char *dash = strrchr(m->id, '-');
    if (n == 0 || n > HZ_NAME_MAX)
        return false;
    *o = (struct origin){0};
    memcpy(o->station, station, n);
    if (dash && dash > m->id && (size_t)(dash - m->id) <= HZ_STREAM_MAX) {
        memcpy(o->stream, m->id, (size_t)(dash - m->id));
        o->seq = strtoull(dash + 1, NULL, 10);
    }
    return hz_name_ok(o->station);
}

static const struct hz_decoder *decoder_of(const struct hz_hub *h, const char *protocol)
{
    for (const struct hz_decoder *const *d = h->env.decoders; *d; d++) {
        if (strcmp((*d)->name, protocol) == 0)
            return *d;
    }
    return NULL;
}

/* `,"station":"NAME"` */
static size_t print_station(char more[MORE_MAX], const char *station)
{
    struct hz_json j;
    hz_json_init(&j, more, MORE_MAX);
    hz_json_raw(&j, ",", 1);
    hz_json_raw(&j, "\"station\":\"", 11);
    hz_json_raw(&j, station, strlen(station));
    hz_json_raw(&j, "\"", 1);
    return j.len;
}

/* ---- a message -------------------------------------------------------------------------- */

static void take_message(struct hz_hub *h, struct hz_station *st, const struct hz_line *line)
{
    const struct hz_record *rec = &line->rec;
    struct hz_topic *topic =
        hz_station_topic(&h->stations, st, line->receiver, line->channel, line->protocol);
    const struct hz_decoder *decoder = decoder_of(h, line->protocol);
    char more[MORE_MAX];
    if (!topic) {
        h->counts.unknown++;
        return;
    }
    struct hz_fold_from from = {.decoder = decoder,
                                .topic = topic,
                                .stream = st,
                                .timed = true,
                                .apart_ns = h->apart_ns,
                                .more = more,
                                .more_len = print_station(more, st->name)};
    int64_t late_ns = hz_utc_now() - rec->utc_ns;
    hz_station_heard(st, rec->utc_ns, uv_now(h->env.loop), late_ns);
    h->lag_s += ((double)late_ns / 1e9 - h->lag_s) / 100;
    if (decoder)
        hz_fold_publish(h->env.fold, &from, rec);
    else /* of a newer version: nobody here knows when two are one */
        hz_bus_publish(h->env.bus, hz_frame_new(topic, rec, more, from.more_len));
}

/* ---- a gap, or a state ------------------------------------------------------------------ */

static const char *text_of(const cJSON *json, const char *key)
{
    const char *s = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, key));
    return s && strlen(s) <= HZ_NAME_MAX ? s : "";
}

/* The members of the line as they are, but for those of its frame. False: it has one that cannot be
 * written. */
static bool copy_members(struct hz_json *j, const cJSON *json)
{
    for (const cJSON *v = json->child; v; v = v->next) {
        if (strcmp(v->string, "kind") == 0 || strcmp(v->string, "seq") == 0 ||
            strcmp(v->string, "stream") == 0 || strcmp(v->string, "station") == 0)
            continue;
        if (!hz_json_copy_name(v->string) || hz_json_copy(j, v->string, v))
            return false;
    }
    return true;
}

static bool pass_on(struct hz_hub *h, struct hz_station *st, const cJSON *json)
{
    const char *kind = text_of(json, "kind"), *receiver = text_of(json, "receiver");
    bool gap = strcmp(kind, "gap") == 0 && cJSON_GetObjectItem(json, "samples");
    bool state = strcmp(kind, "state") == 0, stats = strcmp(kind, "stats") == 0;
    const char *time = cJSON_GetStringValue(cJSON_GetObjectItem(json, "time"));
    char text[1024];
    struct hz_json j;
    int64_t utc_ns;
    if (!(gap || state || stats) || !*receiver || !time || hz_parse_time(time, &utc_ns) != 0)
        return false;
    struct hz_topic *topic = hz_station_topic(&h->stations, st, receiver, text_of(json, "channel"),
                                              text_of(json, "protocol"));
    hz_json_init(&j, text, sizeof text);
    if (!topic || !copy_members(&j, json))
        return false;
    hz_json_str(&j, "station", st->name);
    if (j.full)
        return false;
    hz_bus_publish_json(h->env.bus,
                        gap     ? HZ_KIND_GAP
                        : state ? HZ_KIND_STATE
                                : HZ_KIND_STATS,
                        topic, utc_ns, j.buf, j.len);
    h->counts.passed++;
    return true;
}

static void take_other(struct hz_hub *h, struct hz_station *st, const struct hz_nats_in *m)
{
    char *copy = malloc(m->len + 1);
    if (!copy)
        return;
    memcpy(copy, m->data, m->len);
    cJSON *json = hz_json_copy_parse(copy, m->len);
    if (cJSON_IsObject(json) && !pass_on(h, st, json))
        h->counts.bad++;
    cJSON_Delete(json);
    free(copy);
}

/* ---- both ------------------------------------------------------------------------------- */

static void refuse(struct hz_hub *h, const struct hz_nats_in *m, const char *why)
{
    h->counts.bad++;
    if (!h->told_bad)
        hz_log(LOG_WARNING, "input %s: a message of %s is refused: %s", h->name, m->subject, why);
    h->told_bad = true;
}

void hz_hub_take(struct hz_hub *h, const struct hz_nats_in *m)
{
    struct origin o;
    struct hz_line line;
    char err[256] = "";
    if (!read_origin(m, &o)) {
        refuse(h, m, "its subject is not hertzd.STATION.PROTOCOL.BUCKET");
        return;
    }
    struct hz_station *st = hz_stations_get(&h->stations, o.station);
    if (!st) {
        h->counts.unknown++;
        return;
    }
    if (*o.stream && !hz_station_first(st, o.stream, o.seq)) {
        h->counts.duplicates++;
        return;
    }
    struct hz_line_as as = {.input = "nats",
                            .stream = hz_bus_stream(h->env.bus),
                            .from = o.stream,
                            .station = o.station};
    switch (hz_line_read(h->reader, m->data, m->len, &as, &line, err, sizeof err)) {
    case HZ_LINE_MESSAGE:
        take_message(h, st, &line);
        break;
    case HZ_LINE_OTHER:
        take_other(h, st, m);
        break;
    case HZ_LINE_LOOP:
        h->counts.looped++;
        break;
    case HZ_LINE_HELLO:
    case HZ_LINE_BAD:
        refuse(h, m, err);
        break;
    }
}
