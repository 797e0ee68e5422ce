#include "daemon/event/when.h"

#include "config/config.h"
#include "config/fail.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    LOOKED_AT = 1000, /* bytes of a text that an expression is held against */
    EXPANDED_MAX = 2000,
    DEPTH_MAX = 20, /* groups in each other */
};

static const char *const names[HZ_WHENS + 1] = {"new",      "gone",   "enters", "emergency",
                                                "distress", "silent", "text",   NULL};

const char *hz_when_name(enum hz_when_kind kind)
{
    return names[kind];
}

/* What is left of the text, and where an error goes. */
struct reader {
    const char *p;
    char *err;
    size_t err_len;
};

static void skip_blanks(struct reader *r)
{
    r->p += strspn(r->p, " \t");
}

/* The letters, digits and underscores that come next: their number. */
static size_t word_length(const struct reader *r)
{
    size_t n = 0;
    while (isalnum((unsigned char)r->p[n]) || r->p[n] == '_')
        n++;
    return n;
}

static bool next_is(const struct reader *r, const char *word)
{
    size_t n = word_length(r);
    return n == strlen(word) && memcmp(r->p, word, n) == 0;
}

/* ---- time ---- */

/* 2h. 0: taken; -EINVAL. */
static int take_time(struct reader *r, const char *what, uint64_t *ms)
{
    char text[16];
    uint64_t seconds;
    skip_blanks(r);
    size_t n = word_length(r);
    snprintf(text, sizeof text, "%.*s", n < sizeof text ? (int)n : 0, r->p);
    if (hz_parse_history_time(text, &seconds) < 0)
        return hz_fail(r->err, r->err_len, "%s \"%.*s\": expected a time, 1s to 7d, as in %s 2h",
                       what, n < 40 ? (int)n : 40, r->p, what);
    *ms = seconds * 1000;
    r->p += n;
    return 0;
}

/* ---- areas ---- */

static bool take_number(struct reader *r, double *v)
{
    char *end;
    skip_blanks(r);
    size_t n = strspn(r->p, "+-.0123456789");
    if (n == 0 || n > 30)
        return false;
    *v = strtod(r->p, &end);
    if (end == r->p || (size_t)(end - r->p) > n) /* an exponent is none */
        return false;
    r->p = end;
    return true;
}

/* A comma with a number behind it: the area goes on. */
static bool take_comma(struct reader *r)
{
    const char *p = r->p + strspn(r->p, " \t");
    if (*p != ',')
        return false;
    p++;
    p += strspn(p, " \t");
    if (!*p || !strchr("+-.0123456789", *p))
        return false;
    r->p = p;
    return true;
}

static double take_unit(struct reader *r)
{
    static const struct {
        const char *name;
        double metres;
    } units[] = {{"km", 1000}, {"m", 1}, {"nm", 1852}, {"nmi", 1852}, {"mi", 1609.344}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (next_is(r, units[i].name)) {
            r->p += strlen(units[i].name);
            return units[i].metres;
        }
    }
    return word_length(r) == 0 || next_is(r, "or") ? 1000 : NAN;
}

static bool within(double v, double limit)
{
    return v >= -limit && v <= limit;
}

static int take_area(struct reader *r, struct hz_area *a)
{
    static const char expected[] =
        "expected a box, south,west,north,east, or a circle, lat,lon,radius, in degrees and km, "
        "as in enters 53.4,9.7,53.7,10.3 or enters 53.55,9.99,20km";
    double v[4], unit = 1000;
    size_t n = 0;
    bool more = true;
    while (more && n < 4 && take_number(r, &v[n])) {
        n++;
        if (n == 3) {
            skip_blanks(r);
            unit = take_unit(r);
        }
        more = take_comma(r);
    }
    a->circle = n == 3;
    if (more || n < 3 || isnan(unit))
        return hz_fail(r->err, r->err_len, "enters: %s", expected);
    if (a->circle) {
        a->middle = (struct hz_place){v[0], v[1]};
        a->radius_m = v[2] * unit;
        if (!within(v[0], 90) || !within(v[1], 180) || !(a->radius_m > 0 && a->radius_m <= 2e7))
            return hz_fail(r->err, r->err_len, "enters %g,%g,%g: %s", v[0], v[1], v[2], expected);
        return 0;
    }
    a->south = v[0];
    a->west = v[1];
    a->north = v[2];
    a->east = v[3];
    if (!within(v[0], 90) || !within(v[2], 90) || v[0] > v[2] || !within(v[1], 180) ||
        !within(v[3], 180))
        return hz_fail(r->err, r->err_len, "enters %g,%g,%g,%g: %s", v[0], v[1], v[2], v[3],
                       expected);
    return 0;
}

bool hz_area_has(const struct hz_area *a, struct hz_place at)
{
    if (isnan(at.lat) || isnan(at.lon))
        return false;
    if (a->circle)
        return hz_earth_distance(a->middle, at) <= a->radius_m;
    bool east_of_west = at.lon >= a->west, west_of_east = at.lon <= a->east;
    return at.lat >= a->south && at.lat <= a->north &&
           (a->west > a->east ? east_of_west || west_of_east : east_of_west && west_of_east);
}

/* ---- expressions ---- */

/* How large an expression becomes when all that is repeated is written out, as regcomp does it:
 * a{3} is aaa, and a+ is aa*. */
struct size {
    uint64_t sum, last; /* of the group so far; of what a repetition would repeat */
};

static void repeat(struct size *s, uint64_t times)
{
    times = times > EXPANDED_MAX ? EXPANDED_MAX + 1 : times > 0 ? times : 1;
    s->sum += s->last * (times - 1);
    s->last *= times;
}

/* {n}, {n,} or {n,m} at p. */
static uint64_t times_of(const char *p)
{
    uint64_t low = strtoul(p + 1, NULL, 10), high = low;
    const char *comma = p + 1 + strspn(p + 1, "0123456789");
    if (*comma == ',')
        high = isdigit((unsigned char)comma[1]) ? strtoul(comma + 1, NULL, 10) : low + 1;
    return high > low ? high : low;
}

/* Behind the brackets that begin at p. */
static const char *behind_brackets(const char *p)
{
    p += p[1] == '^' ? 2 : 1;
    p += *p == ']';
    while (*p && *p != ']')
        p++;
    return p;
}

/* What regcomp would make too much of; and a match with what an earlier group held can take
 * exponential time. NULL: neither. */
static const char *too_much(const char *expression)
{
    static const char large[] = "what it repeats comes to more than 2000 characters";
    struct size groups[DEPTH_MAX + 1] = {{0}}, *s = groups;
    bool repeated = false;
    for (const char *p = expression; *p; p++) {
        bool repeats = strchr("+*?{", *p);
        if (repeats && repeated)
            return "it repeats a repetition: put it in parentheses";
        repeated = repeats;
        if (*p == '(' && s == &groups[DEPTH_MAX])
            return "its groups are nested deeper than 20";
        if (*p == '(') {
            *++s = (struct size){0};
        } else if (*p == ')' && s > groups) {
            uint64_t inner = s->sum + 1;
            s--;
            *s = (struct size){s->sum + inner, inner};
        } else if (*p == '+' || *p == '{') {
            repeat(s, *p == '+' ? 2 : times_of(p));
            if (*p == '{')
                p += strcspn(p, "}") - (strchr(p, '}') == NULL);
        } else if (*p != '*' && *p != '?') {
            if (*p == '\\' && isdigit((unsigned char)p[1]))
                return "\\1 to \\9 mean nothing here";
            *s = (struct size){s->sum + 1, 1};
            if (*p == '\\' && p[1])
                p++;
            else if (*p == '[')
                p = behind_brackets(p);
            if (!*p)
                break;
        }
        if (s->sum > EXPANDED_MAX || s->last > EXPANDED_MAX)
            return large;
    }
    return NULL;
}

/* The expression between slashes, or up to the end of the text. */
static int take_expression(struct reader *r, char out[HZ_WHEN_TEXT_MAX + 1])
{
    size_t n = 0;
    skip_blanks(r);
    bool slashes = *r->p == '/';
    r->p += slashes;
    while (*r->p && !(slashes && *r->p == '/')) {
        if (slashes && r->p[0] == '\\' && r->p[1] == '/')
            r->p++;
        else if (r->p[0] == '\\' && r->p[1] && n < HZ_WHEN_TEXT_MAX)
            out[n++] = *r->p++;
        if (n == HZ_WHEN_TEXT_MAX)
            return hz_fail(r->err, r->err_len, "an expression is longer than %d bytes",
                           HZ_WHEN_TEXT_MAX);
        out[n++] = *r->p++;
    }
    if (slashes && *r->p != '/')
        return hz_fail(r->err, r->err_len, "an expression begins with '/', but does not end so");
    r->p += slashes;
    while (!slashes && n > 0 && (out[n - 1] == ' ' || out[n - 1] == '\t'))
        n--;
    out[n] = '\0';
    return n > 0 ? 0 : hz_fail(r->err, r->err_len, "there is no expression behind '~'");
}

static int take_regex(struct reader *r, struct hz_when *w)
{
    char text[HZ_WHEN_TEXT_MAX + 1], why[100];
    int rc = take_expression(r, text);
    const char *much = rc == 0 ? too_much(text) : NULL;
    if (much)
        return hz_fail(r->err, r->err_len, "expression '%.60s': %s", text, much);
    if (rc < 0)
        return rc;
    rc = regcomp(&w->regex, text, REG_EXTENDED | REG_ICASE | REG_NOSUB);
    if (rc == 0)
        return 0;
    regerror(rc, &w->regex, why, sizeof why);
    return hz_fail_as(rc == REG_ESPACE ? -ENOMEM : -EINVAL, r->err, r->err_len,
                      "expression '%.60s': %s", text, why);
}

bool hz_when_matches(const struct hz_when *w, const char *text)
{
    char start[LOOKED_AT + 1];
    size_t n = strnlen(text, LOOKED_AT);
    memcpy(start, text, n);
    start[n] = '\0';
    return regexec(&w->regex, start, 0, NULL, 0) == 0;
}

/* ---- the list ---- */

/* FIELD ~ EXPRESSION. False: it is nothing of the kind. */
static bool take_field(struct reader *r, struct hz_when *w)
{
    size_t n = word_length(r);
    const char *behind = r->p + n + strspn(r->p + n, " \t");
    if (n == 0 || n > HZ_WHEN_FIELD_MAX || *behind != '~')
        return false;
    memcpy(w->field, r->p, n);
    w->field[n] = '\0';
    r->p = behind + 1;
    w->kind = HZ_WHEN_TEXT;
    return true;
}

static int take_one(struct reader *r, struct hz_when *w)
{
    char word[40], expected[200];
    if (take_field(r, w))
        return take_regex(r, w);
    size_t n = word_length(r);
    snprintf(word, sizeof word, "%.*s", n < 39 ? (int)n : 39, r->p);
    int kind = hz_word_find(names, word, expected, sizeof expected);
    if (kind == HZ_WHEN_TEXT)
        return hz_fail(r->err, r->err_len, "text: expected text ~ EXPRESSION, as in text ~ fire");
    if (kind < 0)
        return hz_fail(r->err, r->err_len, "'%s': expected %s", *word ? word : r->p, expected);
    w->kind = (enum hz_when_kind)kind;
    r->p += n;
    if (w->kind == HZ_WHEN_ENTERS)
        return take_area(r, &w->area);
    skip_blanks(r);
    if (w->kind == HZ_WHEN_SILENT || (w->kind == HZ_WHEN_GONE && isdigit((unsigned char)*r->p)))
        return take_time(r, names[kind], &w->after_ms);
    return 0;
}

/* A comma or `or`, behind which another condition must stand. */
static int take_separator(struct reader *r)
{
    skip_blanks(r);
    if (!*r->p)
        return 0;
    if (*r->p == ',')
        r->p++;
    else if (next_is(r, "or"))
        r->p += 2;
    else
        return hz_fail(r->err, r->err_len, "'%.40s': expected a comma or `or` before it", r->p);
    skip_blanks(r);
    return *r->p ? 0 : hz_fail(r->err, r->err_len, "it ends where a condition is expected");
}

static void keep_words(struct hz_when *w, const char *from, const char *to)
{
    size_t n = (size_t)(to - from);
    n = n < HZ_WHEN_TEXT_MAX ? n : HZ_WHEN_TEXT_MAX;
    memcpy(w->words, from, n);
    while (n > 0 && (w->words[n - 1] == ' ' || w->words[n - 1] == '\t'))
        n--;
    w->words[n] = '\0';
}

int hz_whens_parse(struct hz_whens *w, const char *text, char *err, size_t err_len)
{
    struct reader r = {text, err, err_len};
    int rc = 0;
    *w = (struct hz_whens){0};
    skip_blanks(&r);
    do {
        const char *from = r.p;
        if (w->n == HZ_WHENS_MAX) {
            rc = hz_fail(err, err_len, "more than %d conditions", HZ_WHENS_MAX);
            break;
        }
        rc = take_one(&r, &w->list[w->n]);
        if (rc == 0) {
            keep_words(&w->list[w->n++], from, r.p);
            rc = take_separator(&r);
        }
    } while (rc == 0 && *r.p);
    if (rc < 0)
        hz_whens_done(w);
    return rc;
}

void hz_whens_done(struct hz_whens *w)
{
    for (size_t i = 0; i < w->n; i++) {
        if (w->list[i].kind == HZ_WHEN_TEXT)
            regfree(&w->list[i].regex);
    }
    w->n = 0;
}
