#include "daemon/base/log.h"
#include "daemon/input/hub_own.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BACKOFF_MS = 10000,
    ASK_MS = 5000, /* how much waits */
    /* Bursts that are remembered: some minutes of a busy hub. About 250 bytes each. */
    BURSTS = 262144,
    SUBJECT_MAX = 2 * HZ_HUB_WORD_MAX + 32,
};

static uint64_t now_ms(const struct hz_hub *h)
{
    return uv_now(h->env.loop);
}

void hz_hub_error(struct hz_hub *h, const char *format, ...)
{
    char text[HZ_HUB_ERROR_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (strcmp(text, h->error) != 0)
        hz_log(LOG_WARNING, "input %s: %s", h->name, text);
    snprintf(h->error, sizeof h->error, "%s", text);
}

/* ---- the other hubs --------------------------------------------------------------------- */

/* Where hubs of one durable tell each other what they have: no subject of the stream. */
static const char *print_subject(const char *stream, const char *durable, char out[SUBJECT_MAX])
{
    snprintf(out, SUBJECT_MAX, "_hertzd.hubs.%s.%s", stream, durable);
    return out;
}

static void tell(struct hz_hub *h, uint64_t holds)
{
    char subject[SUBJECT_MAX], text[128];
    int n = snprintf(text, sizeof text, "%s %llx %llx", h->share.id,
                     (unsigned long long)h->share.buckets, (unsigned long long)holds);
    struct hz_nats_out out = {
        .subject = print_subject(h->stream, h->durable, subject), .data = text, .len = (size_t)n};
    hz_nats_send(h->nats, &out);
}

void hz_hub_told(struct hz_hub *h, const struct hz_nats_in *m)
{
    char text[128], id[HZ_SHARE_ID_MAX + 1];
    unsigned long long buckets, holds;
    if (m->len >= sizeof text)
        return;
    memcpy(text, m->data, m->len);
    text[m->len] = '\0';
    if (sscanf(text, "%63s %llx %llx", id, &buckets, &holds) == 3)
        hz_share_heard(&h->share, id, buckets, holds, now_ms(h));
}

/* ---- the connection --------------------------------------------------------------------- */

/* What the thread of the connection needs. */
static const char *on_listen(void *job)
{
    return job;
}

static void on_up(void *ctx, void *job)
{
    (void)job;
    struct hz_hub *h = ctx;
    h->up = true;
    h->up_ms = now_ms(h);
    h->connects++;
    h->error[0] = '\0';
    hz_backoff_reset(&h->backoff);
    hz_log(LOG_INFO, "input %s: connected to %s", h->name, hz_nats_server(h->nats));
    hz_hub_pull_reset(h);
    /* who was away for a moment only is not gone for the others, and goes on with what it had */
    if (h->connects == 1 || now_ms(h) - h->down_ms > HZ_SHARE_GONE_MS / 2)
        hz_share_begin(&h->share, hz_bus_stream(h->env.bus), h->buckets, now_ms(h));
}

static void on_nats_closed(void *ctx)
{
    (void)ctx;
}

static void on_down(void *ctx, const char *why)
{
    struct hz_hub *h = ctx;
    hz_hub_error(h, "%s", why);
    if (h->up)
        h->down_ms = now_ms(h);
    h->up = false;
    h->next_ms = now_ms(h) + hz_backoff_next(&h->backoff, BACKOFF_MS);
    hz_nats_close(h->nats, on_nats_closed, NULL);
    h->nats = NULL;
    hz_hub_pull_reset(h);
}

static void on_message(void *ctx, const struct hz_nats_in *m)
{
    if (strncmp(m->subject, "_hertzd.hubs.", 13) == 0)
        hz_hub_told(ctx, m);
    else
        hz_hub_pull_in(ctx, m);
}

static void on_complaint(void *ctx, const char *what)
{
    hz_hub_error(ctx, "the server complains: %s", what);
}

static void connect_now(struct hz_hub *h)
{
    static const struct hz_nats_ops ops = {.listen = on_listen,
                                           .job_free = free,
                                           .up = on_up,
                                           .down = on_down,
                                           .message = on_message,
                                           .complaint = on_complaint};
    char *subject = malloc(SUBJECT_MAX);
    if (subject)
        print_subject(h->stream, h->durable, subject);
    h->nats = subject ? hz_nats_open(h->env.loop, h->nats_conf, h->name, &ops, h, subject) : NULL;
    if (!h->nats) {
        hz_hub_error(h, "no memory, or no thread, for a connection");
        h->next_ms = now_ms(h) + hz_backoff_next(&h->backoff, BACKOFF_MS);
    }
}

static void on_tick(uv_timer_t *t)
{
    struct hz_hub *h = t->data;
    h->ticks++;
    if (h->ticks % (1000 / HZ_HUB_TICK_MS) == 0)
        hz_stations_tick(&h->stations);
    if (!h->nats && now_ms(h) >= h->next_ms)
        connect_now(h);
    if (!h->up)
        return;
    hz_hub_pull_ack(h, false);
    if (h->ticks % (ASK_MS / HZ_HUB_TICK_MS) == 0)
        hz_hub_pull_ask(h);
    hz_hub_pull_tick(h, hz_share_update(&h->share, now_ms(h)));
    if (h->ticks % (HZ_SHARE_TELL_MS / HZ_HUB_TICK_MS) == 0)
        tell(h, h->share.holds | hz_hub_pull_busy(h));
}

/* ---- status ----------------------------------------------------------------------------- */

static const char *state_of(const struct hz_hub *h)
{
    if (!h->nats)
        return "waiting";
    return !h->up ? "connecting" : h->share.holds == 0 ? "joining" : "up";
}

/* "0-20,33" */
static void print_buckets(uint64_t set, char *out, size_t size)
{
    size_t n = 0;
    out[0] = '\0';
    for (int b = 0; b < HZ_SHARE_BUCKETS; b++) {
        int last = b;
        if (!(set >> b & 1))
            continue;
        while (last + 1 < HZ_SHARE_BUCKETS && (set >> (last + 1) & 1))
            last++;
        n += (size_t)snprintf(out + n, size - n, last > b ? "%s%d-%d" : "%s%d", n ? "," : "", b,
                              last);
        b = last;
    }
}

void hz_hub_status(const struct hz_hub *h, cJSON *item)
{
    const struct hz_hub_counts *c = &h->counts;
    struct hz_fold_counts fold = hz_fold_counts(h->env.fold);
    char buckets[256];
    uint64_t pending = 0;
    for (int b = 0; b < HZ_SHARE_BUCKETS; b++)
        pending += h->pulls[b].state == HZ_PULL_OFF ? 0 : h->pulls[b].pending;
    cJSON_AddStringToObject(item, "state", state_of(h));
    if (h->error[0])
        cJSON_AddStringToObject(item, "error", h->error);
    if (h->up) {
        cJSON_AddStringToObject(item, "server", hz_nats_server(h->nats));
        cJSON_AddNumberToObject(item, "up_s", (double)(now_ms(h) - h->up_ms) / 1e3);
    }
    if (!h->nats && h->next_ms > now_ms(h))
        cJSON_AddNumberToObject(item, "next_try_s", (double)(h->next_ms - now_ms(h)) / 1e3);
    print_buckets(h->share.holds, buckets, sizeof buckets);
    cJSON_AddStringToObject(item, "buckets", buckets);
    cJSON_AddNumberToObject(item, "hubs", (double)h->share.n_hubs + h->up);
    cJSON_AddNumberToObject(item, "connects", (double)h->connects);
    cJSON_AddNumberToObject(item, "messages", (double)c->messages);
    cJSON_AddNumberToObject(item, "acked", (double)c->acked);
    cJSON_AddNumberToObject(item, "unacked", (double)h->n_unacked);
    cJSON_AddNumberToObject(item, "pending", (double)pending);
    cJSON_AddNumberToObject(item, "redelivered", (double)c->redelivered);
    cJSON_AddNumberToObject(item, "duplicates", (double)c->duplicates);
    cJSON_AddNumberToObject(item, "copies", (double)fold.copies);
    cJSON_AddNumberToObject(item, "late_copies", (double)fold.late);
    cJSON_AddNumberToObject(item, "remembered", (double)fold.remembered);
    cJSON_AddNumberToObject(item, "passed", (double)c->passed);
    cJSON_AddNumberToObject(item, "bad", (double)c->bad);
    cJSON_AddNumberToObject(item, "looped", (double)c->looped);
    cJSON_AddNumberToObject(item, "lost", (double)c->unknown);
    cJSON_AddNumberToObject(item, "lag_s", h->lag_s);
    cJSON_AddItemToObject(item, "stations", hz_stations_json(&h->stations, now_ms(h)));
}

/* ---- life ------------------------------------------------------------------------------- */

static void free_hub(struct hz_hub *h)
{
    hz_hub_pull_reset(h);
    hz_stations_done(&h->stations);
    hz_line_reader_free(h->reader);
    free(h);
}

struct hz_hub *hz_hub_new(const struct hz_hub_env *env, const struct hz_hub_conf *conf,
                          const char *name)
{
    struct hz_hub *h = calloc(1, sizeof *h);
    if (!h)
        return NULL;
    h->env = *env;
    h->end = &h->first;
    h->stations.bus = env->bus;
    h->reader = hz_line_reader_new(h->env.decoders);
    snprintf(h->name, sizeof h->name, "%s", name);
    snprintf(h->stream, sizeof h->stream, "%s", conf->stream);
    snprintf(h->durable, sizeof h->durable, "%s", conf->durable);
    h->buckets = conf->buckets;
    h->hold_ms = conf->hold_ms;
    h->apart_ns = conf->apart_ns;
    h->nats_conf = conf->nats;
    if (!h->reader || hz_fold_far(env->fold, conf->hold_ms, BURSTS) != 0) {
        free_hub(h);
        return NULL;
    }
    uv_timer_init(env->loop, &h->tick);
    h->tick.data = h;
    uv_timer_start(&h->tick, on_tick, HZ_HUB_TICK_MS, HZ_HUB_TICK_MS);
    connect_now(h);
    return h;
}

static void on_timer_closed(uv_handle_t *t)
{
    struct hz_hub *h = t->data;
    void (*closed)(void *ctx) = h->closed;
    void *ctx = h->closed_ctx;
    free_hub(h);
    closed(ctx);
}

static void on_last_closed(void *ctx)
{
    struct hz_hub *h = ctx;
    uv_close((uv_handle_t *)&h->tick, on_timer_closed);
}

void hz_hub_close(struct hz_hub *h, void (*closed)(void *ctx), void *ctx)
{
    h->closed = closed;
    h->closed_ctx = ctx;
    uv_timer_stop(&h->tick);
    hz_fold_flush(h->env.fold, NULL);
    hz_fold_no_far(h->env.fold);
    if (h->up) {
        hz_hub_pull_ack(h, true);
        tell(h, 0);
    }
    if (h->nats)
        hz_nats_close(h->nats, on_last_closed, h);
    else
        on_last_closed(h);
}
