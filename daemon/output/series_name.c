#include "daemon/output/series_name.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *const endings[HZ_SERIES_STATES] = {
    [HZ_SERIES_DONE] = "",         [HZ_SERIES_ZSTD] = ".zst",       [HZ_SERIES_GZIP] = ".gz",
    [HZ_SERIES_WRITTEN] = ".part", [HZ_SERIES_CLOSED] = ".packing",
};

/* 20261130T190000Z */
enum { TIME_LEN = 16 };
static const char time_form[] = "%Y%m%dT%H%M%SZ";

size_t hz_series_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

/* "messages", of "messages.jsonl"; the ending is what is behind it. */
static size_t stem_len(const char *file)
{
    const char *dot = strrchr(file, '.');
    return dot && dot > file ? (size_t)(dot - file) : strlen(file);
}

bool hz_series_name(const char *path, const struct hz_series_file *f, enum hz_series_state state,
                    const char *half, char name[HZ_SERIES_NAME_MAX + 1])
{
    const char *file = path + hz_series_folder(path);
    int stem = (int)stem_len(file);
    char when[32], number[16] = "";
    time_t utc = (time_t)f->utc_s;
    struct tm tm;
    if (!gmtime_r(&utc, &tm) || strftime(when, sizeof when, time_form, &tm) != TIME_LEN)
        return false;
    if (f->number > 1)
        snprintf(number, sizeof number, "_%d", f->number);
    const char *ending = endings[state] ? endings[state] : ".part";
    int n = snprintf(name, HZ_SERIES_NAME_MAX + 1, "%.*s_%s%s%s%s%s", stem, file, when, number,
                     file + stem, half, ending);
    return n > 0 && n <= HZ_SERIES_NAME_MAX;
}

static bool is_time(const char *text)
{
    static const char form[] = "ddddddddTddddddZ";
    for (int i = 0; i < TIME_LEN; i++) {
        if (form[i] == 'd' ? !isdigit((unsigned char)text[i]) : text[i] != form[i])
            return false;
    }
    return true;
}

/* Reads the time, and the number if one follows. */
static bool read_place(const char *text, struct hz_series_file *f)
{
    struct tm tm = {0};
    if (!is_time(text) || !strptime(text, time_form, &tm))
        return false;
    f->utc_s = (int64_t)timegm(&tm);
    f->number = 1;
    if (text[TIME_LEN] == '_') {
        long n = strtol(text + TIME_LEN + 1, NULL, 10);
        f->number = n < 2 || n > HZ_SERIES_NUMBER_MAX ? 0 : (int)n;
    }
    return f->number > 0;
}

bool hz_series_parse(const char *path, const char *name, struct hz_series_file *f,
                     enum hz_series_state *state)
{
    static const char *const halves[] = {"", ".zst", ".gz"};
    const char *file = path + hz_series_folder(path);
    size_t stem = stem_len(file);
    if (strncmp(name, file, stem) != 0 || name[stem] != '_' || !read_place(name + stem + 1, f))
        return false;
    /* whatever it could be is written again and compared, so that nothing else is taken for it */
    for (int s = 0; s < HZ_SERIES_STATES; s++) {
        for (int h = s == HZ_SERIES_HALF ? 1 : 0; h < (s == HZ_SERIES_HALF ? 3 : 1); h++) {
            char again[HZ_SERIES_NAME_MAX + 1];
            if (hz_series_name(path, f, (enum hz_series_state)s, halves[h], again) &&
                strcmp(again, name) == 0) {
                *state = (enum hz_series_state)s;
                return true;
            }
        }
    }
    return false;
}
