/* AIS messages in the shape of AIS-catcher's JSON, which aggregators take over HTTP and UDP, and of
 * aprs.fi's. The fields of the message have AIS-catcher's names already. */
#include "proto/format/ais_json.h"

#include <math.h>
#include <stdio.h>

static const char *const protocols[] = {"ais", NULL};

void hz_ais_time(int64_t utc_ns, char text[HZ_AIS_TIME])
{
    char time[HZ_TIME_TEXT];
    hz_time_text(utc_ns, time);
    snprintf(text, HZ_AIS_TIME, "%.4s%.2s%.2s%.2s%.2s%.2s", time, time + 5, time + 8, time + 11,
             time + 14, time + 17);
}

static void put_time(const struct hz_record *r, struct hz_json *j)
{
    char compact[HZ_AIS_TIME];
    hz_ais_time(r->utc_ns, compact);
    hz_json_str(j, "rxtime", compact);
    hz_json_decimals(j, "rxuxtime", (double)r->utc_ns / 1e9, 6);
}

static void put_reception(const struct hz_record *r, struct hz_json *j)
{
    hz_json_str(j, "class", "AIS");
    hz_json_str(j, "device", "hertzd");
    hz_json_str(j, "channel", r->freq_hz < 162e6 ? "A" : "B");
    put_time(r, j);
    hz_json_decimals(j, "signalpower", (double)r->rssi_dbfs, 1);
    if (r->freq_hz > 0)
        hz_json_decimals(j, "ppm", (double)r->offset_hz / r->freq_hz * 1e6, 2);
}

static void put_fields(const struct hz_record *r, struct hz_json *j)
{
    for (size_t i = 0; i < r->n_fields; i++) {
        struct hz_value name, value;
        hz_record_field_at(r, i, &name, &value);
        hz_form_member(j, name.p, name.n, value);
    }
}

/* The sum of two fields; nothing where one is missing. */
static void put_sum(const struct hz_form_in *in, const char *a, const char *b, const char *as,
                    struct hz_json *j)
{
    double x, y;
    if (hz_form_number(in, a, &x) && hz_form_number(in, b, &y))
        hz_json_decimals(j, as, x + y, 0);
}

static bool put_aprs_fi(const struct hz_form_in *in, struct hz_json *j)
{
    static const char *const same[] = {"status",  "speed",    "lon",      "lat",      "course",
                                       "heading", "callsign", "shipname", "shiptype", "destination",
                                       "draught", "imo",      "partno",   "vendorid", NULL};
    double type, mmsi;
    if (!hz_form_number(in, "type", &type) || !hz_form_number(in, "mmsi", &mmsi))
        return false;
    hz_form_copy(in, "type", j, "msgtype");
    hz_form_copy(in, "mmsi", j, "mmsi");
    put_time(in->rec, j);
    hz_form_copy_all(in, same, j);
    hz_form_copy(in, "to_bow", j, "ref_front");
    hz_form_copy(in, "to_port", j, "ref_left");
    put_sum(in, "to_bow", "to_stern", "length", j);
    put_sum(in, "to_port", "to_starboard", "width", j);
    return true;
}

bool hz_ais_json_put(const struct hz_form_in *in, enum hz_ais_json form, struct hz_json *j)
{
    if (form == HZ_AIS_APRS_FI)
        return put_aprs_fi(in, j);
    put_reception(in->rec, j);
    if (form == HZ_AIS_FULL) {
        put_fields(in->rec, j);
    } else {
        hz_form_copy(in, "mmsi", j, "mmsi");
        hz_form_copy(in, "nmea", j, "nmea");
    }
    return true;
}

static void put(const struct hz_form_in *in, struct hz_bytes *out)
{
    char line[8192];
    struct hz_json j;
    hz_json_init(&j, line, sizeof line);
    hz_json_open(&j, NULL);
    hz_ais_json_put(in, HZ_AIS_FULL, &j);
    hz_json_close(&j);
    hz_bytes_object(out, &j);
}

const struct hz_form hz_form_ais_json = {
    .name = "ais-json",
    .mime = "application/json",
    .title = "AIS-catcher's JSON, for aggregators",
    .protocols = protocols,
    .put = put,
};
