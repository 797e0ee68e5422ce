#include "ctl/msgline.h"
#include "ctl/answer.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* One column: a field with its format, cut to the column's width. */
struct column {
    const char *field, *format; /* format: for a number; NULL: text */
    int width;                  /* negative: to the left */
};
static const struct column adsb_columns[] = {
    {"hex", NULL, -7},    {"flight", NULL, -9}, {"alt_baro", "%.0f ft", 9}, {"gs", "%.0f kt", 7},
    {"track", "%.0f", 4}, {"lat", "%.3f", 9},   {"lon", "%.3f", 10},        {0},
};
static const struct column ais_columns[] = {
    {"mmsi", "%.0f", -10},
    {"shipname", NULL, -15},
    {"speed", "%.1f kt", 9},
    {"course", "%.0f", 4},
    {"lat", "%.3f", 8},
    {"lon", "%.3f", 9},
    {0},
};
static const struct column sonde_columns[] = {
    {"id", NULL, -9},           {"alt", "%.0f m", 8},
    {"vel_v", "%+.0f m/s", 8},  {"temp", "%.0f C", 6},
    {"humidity", "%.0f %%", 6}, {"lat", "%.3f", 8},
    {"lon", "%.3f", 9},         {0},
};
static const struct column meter_columns[] = {
    {"id", NULL, -9},
    {"manufacturer", NULL, -4},
    {"type", NULL, -14},
    {"total_m3", "%.3f m3", 13},
    {"total_energy_consumption_kwh", "%.1f kWh", 13},
    {"current_consumption_hca", "%.0f hca", 8},
    {"external_temperature_c", "%.1f C", 7},
    {0},
};
static const struct {
    const char *protocol;
    const struct column *columns; /* the first names the sender */
} tables[] = {{"adsb", adsb_columns}, {"ais", ais_columns},   {"rs41", sonde_columns},
              {"dfm", sonde_columns}, {"m10", sonde_columns}, {"wmbus", meter_columns}};

enum {
    COLUMNS = 8,
    CELL = 21,   /* bytes of a cell's text, the zero included */
    KNOWN = 512, /* aircraft and ships remembered; a power of two */
};

struct hz_msgline {
    FILE *out;
    bool colour;
    int width;
    struct known {
        char cell[COLUMNS][CELL]; /* the first names the sender */
    } known[KNOWN];
};

struct hz_msgline *hz_msgline_new(FILE *out, bool colour, int width)
{
    struct hz_msgline *m = calloc(1, sizeof *m);
    if (m) {
        m->out = out;
        m->colour = colour;
        m->width = width;
    }
    return m;
}

void hz_msgline_free(struct hz_msgline *m)
{
    free(m);
}

int hz_text_cut(const char *s, int width)
{
    int n = 0, seen = 0;
    for (; s[n]; n++) {
        seen += ((unsigned char)s[n] & 0xc0) != 0x80;
        if (seen > width)
            break;
    }
    return n;
}

/* ---- the text of a message -------------------------------------------------------------- */

/* Removes an incomplete UTF-8 character at the end of the text. */
static void drop_half(char *s)
{
    size_t n = strlen(s), tail = 0;
    while (tail < 3 && tail < n && ((unsigned char)s[n - 1 - tail] & 0xc0) == 0x80)
        tail++;
    if (tail == n)
        return;
    unsigned char lead = (unsigned char)s[n - 1 - tail];
    size_t wanted = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
    if (tail < wanted)
        s[n - 1 - tail] = '\0';
}

/* Replaces control characters: text from the air may contain anything, and a terminal must get
 * printable characters only. */
static void clean(char *out, size_t size, const char *s)
{
    size_t n = 0;
    for (; *s && n + 1 < size; s++)
        out[n++] = (unsigned char)*s < 0x20 || *s == 0x7f ? '?' : *s;
    out[n] = '\0';
    drop_half(out);
}

/* Appends to a text. */
__attribute__((format(printf, 2, 3))) static void add(struct hz_msgtext *t, const char *format, ...)
{
    size_t n = strlen(t->text);
    va_list args;
    va_start(args, format);
    vsnprintf(t->text + n, sizeof t->text - n, format, args);
    va_end(args);
}

/* The text of a field of this message; "" when it has none. */
static void cell_text(const cJSON *v, const struct column *c, char out[CELL])
{
    char text[64] = "";
    if (cJSON_IsNumber(v) && c->format) {
        /* the format is one of the tables above */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(text, sizeof text, c->format, v->valuedouble);
#pragma GCC diagnostic pop
    } else if (cJSON_IsString(v)) {
        snprintf(text, sizeof text, "%s", v->valuestring);
    }
    clean(out, CELL, text);
}

/* The remembered fields of a sender. When two senders hash to the same place, the later one
 * replaces the other. */
static struct known *recall(struct hz_msgline *m, const char *who)
{
    unsigned hash = 5381;
    for (const char *s = who; *s; s++)
        hash = hash * 33 + (unsigned char)*s;
    struct known *k = &m->known[hash % KNOWN];
    if (strcmp(k->cell[0], who) != 0)
        *k = (struct known){0};
    return k;
}

/* Writes the columns of a protocol whose messages carry only some of the fields each. */
static void put_columns(struct hz_msgline *m, const cJSON *own, const struct column *columns,
                        struct hz_msgtext *t)
{
    char now[COLUMNS][CELL];
    for (int i = 0; columns[i].field; i++)
        cell_text(cJSON_GetObjectItemCaseSensitive(own, columns[i].field), &columns[i], now[i]);
    struct known *k = recall(m, now[0]);
    snprintf(t->who, sizeof t->who, "%s", now[0]);
    for (int i = 0; columns[i].field; i++) {
        int most = abs(columns[i].width) - 1; /* a blank stays between two */
        if (now[i][0] != '\0')
            memcpy(k->cell[i], now[i], CELL);
        add(t, "%*.*s%s", columns[i].width < 0 ? -most : most, hz_text_cut(k->cell[i], most),
            k->cell[i], columns[i + 1].field ? " " : "");
    }
}

/* A protocol without columns of its own: its plain fields, as name=value. */
static void put_fields(const cJSON *own, struct hz_msgtext *t)
{
    const cJSON *v;
    cJSON_ArrayForEach(v, own)
    {
        const char *before = *t->text ? " " : "";
        if (cJSON_IsString(v))
            add(t, "%s%s=%s", before, v->string, v->valuestring);
        else if (cJSON_IsNumber(v))
            add(t, "%s%s=%.10g", before, v->string, v->valuedouble);
    }
}

static void put_page(const cJSON *own, struct hz_msgtext *t)
{
    const cJSON *address = cJSON_GetObjectItemCaseSensitive(own, "address");
    const cJSON *baud = cJSON_GetObjectItemCaseSensitive(own, "baud");
    const char *type = hz_ctl_text(own, "type");
    const char *text = hz_ctl_text(own, type);
    if (cJSON_IsNumber(address))
        snprintf(t->who, sizeof t->who, "%.0f", address->valuedouble);
    add(t, "%-9s %4.0f bd  %s", t->who, cJSON_IsNumber(baud) ? baud->valuedouble : 0,
        *text ? text : type);
}

static void put_flex(const cJSON *own, struct hz_msgtext *t)
{
    const cJSON *capcode = cJSON_GetObjectItemCaseSensitive(own, "capcode");
    const cJSON *baud = cJSON_GetObjectItemCaseSensitive(own, "sync_baud");
    const cJSON *levels = cJSON_GetObjectItemCaseSensitive(own, "sync_level");
    const char *text = hz_ctl_text(own, "message");
    if (cJSON_IsNumber(capcode))
        snprintf(t->who, sizeof t->who, "%.0f", capcode->valuedouble);
    add(t, "%-10s %4.0f/%.0f/%s  %s", t->who, cJSON_IsNumber(baud) ? baud->valuedouble : 0,
        cJSON_IsNumber(levels) ? levels->valuedouble : 0, hz_ctl_text(own, "phase_number"),
        *text ? text : hz_ctl_text(own, "type"));
}

static void put_acars(const cJSON *own, struct hz_msgtext *t)
{
    const char *text = hz_ctl_text(own, "text");
    snprintf(t->who, sizeof t->who, "%s", hz_ctl_text(own, "tail"));
    add(t, "%-8s %-6s %s %-4s  %s", t->who, hz_ctl_text(own, "flight"), hz_ctl_text(own, "label"),
        hz_ctl_text(own, "msgno"), *text ? text : hz_ctl_text(own, "label_text"));
}

static void put_rds(const cJSON *own, struct hz_msgtext *t)
{
    const char *type = hz_ctl_text(own, "type");
    snprintf(t->who, sizeof t->who, "%s", hz_ctl_text(own, "pi"));
    add(t, "%-7s %-9s", t->who, type);
    static const char *const fields[] = {"ps", "radiotext", "clock_time", "group", NULL};
    for (const char *const *f = fields; *f; f++)
        if (*hz_ctl_text(own, *f))
            add(t, "  %s", hz_ctl_text(own, *f));
}

/* A frame of VDL2: sender and receiver, and what ACARS or XID say in it. */
static void put_vdl2(const cJSON *own, struct hz_msgtext *t)
{
    static const char *const fields[] = {"tail", "flight", "label", "airport", "text", NULL};
    const cJSON *avlc = cJSON_GetObjectItemCaseSensitive(own, "avlc");
    const cJSON *xid = cJSON_GetObjectItemCaseSensitive(avlc, "xid");
    const cJSON *lat = cJSON_GetObjectItemCaseSensitive(own, "lat");
    const cJSON *lon = cJSON_GetObjectItemCaseSensitive(own, "lon");
    snprintf(t->who, sizeof t->who, "%s", hz_ctl_text(own, "src"));
    add(t, "%s > %s  %-5s", t->who, hz_ctl_text(own, "dst"), hz_ctl_text(own, "type"));
    if (*hz_ctl_text(xid, "type_descr"))
        add(t, "  %s", hz_ctl_text(xid, "type_descr"));
    for (const char *const *f = fields; *f; f++)
        if (*hz_ctl_text(own, *f))
            add(t, "  %s", hz_ctl_text(own, *f));
    if (cJSON_IsNumber(lat) && cJSON_IsNumber(lon))
        add(t, "  %.3f %.3f", lat->valuedouble, lon->valuedouble);
}

/* Text of a transmission of speech: its length and measured values. */
static void put_speech(const cJSON *own, struct hz_msgtext *t)
{
    static const struct {
        const char *field, *format;
        double scale;
    } parts[] = {{"duration_s", "%7.1f s", 1},
                 {"depth", "  %.0f %% modulation", 100},
                 {"deviation_hz", "  deviation %.1f kHz", 1e-3},
                 {"ctcss_hz", "  tone %.1f Hz", 1}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const cJSON *v = cJSON_GetObjectItemCaseSensitive(own, parts[i].field);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        if (cJSON_IsNumber(v))
            add(t, parts[i].format, v->valuedouble * parts[i].scale);
#pragma GCC diagnostic pop
    }
}

void hz_msgline_text(struct hz_msgline *m, const cJSON *message, struct hz_msgtext *text)
{
    const char *protocol = hz_ctl_text(message, "protocol");
    const cJSON *own = cJSON_GetObjectItemCaseSensitive(message, protocol);
    struct hz_msgtext raw = {0};
    const struct column *columns = NULL;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        columns = strcmp(tables[i].protocol, protocol) == 0 ? tables[i].columns : columns;
    if (columns) {
        put_columns(m, own, columns, &raw);
    } else if (*hz_ctl_text(own, "tnc2")) { /* packets as the line that their users know */
        snprintf(raw.who, sizeof raw.who, "%s", hz_ctl_text(own, "srccallsign"));
        add(&raw, "%s", hz_ctl_text(own, "tnc2"));
    } else if (strcmp(protocol, "pocsag") == 0) {
        put_page(own, &raw);
    } else if (strcmp(protocol, "rds") == 0) {
        put_rds(own, &raw);
    } else if (strcmp(protocol, "acars") == 0) {
        put_acars(own, &raw);
    } else if (strcmp(protocol, "flex") == 0) {
        put_flex(own, &raw);
    } else if (strcmp(protocol, "vdl2") == 0) {
        put_vdl2(own, &raw);
    } else if (cJSON_HasObjectItem(own, "duration_s")) {
        put_speech(own, &raw);
    } else {
        put_fields(own, &raw);
    }
    clean(text->who, sizeof text->who, raw.who);
    clean(text->text, sizeof text->text, raw.text);
    for (size_t n = strlen(text->text); n > 0 && text->text[n - 1] == ' '; n--)
        text->text[n - 1] = '\0';
}

/* ---- lines ------------------------------------------------------------------------------ */

/* Time of day of a frame, to the second: "08:26:11". */
static const char *time_of_day(const cJSON *o)
{
    const char *time = hz_ctl_text(o, "time");
    return strlen(time) > 19 ? time + 11 : time;
}

void hz_msgline_header(const struct hz_msgline *m)
{
    fprintf(m->out, "%-9s%-10s%5s  %s\n", "TIME UTC", "WHAT", "SNR", "WHO, AND WHAT IT TELLS");
}

static void put_message(struct hz_msgline *m, const cJSON *o)
{
    char protocol[16];
    struct hz_msgtext t;
    const cJSON *snr = cJSON_GetObjectItemCaseSensitive(o, "snr_db");
    const char *dim = m->colour ? "\033[2m" : "", *plain = m->colour ? "\033[0m" : "";
    double db = cJSON_IsNumber(snr) ? snr->valuedouble : 0;
    const char *hue = !m->colour ? "" : db >= 20 ? "\033[32m" : db >= 10 ? "\033[33m" : "\033[31m";
    hz_msgline_text(m, o, &t);
    clean(protocol, sizeof protocol, hz_ctl_text(o, "protocol"));
    fprintf(m->out, "%s%-9.8s%s%-10s%s%5.1f%s  ", dim, time_of_day(o), plain, protocol, hue, db,
            plain);
    int room = m->width > 0 ? m->width - 26 : HZ_MSGTEXT_MAX;
    fprintf(m->out, "%.*s\n", hz_text_cut(t.text, room), t.text);
}

static void put_event(const cJSON *o, FILE *out)
{
    struct hz_msgtext t = {0}, shown;
    const cJSON *missed = cJSON_GetObjectItemCaseSensitive(o, "missed");
    const cJSON *samples = cJSON_GetObjectItemCaseSensitive(o, "samples");
    add(&t, "%-10s%s %s %s", hz_ctl_text(o, "kind"), hz_ctl_text(o, "receiver"),
        hz_ctl_text(o, "channel"), hz_ctl_text(o, "state"));
    if (cJSON_IsNumber(missed))
        add(&t, "%.0f messages were missed", missed->valuedouble);
    if (cJSON_IsNumber(samples))
        add(&t, "%.0f samples lost", samples->valuedouble);
    if (*hz_ctl_text(o, "reason"))
        add(&t, ": %s", hz_ctl_text(o, "reason"));
    clean(shown.text, sizeof shown.text, t.text);
    fprintf(out, "%-9.8s%s\n", time_of_day(o), shown.text);
}

static double number_of(const cJSON *o, const char *name)
{
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, name);
    return cJSON_IsNumber(v) ? v->valuedouble : 0;
}

/* What a receiver or a channel did in a time. */
static void put_stats(const cJSON *o, FILE *out)
{
    struct hz_msgtext t = {0}, shown;
    const cJSON *snr = cJSON_GetObjectItemCaseSensitive(o, "snr_db");
    add(&t, "%-10s%s %s: ", "stats", hz_ctl_text(o, "receiver"), hz_ctl_text(o, "channel"));
    if (*hz_ctl_text(o, "channel"))
        add(&t, "%.0f messages", number_of(o, "messages"));
    else
        add(&t, "%s, level %.1f dBFS", hz_ctl_text(o, "state"), number_of(o, "level_dbfs"));
    if (snr)
        add(&t, ", SNR %.0f to %.0f dB", number_of(snr, "p10"), number_of(snr, "p90"));
    if (number_of(o, "lost_samples") > 0)
        add(&t, ", %.0f samples lost", number_of(o, "lost_samples"));
    clean(shown.text, sizeof shown.text, t.text);
    fprintf(out, "%-9.8s%s\n", time_of_day(o), shown.text);
}

/* What a section [event NAME] tells. */
static void put_told(const cJSON *o, FILE *out)
{
    struct hz_msgtext t = {0}, shown;
    add(&t, "%-10s%s: %s", "event", hz_ctl_text(o, "event"), hz_ctl_text(o, "text"));
    clean(shown.text, sizeof shown.text, t.text);
    fprintf(out, "%-9.8s%s\n", time_of_day(o), shown.text);
}

/* A transmission that no declaration of a sensor explains. */
static void put_burst(const cJSON *o, FILE *out)
{
    struct hz_msgtext t = {0}, shown;
    const cJSON *own = cJSON_GetObjectItemCaseSensitive(o, "burst");
    const cJSON *hz = cJSON_GetObjectItemCaseSensitive(own, "carrier_hz");
    const cJSON *ms = cJSON_GetObjectItemCaseSensitive(own, "duration_ms");
    const cJSON *repeats = cJSON_GetObjectItemCaseSensitive(own, "repeats");
    add(&t, "%-10s", "burst");
    if (cJSON_IsNumber(hz))
        add(&t, "%.3f MHz ", hz->valuedouble / 1e6);
    add(&t, "%s", hz_ctl_text(own, "modulation"));
    if (cJSON_IsNumber(ms))
        add(&t, ", %.0f ms", ms->valuedouble);
    add(&t, ", %s %s", hz_ctl_text(own, "coding"), hz_ctl_text(own, "bits"));
    if (cJSON_IsNumber(repeats))
        add(&t, " x%.0f", repeats->valuedouble);
    clean(shown.text, sizeof shown.text, t.text);
    fprintf(out, "%-9.8s%s\n", time_of_day(o), shown.text);
}

void hz_msgline_print(struct hz_msgline *m, const char *json, size_t len)
{
    cJSON *o = cJSON_ParseWithLength(json, len);
    const char *kind = hz_ctl_text(o, "kind");
    if (strcmp(kind, "message") == 0)
        put_message(m, o);
    else if (strcmp(kind, "gap") == 0 || strcmp(kind, "state") == 0)
        put_event(o, m->out);
    else if (strcmp(kind, "stats") == 0)
        put_stats(o, m->out);
    else if (strcmp(kind, "event") == 0)
        put_told(o, m->out);
    else if (strcmp(kind, "burst") == 0)
        put_burst(o, m->out);
    cJSON_Delete(o);
}
