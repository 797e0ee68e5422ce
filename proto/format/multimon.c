/* Pages as multimon-ng prints them, for pagermon and scripts: its text lines, and its JSON. */
#include "proto/format/format.h"

#include <stdio.h>

static const char *const protocols[] = {"pocsag", NULL};

/* What a page holds by multimon-ng's names: "Alpha", "Numeric"; NULL: a tone alone. */
static const char *contents(const struct hz_form_in *in, char *text, size_t size)
{
    bool numeric = hz_form_is(in, "type", "\"numeric\"");
    if (hz_form_text(in, numeric ? "numeric" : "alpha", text, size))
        return numeric ? "Numeric" : "Alpha";
    return hz_form_text(in, "numeric", text, size) ? "Numeric" : NULL;
}

static bool head(const struct hz_form_in *in, double *baud, double *address, double *function)
{
    return hz_form_number(in, "baud", baud) && hz_form_number(in, "address", address) &&
           hz_form_number(in, "function", function);
}

/* Control characters by their names, as multimon-ng writes them. */
static void put_named(struct hz_bytes *out, const char *text)
{
    static const char *const names[] = {"NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL",
                                        "BS",  "HT",  "LF",  "VT",  "FF",  "CR",  "SO",  "SI",
                                        "DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB",
                                        "CAN", "EM",  "SUB", "ESC", "FS",  "GS",  "RS",  "US"};
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < 32)
            hz_bytes_print(out, "<%s>", names[c]);
        else
            hz_bytes_byte(out, c);
    }
}

static void put_text(const struct hz_form_in *in, struct hz_bytes *out)
{
    char text[4096];
    double baud, address, function;
    if (!head(in, &baud, &address, &function))
        return;
    hz_bytes_print(out, "POCSAG%.0f: Address: %7.0f  Function: %1.0f ", baud, address, function);
    const char *what = contents(in, text, sizeof text);
    if (what) {
        hz_bytes_print(out, " %s%s", what, *what == 'A' ? ":   " : ": ");
        put_named(out, text);
    }
    hz_bytes_byte(out, '\n');
}

static void put_json(const struct hz_form_in *in, struct hz_bytes *out)
{
    char text[4096], line[8192];
    double baud, address, function;
    struct hz_json j;
    if (!head(in, &baud, &address, &function))
        return;
    const char *what = contents(in, text, sizeof text);
    char name[16];
    snprintf(name, sizeof name, "POCSAG%.0f", baud);
    hz_json_init(&j, line, sizeof line);
    hz_json_open(&j, NULL);
    hz_json_str(&j, "demod_name", name);
    hz_json_int(&j, "address", (int64_t)address);
    hz_json_int(&j, "function", (int64_t)function);
    if (what)
        hz_json_str(&j, *what == 'A' ? "alpha" : "numeric", text);
    hz_json_close(&j);
    hz_bytes_object(out, &j);
}

const struct hz_form hz_form_multimon = {
    .name = "multimon",
    .title = "pages as multimon-ng's text, for pagermon",
    .protocols = protocols,
    .put = put_text,
};
const struct hz_form hz_form_multimon_json = {
    .name = "multimon-json",
    .mime = "application/json",
    .title = "pages as multimon-ng's JSON",
    .protocols = protocols,
    .put = put_json,
};
