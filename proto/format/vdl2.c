/* VDL mode 2 in dumpvdl2's JSON, one object a frame, for acarshub, acars_router and airframes.io.
 * The fields of the message have dumpvdl2's names already; what it tells of the reception is made
 * of hertzd's levels. */
#include "proto/format/format.h"

#include <math.h>

static const char *const protocols[] = {"vdl2", NULL};

static const char *const of_burst[] = {"burst_len_octets", "hdr_bits_fixed",
                                       "octets_corrected_by_fec", "idx", NULL};
static const char *const of_frame[] = {"avlc", NULL};

static void put(const struct hz_form_in *in, struct hz_bytes *out)
{
    const struct hz_record *r = in->rec;
    struct hz_value v;
    char line[32768];
    struct hz_json j;
    if (!hz_record_field(r, "avlc", &v))
        return;
    hz_json_init(&j, line, sizeof line);
    hz_json_open(&j, NULL);
    hz_json_open(&j, "vdl2");
    hz_form_app(&j);
    hz_json_str(&j, "station", hz_form_station(in));
    hz_json_open(&j, "t");
    hz_json_int(&j, "sec", r->utc_ns / 1000000000);
    hz_json_int(&j, "usec", r->utc_ns % 1000000000 / 1000);
    hz_json_close(&j);
    hz_json_decimals(&j, "freq", r->freq_hz, 0);
    hz_form_copy_all(in, of_burst, &j);
    hz_json_decimals(&j, "sig_level", (double)r->rssi_dbfs, 6);
    hz_json_decimals(&j, "noise_level", (double)r->noise_dbfs, 6);
    if (r->freq_hz > 0)
        hz_json_decimals(&j, "freq_skew", (double)r->offset_hz / r->freq_hz * 1e6, 6);
    hz_form_copy_all(in, of_frame, &j);
    hz_json_close(&j);
    hz_json_close(&j);
    hz_bytes_object(out, &j);
}

const struct hz_form hz_form_vdl2_json = {
    .name = "vdl2-json",
    .mime = "application/json",
    .title = "VDL mode 2 as dumpvdl2's JSON, for acarshub, airframes.io",
    .dated = true,
    .protocols = protocols,
    .put = put,
};
