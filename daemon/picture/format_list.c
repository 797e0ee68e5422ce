/* /aircraft, /ships, /stations. */
#include "daemon/base/utc.h"
#include "daemon/picture/ais_class.h"
#include "daemon/picture/format.h"

#include <math.h>
#include <stdlib.h>
#include <strings.h>

void hz_format_time(struct hz_json *j, const char *key, int64_t utc_ns)
{
    hz_json_decimals(j, key, (double)utc_ns / 1e9, 3);
}

void hz_format_age(struct hz_json *j, const char *key, uint64_t now_ms, uint64_t then_ms)
{
    hz_json_decimals(j, key, (double)(now_ms - then_ms) / 1e3, 1);
}

static void point(struct hz_json *j, const struct hz_fix *fix)
{
    hz_json_open_array(j, NULL);
    hz_json_decimals(j, NULL, (double)fix->utc_ns / 1e9, 1);
    hz_json_decimals(j, NULL, fix->at.lat, 5);
    hz_json_decimals(j, NULL, fix->at.lon, 5);
    if (isnan(fix->alt))
        hz_json_raw(j, ",null", 5);
    else
        hz_json_decimals(j, NULL, (double)fix->alt, 0);
    hz_json_close_array(j);
}

static void track(struct hz_json *j, const struct hz_track *t)
{
    hz_json_open_array(j, "track");
    for (size_t i = 0; i < t->n; i++)
        point(j, &t->points[i]);
    if (t->any && (t->n == 0 || t->points[t->n - 1].utc_ns != t->newest.utc_ns))
        point(j, &t->newest);
    hz_json_close_array(j);
}

static void position(struct hz_json *j, const struct hz_target *t, uint64_t now_ms)
{
    double distance, bearing;
    if (!hz_target_placed(t))
        return;
    hz_json_decimals(j, "lat", t->fix.at.lat, 6);
    hz_json_decimals(j, "lon", t->fix.at.lon, 6);
    hz_format_time(j, "position_time", t->fix.utc_ns);
    hz_format_age(j, "position_age_s", now_ms, t->fix.heard_ms);
    if (hz_target_seen(t, &distance, &bearing)) {
        hz_json_decimals(j, "distance_m", distance, 0);
        hz_json_decimals(j, "bearing_deg", bearing, 1);
    }
}

static void value(struct hz_json *j, const struct hz_kept_field *f)
{
    if (j->len > 0 && j->buf[j->len - 1] != '{')
        hz_json_raw(j, ",", 1);
    hz_json_raw(j, "\"", 1);
    hz_json_raw(j, f->name.p, f->name.n);
    hz_json_raw(j, "\":", 2);
    hz_json_raw(j, f->value.p, f->value.n);
}

static void fields(struct hz_json *j, const struct hz_target *t, uint64_t now_ms)
{
    struct hz_kept_field f;
    hz_json_open(j, "fields");
    for (uint32_t at = 0; hz_target_next_field(t, now_ms, &at, &f);)
        value(j, &f);
    hz_json_close(j);
}

static void ages(struct hz_json *j, const struct hz_target *t, uint64_t now_ms)
{
    struct hz_kept_field f;
    hz_json_open(j, "ages");
    for (uint32_t at = 0; hz_target_next_field(t, now_ms, &at, &f);) {
        char name[64];
        size_t n = f.name.n < sizeof name ? f.name.n : sizeof name - 1;
        memcpy(name, f.name.p, n);
        name[n] = '\0';
        hz_json_uint(j, name, (uint32_t)(now_ms / 1000) - f.heard_s);
    }
    hz_json_close(j);
}

static void members(struct hz_json *j, const struct hz_target *t, uint64_t now_ms)
{
    char name[128];
    hz_json_str(j, "id", t->id);
    if (hz_target_name(t, now_ms, name, sizeof name))
        hz_json_str(j, "name", name);
    hz_json_str(j, "protocol", t->topic->protocol);
    if (t->family->list == HZ_LIST_SHIPS)
        hz_json_str(j, "class", hz_ais_class_name(hz_ais_class_of(t)));
    if (t->mark)
        hz_json_bool(j, t->mark, true);
    hz_format_time(j, "first", t->first_ns);
    hz_format_time(j, "last", t->last_ns);
    hz_format_age(j, "age_s", now_ms, t->heard_ms);
    hz_json_uint(j, "messages", t->messages);
    hz_json_decimals(j, "snr_db", (double)t->best_snr_db, 1);
    hz_json_decimals(j, "rssi_dbfs", (double)t->last_rssi_dbfs, 1);
    hz_json_str(j, "receiver", t->topic->receiver);
    hz_json_str(j, "channel", t->topic->channel);
    position(j, t, now_ms);
    if (t->doubted > 0)
        hz_json_uint(j, "doubted", t->doubted);
    track(j, &t->track);
    fields(j, t, now_ms);
}

static void target(struct hz_json *j, const struct hz_target *t, uint64_t now_ms)
{
    hz_json_open(j, NULL);
    members(j, t, now_ms);
    hz_json_close(j);
}

static void begin(struct hz_json *j, const struct hz_picture *p, enum hz_list list)
{
    hz_json_open(j, NULL);
    hz_format_time(j, "now", hz_utc_now());
    hz_json_str(j, "stream", hz_picture_stream(p));
    hz_json_uint(j, "seq", hz_picture_seq(p));
    hz_json_open_array(j, hz_lists[list].name);
}

static void head(const struct hz_picture_format *f, struct hz_json *j, const struct hz_picture *p)
{
    enum hz_list list = HZ_LIST_AIRCRAFT;
    while (f->lists != 1u << list)
        list++;
    begin(j, p, list);
}

static void tail(struct hz_json *j)
{
    hz_json_close_array(j);
    hz_json_close(j);
    hz_json_raw(j, "\n", 1);
}

#define FORMAT(list)                                                                               \
    [list] = {.type = "application/json",                                                          \
              .lists = 1u << (list),                                                               \
              .head = head,                                                                        \
              .target = target,                                                                    \
              .tail = tail}

const struct hz_picture_format hz_format_lists[HZ_LISTS] = {
    FORMAT(HZ_LIST_AIRCRAFT), FORMAT(HZ_LIST_SHIPS), FORMAT(HZ_LIST_STATIONS)};

/* ---- one of them ------------------------------------------------------------------------ */

enum {
    ONE_ROOM = 8 * HZ_KEPT_MAX,
    ONE_MOST = 8 /* targets with one id: simulated ones, and so on */
};

char *hz_picture_one(const struct hz_picture *p, enum hz_list list, const char *id, size_t *len)
{
    size_t cap = ONE_ROOM * ONE_MOST;
    char *text = malloc(cap);
    uint64_t now = hz_picture_now_ms(p);
    struct hz_json j;
    int n = 0;
    if (!text)
        return NULL;
    hz_json_init(&j, text, cap);
    begin(&j, p, list);
    for (const struct hz_target *t = hz_picture_last(p, list); t && n < ONE_MOST; t = t->prev) {
        if (strcasecmp(t->id, id) != 0)
            continue;
        hz_json_open(&j, NULL);
        members(&j, t, now);
        ages(&j, t, now);
        hz_json_close(&j);
        n++;
    }
    tail(&j);
    *len = j.len;
    return text;
}
