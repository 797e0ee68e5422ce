/* GeoJSON (RFC 7946) of everything with a position. Ships have the properties of AIS-catcher, by
 * which tar1090 lists them. That map looks up a picture by `shipclass` in each feature, and cannot
 * read text beyond Latin-1, so everything has that property, and all text is ASCII. */
#include "daemon/picture/ais_class.h"
#include "daemon/picture/format.h"

#include <math.h>
#include <stdio.h>

enum { CLASS_PLANE = 9, CLASS_STATION = 11 };

static const double foot_m = 0.3048, mile_m = 1852;

/* The code point of the character at s, of which `used` bytes are taken. */
static uint32_t code_point(const char *s, size_t *used)
{
    unsigned char c = (unsigned char)*s;
    size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    uint32_t code = n == 1 ? c : c & (0x7fu >> n);
    for (size_t i = 1; i < n; i++)
        code = code << 6 | ((unsigned char)s[i] & 0x3f);
    *used = n;
    return code;
}

/* A piece of JSON with all characters beyond ASCII written as \uXXXX. */
static void ascii(struct hz_json *j, const char *s, size_t n)
{
    for (size_t i = 0, used; i < n; i += used) {
        uint32_t code = code_point(s + i, &used);
        char text[16];
        if (code < 0x80)
            hz_json_raw(j, s + i, 1);
        else if (code < 0x10000)
            hz_json_raw(j, text, (size_t)snprintf(text, sizeof text, "\\u%04x", (unsigned)code));
        else
            hz_json_raw(j, text,
                        (size_t)snprintf(text, sizeof text, "\\u%04x\\u%04x",
                                         (unsigned)(0xd800 + ((code - 0x10000) >> 10)),
                                         (unsigned)(0xdc00 + (code & 0x3ff))));
    }
}

/* A member whose value is a piece of JSON. */
static void put(struct hz_json *j, const char *key, const char *json, size_t n)
{
    if (j->len > 0 && j->buf[j->len - 1] != '{')
        hz_json_raw(j, ",", 1);
    hz_json_raw(j, "\"", 1);
    hz_json_raw(j, key, strlen(key));
    hz_json_raw(j, "\":", 2);
    ascii(j, json, n);
}

static void put_text(struct hz_json *j, const char *key, const char *text)
{
    char quoted[1024];
    struct hz_json q;
    hz_json_init(&q, quoted, sizeof quoted);
    hz_json_str(&q, NULL, text);
    if (!q.full)
        put(j, key, quoted, q.len);
}

/* Fields that are passed on, under another name where the map has one for it. */
struct passed {
    const char *field, *property;
};

static void pass(struct hz_json *j, const struct hz_target *t, uint64_t now_ms,
                 const struct passed *list)
{
    struct hz_value v;
    for (; list->field; list++) {
        if (hz_target_field(t, list->field, now_ms, &v))
            put(j, list->property ? list->property : list->field, v.p, v.n);
    }
}

static void ship(struct hz_json *j, const struct hz_target *t, uint64_t now_ms)
{
    static const struct passed list[] = {
        {"speed", NULL},        {"course", "cog"},  {"heading", NULL},     {"status", NULL},
        {"callsign", NULL},     {"shiptype", NULL}, {"destination", NULL}, {"imo", NULL},
        {"draught", NULL},      {"to_bow", NULL},   {"to_stern", NULL},    {"to_port", NULL},
        {"to_starboard", NULL}, {NULL, NULL},
    };
    enum hz_ais_class c = hz_ais_class_of(t);
    struct hz_value v;
    double shiptype = 0, distance, bearing;
    char name[128];
    if (hz_target_field(t, "shiptype", now_ms, &v))
        hz_value_number(v, &shiptype);
    put(j, "mmsi", t->id, strlen(t->id));
    if (hz_target_name(t, now_ms, name, sizeof name - 5)) {
        if (hz_target_field(t, "virtual_aid", now_ms, &v) && hz_value_is(v, "true"))
            strcat(name, " [V]");
        put_text(j, "shipname", name);
    }
    pass(j, t, now_ms, list);
    hz_json_int(j, "mmsi_type", (int)c);
    hz_json_int(j, "shipclass", hz_ais_shipclass(c, (int)shiptype));
    hz_json_uint(j, "msg_type", t->types);
    if (hz_target_seen(t, &distance, &bearing))
        hz_json_decimals(j, "distance", distance / mile_m, 2);
}

static void aircraft(struct hz_json *j, const struct hz_target *t, uint64_t now_ms)
{
    static const struct passed list[] = {
        {"hex", NULL},       {"flight", NULL},   {"squawk", NULL},    {"category", NULL},
        {"emergency", NULL}, {"alt_baro", NULL}, {"alt_geom", NULL},  {"gs", NULL},
        {"track", NULL},     {"track", "cog"},   {"baro_rate", NULL}, {NULL, NULL},
    };
    pass(j, t, now_ms, list);
    hz_json_int(j, "shipclass", CLASS_PLANE);
}

static void station(struct hz_json *j, const struct hz_target *t, uint64_t now_ms)
{
    static const struct passed list[] = {
        {"srccallsign", NULL}, {"symboltable", NULL}, {"symbolcode", NULL}, {"comment", NULL},
        {"status", NULL},      {"speed", NULL},       {"course", "cog"},    {"altitude", NULL},
        {"wx", NULL},          {NULL, NULL},
    };
    pass(j, t, now_ms, list);
    hz_json_int(j, "shipclass", CLASS_STATION);
}

static void properties(struct hz_json *j, const struct hz_target *t, uint64_t now_ms)
{
    static void (*const of_list[])(struct hz_json * j, const struct hz_target *t,
                                   uint64_t now_ms) = {aircraft, ship, station};
    double distance, bearing;
    char name[128];
    put_text(j, "id", t->id);
    if (hz_target_name(t, now_ms, name, sizeof name))
        put_text(j, "name", name);
    hz_json_str(j, "list", hz_lists[t->family->list].name);
    hz_json_str(j, "protocol", t->topic->protocol);
    if (t->mark)
        hz_json_bool(j, t->mark, true);
    hz_json_str(j, "receiver", t->topic->receiver);
    hz_json_str(j, "channel", t->topic->channel);
    hz_format_time(j, "last_signal", t->last_ns);
    hz_format_age(j, "position_age_s", now_ms, t->fix.heard_ms);
    hz_json_uint(j, "count", t->messages);
    hz_json_decimals(j, "level", (double)t->last_rssi_dbfs, 1);
    hz_json_decimals(j, "snr_db", (double)t->best_snr_db, 1);
    if (hz_target_seen(t, &distance, &bearing)) {
        hz_json_decimals(j, "distance_m", distance, 0);
        hz_json_decimals(j, "bearing", bearing, 1);
    }
    of_list[t->family->list](j, t, now_ms);
}

static void target(struct hz_json *j, const struct hz_target *t, uint64_t now_ms)
{
    double unit_m = t->family->list == HZ_LIST_AIRCRAFT ? foot_m : 1;
    hz_json_open(j, NULL);
    hz_json_str(j, "type", "Feature");
    hz_json_open(j, "geometry");
    hz_json_str(j, "type", "Point");
    hz_json_open_array(j, "coordinates");
    hz_json_decimals(j, NULL, t->fix.at.lon, 6);
    hz_json_decimals(j, NULL, t->fix.at.lat, 6);
    hz_json_decimals(j, NULL, (double)t->fix.alt * unit_m, 1);
    hz_json_close_array(j);
    hz_json_close(j);
    hz_json_open(j, "properties");
    properties(j, t, now_ms);
    hz_json_close(j);
    hz_json_close(j);
}

static void head(const struct hz_picture_format *f, struct hz_json *j, const struct hz_picture *p)
{
    (void)f, (void)p;
    hz_json_open(j, NULL);
    hz_json_str(j, "type", "FeatureCollection");
    /* for how long tar1090 shows a ship */
    hz_json_uint(j, "time_span", hz_lists[HZ_LIST_SHIPS].forget_ms / 1000);
    hz_json_open_array(j, "features");
}

static void tail(struct hz_json *j)
{
    hz_json_close_array(j);
    hz_json_close(j);
    hz_json_raw(j, "\n", 1);
}

#define FORMAT(bits)                                                                               \
    {                                                                                              \
        .type = "application/geo+json", .lists = (bits), .placed = true, .head = head,             \
        .target = target, .tail = tail                                                             \
    }

const struct hz_picture_format hz_format_geojson = FORMAT((1u << HZ_LISTS) - 1);
const struct hz_picture_format hz_format_geojson_lists[HZ_LISTS] = {
    FORMAT(1u << HZ_LIST_AIRCRAFT), FORMAT(1u << HZ_LIST_SHIPS), FORMAT(1u << HZ_LIST_STATIONS)};
