/* SBS, the BaseStation form of Mode S: 22 fields with commas, a line a message (port 30003). Times
 * are UTC. An empty field is not known from this very message. */
#include "proto/format/modes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The type of the line for a downlink format and, of squitters, its type code. 0: there is none. */
static int line_type(int df, int typecode)
{
    switch (df) {
    case 4:
    case 20:
        return 5;
    case 5:
    case 21:
        return 6;
    case 0:
    case 16:
        return 7;
    case 11:
        return 8;
    case 17:
    case 18:
        return typecode >= 1 && typecode <= 4     ? 1
               : typecode >= 5 && typecode <= 8   ? 2
               : typecode >= 9 && typecode <= 18  ? 3
               : typecode >= 20 && typecode <= 22 ? 3
               : typecode == 19                   ? 4
                                                  : 0;
    default:
        return 0;
    }
}

/* "2026/11/23,08:26:11.123" */
static void put_time(int64_t utc_ns, struct hz_bytes *out)
{
    char text[HZ_TIME_TEXT];
    hz_time_text(utc_ns, text);
    hz_bytes_print(out, "%.4s/%.2s/%.2s,%.12s", text, text + 5, text + 8, text + 11);
}

static void put_number(const struct hz_form_in *in, const char *name, int decimals,
                       struct hz_bytes *out)
{
    double v;
    hz_bytes_byte(out, ',');
    if (hz_form_number(in, name, &v))
        hz_bytes_print(out, "%.*f", decimals, decimals ? v : trunc(v));
}

static void put_flag(bool known, bool set, struct hz_bytes *out)
{
    hz_bytes_text(out, !known ? "," : set ? ",-1" : ",0");
}

static void put_altitude(const struct hz_form_in *in, struct hz_bytes *out)
{
    if (hz_form_is(in, "alt_baro", "\"ground\""))
        hz_bytes_text(out, ",0");
    else
        put_number(in, "alt_baro", 0, out);
}

static void put_heading(const struct hz_form_in *in, struct hz_bytes *out)
{
    double v;
    bool track = hz_form_number(in, "track", &v);
    put_number(in, track ? "track" : "true_heading", 0, out);
}

static void put_rate(const struct hz_form_in *in, struct hz_bytes *out)
{
    static const char *const names[] = {"baro_rate", "geom_rate", "vert_rate"};
    double v;
    size_t i = 0;
    while (i < 2 && !hz_form_number(in, names[i], &v))
        i++;
    put_number(in, names[i], 0, out);
}

static void put_flags(const struct hz_form_in *in, const char *squawk, struct hz_bytes *out)
{
    double alert = 0, spi = 0;
    bool has_alert = hz_form_number(in, "alert", &alert);
    bool has_spi = hz_form_number(in, "spi", &spi);
    bool emergency =
        strcmp(squawk, "7500") == 0 || strcmp(squawk, "7600") == 0 || strcmp(squawk, "7700") == 0;
    bool ground =
        hz_form_is(in, "alt_baro", "\"ground\"") || hz_form_is(in, "airground", "\"ground\"");
    bool airborne = hz_form_is(in, "airground", "\"airborne\"");
    put_flag(has_alert, alert > 0, out);
    put_flag(*squawk, emergency, out);
    put_flag(has_spi, spi > 0, out);
    put_flag(ground || airborne, ground, out);
}

static void put(const struct hz_form_in *in, struct hz_bytes *out)
{
    char hex[16], flight[16], squawk[8];
    double df = -1, typecode = -1;
    hz_form_number(in, "df", &df);
    hz_form_number(in, "typecode", &typecode);
    int type = line_type((int)df, (int)typecode);
    if (type == 0 || !hz_form_text(in, "hex", hex, sizeof hex) || *hex == '~')
        return; /* addresses that are not ICAO's have no place in this form */
    hz_bytes_print(out, "MSG,%d,1,1,%06lX,1,", type, strtoul(hex, NULL, 16));
    put_time(in->rec->utc_ns, out);
    hz_bytes_byte(out, ',');
    put_time(in->rec->utc_ns, out);
    hz_form_text(in, "flight", flight, sizeof flight);
    hz_bytes_print(out, ",%s", flight);
    put_altitude(in, out);
    put_number(in, "gs", 0, out);
    put_heading(in, out);
    put_number(in, "lat", 5, out);
    put_number(in, "lon", 5, out);
    put_rate(in, out);
    hz_form_text(in, "squawk", squawk, sizeof squawk);
    hz_bytes_print(out, ",%s", squawk);
    put_flags(in, squawk, out);
    hz_bytes_text(out, "\r\n");
}

const struct hz_form hz_form_sbs = {
    .name = "sbs",
    .title = "BaseStation lines of Mode S (port 30003)",
    .protocols = hz_form_modes,
    .beat = "\r\n",
    .beat_len = 2,
    .put = put,
};
