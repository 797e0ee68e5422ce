/* Meters as rtl_wmbus prints them, for wmbusmeters:
 *
 *     T1;1;1;2026-11-23 08:26:11.123;-37;-37;71200023;0x2944…
 *
 * mode; the checks were right; so was 3 of 6; UTC; level of the telegram, and of now, in dB of full
 * scale; the meter's number; the telegram without its check sequences. */
#include "proto/format/format.h"

#include <math.h>
#include <stdio.h>

static const char *const protocols[] = {"wmbus", NULL};

static bool is_mode(const char *mode)
{
    return strcmp(mode, "T1") == 0 || strcmp(mode, "C1") == 0 || strcmp(mode, "S1") == 0;
}

static void put(const struct hz_form_in *in, struct hz_bytes *out)
{
    const struct hz_record *r = in->rec;
    char mode[8], id[16], time[HZ_TIME_TEXT];
    hz_form_text(in, "mode", mode, sizeof mode);
    hz_form_text(in, "link_id", id, sizeof id); /* where it is not the meter's */
    if (!id[0])
        hz_form_text(in, "id", id, sizeof id);
    if (r->raw_len < 10 || !is_mode(mode) || strlen(id) != 8)
        return;
    int level = isnan(r->rssi_dbfs) ? 0 : (int)lroundf(r->rssi_dbfs);
    hz_time_text(r->utc_ns, time);
    hz_bytes_print(out, "%s;1;1;%.10s %.12s;%d;%d;%s;0x", mode, time, time + 11, level, level, id);
    hz_bytes_hex(out, r->raw, r->raw_len, false);
    hz_bytes_byte(out, '\n');
}

const struct hz_form hz_form_rtl_wmbus = {
    .name = "rtl-wmbus",
    .title = "meters as rtl_wmbus's lines, for wmbusmeters",
    .dated = true,
    .protocols = protocols,
    .put = put,
};
