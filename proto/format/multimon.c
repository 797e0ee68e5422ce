/* Pages as multimon-ng prints them, for pagermon and scripts: its text lines, and its JSON. */
#include "proto/format/format.h"

#include <stdio.h>
#include <string.h>

static const char *const protocols[] = {"pocsag", "flex", NULL};

/* ---- POCSAG ----------------------------------------------------------------------------- */

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

static void put_pocsag(const struct hz_form_in *in, struct hz_bytes *out)
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

static void put_pocsag_json(const struct hz_form_in *in, struct hz_bytes *out)
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

/* ---- FLEX ------------------------------------------------------------------------------- */

/* What the lines of multimon-ng say of a message. */
struct flex {
    double baud, levels, cycle, frame, capcode;
    char phase[4], kind[16], text[4096];
    char group[512]; /* capcodes, each with a space before it */
};

/* False: the message has not what its lines need. */
static bool read_flex(const struct hz_form_in *in, struct flex *f)
{
    struct hz_value group;
    f->cycle = f->frame = 0;
    f->group[0] = '\0';
    if (!hz_form_number(in, "sync_baud", &f->baud) ||
        !hz_form_number(in, "sync_level", &f->levels) ||
        !hz_form_number(in, "capcode", &f->capcode))
        return false;
    hz_form_number(in, "cycle_number", &f->cycle);
    hz_form_number(in, "frame_number", &f->frame);
    hz_form_text(in, "phase_number", f->phase, sizeof f->phase);
    hz_form_text(in, "type", f->kind, sizeof f->kind);
    hz_form_text(in, "message", f->text, sizeof f->text);
    if (hz_record_field(in->rec, "group", &group)) {
        size_t n = 0;
        for (size_t i = 0; i < group.n && n + 2 < sizeof f->group; i++)
            if (group.p[i] == '[' || group.p[i] == ',')
                f->group[n++] = ' ';
            else if (group.p[i] >= '0' && group.p[i] <= '9')
                f->group[n++] = group.p[i];
        f->group[n] = '\0';
    }
    return true;
}

static bool is_text(const struct flex *f)
{
    return strcmp(f->kind, "alpha") == 0 || strcmp(f->kind, "secure") == 0;
}

static void put_flex(const struct hz_form_in *in, struct hz_bytes *out)
{
    struct flex f;
    char time[HZ_TIME_TEXT];
    if (!read_flex(in, &f) || strcmp(f.kind, "instruction") == 0)
        return;
    hz_time_text(in->rec->utc_ns, time);
    time[10] = ' '; /* of the date and the time of day */
    if (is_text(&f)) {
        hz_bytes_print(out, "FLEX|%.19s|%.0f/%.0f/K/%s|%02.0f.%03.0f|%09.0f%s|ALN|", time, f.baud,
                       f.levels, f.phase, f.cycle, f.frame, f.capcode, f.group);
        put_named(out, f.text);
    } else {
        bool numeric = strcmp(f.kind, "numeric") == 0, tone = strcmp(f.kind, "tone") == 0;
        hz_bytes_print(out, "FLEX: %.19s %.0f/%.0f/%s %02.0f.%03.0f [%09.0f] %s", time, f.baud,
                       f.levels, f.phase, f.cycle, f.frame, f.capcode,
                       numeric ? "NUM "
                       : tone  ? "TON "
                               : "UNK ");
        put_named(out, f.text);
    }
    hz_bytes_byte(out, '\n');
}

static void put_flex_json(const struct hz_form_in *in, struct hz_bytes *out)
{
    struct flex f;
    struct hz_json j;
    char line[8192], time[HZ_TIME_TEXT];
    if (!read_flex(in, &f) || strcmp(f.kind, "instruction") == 0)
        return;
    hz_time_text(in->rec->utc_ns, time);
    time[10] = ' ';
    bool numeric = strcmp(f.kind, "numeric") == 0, tone = strcmp(f.kind, "tone") == 0;
    hz_json_init(&j, line, sizeof line);
    hz_json_open(&j, NULL);
    hz_json_str(&j, "demod_name",
                is_text(&f) ? "flex_alphanumeric"
                : numeric   ? "flex_numeric"
                : tone      ? "flex_tone_only"
                            : "flex_unknown");
    hz_json_strn(&j, "timestamp", time, 19);
    hz_json_int(&j, "sync_baud", (int64_t)f.baud);
    hz_json_int(&j, "sync_level", (int64_t)f.levels);
    hz_json_str(&j, "phase_number", f.phase);
    hz_json_int(&j, "cycle_number", (int64_t)f.cycle);
    hz_json_int(&j, "frame_number", (int64_t)f.frame);
    hz_json_int(&j, "capcode", (int64_t)f.capcode);
    if (!tone)
        hz_json_str(&j, "message", f.text);
    hz_json_close(&j);
    hz_bytes_object(out, &j);
}

/* ---- both ------------------------------------------------------------------------------- */

static void put_text(const struct hz_form_in *in, struct hz_bytes *out)
{
    if (strcmp(in->protocol, "flex") == 0)
        put_flex(in, out);
    else
        put_pocsag(in, out);
}

static void put_json(const struct hz_form_in *in, struct hz_bytes *out)
{
    if (strcmp(in->protocol, "flex") == 0)
        put_flex_json(in, out);
    else
        put_pocsag_json(in, out);
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
