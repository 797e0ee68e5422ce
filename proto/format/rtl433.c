/* Sensors in rtl_433's flat JSON, as it prints them with `-M level -M utc`. The fields of the
 * message have rtl_433's names already; what it has no name for is left out. */
#include "proto/format/format.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const protocols[] = {"sensors", NULL};

/* What rtl_433 tells of the reception, where the message does not have a field of that name. */
static void put_level(const struct hz_form_in *in, const char *name, double value,
                      struct hz_json *j)
{
    struct hz_value v;
    if (!hz_record_field(in->rec, name, &v))
        hz_json_decimals(j, name, value, 3);
}

/* What is told of the reception under names that rtl_433 does not have. */
static bool is_ours(struct hz_value name)
{
    static const char *const own[] = {"deviation_hz", "repeats",   "fit",
                                      "strength",     "confirmed", "twins"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (name.n == strlen(own[i]) && memcmp(name.p, own[i], name.n) == 0)
            return true;
    return false;
}

static void put(const struct hz_form_in *in, struct hz_bytes *out)
{
    const struct hz_record *r = in->rec;
    struct hz_value name, value;
    char line[8192], time[HZ_TIME_TEXT], seconds[24];
    struct hz_json j;
    if (!hz_record_field(r, "model", &value))
        return;
    hz_time_text(r->utc_ns, time);
    snprintf(seconds, sizeof seconds, "%.10s %.8s", time, time + 11);
    hz_json_init(&j, line, sizeof line);
    hz_json_open(&j, NULL);
    hz_json_str(&j, "time", seconds);
    for (size_t i = 0; i < r->n_fields; i++) {
        hz_record_field_at(r, i, &name, &value);
        if (!is_ours(name))
            hz_form_member(&j, name.p, name.n, value);
    }
    double offset = isnan(r->offset_hz) ? 0 : (double)r->offset_hz;
    put_level(in, "freq", (r->freq_hz + offset) / 1e6, &j);
    put_level(in, "rssi", (double)r->rssi_dbfs, &j);
    put_level(in, "snr", (double)r->snr_db, &j);
    put_level(in, "noise", (double)r->noise_dbfs, &j);
    hz_json_close(&j);
    hz_bytes_object(out, &j);
}

const struct hz_form hz_form_rtl433 = {
    .name = "rtl433",
    .mime = "application/json",
    .title = "sensors as rtl_433's flat JSON",
    .dated = true,
    .protocols = protocols,
    .put = put,
};
