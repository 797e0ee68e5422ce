#include "daemon/msgline.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
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
enum {
    COLUMNS = sizeof columns / sizeof *columns,
    CELL = 12,   /* bytes of a cell's text, the zero included */
    KNOWN = 256, /* aircraft remembered; a power of two */
};

struct hz_msgline {
    FILE *out;
    bool colour;
    struct known {
        char cell[COLUMNS][CELL]; /* the first names the aircraft */
    } known[KNOWN];
};

struct hz_msgline *hz_msgline_new(FILE *out, bool colour)
{
    struct hz_msgline *m = calloc(1, sizeof *m);
    if (m) {
        m->out = out;
        m->colour = colour;
    }
    return m;
}

void hz_msgline_free(struct hz_msgline *m)
{
    free(m);
}

void hz_msgline_header(const struct hz_msgline *m)
{
    fprintf(m->out, "%-13s%-10s%6s  ", "TIME UTC", "WHAT", "SNR dB");
    for (int i = 0; i < COLUMNS; i++)
        fprintf(m->out, "%*s", columns[i].width, columns[i].title);
    fputc('\n', m->out);
}

/* Off-air text may hold anything: a terminal gets printable characters only. */
static void clean(char *out, size_t size, const char *s)
{
    size_t n = 0;
    for (; *s && n + 1 < size; s++)
        out[n++] = (unsigned char)*s < 0x20 || *s == 0x7f ? '?' : *s;
    out[n] = '\0';
}

static void put_text(const char *s, int width, FILE *out)
{
    char text[64];
    clean(text, sizeof text, s);
    fprintf(out, "%*s", width, text);
}

/* A text of any length. */
static void put_line(const char *s, FILE *out)
{
    for (; *s; s++)
        fputc((unsigned char)*s < 0x20 || *s == 0x7f ? '?' : *s, out);
}

/* The text of a field of this message; "" when it has none. */
static void cell_text(const cJSON *v, const struct column *c, char out[CELL])
{
    char text[64] = "";
    if (cJSON_IsNumber(v) && c->format) {
        /* the format is one of the table above */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(text, sizeof text, c->format, v->valuedouble);
#pragma GCC diagnostic pop
    } else if (cJSON_IsString(v)) {
        snprintf(text, sizeof text, "%s", v->valuestring);
    }
    clean(out, CELL, text);
}

/* The memory of an aircraft; one that shares its place with another loses it to the later. */
static struct known *recall(struct hz_msgline *m, const char *hex)
{
    unsigned hash = 5381;
    for (const char *s = hex; *s; s++)
        hash = hash * 33 + (unsigned char)*s;
    struct known *k = &m->known[hash % KNOWN];
    if (strncmp(k->cell[0], hex, CELL - 1) != 0)
        *k = (struct known){0};
    return k;
}

static void put_aircraft(struct hz_msgline *m, const cJSON *own)
{
    char now[COLUMNS][CELL];
    for (int i = 0; i < COLUMNS; i++)
        cell_text(cJSON_GetObjectItemCaseSensitive(own, columns[i].field), &columns[i], now[i]);
    struct known *k = recall(m, now[0]);
    for (int i = 0; i < COLUMNS; i++) {
        bool fresh = now[i][0] != '\0';
        if (fresh)
            memcpy(k->cell[i], now[i], CELL);
        const char *look = !m->colour ? "" : !fresh ? "\033[2m" : i == 1 ? "\033[1m" : "";
        fprintf(m->out, "%s%*s%s", look, columns[i].width, k->cell[i], *look ? "\033[0m" : "");
    }
}

/* A protocol without columns of its own: its plain fields, as name=value; packets as the line that
 * their users know. */
static void put_fields(const cJSON *o, FILE *out)
{
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, "tnc2");
    if (cJSON_IsString(v)) {
        put_line(v->valuestring, out);
        return;
    }
    cJSON_ArrayForEach(v, o)
    {
        if (cJSON_IsString(v)) {
            put_text(v->string, 0, out);
            fputc('=', out);
            put_text(v->valuestring, 0, out);
        } else if (cJSON_IsNumber(v)) {
            put_text(v->string, 0, out);
            fprintf(out, "=%.10g", v->valuedouble);
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

static void put_message(struct hz_msgline *m, const cJSON *o)
{
    const char *time = text_of(o, "time"), *protocol = text_of(o, "protocol");
    const cJSON *snr = cJSON_GetObjectItemCaseSensitive(o, "snr_db");
    const cJSON *own = cJSON_GetObjectItemCaseSensitive(o, protocol);
    const char *dim = m->colour ? "\033[2m" : "", *plain = m->colour ? "\033[0m" : "";
    fprintf(m->out, "%s%-13.12s%s", dim, strlen(time) > 23 ? time + 11 : time, plain);
    put_text(protocol, -10, m->out);
    double db = cJSON_IsNumber(snr) ? snr->valuedouble : 0;
    const char *hue = !m->colour ? "" : db >= 20 ? "\033[32m" : db >= 10 ? "\033[33m" : "\033[31m";
    fprintf(m->out, "%s%6.1f%s  ", hue, db, plain);
    if (strcmp(protocol, "adsb") == 0)
        put_aircraft(m, own);
    else
        put_fields(own, m->out);
    fputc('\n', m->out);
}

static void put_event(const cJSON *o, FILE *out)
{
    const char *time = text_of(o, "time");
    const cJSON *missed = cJSON_GetObjectItemCaseSensitive(o, "missed");
    const cJSON *samples = cJSON_GetObjectItemCaseSensitive(o, "samples");
    fprintf(out, "%-13.12s", strlen(time) > 23 ? time + 11 : time);
    put_text(text_of(o, "kind"), -10, out);
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

void hz_msgline_print(struct hz_msgline *m, const char *json, size_t len)
{
    cJSON *o = cJSON_ParseWithLength(json, len);
    const char *kind = text_of(o, "kind");
    if (strcmp(kind, "message") == 0)
        put_message(m, o);
    else if (strcmp(kind, "gap") == 0 || strcmp(kind, "state") == 0)
        put_event(o, m->out);
    cJSON_Delete(o);
}
