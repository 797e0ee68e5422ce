/* What waits: the thread of a connection, and the callbacks that the library calls on its threads.
 * They share struct hz_nats with the loop, under its lock. */
#include "daemon/nats/own.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FEW = 64, GATHER_MS = 3 };

static void free_outs(struct hz_nats_queued *o)
{
    for (struct hz_nats_queued *next; o; o = next) {
        next = o->next;
        free(o);
    }
}

void hz_nats_came_free(struct hz_nats_came *i)
{
    natsMsg_Destroy(i->msg);
    free(i);
}

static void destroy(struct hz_nats *n)
{
    free_outs(n->out);
    for (struct hz_nats_came *i = n->in, *next; i; i = next) {
        next = i->next;
        hz_nats_came_free(i);
    }
    if (n->job && n->ops->job_free)
        n->ops->job_free(n->job);
    hz_nats_conf_done(&n->conf);
    pthread_cond_destroy(&n->work);
    pthread_mutex_destroy(&n->lock);
    free(n);
}

static void hold(struct hz_nats *n)
{
    pthread_mutex_lock(&n->lock);
    n->refs++;
    pthread_mutex_unlock(&n->lock);
}

void hz_nats_release(struct hz_nats *n)
{
    pthread_mutex_lock(&n->lock);
    bool last = --n->refs == 0;
    pthread_mutex_unlock(&n->lock);
    if (last)
        destroy(n);
}

void hz_nats_wake(struct hz_nats *n)
{
    if (!n->let_go)
        uv_async_send(&n->wake);
}

static void push_in(struct hz_nats *n, struct hz_nats_came *i)
{
    pthread_mutex_lock(&n->lock);
    bool first = !n->in;
    i->next = NULL;
    *n->in_end = i;
    n->in_end = &i->next;
    if (first)
        hz_nats_wake(n);
    pthread_mutex_unlock(&n->lock);
}

static void on_message(natsConnection *nc, natsSubscription *sub, natsMsg *msg, void *ctx)
{
    (void)nc;
    (void)sub;
    struct hz_nats_came *i = calloc(1, sizeof *i + 1);
    if (!i) { /* as if it had been lost on the way: its sender will send again */
        natsMsg_Destroy(msg);
        return;
    }
    i->msg = msg;
    push_in(ctx, i);
}

static void on_inbox_complete(void *ctx)
{
    hz_nats_release(ctx);
}

static void on_connection_closed(natsConnection *nc, void *ctx)
{
    struct hz_nats *n = ctx;
    const char *text = "";
    natsStatus s = natsConnection_GetLastError(nc, &text);
    pthread_mutex_lock(&n->lock);
    n->lost = true;
    if (!*n->why && !n->closing)
        hz_nats_ended(&n->conf, s, text ? text : "", n->why, sizeof n->why);
    pthread_cond_signal(&n->work);
    pthread_mutex_unlock(&n->lock);
    hz_nats_release(n);
}

static void on_error(natsConnection *nc, natsSubscription *sub, natsStatus s, void *ctx)
{
    (void)sub;
    struct hz_nats *n = ctx;
    const char *text = NULL;
    natsConnection_GetLastError(nc, &text);
    pthread_mutex_lock(&n->lock);
    snprintf(n->complaint, sizeof n->complaint, "%s", text && *text ? text : natsStatus_GetText(s));
    hz_nats_wake(n);
    pthread_mutex_unlock(&n->lock);
}

static bool given_up(void *ctx)
{
    struct hz_nats *n = ctx;
    pthread_mutex_lock(&n->lock);
    bool yes = n->closing;
    pthread_mutex_unlock(&n->lock);
    return yes;
}

static int subscribe(struct hz_nats *n, natsConnection *nc, const char *subject,
                     natsSubscription **to, char *err, size_t err_len)
{
    natsSubscription *sub = NULL;
    natsStatus s = natsConnection_Subscribe(&sub, nc, subject, on_message, n);
    if (s == NATS_OK) {
        natsSubscription_SetPendingLimits(sub, -1, -1); /* its owner limits what it asks for */
        hold(n);
        s = natsSubscription_SetOnCompleteCB(sub, on_inbox_complete, n);
        if (s != NATS_OK)
            hz_nats_release(n);
        *to = sub;
    }
    if (s == NATS_OK)
        return 0;
    snprintf(err, err_len, "subscription to %s: %s", subject, natsStatus_GetText(s));
    return -EIO;
}

/* The inbox, and the further subject if there is one. */
static int open_inbox(struct hz_nats *n, natsConnection *nc, natsSubscription *subs[2], char *err,
                      size_t err_len)
{
    const char *further = n->ops->listen ? n->ops->listen(n->job) : NULL;
    char subject[HZ_NATS_INBOX_MAX + 2];
    snprintf(subject, sizeof subject, "%s*", n->inbox);
    int rc = subscribe(n, nc, subject, &subs[0], err, err_len);
    return rc == 0 && further ? subscribe(n, nc, further, &subs[1], err, err_len) : rc;
}

static void send_failed(struct hz_nats *n, const struct hz_nats_queued *o, natsStatus s)
{
    const char *why = natsStatus_GetText(s);
    struct hz_nats_came *i = o->reply ? malloc(sizeof *i + strlen(why) + 1) : NULL;
    if (!i)
        return;
    i->msg = NULL;
    i->failed = s == NATS_MAX_PAYLOAD ? HZ_NATS_TOO_LARGE : -1;
    snprintf(i->token, sizeof i->token, "%s", o->reply + strlen(n->inbox));
    strcpy(i->why, why);
    push_in(n, i);
}

static natsStatus send_one(natsConnection *nc, const struct hz_nats_queued *o)
{
    natsMsg *msg = NULL;
    natsStatus s = natsMsg_Create(&msg, o->subject, o->reply, o->data, (int)o->len);
    if (s == NATS_OK && o->id)
        s = natsMsgHeader_Set(msg, "Nats-Msg-Id", o->id);
    if (s == NATS_OK)
        s = natsConnection_PublishMsg(nc, msg);
    natsMsg_Destroy(msg);
    return s;
}

/* Sends what the loop queues, until the connection is closed or lost. What comes within GATHER_MS
 * of a few messages goes together: waking this thread, those of the library, the server's and the
 * loop costs ten times what a message costs. */
static void pump(struct hz_nats *n, natsConnection *nc)
{
    pthread_mutex_lock(&n->lock);
    while (!n->closing && !n->lost) {
        if (!n->out) {
            pthread_cond_wait(&n->work, &n->lock);
            continue;
        }
        struct hz_nats_queued *list = n->out;
        n->out = NULL;
        n->out_end = &n->out;
        n->n_out = 0;
        pthread_mutex_unlock(&n->lock);
        natsStatus s = NATS_OK;
        size_t count = 0;
        for (struct hz_nats_queued *o = list;
             o && s != NATS_IO_ERROR && s != NATS_CONNECTION_CLOSED; o = o->next) {
            s = send_one(nc, o);
            count++;
            if (s != NATS_OK)
                send_failed(n, o, s);
        }
        free_outs(list);
        if (count < FEW)
            uv_sleep(GATHER_MS);
        pthread_mutex_lock(&n->lock);
        if (s == NATS_TIMEOUT || s == NATS_IO_ERROR) { /* half a message may be on its way */
            snprintf(n->why, sizeof n->why, "the server does not read what it is sent");
            break;
        }
    }
    pthread_mutex_unlock(&n->lock);
}

void *hz_nats_live(void *arg)
{
    struct hz_nats *n = arg;
    struct hz_nats_hooks hooks = {on_connection_closed, on_error, given_up, n};
    natsConnection *nc = NULL;
    natsSubscription *subs[2] = {NULL, NULL};
    char err[HZ_NATS_ERROR_MAX] = "", server[HZ_NATS_ERROR_MAX] = "", url[HZ_NATS_ERROR_MAX] = "";
    hold(n); /* for on_connection_closed */
    int rc = hz_nats_connect(&n->conf, n->name, &hooks, &nc, err, sizeof err);
    if (rc != 0)
        hz_nats_release(n);
    if (rc == 0)
        rc = open_inbox(n, nc, subs, err, sizeof err);
    if (rc == 0 && n->ops->setup && !given_up(n))
        rc = n->ops->setup(n->job, nc, err, sizeof err);
    if (rc == 0 && natsConnection_GetConnectedUrl(nc, url, sizeof url) == NATS_OK)
        hz_nats_target(url, server, sizeof server);
    pthread_mutex_lock(&n->lock);
    if (rc == 0) {
        n->stage = HZ_NATS_UP;
        memcpy(n->server, server, sizeof server);
        hz_nats_wake(n);
    } else if (!*n->why) {
        memcpy(n->why, err, sizeof err);
    }
    pthread_mutex_unlock(&n->lock);
    if (rc == 0)
        pump(n, nc);
    natsConnection_Close(nc);
    natsSubscription_Destroy(subs[0]);
    natsSubscription_Destroy(subs[1]);
    natsConnection_Destroy(nc);
    nats_ReleaseThreadMemory();
    pthread_mutex_lock(&n->lock);
    n->stage = HZ_NATS_ENDED;
    hz_nats_wake(n);
    pthread_mutex_unlock(&n->lock);
    hz_nats_release(n);
    return NULL;
}
