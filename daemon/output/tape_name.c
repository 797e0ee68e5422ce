#include "daemon/output/tape_name.h"

#include "proto/out/json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char usual[] = "{channel}_{time}";
static const char dates[] = "YmdHMSj";
static const char *const names[] = {"{channel}", "{receiver}", "{freq}", "{time}", NULL};
enum { CHANNEL, RECEIVER, FREQ, TIME };

size_t hz_tape_root(const char *path)
{
    size_t to = strcspn(path, "%{");
    if (path[to] == '\0') {
        while (to > 1 && path[to - 1] == '/')
            to--;
        return to;
    }
    while (to > 0 && path[to - 1] != '/')
        to--;
    return to > 1 ? to - 1 : to;
}

int hz_tape_word(const char *const *words, const char *p)
{
    for (int i = 0; words[i]; i++) {
        if (strncmp(p, words[i], strlen(words[i])) == 0)
            return i;
    }
    return -1;
}

/* An unknown word, or NULL. */
static const char *unknown(const char *p)
{
    for (; *p; p++) {
        if (*p == '%' && (p[1] == '\0' || !strchr(dates, p[1])))
            return p;
        if (*p == '{' && hz_tape_word(names, p) < 0)
            return p;
    }
    return NULL;
}

/* Whether a folder or file of that name is part of the pattern. */
static bool has_part(const char *pattern, const char *name)
{
    size_t n = strlen(name);
    for (const char *p = pattern; p; p = strchr(p, '/')) {
        p += *p == '/';
        if (strncmp(p, name, n) == 0 && (p[n] == '/' || p[n] == '\0'))
            return true;
    }
    return false;
}

static bool tells_time(const char *pattern)
{
    return strstr(pattern, "{time}") ||
           (strstr(pattern, "%H") && strstr(pattern, "%M") && strstr(pattern, "%S"));
}

int hz_tape_pattern(const char *path, char pattern[HZ_TAPE_NAME_MAX + 1], char *err, size_t err_len)
{
    const char *rest = path + hz_tape_root(path);
    rest += strspn(rest, "/");
    size_t n = strlen(rest);
    const char *add = n == 0 || rest[n - 1] == '/' ? usual : "";
    if (n + strlen(add) > HZ_TAPE_NAME_MAX) {
        snprintf(err, err_len, "a name of at most %d bytes below the folder", HZ_TAPE_NAME_MAX);
        return -EINVAL;
    }
    snprintf(pattern, HZ_TAPE_NAME_MAX + 1, "%s%s", rest, add);
    const char *bad = unknown(pattern);
    if (bad)
        snprintf(err, err_len,
                 "%%Y %%m %%d %%H %%M %%S %%j (UTC), {channel}, {receiver}, {freq} or {time}, not "
                 "'%.12s'",
                 bad);
    else if (has_part(pattern, "..") || has_part(pattern, "."))
        snprintf(err, err_len, "no folder '.' or '..' behind the first pattern");
    else if (!tells_time(pattern))
        snprintf(err, err_len,
                 "{time}, or %%H, %%M and %%S, in the name of a file (a folder ends with /)");
    else
        return 0;
    return -EINVAL;
}

void hz_tape_time(int64_t utc_ns, char *out, size_t size)
{
    char time[HZ_TIME_TEXT];
    hz_time_text(utc_ns, time); /* 2026-11-23T08:26:11.123456789Z */
    size_t n = 0;
    for (size_t i = 0; i < 23 && n + 2 < size; i++) {
        if (!strchr("-:", time[i]))
            out[n++] = time[i];
    }
    snprintf(out + n, size - n, "Z");
}

/* Appends a text in which a slash becomes an underscore, and a dot too that would begin a name. */
static bool append(char *name, size_t *n, const char *text)
{
    for (; *text; text++) {
        bool begins = *n == 0 || name[*n - 1] == '/';
        if (*n == HZ_TAPE_NAME_MAX)
            return false;
        name[(*n)++] = *text == '/' || (begins && *text == '.') ? '_' : *text;
    }
    return true;
}

static void word_text(int word, const struct hz_tape_words *w, char *text, size_t size)
{
    if (word == TIME)
        hz_tape_time(w->utc_ns, text, size);
    else if (word == FREQ)
        snprintf(text, size, "%.0f", w->freq_hz);
    else
        snprintf(text, size, "%s", word == CHANNEL ? w->channel : w->receiver);
}

int hz_tape_name(const char *pattern, const struct hz_tape_words *w,
                 char name[HZ_TAPE_NAME_MAX + 1])
{
    time_t seconds = (time_t)(w->utc_ns / 1000000000 - (w->utc_ns % 1000000000 < 0));
    struct tm tm;
    size_t n = 0;
    bool fits = gmtime_r(&seconds, &tm);
    for (const char *p = pattern; *p && fits; p++) {
        char text[64] = "";
        int word = *p == '{' ? hz_tape_word(names, p) : -1;
        if (word >= 0) {
            word_text(word, w, text, sizeof text);
            p += strlen(names[word]) - 1;
        } else if (*p == '%') {
            const char date[] = {'%', *++p, '\0'};
            strftime(text, sizeof text, date, &tm);
        } else if (*p == '/') {
            fits = n < HZ_TAPE_NAME_MAX;
            if (fits)
                name[n++] = '/';
        } else {
            text[0] = *p;
        }
        fits = fits && append(name, &n, text);
    }
    name[fits ? n : 0] = '\0';
    return fits ? 0 : -ENAMETOOLONG;
}
