#include "config/filename.h"

#include "config/config.h"

#include <ctype.h>
#include <math.h>
#include <string.h>
#include <strings.h>

static void extension(const char *ext, struct hz_filename *t)
{
    enum hz_format format;
    if (strcasecmp(ext, "wav") == 0) {
        t->wav = true;
    } else if (strcmp(ext, "sigmf-meta") == 0 || strcmp(ext, "sigmf-data") == 0) {
        t->sigmf = true;
    } else if (hz_format_parse(ext, &format) == 0 && hz_format_is_iq(format)) {
        t->has_format = true;
        t->format = format;
    }
}

static bool is_one_of(const char *word, const char *const *list)
{
    for (; *list; list++) {
        if (strcmp(word, *list) == 0)
            return true;
    }
    return false;
}

/* One part of the name, as "433.92M" or "g001". */
static void part(const char *text, struct hz_filename *t)
{
    static const char *const freqs[] = {"M", "Hz", "kHz", "MHz", "GHz", NULL};
    static const char *const rates[] = {"k", "sps", "ksps", "Msps", "Gsps", NULL};
    const char *suffix = text + strspn(text, "0123456789.");
    double hz;
    if (hz_parse_hz(text, &hz) < 0)
        return;
    if (is_one_of(suffix, freqs))
        t->centre_hz = hz;
    else if (is_one_of(suffix, rates))
        t->rate_hz = hz;
}

/* Whether the character at s belongs to a part; a point does between two digits. */
static bool in_part(const char *s, const char *begin)
{
    if (isalnum((unsigned char)*s))
        return true;
    return *s == '.' && s > begin && isdigit((unsigned char)s[-1]) && isdigit((unsigned char)s[1]);
}

struct hz_filename hz_filename_parse(const char *path)
{
    struct hz_filename found = {.rate_hz = NAN, .centre_hz = NAN}, *t = &found;
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    const char *end = strrchr(name, '.');
    if (end)
        extension(end + 1, t);
    else
        end = name + strlen(name);
    for (const char *s = name; s < end;) {
        const char *begin = s;
        while (s < end && in_part(s, name))
            s++;
        char text[64];
        size_t n = (size_t)(s - begin);
        if (n > 0 && n < sizeof text) {
            memcpy(text, begin, n);
            text[n] = 0;
            part(text, t);
        }
        s += s == begin; /* what parts are split by */
    }
    return found;
}
