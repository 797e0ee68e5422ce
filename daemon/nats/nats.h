/* A connection to one of several NATS servers, used from the loop. Nothing here ever waits on the
 * loop: what may wait (names, connecting, TLS, requests, writing to a server that does not read) is
 * done by a thread that belongs to the connection, and by the threads of the library. This file's
 * .c alone knows them: they reach the loop through one locked queue and a uv_async_t.
 *
 * A connection is made once and ends once. It does not reconnect by itself: its owner opens a new
 * one, and sends again what was not answered. (The library's own reconnecting holds the lock that
 * publishing needs while it connects, and has no time-out for what was never acknowledged.)
 *
 *     open ─▶ setup (on the thread) ─▶ up ─▶ message, message, … ─▶ down ─▶ close
 *        └──────────────── down (could not connect, or setup failed) ───▶ close
 *
 * All messages that come in, but for those of ops->listen, are answers to this connection's own
 * inbox, to which `reply` of hz_nats_send points. A JetStream acknowledgement comes to it, and so
 * do the messages of a pull request ($JS.API.CONSUMER.MSG.NEXT.STREAM.NAME). Loop thread, except
 * `setup` and `job_free`. */
#ifndef HZ_DAEMON_NATS_NATS_H
#define HZ_DAEMON_NATS_NATS_H

#include "config/option.h"

#include <nats/nats.h>
#include <stdint.h>
#include <uv.h>

/* The keys of a section that connects: a member of its struct. */
struct hz_nats_conf {
    char *url;         /* "nats://a:4222,tls://b": one of them is taken, by chance */
    char *credentials; /* file of a user's JWT and seed; "": none */
    char *user, *password;
    char *tls_ca, *tls_cert, *tls_key; /* files; "": the system's authorities, no certificate */
    int ping_s;
};

/* The lines of its keys in the table of options of a section's struct, whose member `field` it is.
 */
/* clang-format off */
#define HZ_NATS_KEYS(section, field) \
    {.name = "url", .type = HZ_OPTION_TEXT, .at = offsetof(section, field.url), \
     .example = "nats://a:4222,nats://b:4222", \
     .help = "the servers, of which one is taken by chance; tls:// for TLS"}, \
    {.name = "credentials", .type = HZ_OPTION_TEXT, .at = offsetof(section, field.credentials), \
     .example = "/etc/hertzd/station.creds", .help = "a file with a user's JWT and seed"}, \
    {.name = "user", .type = HZ_OPTION_TEXT, .at = offsetof(section, field.user), \
     .example = "roof", .help = "to log in with"}, \
    {.name = "password", .type = HZ_OPTION_TEXT, .at = offsetof(section, field.password), \
     .example = "…", .help = "of that user"}, \
    {.name = "tls_ca", .type = HZ_OPTION_TEXT, .at = offsetof(section, field.tls_ca), \
     .example = "/etc/hertzd/ca.pem", .help = "authorities that servers are checked by; default: the system's"}, \
    {.name = "tls_cert", .type = HZ_OPTION_TEXT, .at = offsetof(section, field.tls_cert), \
     .example = "/etc/hertzd/cert.pem", .help = "certificate to log in with, with `tls_key`"}, \
    {.name = "tls_key", .type = HZ_OPTION_TEXT, .at = offsetof(section, field.tls_key), \
     .example = "/etc/hertzd/key.pem", .help = "the key of `tls_cert`"}, \
    {.name = "ping", .type = HZ_OPTION_COUNT, .at = offsetof(section, field.ping_s), .min = 1, .max = 300, \
     .fallback = "5", .unit = "s", \
     .help = "how often the server is asked whether it lives; two unanswered end the connection"}
/* clang-format on */

struct hz_check;
/* For the `check` of a kind: says what is wrong with these keys. */
void hz_nats_check(const struct hz_check *c, const struct hz_nats_conf *conf);

enum { HZ_NATS_TOO_LARGE = -2 };

/* A message that came to the inbox, or that could not be sent. Valid in the callback. */
struct hz_nats_in {
    const char *token;   /* the `reply` that it answers; "": the subject is another one */
    const char *subject; /* of a message of a stream: where it was published */
    const char *reply;   /* where an answer goes (of a stream's message: its ack); "": nowhere */
    const char *id;      /* header Nats-Msg-Id; "": none */
    /* 0: none. 503: nobody takes what was sent; of pull requests 404, 408, 409. -1: it could not be
     * sent, `data` has the reason. HZ_NATS_TOO_LARGE: likewise, and never can. */
    int status;
    const char *text; /* what a status says; "": nothing */
    const char *data; /* not terminated */
    size_t len;
};

struct hz_nats_ops {
    /* On the connection's thread, once, when it is connected: may call anything of the library and
     * wait (js_GetStreamInfo, js_AddStream, …). 0, or -errno with one line in err, which ends the
     * connection. NULL: nothing to do. */
    int (*setup)(void *job, natsConnection *nc, char *err, size_t err_len);
    /* On the connection's thread: a further subject whose messages come to `message`. NULL, or it
     * returns NULL: there is none. */
    const char *(*listen)(void *job);
    /* Any thread: nobody needs `job` any more. NULL: nothing to free. */
    void (*job_free)(void *job);
    /* It is connected and set up. job: may be read from now on until hz_nats_close. */
    void (*up)(void *ctx, void *job);
    /* It could not connect, or has ended; `why` is a line that says what to do. Called once, and
     * nothing after it. */
    void (*down)(void *ctx, const char *why);
    void (*message)(void *ctx, const struct hz_nats_in *m);
    /* The server complains and stays connected: "Permissions Violation for …". NULL: not heard. */
    void (*complaint)(void *ctx, const char *what);
};

struct hz_nats;

/* Begins to connect. conf is copied, ops is borrowed, job is its own from now on, also on failure.
 * name: what the server is told. The callbacks come later, never from within this call. NULL: no
 * memory or thread. */
struct hz_nats *hz_nats_open(uv_loop_t *loop, const struct hz_nats_conf *conf, const char *name,
                             const struct hz_nats_ops *ops, void *ctx, void *job);

/* Ends the connection, also one that still connects, and calls closed(ctx) in a later iteration of
 * the loop. No other callback comes after this call. What was sent but not yet written is dropped
 * where the server does not take it at once. */
void hz_nats_close(struct hz_nats *n, void (*closed)(void *ctx), void *ctx);

/* What is sent: everything is copied. */
struct hz_nats_out {
    const char *subject;
    const char *reply; /* token of the inbox where the answer shall come; NULL: no answer */
    const char *id;    /* header Nats-Msg-Id; NULL: none */
    const char *data;
    size_t len;
};
/* Queues a message. 0; -ENOMEM; -ENOBUFS: HZ_NATS_OUT_MAX messages are queued already; -ENOTCONN:
 * it is not up. */
enum { HZ_NATS_OUT_MAX = 65536 };
int hz_nats_send(struct hz_nats *n, const struct hz_nats_out *m);

/* The server that it is connected to, "nats://host:port" without a password; "": none. */
const char *hz_nats_server(const struct hz_nats *n);
/* The servers of a `url` for people: without what is in front of '@'. */
void hz_nats_target(const char *url, char *out, size_t size);

/* The text as one token of a subject: what is no letter, digit, '-' or '_' becomes '_'. */
void hz_nats_token(const char *text, char *out, size_t size);

#endif
