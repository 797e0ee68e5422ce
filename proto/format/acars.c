/* ACARS in acarsdec's JSON, one object a message (its `-o 4`), for acarshub, acars_router and
 * airframes.io. The fields of the message have acarsdec's names already. */
#include "proto/format/format.h"

#include <math.h>
#include <stdlib.h>

static const char *const protocols[] = {"acars", NULL};

/* acarsdec's members behind the reception, in its order. */
static const char *const fields[] = {"mode",    "label",    "block_id", "ack",  "tail",     "text",
                                     "end",     "msgno",    "flight",   "depa", "dsta",     "eta",
                                     "gtout",   "gtin",     "wloff",    "wlin", "sublabel", "mfi",
                                     "assstat", "libacars", NULL};

/* acarsdec numbers its channels; hertzd names them, often by a number. */
static int64_t channel_number(const char *name)
{
    char *end;
    long n = strtol(name, &end, 10);
    return *name && !*end && n >= 0 && n <= 255 ? n : 0;
}

static void put(const struct hz_form_in *in, struct hz_bytes *out)
{
    const struct hz_record *r = in->rec;
    struct hz_value v;
    char line[16384];
    struct hz_json j;
    if (!hz_record_field(r, "mode", &v) || !hz_record_field(r, "label", &v))
        return;
    hz_json_init(&j, line, sizeof line);
    hz_json_open(&j, NULL);
    hz_json_decimals(&j, "timestamp", (double)r->utc_ns / 1e9, 6);
    hz_json_str(&j, "station_id", hz_form_station(in));
    hz_json_int(&j, "channel", channel_number(in->channel));
    hz_json_decimals(&j, "freq", r->freq_hz / 1e6, 3);
    hz_json_decimals(&j, "level", (double)r->rssi_dbfs, 1);
    if (!hz_form_copy(in, "error", &j, "error"))
        hz_json_int(&j, "error", 0);
    hz_form_copy_all(in, fields, &j);
    hz_form_app(&j);
    hz_json_close(&j);
    hz_bytes_object(out, &j);
}

const struct hz_form hz_form_acars_json = {
    .name = "acars-json",
    .mime = "application/json",
    .title = "ACARS as acarsdec's JSON, for acarshub, airframes.io",
    .dated = true,
    .protocols = protocols,
    .put = put,
};
