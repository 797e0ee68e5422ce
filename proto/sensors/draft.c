#include "proto/sensors/draft.h"

#include "proto/nearest.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const hz_key_names[HZ_KEYS + 1] = {
    "model",    "modulation", "deviation", "zero",      "one",    "lead",     "tail",   "sync",
    "preamble", "chips",      "chip",      "gap",       "code",   "bits",     "length", "whiten",
    "sent",     "repeat",     "period",    "tolerance", "freq",   "strength", "like",   "twins",
    "prefer",   "use",        "check",     "plausible", "varies", "example",  ".NAME",  NULL,
};

void hz_draft_error(struct hz_sensor_drafts *d, const char *file, int line, const char *format, ...)
{
    char text[400];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    d->errors++;
    d->tell(d->ctx, file, line, text);
}

struct hz_sensor_drafts *hz_sensor_drafts_new(hz_sensor_tell *tell, void *ctx)
{
    struct hz_sensor_drafts *d = calloc(1, sizeof *d);
    if (d) {
        d->tell = tell;
        d->ctx = ctx;
    }
    return d;
}

void hz_sensor_drafts_free(struct hz_sensor_drafts *d)
{
    if (!d)
        return;
    for (size_t i = 0; i < d->n; i++)
        free(d->sections[i].keys);
    free(d->sections);
    hz_arena_free(&d->arena);
    free(d);
}

/* Room for one more item of an array. False: no memory. */
static bool grow(struct hz_sensor_drafts *d, void *array, size_t n, size_t *room, size_t size)
{
    if (n < *room)
        return true;
    const size_t more = *room ? 2 * *room : 16;
    void *p = realloc(*(void **)array, more * size);
    if (!p) {
        d->no_memory = true;
        return false;
    }
    *(void **)array = p;
    *room = more;
    return true;
}

static bool name_ok(const char *name)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    const size_t n = strlen(name);
    return n > 0 && n <= HZ_SENSOR_NAME_MAX && strspn(name, allowed) == n;
}

void hz_sensor_drafts_section(struct hz_sensor_drafts *d, const char *file, int line,
                              const char *name)
{
    d->lost = true;
    if (!*name)
        hz_draft_error(d, file, line, "[sensor] has no name: expected [sensor NAME]");
    else if (!name_ok(name))
        hz_draft_error(
            d, file, line,
            "[sensor %s]: expected a name of at most %d letters, digits, '-', '_' and '.'", name,
            HZ_SENSOR_NAME_MAX);
    else if (d->n == 2 * HZ_SENSORS_MAX)
        hz_draft_error(d, file, line, "more than %d sensors: expected fewer", HZ_SENSORS_MAX);
    else if (grow(d, &d->sections, d->n, &d->room, sizeof *d->sections)) {
        struct hz_draft_section *s = &d->sections[d->n];
        *s = (struct hz_draft_section){.name = hz_arena_text(&d->arena, name),
                                       .file = hz_arena_text(&d->arena, file),
                                       .line = line};
        d->no_memory = d->no_memory || !s->name || !s->file;
        d->n += s->name && s->file;
        d->lost = false;
    }
}

/* HZ_KEYS: there is no such key. */
static enum hz_key find_key(const char *name)
{
    if (name[0] == '.')
        return HZ_KEY_FIELD;
    for (int k = 0; k < HZ_KEY_FIELD; k++) {
        if (strcmp(hz_key_names[k], name) == 0)
            return (enum hz_key)k;
    }
    return HZ_KEYS;
}

static bool repeats(enum hz_key key)
{
    return key >= HZ_KEY_CHECK;
}

void hz_sensor_drafts_key(struct hz_sensor_drafts *d, int line, const char *name, const char *value)
{
    if (d->lost || d->n == 0)
        return;
    struct hz_draft_section *s = &d->sections[d->n - 1];
    const enum hz_key key = find_key(name);
    if (key == HZ_KEYS) {
        const char *near = hz_nearest(name, hz_key_names);
        hz_draft_error(d, s->file, line, "unknown key '%s'%s%s%s", name,
                       near ? "; did you mean '" : "", near ? near : "",
                       near ? "'?"
                            : ": expected one as docs/adding-a-sensor.md "
                              "lists them");
        return;
    }
    for (size_t i = 0; i < s->n && !repeats(key); i++) {
        if (s->keys[i].key == key) {
            hz_draft_error(d, s->file, line, "a second '%s': the first is at line %d", name,
                           s->keys[i].line);
            return;
        }
    }
    if (!grow(d, &s->keys, s->n, &s->room, sizeof *s->keys))
        return;
    s->keys[s->n] = (struct hz_draft_key){.key = key,
                                          .name = hz_arena_text(&d->arena, name),
                                          .value = hz_arena_text(&d->arena, value),
                                          .file = s->file,
                                          .line = line,
                                          .own = true};
    d->no_memory = d->no_memory || !s->keys[s->n].name || !s->keys[s->n].value;
    s->n += s->keys[s->n].name && s->keys[s->n].value;
}

int hz_sensor_drafts_add(struct hz_sensor_drafts *d, const struct hz_sensor_drafts *from)
{
    for (size_t i = 0; i < from->n; i++) {
        const struct hz_draft_section *s = &from->sections[i];
        hz_sensor_drafts_section(d, s->file, s->line, s->name);
        for (size_t k = 0; k < s->n; k++)
            hz_sensor_drafts_key(d, s->keys[k].line, s->keys[k].name, s->keys[k].value);
    }
    d->errors += from->errors;
    return d->no_memory || from->no_memory ? -ENOMEM : 0;
}

const struct hz_draft_key *hz_draft_find(const struct hz_draft_key *keys, size_t n, enum hz_key key)
{
    for (size_t i = n; i-- > 0;) {
        if (keys[i].key == key)
            return *keys[i].value ? &keys[i] : NULL;
    }
    return NULL;
}

/* ---- like ------------------------------------------------------------------------------- */

static bool inherited(enum hz_key key)
{
    return key != HZ_KEY_EXAMPLE && key != HZ_KEY_TWINS && key != HZ_KEY_USE &&
           key != HZ_KEY_PREFER && key != HZ_KEY_LIKE;
}

/* Whether the section says something in place of the key of the other one. */
static bool replaced(const struct hz_draft_section *s, const struct hz_draft_key *of)
{
    for (size_t i = 0; i < s->n; i++) {
        if (s->keys[i].key == of->key &&
            (of->key != HZ_KEY_FIELD || strcmp(s->keys[i].name, of->name) == 0))
            return true;
    }
    return false;
}

/* The section that `s` is like: of its own file, or of those before it. So who replaces a shipped
 * one changes none that is like it, and can be like it himself. */
static struct hz_draft_section *find_like(struct hz_sensor_drafts *d,
                                          const struct hz_draft_section *s, const char *name)
{
    for (size_t i = d->n; i-- > 0;) {
        struct hz_draft_section *o = &d->sections[i];
        if (o != s && (o < s || strcmp(o->file, s->file) == 0) && strcmp(o->name, name) == 0)
            return o;
    }
    return NULL;
}

static bool unknown_section(struct hz_sensor_drafts *d, const struct hz_draft_key *k,
                            const char *name)
{
    const char **names = calloc(d->n + 1, sizeof *names);
    for (size_t i = 0; names && i < d->n; i++)
        names[i] = d->sections[i].name;
    const char *near = names ? hz_nearest(name, names) : NULL;
    hz_draft_error(d, k->file, k->line, "%s = %s: there is no [sensor %s]%s%s%s", k->name, name,
                   name, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    free(names);
    return false;
}

bool hz_draft_keys(struct hz_sensor_drafts *d, struct hz_draft_section *s, struct hz_arena *arena,
                   struct hz_draft_key **keys, size_t *n)
{
    const struct hz_draft_key *like = hz_draft_find(s->keys, s->n, HZ_KEY_LIKE);
    struct hz_draft_key *other = NULL;
    size_t n_other = 0;
    if (s->state == 1) {
        hz_draft_error(d, s->file, s->line, "[sensor %s] is like itself, over others", s->name);
        return false;
    }
    if (like) {
        struct hz_draft_section *of = find_like(d, s, like->value);
        if (!of && strcmp(s->name, like->value) == 0) {
            hz_draft_error(d, like->file, like->line,
                           "like = %s: [sensor %s] itself: expected another", s->name, s->name);
            return false;
        }
        if (!of)
            return unknown_section(d, like, like->value);
        s->state = 1;
        const bool ok = hz_draft_keys(d, of, arena, &other, &n_other);
        s->state = 0;
        if (!ok)
            return false;
    }
    *keys = hz_arena_alloc(arena, (n_other + s->n + 1) * sizeof **keys);
    if (!*keys) {
        d->no_memory = true;
        return false;
    }
    *n = 0;
    for (size_t i = 0; i < n_other; i++) {
        if (inherited(other[i].key) && !replaced(s, &other[i])) {
            (*keys)[*n] = other[i];
            (*keys)[(*n)++].own = false;
        }
    }
    memcpy(*keys + *n, s->keys, s->n * sizeof **keys);
    *n += s->n;
    return true;
}
