/* Radiosondes to SondeHub: telemetry in packed batches, and the place of the receiver. */
#include "daemon/output/batch.h"
#include "daemon/output/service.h"
#include "proto/format/sonde.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct hz_conf_sondehub {
    struct hz_conf_batch batch;
    char *callsign, *antenna, *contact, *listeners;
    double latitude, longitude, altitude_m;
};

static const struct hz_conf_sondehub *of(const struct hz_conf_batch *conf)
{
    return (const struct hz_conf_sondehub *)conf;
}

static bool has_place(const struct hz_conf_sondehub *s)
{
    return !isnan(s->latitude) && !isnan(s->longitude);
}

/* Who sends it, and from where. */
static void put_station(const struct hz_conf_sondehub *s, struct hz_json *j)
{
    hz_json_str(j, "software_name", "hertzd");
    hz_json_str(j, "software_version", HZ_VERSION);
    hz_json_str(j, "uploader_callsign", s->callsign);
    if (has_place(s)) {
        hz_json_open_array(j, "uploader_position");
        hz_json_decimals(j, NULL, s->latitude, 6);
        hz_json_decimals(j, NULL, s->longitude, 6);
        hz_json_decimals(j, NULL, isnan(s->altitude_m) ? 0 : s->altitude_m, 1);
        hz_json_close_array(j);
    }
    if (*s->antenna)
        hz_json_str(j, "uploader_antenna", s->antenna);
}

static void item(const struct hz_conf_batch *conf, const struct hz_form_in *in,
                 struct hz_bytes *out)
{
    char text[HZ_BATCH_ITEM];
    struct hz_json j;
    hz_json_init(&j, text, sizeof text);
    hz_json_open(&j, NULL);
    put_station(of(conf), &j);
    if (!hz_sondehub_put(in, &j))
        return;
    hz_json_close(&j);
    out->full |= j.full;
    hz_bytes_add(out, text, j.len);
}

/* RFC 7231: "Date: Mon, 30 Nov 2026 19:00:00 GMT"; by this SondeHub tells a wrong clock. */
static void add_date(struct hz_batch_request *r)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct tm t;
    time_t now = time(NULL);
    gmtime_r(&now, &t);
    snprintf(r->date, sizeof r->date, "Date: %s, %02d %s %d %02d:%02d:%02d GMT", days[t.tm_wday],
             t.tm_mday, months[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
    r->headers[1] = r->date;
}

static void wrap(const struct hz_conf_batch *conf, const char *items, size_t n,
                 struct hz_batch_request *r)
{
    (void)conf;
    r->web.method = "PUT";
    r->web.gzip = true;
    add_date(r);
    hz_bytes_byte(&r->body, '[');
    hz_bytes_add(&r->body, items, n);
    hz_bytes_byte(&r->body, ']');
}

static bool hello(const struct hz_conf_batch *conf, struct hz_batch_request *r)
{
    const struct hz_conf_sondehub *s = of(conf);
    char text[2048];
    struct hz_json j;
    if (!has_place(s))
        return false;
    r->web.method = "PUT";
    r->web.url = s->listeners;
    add_date(r);
    hz_json_init(&j, text, sizeof text);
    hz_json_open(&j, NULL);
    put_station(s, &j);
    if (*s->contact)
        hz_json_str(&j, "uploader_contact_email", s->contact);
    hz_json_bool(&j, "mobile", false);
    hz_json_close(&j);
    r->body.full |= j.full;
    hz_bytes_add(&r->body, text, j.len);
    return true;
}

static const struct hz_batch_ops ops = {
    .protocols = hz_form_sondes,
    .item = item,
    .wrap = wrap,
    .hello = hello,
    .hello_s = 6 * 3600,
};

static void *sondehub_open(const struct hz_carrier_env *env, char *err, size_t err_len)
{
    return hz_batch_open(env, &ops, err, err_len);
}

static const struct hz_carrier_ops carrier = HZ_BATCH_CARRIER(sondehub_open);

static void sondehub_check(const struct hz_check *c, void *section)
{
    const struct hz_conf_sondehub *s = section;
    hz_batch_check(c, &s->batch, &ops);
    hz_check_needs(c, "callsign", "callsign = NAME, by which SondeHub shows the receiver");
    if (!hz_web_url_ok(s->listeners))
        hz_check_error(c, "listeners", "listeners = '%s': expected https://HOST/PATH",
                       s->listeners);
    if (isnan(s->latitude) != isnan(s->longitude))
        hz_check_error(c, isnan(s->latitude) ? "longitude" : "latitude",
                       "latitude and longitude: expected both or neither");
}

/* clang-format off */
#define OF(field) .at = offsetof(struct hz_conf_sondehub, field)
static const struct hz_option options[] = {
    {.name = "callsign", .type = HZ_OPTION_TEXT, OF(callsign), .example = "N0CALL",
     .help = "name of the receiver on SondeHub's map"},
    {.name = "latitude", .type = HZ_OPTION_NUMBER, OF(latitude), .min = -90, .max = 90, .unit = "degrees",
     .example = "48.137", .help = "of the receiver; default: its place is not told"},
    {.name = "longitude", .type = HZ_OPTION_NUMBER, OF(longitude), .min = -180, .max = 180, .unit = "degrees",
     .example = "11.575", .help = "likewise"},
    {.name = "altitude", .type = HZ_OPTION_NUMBER, OF(altitude_m), .min = -500, .max = 9000, .unit = "m",
     .example = "519", .help = "likewise, above the sea"},
    {.name = "antenna", .type = HZ_OPTION_TEXT, OF(antenna), .example = "quarter wave on the roof",
     .help = "what is told of the antenna"},
    {.name = "contact", .type = HZ_OPTION_TEXT, OF(contact), .example = "me@example.org",
     .help = "mail address for SondeHub, which does not show it"},
    HZ_KEY_BATCH_URL("https://api.v2.sondehub.org/sondes/telemetry"),
    {.name = "listeners", .type = HZ_OPTION_TEXT, OF(listeners), .fallback = "https://api.v2.sondehub.org/listeners",
     .help = "where the place of the receiver is told, each 6 h"},
    HZ_KEY_BATCH_INTERVAL("20s"),
    HZ_KEY_BATCH_MAX_AGE("15m"),
    HZ_KEY_BATCH_CA,
    HZ_KEY_MARKED(struct hz_conf_batch, marked),
    {0},
};
/* clang-format on */

static const char *sondehub_target(const struct hz_conf_output *section)
{
    return ((const struct hz_conf_batch *)section)->url;
}

const struct hz_output_kind hz_output_sondehub = {
    .kind = {.name = "sondehub",
             .title = "radiosondes to SondeHub",
             .options = options,
             .size = sizeof(struct hz_conf_sondehub),
             .check = sondehub_check},
    .target = sondehub_target,
    .show = hz_batch_show,
    .carrier = &carrier,
};
