/* Radiosondes as auto_rx tells them: its payload summary, which mapping programs take over UDP, and
 * the form of SondeHub's telemetry. The message has the names of auto_rx's decoders. */
#include "proto/format/sonde.h"

#include <math.h>
#include <stdio.h>

const char *const hz_form_sondes[] = {"rs41", "dfm", "m10", NULL};

/* What a frame must tell to be worth telling. */
struct frame {
    char id[40], type[16], datetime[40];
    double lat, lon, alt;
};

static bool read_frame(const struct hz_form_in *in, struct frame *f)
{
    return hz_form_text(in, "id", f->id, sizeof f->id) && *f->id &&
           hz_form_text(in, "type", f->type, sizeof f->type) &&
           hz_form_text(in, "datetime", f->datetime, sizeof f->datetime) &&
           strlen(f->datetime) >= strlen("2026-11-23T08:26:11") &&
           hz_form_number(in, "lat", &f->lat) && hz_form_number(in, "lon", &f->lon) &&
           hz_form_number(in, "alt", &f->alt) && !hz_form_is(in, "encrypted", "true");
}

/* ---- payload summary --------------------------------------------------------------------------
 */

static const char *const extras[] = {"temp", "frame",   "bt",    "humidity", "pressure", "sats",
                                     "batt", "subtype", "vel_v", "vel_h",    "aux",      NULL};

static void put(const struct hz_form_in *in, struct hz_bytes *out)
{
    const struct hz_record *r = in->rec;
    struct frame f;
    double speed;
    char line[4096], text[32];
    struct hz_json j;
    if (!read_frame(in, &f))
        return;
    hz_json_init(&j, line, sizeof line);
    hz_json_open(&j, NULL);
    hz_json_str(&j, "type", "PAYLOAD_SUMMARY");
    hz_json_str(&j, "station", hz_form_station(in));
    hz_json_str(&j, "callsign", f.id);
    hz_form_copy(in, "lat", &j, "latitude");
    hz_form_copy(in, "lon", &j, "longitude");
    hz_form_copy(in, "alt", &j, "altitude");
    /* -1 is auto_rx's word for a speed and a heading that are not known */
    hz_json_decimals(&j, "speed", hz_form_number(in, "vel_h", &speed) ? speed * 3.6 : -1, 3);
    if (!hz_form_copy(in, "heading", &j, "heading"))
        hz_json_int(&j, "heading", -1);
    hz_json_strn(&j, "time", f.datetime + 11, 8);
    hz_json_str(&j, "comment", "Radiosonde");
    hz_json_str(&j, "model", f.type);
    snprintf(text, sizeof text, "%.4f MHz", r->freq_hz / 1e6);
    hz_json_str(&j, "freq", text);
    hz_form_copy_all(in, extras, &j);
    hz_json_decimals(&j, "snr", (double)r->snr_db, 1);
    hz_json_decimals(&j, "f_centre", r->freq_hz + (double)r->offset_hz, 1);
    hz_json_close(&j);
    hz_bytes_object(out, &j);
}

const struct hz_form hz_form_rs41_json = {
    .name = "rs41-json",
    .mime = "application/json",
    .title = "radiosondes as auto_rx's payload summary (UDP port 55673)",
    .dated = true,
    .protocols = hz_form_sondes,
    .put = put,
};

/* ---- SondeHub ---------------------------------------------------------------------------------
 */

/* A type of sonde by what its name begins with, and SondeHub's words for it. */
static const struct maker {
    const char *prefix, *manufacturer, *type; /* type NULL: as the message has it */
    const char *before;                       /* what the id has in front of the serial number */
} makers[] = {
    {"RS41", "Vaisala", "RS41", ""},     {"DFM", "Graw", "DFM", "DFM-"},
    {"PS15", "Graw", "PS-15", "DFM-"},   {"PS-15", "Graw", "PS-15", "DFM-"},
    {"M10", "Meteomodem", NULL, "M10-"}, {"M20", "Meteomodem", NULL, "M20-"},
};

static const char *const optional[] = {
    "frame",   "temp", "humidity", "pressure",     "vel_v",        "vel_h",
    "heading", "sats", "batt",     "ref_position", "ref_datetime", "rs41_mainboard",

    "dfmcode", NULL};

static const struct maker *find_maker(const char *type)
{
    for (size_t i = 0; i < sizeof makers / sizeof *makers; i++) {
        if (strncmp(type, makers[i].prefix, strlen(makers[i].prefix)) == 0)
            return &makers[i];
    }
    return NULL;
}

/* A page of the calibration is hex in the message, and base64 there. */
static void put_subframe(const struct hz_form_in *in, struct hz_json *j)
{
    char hex[1640];
    uint8_t bytes[sizeof hex / 2];
    size_t n = 0;
    hz_form_text(in, "rs41_calconf51x16", hex, sizeof hex);
    for (; n < sizeof bytes && hex[2 * n] && hex[2 * n + 1]; n++) {
        unsigned value;
        if (sscanf(hex + 2 * n, "%2x", &value) != 1)
            return;
        bytes[n] = (uint8_t)value;
    }
    if (n > 0)
        hz_json_base64(j, "rs41_subframe", bytes, n);
}

/* "2026-11-23T08:26:11.5Z" with six digits of the second. */
static void microseconds(const char *datetime, char text[HZ_SONDEHUB_TIME])
{
    const char *fraction = datetime[19] == '.' ? datetime + 20 : "";
    size_t digits = strspn(fraction, "0123456789");
    snprintf(text, HZ_SONDEHUB_TIME, "%.19s.000000Z", datetime);
    memcpy(text + 20, fraction, digits < 6 ? digits : 6);
}

bool hz_sondehub_put(const struct hz_form_in *in, struct hz_json *j)
{
    const struct hz_record *r = in->rec;
    struct frame f;
    double frame, number;
    if (!read_frame(in, &f) || !hz_form_number(in, "frame", &frame))
        return false;
    const struct maker *m = find_maker(f.type);
    if (!m)
        return false;
    size_t before = strlen(m->before);
    char text[HZ_SONDEHUB_TIME];
    hz_json_str(j, "manufacturer", m->manufacturer);
    hz_json_str(j, "type", m->type ? m->type : f.type);
    if (!hz_form_copy(in, "subtype", j, "subtype") &&
        strcmp(m->type ? m->type : f.type, f.type) != 0)
        hz_json_str(j, "subtype", f.type);
    hz_json_str(j, "serial", strncmp(f.id, m->before, before) == 0 ? f.id + before : f.id);
    microseconds(f.datetime, text);
    hz_json_str(j, "datetime", text);
    hz_form_copy(in, "lat", j, "lat");
    hz_form_copy(in, "lon", j, "lon");
    hz_form_copy(in, "alt", j, "alt");
    hz_form_copy_all(in, optional, j);
    hz_form_copy(in, "bt", j, "burst_timer");
    hz_form_copy(in, "aux", j, "xdata");
    if (hz_form_number(in, "tx_frequency", &number))
        hz_json_decimals(j, "tx_frequency", number / 1e3, 4);
    if (hz_form_number(in, "rs41_mainboard_fw", &number)) { /* a text there */
        snprintf(text, sizeof text, "%.0f", number);
        hz_json_str(j, "rs41_mainboard_fw", text);
    } else {
        hz_form_copy(in, "rs41_mainboard_fw", j, "rs41_mainboard_fw");
    }
    put_subframe(in, j);
    double offset = isnan(r->offset_hz) ? 0 : (double)r->offset_hz;
    hz_json_decimals(j, "frequency", (r->freq_hz + offset) / 1e6, 6);
    hz_json_decimals(j, "snr", (double)r->snr_db, 1);
    hz_sondehub_time(r->utc_ns, text);
    hz_json_str(j, "time_received", text);
    return true;
}

void hz_sondehub_time(int64_t utc_ns, char text[HZ_SONDEHUB_TIME])
{
    char whole[HZ_TIME_TEXT];
    hz_time_text(utc_ns, whole);
    snprintf(text, HZ_SONDEHUB_TIME, "%.26sZ", whole);
}
