/* AIS messages in the shape of AIS-catcher's JSON ("full"), which aggregators take over HTTP and
 * UDP. The fields of the message have its names already. */
#include "proto/format/format.h"

#include <math.h>
#include <stdio.h>

static const char *const protocols[] = {"ais", NULL};

static void put(const struct hz_form_in *in, struct hz_bytes *out)
{
    const struct hz_record *r = in->rec;
    char line[8192], time[HZ_TIME_TEXT], compact[16];
    struct hz_json j;
    hz_time_text(r->utc_ns, time);
    snprintf(compact, sizeof compact, "%.4s%.2s%.2s%.2s%.2s%.2s", time, time + 5, time + 8,
             time + 11, time + 14, time + 17);
    hz_json_init(&j, line, sizeof line);
    hz_json_open(&j, NULL);
    hz_json_str(&j, "class", "AIS");
    hz_json_str(&j, "device", "hertzd");
    hz_json_str(&j, "channel", in->rec->freq_hz < 162e6 ? "A" : "B");
    hz_json_str(&j, "rxtime", compact);
    hz_json_decimals(&j, "rxuxtime", (double)r->utc_ns / 1e9, 6);
    hz_json_decimals(&j, "signalpower", (double)r->rssi_dbfs, 1);
    if (in->rec->freq_hz > 0)
        hz_json_decimals(&j, "ppm", (double)r->offset_hz / in->rec->freq_hz * 1e6, 2);
    for (size_t i = 0; i < r->n_fields; i++) {
        struct hz_value name, value;
        hz_record_field_at(r, i, &name, &value);
        hz_form_member(&j, name.p, name.n, value);
    }
    hz_json_close(&j);
    hz_bytes_object(out, &j);
}

const struct hz_form hz_form_ais_json = {
    .name = "ais-json",
    .title = "AIS-catcher's JSON, for aggregators",
    .protocols = protocols,
    .put = put,
};
