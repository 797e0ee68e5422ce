#include "daemon/bus/subscription_word.h"

#include "config/fail.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EVERY_MAX_S = 86400 };
static const uint64_t since_max = 1ull << 53; /* what a JSON number holds exactly */
static const double snr_limit_db = 200;

static const struct {
    const char *key;
    enum hz_word_form form;
} words[] = {
    {"protocol", HZ_FORM_NAMES}, {"channel", HZ_FORM_NAMES}, {"receiver", HZ_FORM_NAMES},
    {"kind", HZ_FORM_NAMES},     {"id", HZ_FORM_IDS},        {"bbox", HZ_FORM_BOX},
    {"min_snr", HZ_FORM_NUMBER}, {"every", HZ_FORM_NUMBER},  {"since", HZ_FORM_SEQ},
    {"stream", HZ_FORM_SINGLE},
};
enum { WORDS = sizeof words / sizeof *words };

enum hz_word_form hz_word_form(const char *key)
{
    for (size_t i = 0; i < WORDS; i++) {
        if (strcmp(key, words[i].key) == 0)
            return words[i].form;
    }
    return HZ_FORM_NONE;
}

/* `word` is not in `list`: an error that tells the nearest, or all of a short list. */
static int fail_unknown(char *err, size_t err_len, const char *what, const char *word,
                        const char *const *list)
{
    const char *near = hz_nearest(word, list);
    if (near)
        return hz_fail(err, err_len, "unknown %s \"%.*s\": did you mean \"%s\"?", what,
                       HZ_WORD_SHOWN, word, near);
    char all[160] = "";
    for (size_t len = 0; *list && len + 1 < sizeof all; list++)
        len += (size_t)snprintf(all + len, sizeof all - len, "%s%s", len ? ", " : "", *list);
    return hz_fail(err, err_len, "unknown %s \"%.*s\": expected one of %s", what, HZ_WORD_SHOWN,
                   word, all);
}

int hz_word_unknown(const char *key, char *err, size_t err_len)
{
    const char *keys[WORDS + 1] = {NULL};
    for (size_t i = 0; i < WORDS; i++)
        keys[i] = words[i].key;
    return fail_unknown(err, err_len, "word", key, keys);
}

/* ---- names ---- */

/* Any name that a configuration can give; what comes later need not exist now. */
static int check_name(const char *key, const char *name, char *err, size_t err_len)
{
    size_t n = strlen(name);
    if (n == 0 || n > HZ_NAME_MAX)
        return hz_fail(err, err_len, "%s \"%.*s\": expected a name of 1 to %d characters", key,
                       HZ_WORD_SHOWN, name, HZ_NAME_MAX);
    if (!hz_name_ok(name))
        return hz_fail(err, err_len, "%s \"%s\": a name has letters, digits, - _ . only", key,
                       name);
    return 0;
}

static int add_checked(struct hz_words *w, const char *key, const char *name, size_t n, char *err,
                       size_t err_len)
{
    if (w->n == HZ_WORDS_MAX)
        return hz_fail(err, err_len, "%s: more than %d names", key, HZ_WORDS_MAX);
    memcpy(w->names[w->n], name, n);
    w->names[w->n++][n] = '\0';
    return 0;
}

static int add_name(struct hz_words *w, const char *key, const char *name, char *err,
                    size_t err_len)
{
    int rc = check_name(key, name, err, err_len);
    return rc ? rc : add_checked(w, key, name, strlen(name), err, err_len);
}

/* Blanks around it do not count: a callsign may be padded with them. */
static int add_id(struct hz_words *w, const char *name, char *err, size_t err_len)
{
    name += strspn(name, " \t");
    size_t n = strlen(name);
    while (n > 0 && (name[n - 1] == ' ' || name[n - 1] == '\t'))
        n--;
    if (n == 0 || n > HZ_ID_MAX)
        return hz_fail(err, err_len, "id \"%.*s\": expected 1 to %d characters", HZ_WORD_SHOWN,
                       name, HZ_ID_MAX);
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)name[i] < ' ' || name[i] == 0x7f)
            return hz_fail(err, err_len, "id: it has a control character");
    }
    return add_checked(w, "id", name, n, err, err_len);
}

static int add_protocol(struct hz_subscription *s, const struct hz_decoder *const *protocols,
                        const char *name, char *err, size_t err_len)
{
    size_t n = 0;
    while (protocols[n] && strcmp(protocols[n]->name, name) != 0)
        n++;
    if (protocols[n])
        return add_name(&s->protocol, "protocol", name, err, err_len);
    const char **names = calloc(n + 1, sizeof *names);
    for (size_t i = 0; names && i < n; i++)
        names[i] = protocols[i]->name;
    int rc = names ? fail_unknown(err, err_len, "protocol", name, names)
                   : hz_fail(err, err_len, "unknown protocol");
    free(names);
    return rc;
}

static int add_kind(struct hz_subscription *s, const char *name, char *err, size_t err_len)
{
    /* hello is no frame of the log: it cannot be asked for. */
    static const enum hz_kind kinds[] = {HZ_KIND_MESSAGE, HZ_KIND_GAP,   HZ_KIND_STATE,
                                         HZ_KIND_STATS,   HZ_KIND_AUDIO, HZ_KIND_REPEAT,
                                         HZ_KIND_EVENT,   HZ_KIND_BURST};
    enum { N = sizeof kinds / sizeof *kinds };
    const char *names[N + 1] = {NULL};
    for (size_t i = 0; i < N; i++) {
        names[i] = hz_kind_name(kinds[i]);
        if (strcmp(name, names[i]) == 0) {
            s->kinds |= 1u << kinds[i];
            return 0;
        }
    }
    return fail_unknown(err, err_len, "kind", name, names);
}

/* ---- numbers ---- */

/* A decimal number at *p, as programs print one: -12.5, 1e-7. *p is moved behind it and blanks. */
static bool take_number(const char **p, double *v)
{
    const char *start = *p + strspn(*p, " ");
    size_t n = strspn(start, "+-.0123456789eE");
    char *end;
    *v = strtod(start, &end);
    *p = end + strspn(end, " ");
    return n > 0 && end == start + n;
}

static int set_since(struct hz_subscription *s, const char *text, char *err, size_t err_len)
{
    uint64_t v = 0;
    size_t n = strspn(text, "0123456789");
    bool ok = n > 0 && n <= 16 && text[n] == '\0';
    for (size_t i = 0; ok && i < n; i++)
        v = v * 10 + (uint64_t)(text[i] - '0');
    if (!ok || v > since_max)
        return hz_fail(err, err_len, "since \"%.*s\": expected the seq of a frame, 0 to 2^53",
                       HZ_WORD_SHOWN, text);
    s->has_since = true;
    s->since = v;
    return 0;
}

int hz_word_number(struct hz_subscription *s, const char *key, double v, char *err, size_t err_len)
{
    if (strcmp(key, "since") == 0) {
        if (!(v >= 0 && v <= (double)since_max) || v != (double)(uint64_t)v)
            return hz_fail(err, err_len, "since %g: expected the seq of a frame, 0 to 2^53", v);
        s->has_since = true;
        s->since = (uint64_t)v;
    } else if (strcmp(key, "every") == 0) {
        if (!(v >= 1 && v <= EVERY_MAX_S) || v != (double)(uint64_t)v)
            return hz_fail(err, err_len, "every %g: expected whole seconds, 1 to %d", v,
                           EVERY_MAX_S);
        s->every_s = (uint64_t)v;
    } else {
        if (!(v >= -snr_limit_db && v <= snr_limit_db))
            return hz_fail(err, err_len, "min_snr %g: expected dB, %g to %g", v, -snr_limit_db,
                           snr_limit_db);
        s->has_min_snr = true;
        s->min_snr_db = v;
    }
    return 0;
}

static int set_min_snr(struct hz_subscription *s, const char *text, char *err, size_t err_len)
{
    const char *p = text;
    double v;
    if (!take_number(&p, &v) || *p)
        return hz_fail(err, err_len, "min_snr \"%.*s\": expected dB, as in 6.5", HZ_WORD_SHOWN,
                       text);
    return hz_word_number(s, "min_snr", v, err, err_len);
}

static int set_every(struct hz_subscription *s, const char *text, char *err, size_t err_len)
{
    uint64_t v;
    size_t digits = strspn(text, "0123456789");
    if (digits > 0 && digits <= 6 && text[digits] == '\0')
        return hz_word_number(s, "every", strtod(text, NULL), err, err_len);
    if (hz_parse_history_time(text, &v) < 0 || v > EVERY_MAX_S)
        return hz_fail(err, err_len,
                       "every \"%.*s\": expected 1s to 1d with the unit s, m, h or d, as in 10s",
                       HZ_WORD_SHOWN, text);
    s->every_s = v;
    return 0;
}

int hz_word_box(struct hz_subscription *s, const double v[4], char *err, size_t err_len)
{
    bool ok = v[0] >= -90 && v[0] <= v[2] && v[2] <= 90;
    for (int i = 1; i < 4; i += 2)
        ok = ok && v[i] >= -180 && v[i] <= 180;
    if (!ok)
        return hz_fail(
            err, err_len,
            "bbox %g,%g,%g,%g: expected south,west,north,east in degrees: south to north "
            "within -90 to 90, west and east within -180 to 180",
            v[0], v[1], v[2], v[3]);
    s->has_box = true;
    s->box = (struct hz_box){v[0], v[1], v[2], v[3]};
    return 0;
}

static int set_box(struct hz_subscription *s, const char *text, char *err, size_t err_len)
{
    double v[4];
    const char *p = text;
    bool ok = true;
    for (int i = 0; ok && i < 4; i++) {
        ok = take_number(&p, &v[i]) && *p == (i < 3 ? ',' : '\0');
        p += i < 3;
    }
    if (!ok)
        return hz_fail(err, err_len,
                       "bbox \"%.*s\": expected south,west,north,east, as in 47.5,-5.2,52,8.3",
                       HZ_WORD_SHOWN, text);
    return hz_word_box(s, v, err, err_len);
}

int hz_word_add(struct hz_subscription *s, const struct hz_decoder *const *protocols,
                const char *key, const char *value, char *err, size_t err_len)
{
    if (strcmp(key, "protocol") == 0)
        return add_protocol(s, protocols, value, err, err_len);
    if (strcmp(key, "channel") == 0)
        return add_name(&s->channel, key, value, err, err_len);
    if (strcmp(key, "receiver") == 0)
        return add_name(&s->receiver, key, value, err, err_len);
    if (strcmp(key, "kind") == 0)
        return add_kind(s, value, err, err_len);
    if (strcmp(key, "id") == 0)
        return add_id(&s->id, value, err, err_len);
    if (strcmp(key, "bbox") == 0)
        return set_box(s, value, err, err_len);
    if (strcmp(key, "min_snr") == 0)
        return set_min_snr(s, value, err, err_len);
    if (strcmp(key, "every") == 0)
        return set_every(s, value, err, err_len);
    if (strcmp(key, "since") == 0)
        return set_since(s, value, err, err_len);
    if (strcmp(key, "stream") != 0)
        return hz_word_unknown(key, err, err_len);
    int rc = check_name(key, value, err, err_len);
    if (rc == 0)
        memcpy(s->stream, value, strlen(value) + 1);
    return rc;
}
