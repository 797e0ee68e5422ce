#include "config/filename.h"

#include "config/config.h"

#include <ctype.h>
#include <math.h>
#include <string.h>
#include <strings.h>

enum { PARTS_MAX = 32, PART_MAX = 64 };

struct parts {
    char text[PARTS_MAX][PART_MAX];
    size_t n;
};

/* ---- format ----------------------------------------------------------------------------- */

/* Suffixes of other programs: GNU Radio, inspectrum, Universal Radio Hacker. */
static const struct {
    const char *end;
    enum hz_format format;
} ends[] = {
    {"cfile", HZ_CF32},      {"fc32", HZ_CF32},      {"complex", HZ_CF32},
    {"fc64", HZ_CF64},       {"sc16", HZ_CS16},      {"c16", HZ_CS16},
    {"sc8", HZ_CS8},         {"c8", HZ_CS8},         {"uc8", HZ_CU8},
    {"complex16u", HZ_CU8},  {"complex16s", HZ_CS8}, {"complex32s", HZ_CS16},
    {"complex32u", HZ_CU16},
};

static void extension(const char *ext, struct hz_filename *t)
{
    char low[16] = "";
    enum hz_format format;
    for (size_t i = 0; ext[i] && i + 1 < sizeof low; i++)
        low[i] = (char)tolower((unsigned char)ext[i]);
    t->wav = strcmp(low, "wav") == 0;
    t->sigmf = strcmp(low, "sigmf-meta") == 0 || strcmp(low, "sigmf-data") == 0;
    t->archive = strcmp(low, "sigmf") == 0;
    t->sdriq = strcmp(low, "sdriq") == 0;
    if (hz_format_parse(low, &format) == 0) {
        t->has_format = hz_format_is_iq(format);
        t->has_audio = !t->has_format;
        t->format = format;
    }
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        if (strcmp(ends[i].end, low) == 0) {
            t->has_format = true;
            t->format = ends[i].format;
        }
    }
}

/* ---- rate and centre -------------------------------------------------------------------- */

/* Whether the character at s belongs to a part of the name; a point does between two digits. */
static bool in_part(const char *s, const char *begin)
{
    if (isalnum((unsigned char)*s))
        return true;
    return *s == '.' && s > begin && isdigit((unsigned char)s[-1]) && isdigit((unsigned char)s[1]);
}

static void split(const char *name, const char *end, struct parts *p)
{
    for (const char *s = name; s < end && p->n < PARTS_MAX;) {
        const char *begin = s;
        while (s < end && in_part(s, name))
            s++;
        size_t n = (size_t)(s - begin);
        if (n > 0 && n < PART_MAX) {
            memcpy(p->text[p->n], begin, n);
            p->text[p->n++][n] = 0;
        }
        s += s == begin; /* a separator */
    }
}

static bool is_one_of(const char *word, const char *const *list)
{
    for (; *list; list++) {
        if (strcasecmp(word, *list) == 0)
            return true;
    }
    return false;
}

/* Parses one part, as "433.92M" or "g001". The highest frequency is kept as the centre, the second
 * highest in *second (NAN: none). */
static void part(const char *text, struct hz_filename *t, double *second)
{
    static const char *const freqs[] = {"Hz", "kHz", "MHz", "GHz", NULL};
    static const char *const rates[] = {"k", "sps", "ksps", "Msps", "Gsps", NULL};
    const char *suffix = text + strspn(text, "0123456789.");
    double hz;
    if (hz_parse_hz(text, &hz) < 0)
        return;
    if (is_one_of(suffix, rates)) {
        t->rate_hz = hz;
    } else if (is_one_of(suffix, freqs) || strcmp(suffix, "M") == 0) {
        bool higher = !(hz < t->centre_hz);
        *second = higher ? t->centre_hz : fmax(*second, hz);
        t->centre_hz = higher ? hz : t->centre_hz;
    }
}

static bool is_whole(const char *text, double *v)
{
    size_t n = strspn(text, "0123456789");
    return n > 0 && text[n] == 0 && hz_parse_hz(text, v) == 0;
}

/* Parses the end of a gqrx name: …_CENTRE_RATE_fc. */
static void gqrx(const struct parts *p, const char *ext, struct hz_filename *t)
{
    double centre, rate;
    if (p->n < 3 || strcasecmp(p->text[p->n - 1], "fc") != 0 ||
        !is_whole(p->text[p->n - 2], &rate) || !is_whole(p->text[p->n - 3], &centre))
        return;
    t->rate_hz = rate;
    t->centre_hz = centre;
    if (strcasecmp(ext, "raw") == 0) {
        t->has_format = true;
        t->format = HZ_CF32;
    }
}

/* ---- start ------------------------------------------------------------------------------ */

static int month_of(const char *s)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (int m = 0; m < 12; m++) {
        if (strncasecmp(s, names + 3 * m, 3) == 0)
            return m + 1;
    }
    return -1;
}

/* Matches the start of s with a form: Y, M, D, h, m, s are digits of a date, B is the name of a
 * month,
 * '?' a separator; other characters stand for themselves. Returns the rest of s, or NULL. */
static const char *matches(const char *form, const char *s, struct hz_date *d)
{
    *d = (struct hz_date){0};
    for (; *form; form++, s++) {
        static const char kinds[] = "YMDhms";
        int *const fields[] = {&d->year, &d->month, &d->day, &d->hour, &d->min, &d->sec};
        const char *kind = strchr(kinds, *form);
        if (*form == 'B') {
            d->month = month_of(s);
            if (d->month < 0)
                return NULL;
            s += 2;
        } else if (*form == '?') {
            if (!*s || !strchr("_-T :.", *s))
                return NULL;
        } else if (kind) {
            if (!isdigit((unsigned char)*s))
                return NULL;
            int *field = fields[kind - kinds];
            *field = *field * 10 + (*s - '0');
        } else if (*form != *s) {
            return NULL;
        }
    }
    return isdigit((unsigned char)*s) ? NULL : s;
}

/* Three digits after a time, as in 12_34_56_123, are milliseconds. */
static int64_t milliseconds(const char *s)
{
    if (!*s || !strchr("_-.", *s) || !isdigit((unsigned char)s[1]) ||
        !isdigit((unsigned char)s[2]) || !isdigit((unsigned char)s[3]) ||
        isalnum((unsigned char)s[4]))
        return 0;
    return ((s[1] - '0') * 100 + (s[2] - '0') * 10 + (s[3] - '0')) * 1000000ll;
}

static void start(const char *name, const char *end, struct hz_filename *t)
{
    static const struct {
        const char *form;
        bool local;
    } forms[] = {
        {"YYYYMMDD?hhmmss", false},     /* gqrx, SDR#, HDSDR, SDRuno, SDRconnect */
        {"YYYY-MM-DD?hh?mm?ss", false}, /* SatDump, SDRangel */
        {"hh-mm-ss?DD-MM-YYYY", true},  /* SDR++ */
        {"DD-B-YYYY?hhmmss", true},     /* SDR Console */
    };
    struct hz_date d;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        for (const char *s = name; s < end; s++) {
            const char *rest =
                s > name && isdigit((unsigned char)s[-1]) ? NULL : matches(forms[i].form, s, &d);
            if (!rest)
                continue;
            d.ns = milliseconds(rest);
            if (hz_date_utc(&d, &t->start_utc_ns) < 0)
                continue;
            t->local_time = forms[i].local;
            return;
        }
    }
}

struct hz_filename hz_filename_parse(const char *path)
{
    struct hz_filename found = {.rate_hz = NAN, .centre_hz = NAN, .start_utc_ns = INT64_MIN};
    struct hz_filename *t = &found;
    struct parts p = {.n = 0};
    double second = NAN;
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path, *end = strrchr(name, '.');
    const char *ext = end ? end + 1 : "";
    extension(ext, t);
    if (!end)
        end = name + strlen(name);
    split(name, end, &p);
    for (size_t i = 0; i < p.n; i++) {
        part(p.text[i], t, &second);
        if (strcasecmp(p.text[i], "audio") == 0 || strcmp(p.text[i], "AF") == 0)
            t->says_audio = true;
    }
    if (isnan(t->rate_hz) && second > 0)
        t->rate_hz = second;
    gqrx(&p, ext, t);
    /* SatDump used these suffixes for IQ, with rate and centre in the name. Audio has no centre. */
    if (t->has_audio && t->rate_hz > 0 && t->centre_hz > 0) {
        t->has_format = true;
        t->has_audio = false;
        t->format = (enum hz_format)(t->format - HZ_U8);
    }
    start(name, end, t);
    return found;
}
