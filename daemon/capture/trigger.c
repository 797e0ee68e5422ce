#include "daemon/capture/trigger.h"

#include "config/fail.h"
#include "proto/out/field.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *word;
    enum hz_trigger_kind kind;
} plain[] = {{"command", HZ_TRIGGER_COMMAND},
             {"undecoded", HZ_TRIGGER_UNDECODED},
             {"clipping", HZ_TRIGGER_CLIPPING}};

/* The words that name something, before a colon. */
static const char *const named[] = {"id", "protocol", "channel", "event", NULL};

static int unknown(const char *text, char *err, size_t err_len)
{
    return hz_fail(err, err_len,
                   "trigger = '%.60s': expected command, undecoded, clipping, id:ID, "
                   "protocol:NAME, channel:NAME or event:NAME",
                   text);
}

static int parse_named(struct hz_trigger *t, const struct hz_decoder *const *protocols, char *err,
                       size_t err_len)
{
    const char *value = strchr(t->text, ':');
    char key[16];
    size_t n = value ? (size_t)(value - t->text) : sizeof key;
    if (n >= sizeof key || !value[1])
        return unknown(t->text, err, err_len);
    memcpy(key, t->text, n);
    key[n] = '\0';
    value++;
    bool known = false;
    for (size_t i = 0; named[i]; i++)
        known = known || strcmp(named[i], key) == 0;
    if (!known)
        return unknown(t->text, err, err_len);
    if (strcmp(key, "event") == 0) {
        t->kind = HZ_TRIGGER_EVENT;
        snprintf(t->event, sizeof t->event, "%.*s", HZ_NAME_MAX, value);
        return 0;
    }
    t->kind = HZ_TRIGGER_MESSAGE;
    t->words.kinds = 1u << HZ_KIND_MESSAGE;
    return hz_subscription_add(&t->words, protocols, key, value, err, err_len);
}

static int parse_one(struct hz_trigger *t, const char *text, size_t n,
                     const struct hz_decoder *const *protocols, char *err, size_t err_len)
{
    *t = (struct hz_trigger){0};
    if (n > HZ_TRIGGER_TEXT_MAX)
        return hz_fail(err, err_len, "trigger = '%.60s': a word of it is longer than %d", text,
                       HZ_TRIGGER_TEXT_MAX);
    memcpy(t->text, text, n);
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        if (strcmp(plain[i].word, t->text) == 0) {
            t->kind = plain[i].kind;
            return 0;
        }
    }
    return parse_named(t, protocols, err, err_len);
}

int hz_triggers_parse(struct hz_triggers *t, const char *text,
                      const struct hz_decoder *const *protocols, char *err, size_t err_len)
{
    t->n = 0;
    for (const char *p = text; p; p = strchr(p, ',')) {
        p += *p == ',';
        p += strspn(p, " \t");
        size_t n = strcspn(p, ",");
        while (n > 0 && (p[n - 1] == ' ' || p[n - 1] == '\t'))
            n--;
        if (t->n == HZ_TRIGGERS_MAX)
            return hz_fail(err, err_len, "trigger: more than %d words", HZ_TRIGGERS_MAX);
        int rc = parse_one(&t->list[t->n], p, n, protocols, err, err_len);
        if (rc < 0)
            return rc;
        t->n++;
    }
    return 0;
}

const struct hz_trigger *hz_triggers_find(const struct hz_triggers *t, enum hz_trigger_kind kind)
{
    for (size_t i = 0; i < t->n; i++) {
        if (t->list[i].kind == kind)
            return &t->list[i];
    }
    return NULL;
}

static bool is_event(const struct hz_trigger *t, const struct hz_record *r)
{
    struct hz_value value;
    char name[HZ_NAME_MAX + 1];
    return r->kind == HZ_KIND_EVENT && hz_record_field(r, "event", &value) &&
           hz_value_string(value, name, sizeof name) && strcmp(name, t->event) == 0;
}

const struct hz_trigger *hz_triggers_frame(const struct hz_triggers *t, const struct hz_frame *f)
{
    for (size_t i = 0; i < t->n; i++) {
        const struct hz_trigger *one = &t->list[i];
        bool hit = one->kind == HZ_TRIGGER_UNDECODED ? f->rec.kind == HZ_KIND_BURST
                   : one->kind == HZ_TRIGGER_EVENT   ? is_event(one, &f->rec)
                   : one->kind == HZ_TRIGGER_MESSAGE ? hz_subscription_matches(&one->words, f)
                                                     : false;
        if (hit)
            return one;
    }
    return NULL;
}
