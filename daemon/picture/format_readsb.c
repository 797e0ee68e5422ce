/* aircraft.json and receiver.json of readsb. */
#include "daemon/base/utc.h"
#include "daemon/picture/readsb.h"

#include <math.h>
#include <stdlib.h>

enum {
    PLACED_MS = 60000, /* so long a position counts, and keeps an aircraft in the list */
    HEARD_MS = 30000,  /* so long a message keeps it */
    RECEIVER_ROOM = 512,
};

/* Fields that have the same name and meaning. tisb: what the list `tisb` calls them; NULL: not. */
static const struct {
    const char *name, *tisb;
} fields[] = {
    {"flight", "callsign"},
    {"alt_baro", "altitude"},
    {"alt_geom", "alt_geom"},
    {"gs", "gs"},
    {"ias", "ias"},
    {"tas", "tas"},
    {"mach", "mach"},
    {"track", "track"},
    {"track_rate", "track_rate"},
    {"roll", "roll"},
    {"mag_heading", "mag_heading"},
    {"true_heading", "true_heading"},
    {"baro_rate", "baro_rate"},
    {"geom_rate", "geom_rate"},
    {"squawk", "squawk"},
    {"category", NULL},
    {"nav_qnh", "nav_qnh"},
    {"nav_altitude_mcp", "nav_altitude_mcp"},
    {"nav_altitude_fms", "nav_altitude_fms"},
    {"nav_heading", "nav_heading"},
    {"nav_modes", "nav_modes"},
    {"nic", "nic"},
    {"rc", "rc"},
    {"version", NULL},
    {"nic_baro", "nic_baro"},
    {"nac_p", "nac_p"},
    {"nac_v", "nac_v"},
    {"sil", "sil"},
    {"sil_type", "sil_type"},
    {"gva", "gva"},
    {"sda", "sda"},
    {"alert", NULL},
    {"spi", NULL},
};
enum { FIELDS = sizeof fields / sizeof *fields };

static bool is_placed(const struct hz_target *t, uint64_t now_ms)
{
    return hz_target_placed(t) && now_ms - t->fix.heard_ms < PLACED_MS;
}

static bool is_listed(const struct hz_target *t, uint64_t now_ms)
{
    /* a single message may be a ghost */
    return is_placed(t, now_ms) || (t->messages > 1 && now_ms - t->heard_ms < HEARD_MS);
}

/* Readers know an aircraft by its address alone, so a simulated one must not stand beside the real
 * one. */
static bool shows(const struct hz_picture *p, const struct hz_target *t, uint64_t now_ms)
{
    const struct hz_target *real = t->mark ? hz_picture_real(p, t) : NULL;
    return is_listed(t, now_ms) && !(real && is_listed(real, now_ms));
}

static void head(const struct hz_picture_format *f, struct hz_json *j, const struct hz_picture *p)
{
    (void)f;
    int64_t now = hz_utc_now();
    struct hz_minute all = hz_minutes_sum(hz_picture_minutes(p), 0, true, now);
    hz_json_open(j, NULL);
    hz_format_time(j, "now", now);
    hz_json_uint(j, "messages", hz_minute_messages(&all));
    hz_json_open_array(j, "aircraft");
}

static void tail(struct hz_json *j)
{
    hz_json_close_array(j);
    hz_json_close(j);
    hz_json_raw(j, "\n", 1);
}

/* ---- an aircraft ------------------------------------------------------------------------ */

static int field_of(struct hz_value name)
{
    int i = 0;
    while (i < FIELDS && !hz_value_is(name, fields[i].name))
        i++;
    return i < FIELDS ? i : -1;
}

static void put(struct hz_json *j, const struct hz_kept_field *f)
{
    hz_json_raw(j, ",\"", 2);
    hz_json_raw(j, f->name.p, f->name.n);
    hz_json_raw(j, "\":", 2);
    hz_json_raw(j, f->value.p, f->value.n);
}

/* ADS-B of version 3 has words that readers do not know. */
static void emergency(struct hz_json *j, const struct hz_kept_field *f)
{
    if (hz_value_is(f->value, "\"distress_automatic\"") ||
        hz_value_is(f->value, "\"distress_manual\""))
        hz_json_str(j, "emergency", "general");
    else if (hz_value_is(f->value, "\"lostlink\""))
        hz_json_str(j, "emergency", "reserved");
    else
        put(j, f);
}

/* Members that have the names of the fields; which of them there are, one bit each. */
static uint64_t values(struct hz_json *j, const struct hz_target *t, uint64_t now_ms)
{
    struct hz_kept_field f;
    uint64_t there = 0;
    for (uint32_t at = 0; hz_target_next_field(t, now_ms, &at, &f);) {
        int i = field_of(f.name);
        if (i >= 0) {
            put(j, &f);
            there |= UINT64_C(1) << i;
        } else if (hz_value_is(f.name, "emergency")) {
            emergency(j, &f);
        }
    }
    return there;
}

static void position(struct hz_json *j, const struct hz_target *t, uint64_t now_ms)
{
    double distance, bearing;
    if (!hz_target_placed(t))
        return;
    bool now = is_placed(t, now_ms);
    if (!now)
        hz_json_open(j, "lastPosition");
    hz_json_decimals(j, "lat", t->fix.at.lat, 6);
    hz_json_decimals(j, "lon", t->fix.at.lon, 6);
    hz_json_decimals(j, "seen_pos", (double)(now_ms - t->fix.heard_ms) / 1e3, 3);
    if (!now)
        hz_json_close(j);
    else if (hz_target_seen(t, &distance, &bearing)) {
        hz_json_decimals(j, "r_dst", distance / 1852, 3);
        hz_json_decimals(j, "r_dir", bearing, 1);
    }
}

/* Names of the fields that are known from a ground station's reports of traffic. */
static void tisb(struct hz_json *j, bool all, bool placed, uint64_t there)
{
    hz_json_open_array(j, "tisb");
    for (int i = 0; all && i < FIELDS; i++) {
        if (there >> i & 1 && fields[i].tisb)
            hz_json_str(j, NULL, fields[i].tisb);
    }
    if (all && placed) {
        hz_json_str(j, NULL, "lat");
        hz_json_str(j, NULL, "lon");
    }
    hz_json_close_array(j);
}

static void target(struct hz_json *j, const struct hz_target *t, uint64_t now_ms)
{
    const char *type = hz_target_source(t, now_ms);
    hz_json_open(j, NULL);
    hz_json_str(j, "hex", t->id);
    hz_json_str(j, "type", *type ? type : "mode_s");
    if (t->mark) {
        hz_json_bool(j, t->mark, true);
        hz_json_str(j, "desc", t->mark); /* which maps show */
    }
    uint64_t there = values(j, t, now_ms);
    position(j, t, now_ms);
    hz_json_open_array(j, "mlat");
    hz_json_close_array(j);
    tisb(j, strncmp(type, "tisb", 4) == 0, is_placed(t, now_ms), there);
    hz_json_uint(j, "messages", t->messages);
    hz_format_age(j, "seen", now_ms, t->heard_ms);
    hz_json_decimals(j, "rssi", (double)t->last_rssi_dbfs, 1);
    hz_json_close(j);
}

const struct hz_picture_format hz_format_readsb = {.type = "application/json",
                                                   .lists = 1u << HZ_LIST_AIRCRAFT,
                                                   .shows = shows,
                                                   .head = head,
                                                   .target = target,
                                                   .tail = tail};

/* ---- receiver.json ---------------------------------------------------------------------- */

char *hz_readsb_receiver(const struct hz_picture *p, unsigned history, size_t *len)
{
    char *text = malloc(RECEIVER_ROOM);
    struct hz_place place;
    struct hz_json j;
    if (!text)
        return NULL;
    hz_json_init(&j, text, RECEIVER_ROOM);
    hz_json_open(&j, NULL);
    hz_json_str(&j, "version", "hertzd " HZ_VERSION);
    hz_json_uint(&j, "refresh", HZ_READSB_REFRESH_MS);
    hz_json_uint(&j, "history", history);
    if (hz_picture_antenna(p, &place)) {
        hz_json_decimals(&j, "lat", place.lat, 6);
        hz_json_decimals(&j, "lon", place.lon, 6);
    }
    hz_json_close(&j);
    hz_json_raw(&j, "\n", 1);
    *len = j.len;
    return text;
}
