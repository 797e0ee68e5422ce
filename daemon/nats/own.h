/* What the loop and the other threads of a connection share. Of nats.c (loop) and thread.c (the
 * thread of a connection, and callbacks on the library's own). */
#ifndef HZ_DAEMON_NATS_OWN_H
#define HZ_DAEMON_NATS_OWN_H

#include "daemon/nats/connect.h"

#include <pthread.h>

enum { HZ_NATS_NAME_MAX = 64, HZ_NATS_INBOX_MAX = 64 };

struct hz_nats_queued {
    struct hz_nats_queued *next;
    const char *subject, *reply, *id, *data; /* in text; reply and id may be NULL */
    size_t len;
    char text[];
};

struct hz_nats_came {
    struct hz_nats_came *next;
    natsMsg *msg; /* NULL: `token` could not be sent because of `why`, status `failed` */
    int failed;
    char token[HZ_NATS_INBOX_MAX];
    char why[];
};

enum hz_nats_stage { HZ_NATS_CONNECTING, HZ_NATS_UP, HZ_NATS_ENDED };

/* Above `lock`: constant once the thread runs, or of the loop. Below: locked. Freed by who releases
 * it last: the loop, the thread, the inbox's subscription, the callback of the closed connection.
 */
struct hz_nats {
    const struct hz_nats_ops *ops;
    void *job;
    struct hz_nats_conf conf; /* own */
    char name[HZ_NATS_NAME_MAX], inbox[HZ_NATS_INBOX_MAX];
    /* loop */
    uv_async_t wake;
    uv_timer_t patience; /* of hz_nats_close */
    void *ctx;
    int handles; /* not closed yet */
    bool told_up, told_down;
    char told_server[HZ_NATS_ERROR_MAX];
    void (*closed)(void *ctx);
    void *closed_ctx;

    pthread_mutex_t lock;
    pthread_cond_t work; /* for the thread */
    int refs;
    enum hz_nats_stage stage;
    bool let_go;        /* by the loop: `wake` is not there any more */
    bool closing, lost; /* the loop wants it closed; the connection has ended by itself */
    char why[HZ_NATS_ERROR_MAX], server[HZ_NATS_ERROR_MAX], complaint[HZ_NATS_ERROR_MAX];
    struct hz_nats_queued *out, **out_end;
    size_t n_out;
    struct hz_nats_came *in, **in_end;
};

/* The connection's whole life: what pthread_create gets, with a reference of its own. */
void *hz_nats_live(void *nats);

void hz_nats_release(struct hz_nats *n);
void hz_nats_came_free(struct hz_nats_came *i);
/* Wakes the loop. Locked. */
void hz_nats_wake(struct hz_nats *n);

#endif
