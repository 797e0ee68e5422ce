/* The sentences of AIS, as gpsd, OpenCPN and aggregators take them: !AIVDM lines that end with
 * CRLF. The sentences of one message follow each other. */
#include "proto/format/format.h"

static const char *const protocols[] = {"ais", NULL};

static void put(const struct hz_form_in *in, struct hz_bytes *out)
{
    struct hz_value v;
    if (!hz_record_field(in->rec, "nmea", &v))
        return;
    /* an array of strings without escapes: what is between the quotes */
    bool inside = false;
    for (size_t i = 0; i < v.n; i++) {
        if (v.p[i] != '"') {
            if (inside)
                hz_bytes_byte(out, (unsigned char)v.p[i]);
            continue;
        }
        if (inside)
            hz_bytes_text(out, "\r\n");
        inside = !inside;
    }
}

const struct hz_form hz_form_nmea = {
    .name = "nmea",
    .title = "AIS sentences for gpsd, OpenCPN, aggregators",
    .protocols = protocols,
    .put = put,
};
