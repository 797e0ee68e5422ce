/* The keys of one section, wherever they come from: a file, the command line, a client. */
#include "config/schema.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 900 };

static void tell(const struct hz_settings *s, size_t setting, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void tell(const struct hz_settings *s, size_t setting, const char *format, ...)
{
    char text[TEXT_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    s->tell(s->ctx, setting, text);
}

bool hz_settings_choose(const struct hz_settings *s, struct hz_choice *choice)
{
    const char *selector = hz_sections[s->section].selector;
    *choice = (struct hz_choice){0};
    for (size_t i = 0; selector && i < s->n; i++) {
        char expected[600];
        const struct hz_setting *x = &s->list[i];
        if (strcmp(x->key, selector) != 0)
            continue;
        if (hz_choice_find(s->kinds, s->section, x->value, choice, expected, sizeof expected) == 0)
            return true;
        tell(s, i, "%s = '%.100s': expected %s", x->key, x->value, expected);
        return false;
    }
    return !selector;
}

/* The option of that name that any kind has. */
static const struct hz_option *of_any(const struct hz_settings *s, const char *key)
{
    for (size_t i = 0;; i++) {
        struct hz_choice c = hz_choice_at(s->kinds, s->section, i);
        const struct hz_option *o = c.kind ? hz_option_find(c.options, key) : NULL;
        if (!c.kind || o)
            return o;
    }
}

/* Adds the names of a table to a list that ends with NULL; -1: no memory. */
static int add_names(const char ***list, size_t *n, const struct hz_option *table)
{
    for (const struct hz_option *o = table; o && o->name; o++) {
        const char **more = realloc(*list, (*n + 2) * sizeof *more);
        if (!more)
            return -1;
        *list = more;
        more[(*n)++] = o->name;
        more[*n] = NULL;
    }
    return 0;
}

/* A key that no kind has: the nearest that any has, else those of the chosen kind. */
static void tell_unknown(const struct hz_settings *s, size_t setting,
                         const struct hz_choice *choice)
{
    const char **any = NULL, **here = NULL, *key = s->list[setting].key;
    size_t n_any = 0, n_here = 0;
    char all[500] = "";
    int rc = add_names(&any, &n_any, hz_sections[s->section].options);
    for (size_t i = 0; rc == 0 && hz_choice_at(s->kinds, s->section, i).kind; i++)
        rc = add_names(&any, &n_any, hz_choice_at(s->kinds, s->section, i).options);
    if (rc == 0)
        rc = add_names(&here, &n_here, hz_sections[s->section].options);
    if (rc == 0)
        rc = add_names(&here, &n_here, choice->options);
    const char *near = rc == 0 ? hz_nearest(key, any) : NULL;
    if (rc == 0)
        hz_words_join(here, all, sizeof all);
    if (near)
        tell(s, setting, "unknown key '%.60s' in [%s], did you mean '%s'?", key,
             hz_sections[s->section].name, near);
    else
        tell(s, setting, "unknown key '%.60s' in [%s]: expected one of %s", key,
             hz_sections[s->section].name, all);
    free(any);
    free(here);
}

/* A key of another kind: which it is for. */
static void tell_useless(const struct hz_settings *s, size_t setting,
                         const struct hz_choice *choice)
{
    char with[300] = "";
    const char *key = s->list[setting].key, *selector = hz_sections[s->section].selector;
    for (size_t i = 0, n = 0; n < sizeof with; i++) {
        struct hz_choice c = hz_choice_at(s->kinds, s->section, i);
        if (!c.kind)
            break;
        if (hz_option_find(c.options, key))
            n += (size_t)snprintf(with + n, sizeof with - n, "%s%s", n ? " " : "", c.name);
    }
    tell(s, setting, "'%s' has no meaning with %s = %s: expected only with %s = %s", key, selector,
         choice->name, selector, with);
}

/* One setting to its place. */
static int read_one(const struct hz_settings *s, size_t i, const struct hz_choice *choice,
                    void *item)
{
    const struct hz_setting *x = &s->list[i];
    const struct hz_section_info *info = &hz_sections[s->section];
    const struct hz_option *o = hz_option_find(info->options, x->key);
    void *base = item;
    char expected[600];
    if (!o) {
        o = hz_option_find(choice->options, x->key);
        base = (char *)item + info->own_at;
    }
    const struct hz_option *other = o ? NULL : of_any(s, x->key);
    if (!o && !other) {
        tell_unknown(s, i, choice);
        return 0;
    }
    int rc = o ? hz_option_set(o, base, x->value, expected, sizeof expected)
               : hz_option_try(other, x->value, expected, sizeof expected);
    if (rc == -EINVAL && o && o->secret)
        tell(s, i, "%s is wrong: expected %s", x->key, expected);
    else if (rc == -EINVAL)
        tell(s, i, "%s = '%.200s': expected %s", x->key, x->value, expected);
    return rc == -ENOMEM ? rc : 0;
}

/* Why a key of all channels means nothing with that decoder; NULL: it means something. */
static const char *channel_useless(const struct hz_decoder *d, const char *key)
{
    bool squelch = strcmp(key, "squelch") == 0;
    if ((squelch || strcmp(key, "bandwidth") == 0) && d->input == HZ_INPUT_BAND)
        return "which takes the whole band";
    if (squelch && d->input == HZ_INPUT_BURST)
        return "which takes bursts that are found by themselves";
    if (strcmp(key, "bursts") == 0 && d->input != HZ_INPUT_BURST)
        return "which takes no bursts";
    return NULL;
}

/* What a channel's settings are with its decoder. */
static void check_channel(const struct hz_settings *s, const struct hz_conf_channel *c)
{
    char err[300];
    const char *refused =
        c->decoder->refuses ? c->decoder->refuses(c->options, err, sizeof err) : NULL;
    for (size_t i = 0; i < s->n; i++) {
        const char *key = s->list[i].key, *why = channel_useless(c->decoder, key);
        if (why)
            tell(s, i, "'%s' has no meaning with decoder = %s, %s", key, c->decoder->name, why);
        if (refused && strcmp(key, refused) == 0)
            tell(s, i, "%s", err);
    }
}

int hz_settings_read(const struct hz_settings *s, const struct hz_choice *choice, void *item)
{
    const struct hz_choice none = {0}, *c = choice ? choice : &none;
    for (size_t i = 0; i < s->n; i++) {
        int rc = read_one(s, i, c, item);
        if (rc < 0)
            return rc;
    }
    for (size_t i = 0; i < s->n && c->kind; i++) {
        const char *key = s->list[i].key;
        if (!hz_option_find(hz_sections[s->section].options, key) &&
            !hz_option_find(c->options, key) && of_any(s, key))
            tell_useless(s, i, c);
    }
    if (s->section == HZ_SECTION_CHANNEL && c->kind)
        check_channel(s, item);
    return 0;
}

/* ---- one section ------------------------------------------------------------------------ */

/* The first error, for those who want one only. */
struct first {
    char *err;
    size_t err_len;
    bool told;
};

static void keep_first(void *ctx, size_t setting, const char *text)
{
    struct first *f = ctx;
    (void)setting;
    if (!f->told)
        snprintf(f->err, f->err_len, "%s", text);
    f->told = true;
}

static bool twice(const struct hz_setting *settings, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (strcmp(settings[k].key, settings[i].key) == 0)
            return true;
    }
    return false;
}

int hz_conf_channel_read(struct hz_conf_channel *c, const struct hz_conf_kinds *kinds,
                         const struct hz_setting *settings, size_t n, char *err, size_t err_len)
{
    struct first f = {err, err_len, false};
    struct hz_settings s = {.kinds = kinds,
                            .section = HZ_SECTION_CHANNEL,
                            .list = settings,
                            .n = n,
                            .tell = keep_first,
                            .ctx = &f};
    struct hz_choice choice;
    *c = (struct hz_conf_channel){0};
    bool chosen = hz_settings_choose(&s, &choice);
    if (!chosen && !f.told)
        snprintf(err, err_len, "no decoder: expected decoder = NAME");
    for (size_t i = 0; i < n && chosen && !f.told; i++) {
        if (twice(settings, i))
            tell(&s, i, "a second '%s': expected one", settings[i].key);
    }
    if (!chosen || f.told)
        return -EINVAL;
    hz_section_init(HZ_SECTION_CHANNEL, &choice, c); /* without texts, it needs no memory */
    int rc = hz_settings_read(&s, &choice, c);
    return rc < 0 ? rc : f.told ? -EINVAL : 0;
}

int hz_conf_receiver_read(struct hz_conf_receiver *r, const struct hz_conf_kinds *kinds,
                          const struct hz_setting *settings, size_t n, char *err, size_t err_len)
{
    struct first f = {err, err_len, false};
    struct hz_settings s = {.kinds = kinds,
                            .section = HZ_SECTION_RECEIVER,
                            .list = settings,
                            .n = n,
                            .tell = keep_first,
                            .ctx = &f};
    struct hz_choice choice = hz_choice_of(HZ_SECTION_RECEIVER, r);
    int rc = hz_settings_read(&s, &choice, r);
    return rc < 0 ? rc : f.told ? -EINVAL : 0;
}
