#include "daemon/output/mqtt_topic.h"

#include <ctype.h>
#include <mosquitto.h>
#include <stdio.h>
#include <string.h>

enum { WORDS = 7 };
static const char known_words[] =
    "{station}, {output}, {receiver}, {channel}, {protocol}, {id}, {kind}";

/* What the word of n bytes stands for; NULL: there is no such word. */
static const char *meaning(const struct hz_mqtt_words *w, const char *word, size_t n)
{
    const struct {
        const char *name, *value;
    } all[WORDS] = {{"station", w->station}, {"output", w->output},     {"receiver", w->receiver},
                    {"channel", w->channel}, {"protocol", w->protocol}, {"id", w->id},
                    {"kind", w->kind}};
    for (size_t i = 0; i < WORDS; i++) {
        if (strlen(all[i].name) == n && memcmp(all[i].name, word, n) == 0)
            return all[i].value && *all[i].value ? all[i].value : "-";
    }
    return NULL;
}

/* Whether it may stand in one level of a topic that is published. */
static bool plain(unsigned char c)
{
    return c > ' ' && c < 0x7f && c != '/' && c != '+' && c != '#';
}

bool hz_mqtt_topic(const char *form, const struct hz_mqtt_words *words, char *out, size_t size)
{
    size_t n = 0;
    for (const char *p = form; *p; p++) {
        const char *end = *p == '{' ? strchr(p, '}') : NULL;
        if (!end) {
            if (n + 1 >= size)
                return false;
            out[n++] = *p;
            continue;
        }
        const char *value = meaning(words, p + 1, (size_t)(end - p - 1));
        if (!value || n + strlen(value) >= size)
            return false;
        for (; *value; value++)
            out[n++] = plain((unsigned char)*value) ? *value : '_';
        p = end;
    }
    out[n] = '\0';
    return n > 0;
}

bool hz_mqtt_topic_check(const char *form, char *err, size_t err_len)
{
    static const struct hz_mqtt_words none = {0};
    char topic[HZ_MQTT_TOPIC_MAX / 2]; /* as much again is left for what the words stand for */
    const char *why = NULL;
    for (const char *p = form; *p && !why; p++) {
        const char *end = strchr(p, '}');
        if (*p == '+' || *p == '#')
            why = "no + and no #, which are for subscribers";
        else if ((unsigned char)*p < ' ' || *p == 0x7f)
            why = "no control characters";
        else if (*p == '{' && (!end || !meaning(&none, p + 1, (size_t)(end - p - 1))))
            why = known_words;
        else if (*p == '{')
            p = end;
        else if (*p == '}')
            why = "a { before each }";
    }
    if (!why && mosquitto_validate_utf8(form, (int)strlen(form)) != MOSQ_ERR_SUCCESS)
        why = "UTF-8";
    if (!why && *form == '$')
        why = "no $ at the beginning, which is the broker's own";
    if (!why && !hz_mqtt_topic(form, &none, topic, sizeof topic))
        why = "1 to 255 characters";
    if (why)
        snprintf(err, err_len, "'%.100s': expected %s", form, why);
    return !why;
}

/* The next `NAME: TEMPLATE` of a list, without blanks around; false: there is none. */
struct entry {
    const char *name, *form;
    size_t name_len, form_len;
};

static size_t trimmed(const char **p, size_t n)
{
    while (n > 0 && isspace((unsigned char)**p))
        ++*p, n--;
    while (n > 0 && isspace((unsigned char)(*p)[n - 1]))
        n--;
    return n;
}

static bool next_entry(const char **at, struct entry *e)
{
    if (!**at)
        return false;
    size_t n = strcspn(*at, ",");
    const char *colon = memchr(*at, ':', n);
    *e = (struct entry){.name = *at, .name_len = colon ? (size_t)(colon - *at) : n, .form = ""};
    if (colon) {
        e->form = colon + 1;
        e->form_len = n - (size_t)(colon + 1 - *at);
    }
    e->name_len = trimmed(&e->name, e->name_len);
    e->form_len = trimmed(&e->form, e->form_len);
    *at += n;
    *at += **at == ',';
    return true;
}

static bool copy(const char *text, size_t n, char *out, size_t size)
{
    if (n >= size)
        return false;
    memcpy(out, text, n);
    out[n] = '\0';
    return true;
}

bool hz_mqtt_topic_of(const char *list, const char *protocol, char *out, size_t size)
{
    struct entry e;
    while (next_entry(&list, &e)) {
        if (strlen(protocol) == e.name_len && memcmp(protocol, e.name, e.name_len) == 0)
            return copy(e.form, e.form_len, out, size);
    }
    return false;
}

bool hz_mqtt_topics_check(const char *list, bool (*known)(const void *ctx, const char *protocol),
                          const void *ctx, char *err, size_t err_len)
{
    struct entry e;
    char name[64], form[HZ_MQTT_TOPIC_MAX];
    while (next_entry(&list, &e)) {
        if (e.form_len == 0) {
            snprintf(err, err_len, "'%.*s': expected PROTOCOL: TOPIC, PROTOCOL: TOPIC, …",
                     (int)(e.name_len < 60 ? e.name_len : 60), e.name);
            return false;
        }
        if (!copy(e.name, e.name_len, name, sizeof name) || !known(ctx, name)) {
            snprintf(err, err_len, "'%.*s': expected the name of a decoder",
                     (int)(e.name_len < 60 ? e.name_len : 60), e.name);
            return false;
        }
        if (!copy(e.form, e.form_len, form, sizeof form)) {
            snprintf(err, err_len, "the topic of %s: expected 1 to 255 characters", name);
            return false;
        }
        if (!hz_mqtt_topic_check(form, err, err_len))
            return false;
    }
    return true;
}
