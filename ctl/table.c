#include "ctl/table.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    COLUMNS_MAX = 24,
    BETWEEN = 2,   /* blanks between two columns */
    TEXT_MIN = 12, /* texts are not cut below this */
};

/* Text of the daemon may come off the air: a terminal gets printable characters only. */
static void put_text(const char *s, char out[HZ_CELL_MAX])
{
    size_t n = 0;
    for (; *s && n + 1 < HZ_CELL_MAX; s++)
        out[n++] = (unsigned char)*s < 0x20 || *s == 0x7f ? '?' : *s;
    while (n > 0 && n + 1 == HZ_CELL_MAX && ((unsigned char)out[n - 1] & 0xc0) == 0x80)
        n--; /* cut: no half of a UTF-8 character */
    out[n] = 0;
}

/* Characters that a terminal shows, near enough: the bytes that begin one. */
static int width_of(const char *s)
{
    int n = 0;
    for (; *s; s++)
        n += ((unsigned char)*s & 0xc0) != 0x80;
    return n;
}

static void put_count(double v, char out[HZ_CELL_MAX])
{
    char digits[40];
    int n = snprintf(digits, sizeof digits, "%.0f", v);
    size_t to = 0;
    for (int i = 0; i < n && n < (int)sizeof digits; i++) {
        if (i > 0 && (n - i) % 3 == 0 && digits[i - 1] != '-')
            out[to++] = ',';
        out[to++] = digits[i];
    }
    out[to] = 0;
}

static void put_bytes(double v, char out[HZ_CELL_MAX])
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    size_t u = 0;
    for (; v >= 1000 && u < 4; u++)
        v /= 1000;
    snprintf(out, HZ_CELL_MAX, u == 0 || v >= 100 ? "%.0f %s" : "%.1f %s", v, units[u]);
}

static void put_span(double s, const char *after, char out[HZ_CELL_MAX])
{
    static const struct {
        double seconds;
        const char *unit;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    if (s < 1) {
        snprintf(out, HZ_CELL_MAX, *after ? "now" : "0 s");
        return;
    }
    size_t u = 0;
    while (u < 3 && s < 2 * units[u].seconds)
        u++;
    snprintf(out, HZ_CELL_MAX, "%.0f %s%s", floor(s / units[u].seconds), units[u].unit, after);
}

static void put_since(const char *time, int64_t now_ns, char out[HZ_CELL_MAX])
{
    struct tm tm = {0};
    const char *rest = strptime(time, "%Y-%m-%dT%H:%M:%S", &tm);
    if (!rest || (*rest != '.' && *rest != 'Z' && *rest))
        put_text(time, out);
    else
        put_span((double)(now_ns / 1000000000 - timegm(&tm)), " ago", out);
}

/* "162.025, 161.975 MHz" */
static void put_mhz_list(const cJSON *v, char out[HZ_CELL_MAX])
{
    size_t n = 0;
    const cJSON *one;
    out[0] = 0;
    cJSON_ArrayForEach(one, v)
    {
        if (n + 40 < HZ_CELL_MAX)
            n += (size_t)snprintf(out + n, HZ_CELL_MAX - n, "%s%.10g", n ? ", " : "",
                                  one->valuedouble / 1e6);
    }
    if (n > 0)
        snprintf(out + n, HZ_CELL_MAX - n, " MHz");
}

static void put_filter(const cJSON *v, char out[HZ_CELL_MAX])
{
    char text[HZ_CELL_MAX] = "";
    size_t n = 0;
    const cJSON *word, *name;
    cJSON_ArrayForEach(word, v)
    {
        const char *before = "=";
        if (n < sizeof text)
            n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", n ? " " : "", word->string);
        cJSON_ArrayForEach(name, word)
        {
            const char *s = cJSON_GetStringValue(name);
            if (s && n < sizeof text)
                n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", before, s);
            before = ",";
        }
    }
    put_text(*text ? text : "all", out);
}

static void put_number(double v, enum hz_cell cell, char out[HZ_CELL_MAX])
{
    switch (cell) {
    case HZ_CELL_COUNT:
        put_count(v, out);
        break;
    case HZ_CELL_BYTES:
        put_bytes(v, out);
        break;
    case HZ_CELL_MHZ:
        snprintf(out, HZ_CELL_MAX, "%.10g MHz", v / 1e6);
        break;
    case HZ_CELL_RATE:
        snprintf(out, HZ_CELL_MAX, v >= 1e6 ? "%.10g Msps" : "%.10g ksps",
                 v >= 1e6 ? v / 1e6 : v / 1e3);
        break;
    case HZ_CELL_SPAN:
        put_span(v, "", out);
        break;
    case HZ_CELL_AGO:
        put_span(v, " ago", out);
        break;
    case HZ_CELL_DEGREES:
        snprintf(out, HZ_CELL_MAX, "%.4f", v);
        break;
    case HZ_CELL_KM:
        snprintf(out, HZ_CELL_MAX, "%.1f km", v / 1000);
        break;
    case HZ_CELL_BEARING:
        snprintf(out, HZ_CELL_MAX, "%03.0f", v < 359.5 ? v : 0.0);
        break;
    case HZ_CELL_MS:
        snprintf(out, HZ_CELL_MAX, "%.2f ms", v);
        break;
    case HZ_CELL_NS:
        snprintf(out, HZ_CELL_MAX, "%.2f ns", v);
        break;
    case HZ_CELL_SECONDS:
        snprintf(out, HZ_CELL_MAX, "%.1f s", v);
        break;
    case HZ_CELL_PERCENT:
        snprintf(out, HZ_CELL_MAX, "%.1f %%", v);
        break;
    case HZ_CELL_PPM:
        snprintf(out, HZ_CELL_MAX, "%+.1f ppm", v);
        break;
    case HZ_CELL_DB:
        snprintf(out, HZ_CELL_MAX, "%.1f dB", v);
        break;
    case HZ_CELL_DBFS:
        snprintf(out, HZ_CELL_MAX, "%.1f dBFS", v);
        break;
    case HZ_CELL_TEXT:
    case HZ_CELL_MHZ_LIST:
    case HZ_CELL_SINCE:
    case HZ_CELL_FILTER:
        snprintf(out, HZ_CELL_MAX, "%.10g", v);
        break;
    }
}

void hz_cell_write(const cJSON *value, enum hz_cell cell, int64_t now_ns, char out[HZ_CELL_MAX])
{
    const char *text = cJSON_GetStringValue(value);
    strcpy(out, "-");
    if (cell == HZ_CELL_MHZ_LIST && cJSON_IsArray(value))
        put_mhz_list(value, out);
    else if (cell == HZ_CELL_FILTER && cJSON_IsObject(value))
        put_filter(value, out);
    else if (cJSON_IsNumber(value))
        put_number(value->valuedouble, cell, out);
    else if (cJSON_IsBool(value))
        strcpy(out, cJSON_IsTrue(value) ? "yes" : "no");
    else if (text && *text && cell == HZ_CELL_SINCE)
        put_since(text, now_ns, out);
    else if (text && *text)
        put_text(text, out);
}

static const cJSON *value_at(const cJSON *object, const char *path)
{
    char name[64];
    while (object && *path) {
        size_t n = strcspn(path, ".");
        snprintf(name, sizeof name, "%.*s", (int)n, path);
        object = cJSON_GetObjectItemCaseSensitive(object, name);
        path += n + (path[n] == '.');
    }
    return object;
}

static bool is_number(enum hz_cell cell)
{
    return cell != HZ_CELL_TEXT && cell != HZ_CELL_FILTER && cell != HZ_CELL_MHZ_LIST;
}

/* Cuts a text that is wider than its column, and marks it. */
static void cut(char *text, int width)
{
    int seen = 0;
    if (width_of(text) <= width)
        return;
    for (char *s = text; *s; s++) {
        seen += ((unsigned char)*s & 0xc0) != 0x80;
        if (seen == width) {
            strcpy(s, "~");
            return;
        }
    }
}

/* A cell with blanks to its column's width; numbers stand to the right. */
static void put_cell(FILE *out, const char *text, int width, bool right, bool last)
{
    int pad = width - width_of(text);
    if (right)
        fprintf(out, "%*s%s", pad, "", text);
    else
        fprintf(out, "%s%*s", text, last ? 0 : pad, "");
    fputs(last ? "\n" : "  ", out);
}

/* The width of each column; 0: it is left out, since no row has a value for it. */
static int measure(const struct hz_column *columns, const cJSON *rows, int64_t now_ns,
                   int width[COLUMNS_MAX])
{
    char text[HZ_CELL_MAX];
    const cJSON *row;
    int n = 0;
    for (; columns[n].title && n < COLUMNS_MAX; n++) {
        bool any = false;
        width[n] = width_of(columns[n].title);
        cJSON_ArrayForEach(row, rows)
        {
            hz_cell_write(value_at(row, columns[n].path), columns[n].cell, now_ns, text);
            width[n] = width_of(text) > width[n] ? width_of(text) : width[n];
            any = any || strcmp(text, "-") != 0;
        }
        if (!any)
            width[n] = 0;
    }
    return n;
}

/* Characters of a line of the table. */
static int total(const int *width, int n)
{
    int sum = -BETWEEN;
    for (int i = 0; i < n; i++)
        sum += width[i] > 0 ? width[i] + BETWEEN : 0;
    return sum;
}

/* Leaves columns out, then cuts the widest texts, until the table fits. */
static void fit(const struct hz_column *columns, int n, int *width, int most)
{
    while (total(width, n) > most) {
        int drop = -1, wide = -1;
        for (int i = 0; i < n; i++) {
            if (width[i] == 0)
                continue;
            if (columns[i].rank > 0 && (drop < 0 || columns[i].rank > columns[drop].rank))
                drop = i;
            if (!is_number(columns[i].cell) && width[i] > TEXT_MIN &&
                (wide < 0 || width[i] > width[wide]))
                wide = i;
        }
        if (drop >= 0)
            width[drop] = 0;
        else if (wide >= 0)
            width[wide]--;
        else
            return;
    }
}

static void put_row(FILE *out, const struct hz_column *columns, int n, const int *width,
                    const cJSON *row, int64_t now_ns)
{
    char text[HZ_CELL_MAX];
    int last = n - 1;
    while (last > 0 && width[last] == 0)
        last--;
    for (int i = 0; i <= last; i++) {
        if (width[i] == 0)
            continue;
        if (row)
            hz_cell_write(value_at(row, columns[i].path), columns[i].cell, now_ns, text);
        else
            snprintf(text, sizeof text, "%s", columns[i].title);
        cut(text, width[i]);
        put_cell(out, text, width[i], is_number(columns[i].cell), i == last);
    }
}

void hz_table_print(FILE *out, const struct hz_column *columns, const cJSON *rows, int64_t now_ns,
                    int width, const char *none)
{
    int widths[COLUMNS_MAX];
    const cJSON *row;
    if (cJSON_GetArraySize(rows) == 0) {
        fprintf(out, "%s\n", none);
        return;
    }
    int n = measure(columns, rows, now_ns, widths);
    if (width > 0)
        fit(columns, n, widths, width);
    put_row(out, columns, n, widths, NULL, now_ns);
    cJSON_ArrayForEach(row, rows) put_row(out, columns, n, widths, row, now_ns);
}

void hz_facts_print(FILE *out, const struct hz_column *columns, const cJSON *object, int64_t now_ns)
{
    int width = 0;
    char text[HZ_CELL_MAX];
    for (const struct hz_column *c = columns; c->title; c++)
        width = width_of(c->title) > width ? width_of(c->title) : width;
    for (const struct hz_column *c = columns; c->title; c++) {
        hz_cell_write(value_at(object, c->path), c->cell, now_ns, text);
        if (strcmp(text, "-") == 0)
            continue;
        put_cell(out, c->title, width, false, false);
        fprintf(out, "%s\n", text);
    }
}
