#include "daemon/event/watch.h"

#include "daemon/base/utc.h"
#include "daemon/event/says.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    OTHERS_MS = 3600000, /* pagers and the like, which no list of the picture has */
    ENDS_IN_A_TICK = 256,
};

static uint64_t now_ms(const struct hz_watch *w)
{
    return uv_now(w->env->loop);
}

/* After what time without it a condition has ended. */
static uint64_t span_ms(const struct hz_watch *w, const struct hz_when *when, int group)
{
    if (when->kind == HZ_WHEN_GONE && when->after_ms > 0)
        return when->after_ms;
    if (w->conf->again_s > 0)
        return w->conf->again_s * 1000;
    return group == HZ_GROUP_OTHERS ? OTHERS_MS : hz_lists[group].forget_ms;
}

/* ---- who is meant ---- */

struct whom {
    const struct hz_frame *f;
    const struct hz_family *family; /* NULL: nobody of the picture */
    int group;
    const char *of; /* what its ids are of */
    char id[HZ_ID_MAX + 1];
};

static void find_whom(const struct hz_frame *f, struct whom *m)
{
    m->f = f;
    m->family = hz_family_of(f->topic->protocol);
    m->group = m->family ? (int)m->family->list : HZ_GROUP_OTHERS;
    m->of = m->family && m->family->name ? m->family->name : f->topic->protocol;
    if (!m->family || !m->family->subject || !m->family->subject(&f->rec, m->id))
        memcpy(m->id, f->rec.about.id, sizeof m->id);
}

static void trim(char *text)
{
    size_t n = strlen(text), blanks = strspn(text, " ");
    while (n > blanks && text[n - 1] == ' ')
        n--;
    memmove(text, text + blanks, n - blanks);
    text[n - blanks] = '\0';
}

/* The name that the message itself tells. */
static bool own_name(const struct whom *m, char *name, size_t size)
{
    struct hz_value v;
    for (const char *const *p = m->family ? m->family->names : NULL; p && *p; p++) {
        if (!hz_record_field(&m->f->rec, *p, &v) || !hz_value_string(v, name, size))
            continue;
        trim(name);
        if (*name)
            return true;
    }
    *name = '\0';
    return false;
}

/* ---- telling ---- */

static void tell_message(struct hz_watch *w, const struct hz_when *when, const struct whom *m,
                         const char *reason)
{
    char name[HZ_ID_MAX + 1];
    struct hz_told t = {.conf = w->conf,
                        .when = when,
                        .utc_ns = m->f->rec.utc_ns,
                        .now_ms = now_ms(w),
                        .id = m->id,
                        .name = name,
                        .reason = reason,
                        .mark = m->f->rec.mark,
                        .topic = m->f->topic,
                        .frame = m->f,
                        .target = hz_picture_find(w->env->picture, m->f)};
    if (!own_name(m, name, sizeof name) && t.target)
        hz_target_name(t.target, t.now_ms, name, sizeof name);
    t.at = m->family ? hz_family_place(m->family, &m->f->rec)
                     : (struct hz_place){m->f->rec.about.lat, m->f->rec.about.lon};
    if (isnan(t.at.lat) && t.target)
        t.at = t.target->fix.at;
    w->tell(w, &t);
}

static void tell_gone(struct hz_watch *w, const struct hz_when *when, struct hz_held *h,
                      uint64_t after_ms)
{
    char span[32], reason[64];
    hz_told_span(after_ms, span, sizeof span);
    snprintf(reason, sizeof reason, "not heard for %s", span);
    struct hz_told t = {.conf = w->conf,
                        .when = when,
                        .utc_ns = hz_utc_now(),
                        .now_ms = now_ms(w),
                        .id = h->id,
                        .name = h->name,
                        .reason = reason,
                        .mark = h->mark,
                        .at = h->at,
                        .topic = h->topic};
    w->tell(w, &t);
}

static void tell_silent(struct hz_watch *w, const struct hz_when *when, const struct hz_quiet *q)
{
    char span[32], reason[64], name[2 * HZ_NAME_MAX + 16] = "";
    bool id = strcmp(q->word, "id") == 0;
    struct hz_topic *topic = hz_topic_new(strcmp(q->word, "receiver") == 0 ? q->name : "",
                                          strcmp(q->word, "channel") == 0 ? q->name : "", "");
    if (!topic) {
        w->failed++;
        return;
    }
    hz_told_span(when->after_ms, span, sizeof span);
    snprintf(reason, sizeof reason, "silent for %s", span);
    if (!id)
        snprintf(name, sizeof name, "%s%s%s", q->word, *q->word ? " " : w->conf->name, q->name);
    struct hz_told t = {.conf = w->conf,
                        .when = when,
                        .utc_ns = hz_utc_now(),
                        .now_ms = now_ms(w),
                        .id = id ? q->name : "",
                        .name = name,
                        .reason = reason,
                        .at = {NAN, NAN},
                        .topic = topic};
    w->tell(w, &t);
    hz_topic_unref(topic);
}

/* ---- messages ---- */

/* Whether it was outside of the area before, so that it has entered, and not only begun to be
 * heard. */
static bool was_outside(const struct hz_target *t, const struct hz_area *area)
{
    for (size_t i = 0; i < t->track.n; i++) {
        if (!hz_area_has(area, t->track.points[i].at))
            return true;
    }
    return false;
}

static bool has_entered(const struct hz_watch *w, const struct hz_when *when, const struct whom *m)
{
    struct hz_place at =
        m->family ? hz_family_place(m->family, &m->f->rec) : (struct hz_place){NAN, NAN};
    if (!*m->id || !hz_area_has(&when->area, at))
        return false;
    const struct hz_target *t = hz_picture_find(w->env->picture, m->f);
    return t && hz_target_agrees(t, &m->f->rec); /* a position that is believed */
}

/* Whether the condition holds by this message, and what it says. */
static bool holds(const struct hz_watch *w, const struct hz_when *when, const struct whom *m,
                  struct hz_says *says)
{
    const char *protocol = m->f->topic->protocol;
    says->same[0] = '\0';
    snprintf(says->reason, sizeof says->reason, "%s", when->words);
    switch (when->kind) {
    case HZ_WHEN_NEW:
    case HZ_WHEN_GONE:
        return *m->id != '\0';
    case HZ_WHEN_ENTERS:
        return has_entered(w, when, m);
    case HZ_WHEN_EMERGENCY:
        return hz_says_emergency(protocol, &m->f->rec, says);
    case HZ_WHEN_DISTRESS:
        return hz_says_distress(protocol, &m->f->rec, says);
    case HZ_WHEN_TEXT:
        return hz_says_text(when, &m->f->rec, says);
    case HZ_WHEN_SILENT:
    case HZ_WHENS:
        break;
    }
    return false;
}

/* Whether it had a position before the section began. */
static bool was_there(const struct hz_watch *w, const struct hz_target *t)
{
    return w->conf->learn_s > 0 && t && t->track.n > 0 && t->track.points[0].heard_ms < w->begun_ms;
}

/* Whether somebody who is heard for the first time may have been there all along. */
static bool is_learning(const struct hz_watch *w, const struct hz_when *when, const struct whom *m)
{
    uint64_t since = hz_learning_since(w->learning, m->f->topic->receiver, now_ms(w));
    bool learns = now_ms(w) - since < w->conf->learn_s * 1000;
    if (w->rule.filter.id.n > 0) /* who is named is never one of many */
        return false;
    if (when->kind == HZ_WHEN_NEW)
        return learns && !(w->seeded && m->family);
    if (when->kind != HZ_WHEN_ENTERS)
        return false;
    const struct hz_target *t = hz_picture_find(w->env->picture, m->f);
    return (learns || was_there(w, t)) && !(t && was_outside(t, &when->area));
}

/* What is told when it is gone. */
static void keep(struct hz_held *h, const struct whom *m)
{
    char name[HZ_ID_MAX + 1];
    struct hz_place at =
        m->family ? hz_family_place(m->family, &m->f->rec) : (struct hz_place){NAN, NAN};
    if (own_name(m, name, sizeof name))
        memcpy(h->name, name, sizeof h->name);
    if (!isnan(at.lat))
        h->at = at;
    memcpy(h->id, m->id, sizeof h->id);
    h->mark = m->f->rec.mark;
    h->heard = true;
    if (h->topic != m->f->topic) {
        hz_topic_unref(h->topic);
        h->topic = hz_topic_ref(m->f->topic);
    }
}

static struct hz_held *touch(struct hz_watch *w, struct hz_condition *c, int group, uint64_t key,
                             bool *is_new)
{
    if (!c->held[group])
        c->held[group] = hz_memory_new();
    struct hz_held *h =
        c->held[group] ? hz_memory_touch(c->held[group], key, now_ms(w), is_new) : NULL;
    w->failed += !h;
    return h;
}

static void hear_one(struct hz_watch *w, size_t i, const struct whom *m)
{
    const struct hz_when *when = &w->rule.when.list[i];
    struct hz_says says;
    bool is_new;
    if (!holds(w, when, m, &says))
        return;
    const char *mark = m->f->rec.mark ? m->f->rec.mark : "";
    uint64_t key = hz_memory_key(m->of, m->id, mark, says.same, NULL);
    struct hz_held *h = touch(w, &w->conditions[i], m->group, key, &is_new);
    if (!h)
        return;
    if (when->kind == HZ_WHEN_GONE)
        keep(h, m);
    else if (is_new && is_learning(w, when, m))
        w->learned++;
    else if (is_new)
        tell_message(w, when, m, says.reason);
}

static void hear_quiet(struct hz_condition *c, const struct hz_frame *f, uint64_t now)
{
    for (size_t i = 0; i < c->n_quiet; i++) {
        if (!hz_subscription_matches(&c->quiet[i].filter, f))
            continue;
        c->quiet[i].last_ms = now;
        c->quiet[i].told = false;
    }
}

void hz_watch_hear(struct hz_watch *w, const struct hz_frame *f)
{
    struct whom m;
    find_whom(f, &m);
    for (size_t i = 0; i < w->rule.when.n; i++) {
        if (w->rule.when.list[i].kind == HZ_WHEN_SILENT)
            hear_quiet(&w->conditions[i], f, now_ms(w));
        else
            hear_one(w, i, &m);
    }
}

/* ---- time ---- */

static void end_old(struct hz_watch *w, const struct hz_when *when, struct hz_condition *c)
{
    for (int group = 0; group < HZ_GROUPS; group++) {
        struct hz_memory *memory = c->held[group];
        uint64_t span = span_ms(w, when, group), now = now_ms(w);
        struct hz_held *h;
        for (int n = 0; memory && n < ENDS_IN_A_TICK; n++) {
            if (now < span || !(h = hz_memory_old(memory, now - span)))
                break;
            if (when->kind == HZ_WHEN_GONE && h->heard)
                tell_gone(w, when, h, span);
            hz_memory_drop(memory, h);
        }
    }
}

static void tick_quiet(struct hz_watch *w, const struct hz_when *when, struct hz_condition *c)
{
    for (size_t i = 0; i < c->n_quiet; i++) {
        struct hz_quiet *q = &c->quiet[i];
        if (q->told || now_ms(w) - q->last_ms < when->after_ms)
            continue;
        q->told = true;
        tell_silent(w, when, q);
    }
}

void hz_watch_tick(struct hz_watch *w)
{
    for (size_t i = 0; i < w->rule.when.n; i++) {
        const struct hz_when *when = &w->rule.when.list[i];
        end_old(w, when, &w->conditions[i]);
        tick_quiet(w, when, &w->conditions[i]);
    }
}

size_t hz_watch_count(const struct hz_watch *w)
{
    size_t n = 0;
    for (size_t i = 0; i < w->rule.when.n; i++) {
        const struct hz_condition *c = &w->conditions[i];
        for (int k = 0; k < HZ_GROUPS; k++)
            n += c->held[k] ? hz_memory_count(c->held[k]) : 0;
        for (size_t k = 0; k < c->n_quiet; k++)
            n += c->quiet[k].told;
    }
    return n;
}

/* ---- life ---- */

static void init_quiet(struct hz_watch *w, struct hz_quiet *q, const char *word, const char *name)
{
    struct hz_subscription *s = &q->filter;
    struct hz_words *words = strcmp(word, "id") == 0        ? &s->id
                             : strcmp(word, "channel") == 0 ? &s->channel
                                                            : &s->receiver;
    s->kinds = 1u << HZ_KIND_MESSAGE;
    q->word = word;
    q->last_ms = now_ms(w);
    if (!*word)
        return;
    snprintf(q->name, sizeof q->name, "%s", name);
    snprintf(words->names[0], sizeof words->names[0], "%s", name);
    words->n = 1;
}

/* One for each id, channel or receiver that the filter names, whichever is first; else one for all.
 */
static int make_quiet(struct hz_watch *w, struct hz_condition *c)
{
    const struct hz_subscription *s = &w->rule.filter;
    const struct hz_words *words = s->id.n ? &s->id : s->channel.n ? &s->channel : &s->receiver;
    const char *word = s->id.n ? "id" : s->channel.n ? "channel" : s->receiver.n ? "receiver" : "";
    c->n_quiet = words->n > 0 ? (size_t)words->n : 1;
    c->quiet = calloc(c->n_quiet, sizeof *c->quiet);
    if (!c->quiet)
        return -ENOMEM;
    for (size_t i = 0; i < c->n_quiet; i++)
        init_quiet(w, &c->quiet[i], word, words->names[i]);
    return 0;
}

/* Who is in the picture already is not new, for an event that begins while others run. */
static int seed(struct hz_watch *w, struct hz_condition *c)
{
    for (int list = 0; list < HZ_LISTS; list++) {
        const struct hz_target *t = hz_picture_last(w->env->picture, (enum hz_list)list);
        while (t && t->prev) /* the one heard first is touched first */
            t = t->prev;
        for (bool is_new; t; t = t->next) {
            uint64_t key = hz_memory_key(t->of, t->id, t->mark ? t->mark : "", "", NULL);
            if (!touch(w, c, list, key, &is_new))
                return -ENOMEM;
            w->seeded = true;
        }
    }
    return 0;
}

int hz_watch_init(struct hz_watch *w, const struct hz_conf_event *conf)
{
    char err[300];
    w->begun_ms = now_ms(w);
    w->conf = hz_conf_event_copy(conf);
    if (!w->conf || hz_event_rule_parse(&w->rule, w->conf, w->env->protocols, err, sizeof err))
        return -ENOMEM; /* its values were checked */
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < w->rule.when.n; i++) {
        enum hz_when_kind kind = w->rule.when.list[i].kind;
        if (kind == HZ_WHEN_SILENT)
            rc = make_quiet(w, &w->conditions[i]);
        else if (kind == HZ_WHEN_NEW && w->rule.filter.id.n == 0 && conf->learn_s > 0)
            rc = seed(w, &w->conditions[i]);
    }
    return rc;
}

void hz_watch_done(struct hz_watch *w)
{
    for (size_t i = 0; i < HZ_WHENS_MAX; i++) {
        for (int group = 0; group < HZ_GROUPS; group++)
            hz_memory_free(w->conditions[i].held[group]);
        free(w->conditions[i].quiet);
    }
    hz_event_rule_done(&w->rule);
    hz_conf_event_free(w->conf);
}
