#include "daemon/msgline.h"

#include <cjson/cJSON.h>
#include <string.h>

/* How a field of the ADS-B object is shown. The sum of the widths is the table's. */
static const struct column {
    const char *field, *title, *format; /* format: for a number; NULL: text */
    int width;                          /* negative: to the left */
} columns[] = {
    {"hex", "HEX", NULL, -8},         {"flight", "FLIGHT", NULL, -9},
    {"squawk", "SQWK", NULL, -5},     {"alt_baro", "ALT ft", "%.0f", 7},
    {"gs", "GS kt", "%.0f", 6},       {"track", "TRACK", "%.0f", 6},
    {"baro_rate", "FPM", "%+.0f", 7}, {"lat", "LAT", "%.4f", 10},
    {"lon", "LON", "%.4f", 10},
};
enum { COLUMNS = sizeof columns / sizeof *columns };

void hz_msgline_header(FILE *out)
{
    fprintf(out, "%-13s%-7s%6s  ", "TIME UTC", "WHAT", "SNR dB");
    for (int i = 0; i < COLUMNS; i++)
        fprintf(out, "%*s", columns[i].width, columns[i].title);
    fputc('\n', out);
}

/* Off-air text may hold anything: a terminal gets printable characters only. */
static void put_text(const char *s, int width, FILE *out)
{
    char clean[64];
    size_t n = 0;
    for (; *s && n + 1 < sizeof clean; s++)
        clean[n++] = (unsigned char)*s < 0x20 || *s == 0x7f ? '?' : *s;
    clean[n] = '\0';
    fprintf(out, "%*s", width, clean);
}

static void put_value(const cJSON *v, const struct column *c, FILE *out)
{
    char text[32] = "";
    if (cJSON_IsNumber(v) && c->format) {
        /* the format is one of the table above */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(text, sizeof text, c->format, v->valuedouble);
#pragma GCC diagnostic pop
    } else if (cJSON_IsString(v)) {
        snprintf(text, sizeof text, "%s", v->valuestring);
    }
    put_text(text, c->width, out);
}

/* A protocol without columns of its own: its plain fields, as name=value. */
static void put_fields(const cJSON *o, FILE *out)
{
    const cJSON *v;
    cJSON_ArrayForEach(v, o)
    {
        if (cJSON_IsString(v)) {
            put_text(v->string, 0, out);
            fputc('=', out);
            put_text(v->valuestring, 0, out);
        } else if (cJSON_IsNumber(v)) {
            put_text(v->string, 0, out);
            fprintf(out, "=%g", v->valuedouble);
        } else {
            continue;
        }
        fputc(' ', out);
    }
}

static const char *text_of(const cJSON *o, const char *name)
{
    const char *s = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, name));
    return s ? s : "";
}

static void put_message(const cJSON *o, bool colour, FILE *out)
{
    const char *time = text_of(o, "time"), *protocol = text_of(o, "protocol");
    const cJSON *snr = cJSON_GetObjectItemCaseSensitive(o, "snr_db");
    const cJSON *own = cJSON_GetObjectItemCaseSensitive(o, protocol);
    fprintf(out, "%s%-13.12s%s", colour ? "\033[2m" : "", strlen(time) > 23 ? time + 11 : time,
            colour ? "\033[0m" : "");
    put_text(protocol, -7, out);
    double db = cJSON_IsNumber(snr) ? snr->valuedouble : 0;
    fprintf(out, "%s%6.1f%s  ",
            !colour    ? ""
            : db >= 20 ? "\033[32m"
            : db >= 10 ? "\033[33m"
                       : "\033[31m",
            db, colour ? "\033[0m" : "");
    if (strcmp(protocol, "adsb") != 0) {
        put_fields(own, out);
    } else {
        for (int i = 0; i < COLUMNS; i++) {
            const cJSON *v = cJSON_GetObjectItemCaseSensitive(own, columns[i].field);
            bool bold = colour && i == 1;
            fputs(bold ? "\033[1m" : "", out);
            put_value(v, &columns[i], out);
            fputs(bold ? "\033[0m" : "", out);
        }
    }
    fputc('\n', out);
}

static void put_event(const cJSON *o, FILE *out)
{
    const char *time = text_of(o, "time");
    const cJSON *missed = cJSON_GetObjectItemCaseSensitive(o, "missed");
    const cJSON *samples = cJSON_GetObjectItemCaseSensitive(o, "samples");
    fprintf(out, "%-13.12s", strlen(time) > 23 ? time + 11 : time);
    put_text(text_of(o, "kind"), -7, out);
    put_text(text_of(o, "receiver"), 0, out);
    fputc(' ', out);
    put_text(text_of(o, "channel"), 0, out);
    fputc(' ', out);
    put_text(text_of(o, "state"), 0, out);
    if (cJSON_IsNumber(missed))
        fprintf(out, "%.0f messages were missed", missed->valuedouble);
    if (cJSON_IsNumber(samples))
        fprintf(out, "%.0f samples lost", samples->valuedouble);
    if (*text_of(o, "reason")) {
        fputs(": ", out);
        put_text(text_of(o, "reason"), 0, out);
    }
    fputc('\n', out);
}

void hz_msgline_print(const char *json, size_t len, bool colour, FILE *out)
{
    cJSON *o = cJSON_ParseWithLength(json, len);
    const char *kind = text_of(o, "kind");
    if (strcmp(kind, "message") == 0)
        put_message(o, colour, out);
    else if (strcmp(kind, "gap") == 0 || strcmp(kind, "state") == 0)
        put_event(o, out);
    cJSON_Delete(o);
}
