#include "daemon/capture/name.h"

#include "daemon/output/tape_name.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char *const words[] = {"{name}", "{receiver}", "{time}",   "{number}",
                                    "{freq}", "{rate}",     "{format}", NULL};
enum { NAME, RECEIVER, TIME, NUMBER, FREQ, RATE, FORMAT };
static const char as_format[] = ".{format}";

int hz_capture_name_check(const char *pattern, char *err, size_t err_len)
{
    const char *bad = *pattern == '.' || strchr(pattern, '/') ? pattern : NULL;
    for (const char *p = strchr(pattern, '{'); p && !bad; p = strchr(p + 1, '{'))
        bad = hz_tape_word(words, p) < 0 ? p : NULL;
    if (!bad && *pattern && strlen(pattern) <= HZ_CAPTURE_NAME_MAX / 2)
        return 0;
    snprintf(err, err_len,
             "the name of a file of at most %d bytes, without a folder or a dot at its front, with "
             "{name}, {receiver}, {time}, {number}, {freq}, {rate} or {format}",
             HZ_CAPTURE_NAME_MAX / 2);
    return -EINVAL;
}

static void put_word(int word, const struct hz_capture_words *w, int number, char *out, size_t size)
{
    switch (word) {
    case NAME:
        snprintf(out, size, "%s", w->name);
        break;
    case RECEIVER:
        snprintf(out, size, "%s", w->receiver);
        break;
    case TIME:
        hz_tape_time(w->utc_ns, out, size);
        break;
    case NUMBER:
        snprintf(out, size, "%03d", number);
        break;
    case FREQ:
        snprintf(out, size, "%.10gM", w->centre_hz / 1e6);
        break;
    case RATE:
        snprintf(out, size, "%.10gk", w->rate_hz / 1e3);
        break;
    default:
        snprintf(out, size, "%s", hz_format_name(w->format));
    }
}

/* Whether it all fits into `name`. */
static bool fill(const char *pattern, size_t n, const struct hz_capture_words *w, int number,
                 char name[HZ_CAPTURE_NAME_MAX + 1])
{
    size_t used = 0;
    name[0] = '\0';
    for (const char *p = pattern; p < pattern + n; p++) {
        char text[64] = {*p, '\0'};
        int word = *p == '{' ? hz_tape_word(words, p) : -1;
        if (word >= 0) {
            put_word(word, w, number, text, sizeof text);
            p += strlen(words[word]) - 1;
        }
        if (used + strlen(text) > HZ_CAPTURE_NAME_MAX)
            return false;
        used += (size_t)snprintf(name + used, HZ_CAPTURE_NAME_MAX + 1 - used, "%s", text);
    }
    return true;
}

int hz_capture_name(const char *pattern, const struct hz_capture_words *w, int number,
                    char data[HZ_CAPTURE_NAME_MAX + 1], char meta[HZ_CAPTURE_NAME_MAX + 1])
{
    char stem[HZ_CAPTURE_NAME_MAX + 1], more[16] = "";
    size_t n = strlen(pattern), end = strlen(as_format);
    bool plain = n > end && strcmp(pattern + n - end, as_format) == 0;
    if (number > 1 && !strstr(pattern, words[NUMBER]))
        snprintf(more, sizeof more, "_%d", number);
    if (!fill(pattern, plain ? n - end : n, w, number, stem))
        return -ENAMETOOLONG;
    int a = snprintf(data, HZ_CAPTURE_NAME_MAX + 1, "%s%s.%s", stem, more,
                     plain ? hz_format_name(w->format) : "sigmf-data");
    int b = snprintf(meta, HZ_CAPTURE_NAME_MAX + 1, "%s%s.sigmf-meta", stem, more);
    return a <= HZ_CAPTURE_NAME_MAX && b <= HZ_CAPTURE_NAME_MAX ? 0 : -ENAMETOOLONG;
}
