/* A table for spreadsheets (RFC 4180): the columns that all protocols share, then the raw frame and
 * the protocol's own object in JSON. */
#include "proto/format/format.h"

#include <math.h>
#include <string.h>

static void put_quoted(struct hz_bytes *out, const char *p, size_t n)
{
    hz_bytes_byte(out, '"');
    for (size_t i = 0; i < n; i++) {
        hz_bytes_byte(out, (unsigned char)p[i]);
        if (p[i] == '"')
            hz_bytes_byte(out, '"');
    }
    hz_bytes_byte(out, '"');
}

static void put_level(struct hz_bytes *out, double v, int decimals)
{
    if (!isnan(v))
        hz_bytes_print(out, "%.*f", decimals, v);
    hz_bytes_byte(out, ',');
}

static const char head[] =
    "time,protocol,receiver,channel,freq_hz,id,lat,lon,rssi_dbfs,snr_db,raw,fields\r\n";

static void put(const struct hz_form_in *in, struct hz_bytes *out)
{
    const struct hz_record *r = in->rec;
    char time[HZ_TIME_TEXT];
    hz_time_text(r->utc_ns, time);
    hz_bytes_print(out, "%s,%s,%s,%s,%.0f,", time, in->protocol, in->receiver, in->channel,
                   in->rec->freq_hz);
    put_quoted(out, r->about.id, strlen(r->about.id));
    hz_bytes_byte(out, ',');
    put_level(out, r->about.lat, 6);
    put_level(out, r->about.lon, 6);
    put_level(out, (double)r->rssi_dbfs, 1);
    put_level(out, (double)r->snr_db, 1);
    hz_bytes_hex(out, r->raw, r->raw_len, false);
    hz_bytes_byte(out, ',');
    if (r->n_fields > 0) {
        struct hz_value name, first, last;
        hz_record_field_at(r, 0, &name, &first);
        hz_record_field_at(r, r->n_fields - 1, &last, &last);
        const char *begin = name.p - 1; /* at the quote before the first name */
        hz_bytes_text(out, "\"{");
        size_t n = (size_t)(last.p + last.n - begin);
        for (size_t i = 0; i < n; i++) {
            hz_bytes_byte(out, (unsigned char)begin[i]);
            if (begin[i] == '"')
                hz_bytes_byte(out, '"');
        }
        hz_bytes_text(out, "}\"");
    }
    hz_bytes_text(out, "\r\n");
}

const struct hz_form hz_form_csv = {.name = "csv",
                                    .mime = "text/csv",
                                    .title = "a table for spreadsheets",
                                    .head = head,
                                    .dated = true,
                                    .put = put};
