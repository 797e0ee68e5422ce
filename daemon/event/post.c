#include "daemon/event/post.h"

#include "daemon/base/backoff.h"
#include "daemon/base/log.h"
#include "daemon/base/utc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    URL_MAX = 4096,
    HEADER_MAX = 2048,
    BODY_MAX = 64 * 1024,
    LONGEST_MS = 60000,  /* between two tries, if the server does not ask for more */
    AGE_MAX_MS = 3600000 /* an older event is no news */
};

struct item {
    struct item *next;
    uint64_t born_ms;
    size_t len;
    char *url, *header; /* in room, behind the body */
    char body[];
};

struct hz_post {
    struct hz_post *next; /* of those that leave */
    struct hz_web *web;
    struct hz_web_call *call; /* of the first item; NULL: none is under way */
    struct item *first, *last;
    size_t n;
    struct hz_backoff backoff;
    uint64_t now_ms, try_ms; /* not before that */
    uint64_t sent, lost;
    char name[HZ_NAME_MAX + 1], content_type[200];
    char *url, *body, *header, *ca; /* the section's templates */
    char shown[HZ_WEB_SHOWN_MAX];
    char error[300];
    char last_ok[HZ_TIME_TEXT], last_answer[200];
    int last_code;
};

struct hz_post *hz_post_new(struct hz_web *web, const struct hz_conf_event *conf)
{
    struct hz_post *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->web = web;
    p->url = strdup(conf->post);
    p->body = strdup(conf->body);
    p->header = strdup(conf->header);
    p->ca = strdup(conf->ca);
    snprintf(p->name, sizeof p->name, "%s", conf->name);
    snprintf(p->content_type, sizeof p->content_type, "Content-Type: %.180s", conf->content_type);
    hz_web_show(conf->post, p->shown);
    if (p->url && p->body && p->header && p->ca)
        return p;
    hz_post_free(p);
    return NULL;
}

static void drop_first(struct hz_post *p)
{
    struct item *i = p->first;
    p->first = i->next;
    p->last = p->first ? p->last : NULL;
    p->n--;
    free(i);
}

void hz_post_free(struct hz_post *p)
{
    if (!p)
        return;
    if (p->call)
        hz_web_give_up(p->call);
    while (p->first)
        drop_first(p);
    free(p->url);
    free(p->body);
    free(p->header);
    free(p->ca);
    free(p);
}

bool hz_post_idle(const struct hz_post *p)
{
    return p->n == 0;
}

/* ---- requests --------------------------------------------------------------------------- */

static void try_now(struct hz_post *p);

/* A failure is logged once, until one is taken again. */
static void set_error(struct hz_post *p, const char *error)
{
    if (*error && !*p->error)
        hz_log(LOG_ERR, "event %s: %s: %s", p->name, p->shown, error);
    if (!*error && *p->error)
        hz_log(LOG_INFO, "event %s: %s takes events again", p->name, p->shown);
    snprintf(p->error, sizeof p->error, "%s", error);
}

/* Whether the same request may be taken later. */
static bool may_pass(const struct hz_web_answer *a)
{
    return a->code == 0 || a->code >= 500 || a->code == 408 || a->code == 425 || a->code == 429;
}

static void on_answer(void *ctx, const struct hz_web_answer *a)
{
    struct hz_post *p = ctx;
    char line[sizeof p->error];
    p->call = NULL;
    p->last_code = a->code;
    hz_web_line(a, line, sizeof line);
    if (hz_web_good(a)) {
        hz_time_text(hz_utc_now(), p->last_ok);
        set_error(p, "");
        p->last_answer[0] = '\0';
        p->sent++;
        hz_backoff_reset(&p->backoff);
        drop_first(p);
    } else {
        snprintf(p->last_answer, sizeof p->last_answer, "%.199s", line);
        set_error(p, line);
        if (!may_pass(a)) {
            p->lost++;
            drop_first(p);
        }
        uint64_t wait = hz_backoff_next(&p->backoff, LONGEST_MS), asked = a->retry_after_s * 1000u;
        asked = asked < AGE_MAX_MS ? asked : AGE_MAX_MS;
        p->try_ms = p->now_ms + (asked > wait ? asked : wait);
    }
    try_now(p);
}

static void try_now(struct hz_post *p)
{
    while (p->first && !p->call && p->now_ms - p->first->born_ms > AGE_MAX_MS) {
        p->lost++;
        drop_first(p);
    }
    if (!p->first || p->call || p->now_ms < p->try_ms)
        return;
    const char *const headers[] = {p->content_type, *p->first->header ? p->first->header : NULL,
                                   NULL};
    struct hz_web_request r = {.url = p->first->url,
                               .headers = headers,
                               .body = p->first->body,
                               .len = p->first->len,
                               .ca = p->ca};
    p->call = hz_web_post(p->web, &r, on_answer, p);
    if (!p->call)
        p->try_ms = p->now_ms + hz_backoff_next(&p->backoff, LONGEST_MS);
}

void hz_post_tick(struct hz_post *p, uint64_t now_ms)
{
    p->now_ms = now_ms;
    try_now(p);
}

/* ---- events ----------------------------------------------------------------------------- */

/* The body: by the template, else the line of the stream. */
static size_t fill_body(const struct hz_post *p, const struct hz_told *t,
                        const struct hz_frame *frame, char *out)
{
    enum hz_escape escape = strstr(p->content_type, "json") ? HZ_ESCAPE_JSON : HZ_ESCAPE_RAW;
    if (*p->body)
        return hz_told_fill(t, p->body, escape, out, BODY_MAX);
    memcpy(out, frame->data, frame->len - 1); /* without its newline */
    return frame->len - 1;
}

static struct item *make_item(const struct hz_post *p, const struct hz_told *t,
                              const struct hz_frame *frame)
{
    size_t room = *p->body ? BODY_MAX : frame->len;
    struct item *i = malloc(sizeof *i + room + URL_MAX + HEADER_MAX);
    if (!i)
        return NULL;
    i->next = NULL;
    i->born_ms = t->now_ms;
    i->len = fill_body(p, t, frame, i->body);
    i->url = i->body + room;
    i->header = i->url + URL_MAX;
    hz_told_fill(t, p->url, HZ_ESCAPE_URL, i->url, URL_MAX);
    hz_told_fill(t, p->header, HZ_ESCAPE_HEADER, i->header, HEADER_MAX);
    return i;
}

/* The oldest that is not under way. */
static void drop_oldest(struct hz_post *p)
{
    p->lost++;
    if (!p->call) {
        drop_first(p);
        return;
    }
    struct item *second = p->first->next;
    p->first->next = second->next;
    p->last = second->next ? p->last : p->first;
    p->n--;
    free(second);
}

void hz_post_add(struct hz_post *p, const struct hz_told *t, const struct hz_frame *frame)
{
    struct item *i = make_item(p, t, frame);
    p->now_ms = t->now_ms;
    if (!i) {
        p->lost++;
        return;
    }
    if (p->n == HZ_POSTS_MAX)
        drop_oldest(p);
    if (p->last)
        p->last->next = i;
    else
        p->first = i;
    p->last = i;
    p->n++;
    try_now(p);
}

cJSON *hz_post_json(const struct hz_post *p, uint64_t now_ms)
{
    cJSON *o = cJSON_CreateObject();
    const char *state = p->call ? "sending" : p->n > 0 ? "waiting" : "idle";
    cJSON_AddStringToObject(o, "target", p->shown);
    cJSON_AddStringToObject(o, "state", state);
    cJSON_AddStringToObject(o, "error", p->error);
    cJSON_AddNumberToObject(o, "sent", (double)p->sent);
    cJSON_AddNumberToObject(o, "lost", (double)p->lost);
    cJSON_AddNumberToObject(o, "waiting", (double)p->n);
    if (*p->last_ok)
        cJSON_AddStringToObject(o, "last_ok", p->last_ok);
    if (p->last_code > 0)
        cJSON_AddNumberToObject(o, "last_code", p->last_code);
    if (*p->last_answer)
        cJSON_AddStringToObject(o, "last_answer", p->last_answer);
    if (!p->call && p->n > 0 && p->try_ms > now_ms)
        cJSON_AddNumberToObject(o, "next_try_s", (double)(p->try_ms - now_ms) / 1000);
    return o;
}

/* ---- those that leave ------------------------------------------------------------------- */

void hz_posts_take(struct hz_posts *all, struct hz_post *p)
{
    if (!p)
        return;
    p->next = all->first;
    all->first = p;
}

void hz_posts_tick(struct hz_posts *all, uint64_t now_ms)
{
    for (struct hz_post **at = &all->first, *p; (p = *at);) {
        hz_post_tick(p, now_ms);
        if (!hz_post_idle(p)) {
            at = &p->next;
            continue;
        }
        *at = p->next;
        hz_post_free(p);
    }
}

void hz_posts_free(struct hz_posts *all)
{
    for (struct hz_post *p = all->first, *next; p; p = next) {
        next = p->next;
        hz_post_free(p);
    }
    all->first = NULL;
}
