/* AIS messages to aggregators over HTTP, in the forms of AIS-catcher: its own JSON, that for
 * airframes.io, and that of aprs.fi, which is a form field as a browser sends it. */
#include "daemon/base/utc.h"
#include "daemon/output/batch.h"
#include "daemon/output/service.h"
#include "proto/format/ais_json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum form { AISCATCHER, AIRFRAMES, APRS_FI };
static const char *const forms[] = {"aiscatcher", "airframes", "aprsfi", NULL};

struct hz_conf_ais_post {
    struct hz_conf_batch batch;
    enum form form;
    char *station; /* user and password stand in the URL */
    double latitude, longitude;
};

static const char *const protocols[] = {"ais", NULL};

static const struct hz_conf_ais_post *of(const struct hz_conf_batch *conf)
{
    return (const struct hz_conf_ais_post *)conf;
}

static void item(const struct hz_conf_batch *conf, const struct hz_form_in *in,
                 struct hz_bytes *out)
{
    static const enum hz_ais_json json[] = {
        [AISCATCHER] = HZ_AIS_FULL, [AIRFRAMES] = HZ_AIS_MINIMAL, [APRS_FI] = HZ_AIS_APRS_FI};
    char text[HZ_BATCH_ITEM];
    struct hz_json j;
    hz_json_init(&j, text, sizeof text);
    hz_json_open(&j, NULL);
    if (!hz_ais_json_put(in, json[of(conf)->form], &j))
        return;
    hz_json_close(&j);
    out->full |= j.full;
    hz_bytes_add(out, text, j.len);
}

static void put_messages(const char *items, size_t n, struct hz_json *j)
{
    hz_json_open_array(j, "msgs");
    hz_json_raw(j, items, n);
    hz_json_close_array(j);
}

/* 0.1.0 as a number: 100. */
static int version_number(void)
{
    int major = 0, minor = 0, patch = 0;
    sscanf(HZ_VERSION, "%d.%d.%d", &major, &minor, &patch);
    return major * 10000 + minor * 100 + patch;
}

static void put_aiscatcher(const struct hz_conf_ais_post *a, const char *items, size_t n,
                           struct hz_json *j)
{
    char time[HZ_AIS_TIME];
    hz_ais_time(hz_utc_now(), time);
    hz_json_str(j, "protocol", a->form == AIRFRAMES ? "airframes" : "jsonaiscatcher");
    hz_json_str(j, "encodetime", time);
    if (*a->station)
        hz_json_str(j, "stationid", a->station);
    hz_json_decimals(j, "station_lat", a->latitude, 6);
    hz_json_decimals(j, "station_lon", a->longitude, 6);
    hz_json_open(j, "receiver");
    hz_json_str(j, "description", "hertzd " HZ_VERSION);
    hz_json_int(j, "version", version_number());
    hz_json_close(j);
    hz_json_open(j, "device");
    hz_json_str(j, "product", "hertzd");
    hz_json_close(j);
    put_messages(items, n, j);
}

static void put_aprs_fi(const struct hz_conf_ais_post *a, const char *items, size_t n,
                        struct hz_json *j)
{
    char time[HZ_AIS_TIME], shown[HZ_WEB_SHOWN_MAX];
    hz_ais_time(hz_utc_now(), time);
    hz_web_show(a->batch.url, shown); /* the URL itself may have a password */
    hz_json_str(j, "protocol", "jsonais");
    hz_json_str(j, "encodetime", time);
    hz_json_open_array(j, "groups");
    hz_json_open(j, NULL);
    hz_json_open_array(j, "path");
    hz_json_open(j, NULL);
    hz_json_str(j, "name", a->station);
    hz_json_str(j, "url", shown);
    hz_json_close(j);
    hz_json_close_array(j);
    put_messages(items, n, j);
    hz_json_close(j);
    hz_json_close_array(j);
}

static void wrap(const struct hz_conf_batch *conf, const char *items, size_t n,
                 struct hz_batch_request *r)
{
    static const char boundary[] = "----hertzd7373boundary";
    const struct hz_conf_ais_post *a = of(conf);
    struct hz_bytes *b = &r->body;
    bool field = a->form == APRS_FI;
    if (field) {
        snprintf(r->text, sizeof r->text, "Content-Type: multipart/form-data; boundary=%s",
                 boundary);
        r->headers[0] = r->text;
        hz_bytes_print(b,
                       "--%s\r\nContent-Disposition: form-data; name=\"jsonais\"\r\n"
                       "Content-Type: application/json\r\n\r\n",
                       boundary);
    }
    r->web.gzip = a->form == AIRFRAMES;
    struct hz_json j;
    hz_json_init(&j, b->p + b->n, b->cap - b->n);
    hz_json_open(&j, NULL);
    (field ? put_aprs_fi : put_aiscatcher)(a, items, n, &j);
    hz_json_close(&j);
    b->n += j.len;
    b->full |= j.full;
    if (field)
        hz_bytes_print(b, "\r\n--%s--\r\n", boundary);
}

static const struct hz_batch_ops ops = {
    .protocols = protocols, .item = item, .wrap = wrap, .beats = true};

static void *ais_post_open(const struct hz_carrier_env *env, char *err, size_t err_len)
{
    return hz_batch_open(env, &ops, err, err_len);
}

static const struct hz_carrier_ops carrier = HZ_BATCH_CARRIER(ais_post_open);

static void ais_post_check(const struct hz_check *c, void *section)
{
    const struct hz_conf_ais_post *a = section;
    hz_batch_check(c, &a->batch, &ops);
    if (a->form == APRS_FI)
        hz_check_needs(c, "station", "station = NAME, your call, with form = aprsfi");
    if (isnan(a->latitude) != isnan(a->longitude))
        hz_check_error(c, isnan(a->latitude) ? "longitude" : "latitude",
                       "latitude and longitude: expected both or neither");
}

/* clang-format off */
#define OF(field) .at = offsetof(struct hz_conf_ais_post, field)
static const struct hz_option options[] = {
    HZ_KEY_BATCH_URL(NULL),
    {.name = "form", .type = HZ_OPTION_CHOICE, OF(form), .choices = forms, .fallback = "aiscatcher",
     .help = "`aiscatcher`: its JSON, for most aggregators; `airframes`: the same for airframes.io; `aprsfi`: JSON AIS"},
    {.name = "station", .type = HZ_OPTION_TEXT, OF(station), .example = "N0CALL",
     .help = "name of the station, as the aggregator knows it"},
    {.name = "latitude", .type = HZ_OPTION_NUMBER, OF(latitude), .min = -90, .max = 90, .unit = "degrees",
     .example = "48.137", .help = "of the station; default: its place is not told"},
    {.name = "longitude", .type = HZ_OPTION_NUMBER, OF(longitude), .min = -180, .max = 180, .unit = "degrees",
     .example = "11.575", .help = "likewise"},
    HZ_KEY_BATCH_INTERVAL("60s"),
    HZ_KEY_BATCH_MAX_AGE("5m"),
    HZ_KEY_BATCH_CA,
    HZ_KEY_MARKED(struct hz_conf_batch, marked),
    {0},
};
/* clang-format on */

static const char *ais_post_target(const struct hz_conf_output *section)
{
    return ((const struct hz_conf_batch *)section)->url;
}

const struct hz_output_kind hz_output_ais_post = {
    .kind = {.name = "ais-post",
             .title = "ships to an aggregator over HTTP, as AIS-catcher sends them",
             .options = options,
             .size = sizeof(struct hz_conf_ais_post),
             .check = ais_post_check},
    .target = ais_post_target,
    .show = hz_batch_show,
    .carrier = &carrier,
};
