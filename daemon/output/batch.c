#include "daemon/output/batch.h"

#include "daemon/output/filter.h"
#include "daemon/output/upload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FRAME_MAX = 8 * 1024 }; /* what wrap adds to the items */

struct batch {
    struct hz_carrier_env env;
    const struct hz_conf_batch *conf;
    const struct hz_batch_ops *ops;
    bool up;
    char items[HZ_BATCH_MAX];
    size_t n, frames;
    uint64_t since_ms, asked_ms, hello_ms; /* of the first item; of the last request; of hello */
    bool said_hello;
    unsigned tries; /* of the items that wait */
    struct hz_web_call *call;
    bool calls_items; /* that request carries the items */
    size_t call_bytes;
    struct hz_upload upload;
    uint64_t requests, failed, marked;
};

static uint64_t now(const struct batch *b)
{
    return uv_now(b->env.loop);
}

/* ---- requests --------------------------------------------------------------------------- */

static void forget_items(struct batch *b, bool sent)
{
    hz_link_count(b->env.link, sent ? b->frames : 0, sent ? 0 : b->frames);
    b->n = b->frames = 0;
    b->tries = 0;
}

static void on_bad(struct batch *b, const struct hz_web_answer *a, const char *why)
{
    char shown[HZ_WEB_SHOWN_MAX], line[HZ_WEB_SHOWN_MAX + 204];
    hz_web_show(b->conf->url, shown);
    snprintf(line, sizeof line, "%s: %s", shown, why);
    b->failed++;
    if (b->calls_items && (!hz_upload_again(a) || ++b->tries >= HZ_BATCH_TRIES))
        forget_items(b, false);
    b->up = b->said_hello = false;
    hz_link_down(b->env.link, line);
    if (a->retry_after_s > 0)
        hz_link_wait(b->env.link, a->retry_after_s);
}

static void on_answer(void *ctx, const struct hz_web_answer *a)
{
    struct batch *b = ctx;
    char why[200];
    b->call = NULL;
    hz_upload_note(&b->upload, a, why, sizeof why);
    if (!hz_web_good(a)) {
        on_bad(b, a, why);
        return;
    }
    hz_link_count_bytes(b->env.link, b->call_bytes);
    if (b->calls_items) {
        forget_items(b, true);
    } else {
        b->said_hello = true;
        b->hello_ms = now(b);
    }
    if (!b->up) {
        b->up = true;
        hz_link_up(b->env.link);
    }
    hz_link_ready(b->env.link);
}

/* Makes a request: with the items, or hello, or a sign of life. False: there is none to make. */
static bool ask(struct batch *b, bool items)
{
    struct hz_batch_request r = {.web = {.url = b->conf->url, .method = "POST", .ca = b->conf->ca},
                                 .headers = {"Content-Type: application/json"}};
    char *body = malloc(HZ_BATCH_MAX + FRAME_MAX);
    if (!body) {
        hz_link_down(b->env.link, "out of memory");
        return true;
    }
    r.body = (struct hz_bytes){.p = body, .cap = HZ_BATCH_MAX + FRAME_MAX};
    bool any = true;
    if (items || !b->ops->hello)
        b->ops->wrap(b->conf, b->items, items ? b->n : 0, &r);
    else
        any = b->ops->hello(b->conf, &r);
    if (any) {
        r.web.headers = r.headers;
        r.web.body = r.body.p;
        r.web.len = r.body.n;
        b->call = hz_web_post(b->env.outputs->web, &r.web, on_answer, b);
        b->calls_items = items;
        b->call_bytes = r.body.n;
        b->asked_ms = now(b);
        b->requests++;
        if (!b->call)
            hz_link_down(b->env.link, "out of memory");
    }
    free(body);
    return any;
}

static bool hello_is_due(const struct batch *b)
{
    return !b->said_hello ||
           (b->ops->hello_s > 0 && now(b) - b->hello_ms >= b->ops->hello_s * 1000);
}

/* ---- as a carrier ----------------------------------------------------------------------- */

/* There is no connection: it is up as long as no request fails. The first one is made at once, so
 * that a wrong address is told. */
void hz_batch_connect(void *state)
{
    struct batch *b = state;
    if (b->frames > 0)
        ask(b, true);
    else if (!hello_is_due(b) || !ask(b, false)) {
        b->up = true;
        b->said_hello = true;
        hz_link_up(b->env.link);
    }
}

bool hz_batch_room(void *state)
{
    const struct batch *b = state;
    return b->up && !b->call && b->n + HZ_BATCH_ITEM + 1 <= sizeof b->items;
}

static bool takes(const struct batch *b, const struct hz_frame *f)
{
    for (const char *const *p = b->ops->protocols; *p; p++) {
        if (strcmp(*p, f->topic->protocol) == 0)
            return true;
    }
    return false;
}

void hz_batch_send(void *state, struct hz_frame *f)
{
    struct batch *b = state;
    if (!takes(b, f))
        return;
    if (f->rec.mark && !b->conf->marked) {
        b->marked++;
        return;
    }
    size_t comma = b->n > 0;
    struct hz_bytes out = {.p = b->items + b->n + comma, .cap = HZ_BATCH_ITEM};
    struct hz_form_in in = hz_frame_told(f);
    b->ops->item(b->conf, &in, &out);
    if (out.full || out.n == 0) {
        hz_link_count(b->env.link, 0, out.full);
        return;
    }
    if (b->frames == 0)
        b->since_ms = now(b);
    if (comma)
        b->items[b->n] = ',';
    b->n += out.n + comma;
    b->frames++;
    if (!hz_batch_room(b))
        ask(b, true);
}

bool hz_batch_idle(void *state)
{
    struct batch *b = state;
    if (b->frames > 0 && b->up && !b->call && hz_link_ends(b->env.link))
        ask(b, true);
    return b->frames == 0;
}

void hz_batch_tick(void *state)
{
    struct batch *b = state;
    uint64_t interval = b->conf->interval_s * 1000;
    if (!b->up || b->call)
        return;
    if (b->frames > 0 && now(b) - b->since_ms >= interval)
        ask(b, true);
    else if (b->ops->hello && hello_is_due(b))
        ask(b, false);
    else if (b->ops->beats && b->frames == 0 && now(b) - b->asked_ms >= interval)
        ask(b, false);
}

void *hz_batch_open(const struct hz_carrier_env *env, const struct hz_batch_ops *ops, char *err,
                    size_t err_len)
{
    struct batch *b = calloc(1, sizeof *b);
    if (!b) {
        snprintf(err, err_len, "out of memory");
        return NULL;
    }
    b->env = *env;
    b->conf = (const struct hz_conf_batch *)env->conf;
    b->ops = ops;
    return b;
}

void hz_batch_close(void *state, void (*closed)(void *ctx), void *ctx)
{
    struct batch *b = state;
    if (b->call)
        hz_web_give_up(b->call);
    forget_items(b, false);
    free(b);
    closed(ctx);
}

void hz_batch_status(void *state, cJSON *item)
{
    const struct batch *b = state;
    cJSON_AddNumberToObject(item, "in_flight", (double)b->frames);
    cJSON_AddNumberToObject(item, "requests", (double)b->requests);
    cJSON_AddNumberToObject(item, "failed", (double)b->failed);
    cJSON_AddNumberToObject(item, "marked", (double)b->marked);
    hz_upload_status(&b->upload, item);
}

void hz_batch_show(const struct hz_conf_output *section, char out[HZ_TARGET_MAX])
{
    hz_web_show(((const struct hz_conf_batch *)section)->url, out);
}

/* ---- the configuration ------------------------------------------------------------------ */

void hz_batch_check(const struct hz_check *c, const struct hz_conf_batch *conf,
                    const struct hz_batch_ops *ops)
{
    const struct hz_form as = {.name = conf->link.output.kind->name, .protocols = ops->protocols};
    hz_output_check_filter(c, &conf->link.output);
    hz_link_check_takes(c, &conf->link.output, &as);
    if ((*conf->url || hz_check_needs(c, "url", "url = https://HOST/PATH")) &&
        !hz_web_url_ok(conf->url))
        hz_check_error(c, "url", "url = '%s': expected http://HOST:PORT/PATH or https://HOST/PATH",
                       conf->url);
}
