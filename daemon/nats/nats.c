#include "daemon/nats/own.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TURN_NS = 1000000, CLOSE_MS = 500 };

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

static void give(struct hz_nats *n, struct hz_nats_came *i)
{
    struct hz_nats_in m = {"", "", "", "", 0, "", "", 0};
    if (i->msg) {
        const char *value = NULL;
        m.subject = or_empty(natsMsg_GetSubject(i->msg));
        m.reply = or_empty(natsMsg_GetReply(i->msg));
        m.data = or_empty(natsMsg_GetData(i->msg));
        m.len = (size_t)natsMsg_GetDataLength(i->msg);
        if (strncmp(m.subject, n->inbox, strlen(n->inbox)) == 0)
            m.token = m.subject + strlen(n->inbox);
        if (natsMsgHeader_Get(i->msg, "Nats-Msg-Id", &value) == NATS_OK)
            m.id = or_empty(value);
        if (natsMsgHeader_Get(i->msg, "Status", &value) == NATS_OK)
            m.status = value ? atoi(value) : 0;
        if (m.status && natsMsgHeader_Get(i->msg, "Description", &value) == NATS_OK)
            m.text = or_empty(value);
    } else {
        m.token = i->token;
        m.status = i->failed;
        m.data = i->why;
        m.len = strlen(i->why);
    }
    n->ops->message(n->ctx, &m);
}

/* What is left goes on in the next iteration. */
static void give_all(struct hz_nats *n, struct hz_nats_came *list)
{
    uint64_t until = uv_hrtime() + TURN_NS;
    while (list && !n->closed && !n->told_down && uv_hrtime() < until) {
        struct hz_nats_came *i = list;
        list = i->next;
        give(n, i);
        hz_nats_came_free(i);
    }
    if (!list)
        return;
    struct hz_nats_came *last = list;
    while (last->next)
        last = last->next;
    pthread_mutex_lock(&n->lock);
    if (!n->in)
        n->in_end = &last->next;
    last->next = n->in;
    n->in = list;
    hz_nats_wake(n);
    pthread_mutex_unlock(&n->lock);
}

static void on_handle_closed(uv_handle_t *h)
{
    struct hz_nats *n = h->data;
    if (--n->handles > 0)
        return;
    void (*closed)(void *ctx) = n->closed;
    void *ctx = n->closed_ctx;
    hz_nats_release(n);
    closed(ctx);
}

static void let_go(struct hz_nats *n)
{
    if (uv_is_closing((uv_handle_t *)&n->wake))
        return;
    pthread_mutex_lock(&n->lock);
    n->let_go = true;
    pthread_mutex_unlock(&n->lock);
    uv_close((uv_handle_t *)&n->wake, on_handle_closed);
    uv_close((uv_handle_t *)&n->patience, on_handle_closed);
}

static void on_patience(uv_timer_t *t)
{
    let_go(t->data);
}

static void on_wake(uv_async_t *wake)
{
    struct hz_nats *n = wake->data;
    char why[HZ_NATS_ERROR_MAX], complaint[HZ_NATS_ERROR_MAX];
    pthread_mutex_lock(&n->lock);
    enum hz_nats_stage stage = n->stage;
    struct hz_nats_came *list = n->in;
    n->in = NULL;
    n->in_end = &n->in;
    memcpy(why, n->why, sizeof why);
    memcpy(complaint, n->complaint, sizeof complaint);
    n->complaint[0] = '\0';
    if (*n->server)
        memcpy(n->told_server, n->server, sizeof n->server);
    bool was_up = stage == HZ_NATS_UP || *n->server;
    pthread_mutex_unlock(&n->lock);
    if (!n->closed && was_up && !n->told_up) {
        n->told_up = true;
        n->ops->up(n->ctx, n->job);
    }
    if (!n->closed && *complaint && n->ops->complaint)
        n->ops->complaint(n->ctx, complaint);
    give_all(n, list);
    if (stage != HZ_NATS_ENDED)
        return;
    pthread_mutex_lock(&n->lock);
    bool all_given = !n->in;
    pthread_mutex_unlock(&n->lock);
    if (n->closed)
        let_go(n);
    else if (all_given && !n->told_down) {
        n->told_down = true;
        n->told_server[0] = '\0';
        n->ops->down(n->ctx, *why ? why : "the connection has ended");
    }
}

static bool start_thread(struct hz_nats *n)
{
    pthread_t thread;
    pthread_attr_t attr;
    if (pthread_attr_init(&attr) != 0)
        return false;
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    int rc = pthread_create(&thread, &attr, hz_nats_live, n);
    pthread_attr_destroy(&attr);
    return rc == 0;
}

static void ignore(void *ctx)
{
    (void)ctx;
}

struct hz_nats *hz_nats_open(uv_loop_t *loop, const struct hz_nats_conf *conf, const char *name,
                             const struct hz_nats_ops *ops, void *ctx, void *job)
{
    struct hz_nats *n = calloc(1, sizeof *n);
    if (!n) {
        if (job && ops->job_free)
            ops->job_free(job);
        return NULL;
    }
    *n = (struct hz_nats){.ops = ops, .ctx = ctx, .job = job, .refs = 1};
    n->out_end = &n->out;
    n->in_end = &n->in;
    snprintf(n->name, sizeof n->name, "%s", name);
    unsigned long long random[2] = {uv_hrtime(), 0};
    uv_random(NULL, NULL, random, sizeof random, 0, NULL);
    snprintf(n->inbox, sizeof n->inbox, "_INBOX.%016llx%016llx.", random[0], random[1]);
    pthread_mutex_init(&n->lock, NULL);
    pthread_cond_init(&n->work, NULL);
    if (!hz_nats_conf_copy(&n->conf, conf) || uv_async_init(loop, &n->wake, on_wake) != 0) {
        hz_nats_release(n);
        return NULL;
    }
    uv_timer_init(loop, &n->patience);
    n->wake.data = n->patience.data = n;
    n->handles = 2;
    n->refs++; /* the thread's */
    /* The library starts its own threads when it is first used: once, in a millisecond. */
    if (nats_Open(-1) == NATS_OK && start_thread(n))
        return n;
    n->refs--;
    n->closed = ignore;
    let_go(n);
    return NULL;
}

void hz_nats_close(struct hz_nats *n, void (*closed)(void *ctx), void *ctx)
{
    n->closed = closed;
    n->closed_ctx = ctx;
    pthread_mutex_lock(&n->lock);
    enum hz_nats_stage stage = n->stage;
    n->closing = true;
    pthread_cond_signal(&n->work);
    pthread_mutex_unlock(&n->lock);
    /* Nobody waits for a thread that connects. */
    if (stage == HZ_NATS_UP)
        uv_timer_start(&n->patience, on_patience, CLOSE_MS, 0);
    else
        let_go(n);
}

static char *put(char **at, const char *text, size_t len)
{
    char *start = *at;
    memcpy(start, text, len);
    start[len] = '\0';
    *at += len + 1;
    return start;
}

int hz_nats_send(struct hz_nats *n, const struct hz_nats_out *m)
{
    size_t subject = strlen(m->subject), inbox = strlen(n->inbox);
    size_t reply = m->reply ? strlen(m->reply) : 0, id = m->id ? strlen(m->id) : 0;
    struct hz_nats_queued *o = malloc(sizeof *o + subject + inbox + reply + id + m->len + 4);
    if (!o)
        return -ENOMEM;
    char *at = o->text;
    *o = (struct hz_nats_queued){.len = m->len};
    o->subject = put(&at, m->subject, subject);
    o->id = m->id ? put(&at, m->id, id) : NULL;
    if (m->reply) {
        o->reply = at;
        memcpy(at, n->inbox, inbox);
        at += inbox;
        put(&at, m->reply, reply);
    }
    o->data = put(&at, m->data, m->len);
    pthread_mutex_lock(&n->lock);
    int rc = n->stage != HZ_NATS_UP || n->closing || n->lost ? -ENOTCONN
             : n->n_out >= HZ_NATS_OUT_MAX                   ? -ENOBUFS
                                                             : 0;
    if (rc == 0) {
        *n->out_end = o;
        n->out_end = &o->next;
        if (n->n_out++ == 0)
            pthread_cond_signal(&n->work);
    }
    pthread_mutex_unlock(&n->lock);
    if (rc != 0)
        free(o);
    return rc;
}

const char *hz_nats_server(const struct hz_nats *n)
{
    return n->told_server;
}
