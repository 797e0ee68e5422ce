/* Sections as they were read, and what is told of them. */
#include "config/schema.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { ERRORS_MAX = 100, ERROR_MAX = 1000 };

static void add_error(struct hz_conf_errors *e, const char *file, int line, const char *format,
                      va_list args)
{
    char text[ERROR_MAX];
    size_t n;
    if (e->count++ >= ERRORS_MAX)
        return;
    if (line > 0)
        n = (size_t)snprintf(text, sizeof text, "%s:%d: ", file, line);
    else
        n = (size_t)snprintf(text, sizeof text, "%s: ", file);
    if (n < sizeof text)
        n += (size_t)vsnprintf(text + n, sizeof text - n, format, args);
    if (n > sizeof text - 2)
        n = sizeof text - 2;
    if (e->count == ERRORS_MAX)
        n = (size_t)snprintf(text, sizeof text, "%s: more errors, not shown", file);
    text[n++] = '\n';
    char *grown = realloc(e->text, e->len + n + 1);
    if (!grown)
        return;
    memcpy(grown + e->len, text, n);
    grown[e->len + n] = 0;
    e->text = grown;
    e->len += n;
}

void hz_conf_error(struct hz_conf_errors *e, const char *file, int line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_error(e, file, line, format, args);
    va_end(args);
}

void hz_conf_errors_done(struct hz_conf_errors *e)
{
    free(e->text);
    *e = (struct hz_conf_errors){0};
}

void *hz_draft_item(const struct hz_conf_parser *p, const struct hz_draft *d)
{
    switch (d->section) {
    case HZ_SECTION_RECEIVER:
        return p->config->receivers[d->index];
    case HZ_SECTION_CHANNEL:
        return &p->config->channels[d->index];
    case HZ_SECTION_LISTEN:
        return &p->config->listens[d->index];
    case HZ_SECTION_OUTPUT:
        return p->config->outputs[d->index];
    case HZ_SECTION_EVENT:
        return p->config->events[d->index];
    case HZ_SECTION_INPUT:
        return p->config->inputs[d->index];
    case HZ_SECTION_CAPTURE:
        return p->config->captures[d->index];
    case HZ_SECTION_METER:
        return &p->config->meters[d->index];
    case HZ_SECTION_DAEMON:
    case HZ_SECTIONS:
        break;
    }
    return &p->config->daemon;
}

static const struct hz_setting *setting(const struct hz_draft *d, const char *key)
{
    for (size_t i = 0; i < d->n_settings; i++) {
        if (strcmp(d->settings[i].key, key) == 0)
            return &d->settings[i];
    }
    return NULL;
}

bool hz_draft_gave(const struct hz_draft *d, const char *key)
{
    return setting(d, key);
}

struct hz_where hz_draft_where(const struct hz_draft *d, const char *key)
{
    const struct hz_setting *s = setting(d, key);
    return s ? s->where : d->where;
}

int hz_draft_add(struct hz_draft *d, const struct hz_text_line *line)
{
    struct hz_setting *more = realloc(d->settings, (d->n_settings + 1) * sizeof *more);
    d->settings = more ? more : d->settings;
    char *k = strdup(line->key), *v = strdup(line->value);
    if (!more || !k || !v) {
        free(k);
        free(v);
        return -ENOMEM;
    }
    more[d->n_settings++] = (struct hz_setting){k, v, {line->file, line->line}};
    return 0;
}

void hz_draft_done(struct hz_draft *d)
{
    for (size_t i = 0; i < d->n_settings; i++) {
        free((char *)(uintptr_t)d->settings[i].key);
        free((char *)(uintptr_t)d->settings[i].value);
    }
    free(d->settings);
}

/* ---- for the checks of a kind ----------------------------------------------------------- */

bool hz_check_gave(const struct hz_check *c, const char *key)
{
    return hz_draft_gave(c->draft, key);
}

struct hz_where hz_check_where(const struct hz_check *c, const char *key)
{
    return hz_draft_where(c->draft, key);
}

void hz_check_error(const struct hz_check *c, const char *key, const char *format, ...)
{
    va_list args;
    const struct hz_where at = hz_draft_where(c->draft, key);
    va_start(args, format);
    add_error(c->parser->errors, at.file, at.line, format, args);
    va_end(args);
}

bool hz_check_needs(const struct hz_check *c, const char *key, const char *example)
{
    const struct hz_draft *d = c->draft;
    if (hz_draft_gave(d, key))
        return true;
    hz_conf_error(c->parser->errors, d->where.file, d->where.line,
                  "[%s %s] has no '%s': expected %s", hz_sections[d->section].name, d->name, key,
                  example);
    return false;
}

void hz_check_same_device(const struct hz_check *c, const struct hz_conf_receiver *r,
                          const char *(*device_of)(const struct hz_conf_receiver *),
                          const char *given, const char *usual)
{
    const struct hz_config *config = hz_check_config(c);
    for (size_t i = 0; i < hz_check_index(c); i++) {
        const struct hz_conf_receiver *o = config->receivers[i];
        if (o->source != r->source || strcmp(device_of(o), device_of(r)) != 0)
            continue;
        hz_check_error(c, "device",
                       "%s%s is opened by [receiver %s] at %s:%d already: expected another device, "
                       "or its channels in that receiver",
                       *given ? "device = " : usual, given, o->name, o->where.file, o->where.line);
        return;
    }
}

const struct hz_config *hz_check_config(const struct hz_check *c)
{
    return c->parser->config;
}

const struct hz_decoder *const *hz_check_decoders(const struct hz_check *c)
{
    return c->parser->kinds->decoders->list;
}

size_t hz_check_index(const struct hz_check *c)
{
    return c->draft->index;
}
