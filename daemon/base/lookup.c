#include "daemon/base/lookup.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Shared by the thread and the loop; the last of both to release it frees it. */
struct question {
    pthread_mutex_t lock;
    bool alone;       /* the other one has released it */
    uv_async_t *wake; /* of the loop; not valid when `alone` */
    char *host, *port;
    int status;
    struct addrinfo *found;
};

struct hz_lookup {
    uv_async_t wake;
    struct question *q;
    void (*done)(void *ctx, int status, struct addrinfo *found);
    void *ctx;
};

static void question_free(struct question *q)
{
    if (q->found)
        freeaddrinfo(q->found);
    pthread_mutex_destroy(&q->lock);
    free(q->host);
    free(q->port);
    free(q);
}

static void let_go(struct question *q)
{
    pthread_mutex_lock(&q->lock);
    bool last = q->alone;
    q->alone = true;
    pthread_mutex_unlock(&q->lock);
    if (last)
        question_free(q);
}

static void *ask(void *arg)
{
    struct question *q = arg;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int status = getaddrinfo(q->host, q->port, &hints, &found);
    pthread_mutex_lock(&q->lock);
    q->status = status;
    q->found = found;
    if (!q->alone)
        uv_async_send(q->wake);
    pthread_mutex_unlock(&q->lock);
    let_go(q);
    return NULL;
}

static void on_closed(uv_handle_t *h)
{
    free(h->data);
}

static void on_answer(uv_async_t *wake)
{
    struct hz_lookup *l = wake->data;
    struct question *q = l->q;
    pthread_mutex_lock(&q->lock);
    int status = q->status;
    struct addrinfo *found = q->found;
    q->found = NULL;
    pthread_mutex_unlock(&q->lock);
    let_go(q);
    uv_close((uv_handle_t *)wake, on_closed);
    l->done(l->ctx, status, found);
}

void hz_lookup_give_up(struct hz_lookup *l)
{
    let_go(l->q);
    uv_close((uv_handle_t *)&l->wake, on_closed);
}

/* The thread is detached, so it may outlive its look-up, up to the end of the process. */
static int start_thread(struct question *q)
{
    pthread_t thread;
    pthread_attr_t attr;
    int rc = pthread_attr_init(&attr);
    if (rc != 0)
        return rc;
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    rc = pthread_create(&thread, &attr, ask, q);
    pthread_attr_destroy(&attr);
    return rc;
}

struct hz_lookup *hz_lookup_start(uv_loop_t *loop, const char *host, const char *port,
                                  void (*done)(void *ctx, int status, struct addrinfo *found),
                                  void *ctx)
{
    struct hz_lookup *l = calloc(1, sizeof *l);
    struct question *q = calloc(1, sizeof *q);
    if (!l || !q) {
        free(l);
        free(q);
        return NULL;
    }
    pthread_mutex_init(&q->lock, NULL);
    q->host = strdup(host);
    q->port = strdup(port);
    q->wake = &l->wake;
    *l = (struct hz_lookup){.q = q, .done = done, .ctx = ctx};
    if (!q->host || !q->port || uv_async_init(loop, &l->wake, on_answer) != 0) {
        question_free(q);
        free(l);
        return NULL;
    }
    l->wake.data = l;
    if (start_thread(q) == 0)
        return l;
    question_free(q);
    uv_close((uv_handle_t *)&l->wake, on_closed);
    return NULL;
}
