/* A loop with a bus and listeners, and plain sockets to talk to them, all in one thread: waiting
 * for an answer means running the loop until it is there (or 10 s have passed, which fails). */
#ifndef HZ_TESTS_WIRE_H
#define HZ_TESTS_WIRE_H

#include "daemon/receive/scope.h"
#include "daemon/serve/listener.h"
#include "proto/registry.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* What acknowledges a subscription that begins at seq, a text. */
#define ACK(seq)    "{\"kind\":\"subscribed\",\"stream\":\"" WIRE_STREAM "\",\"seq\":" seq "}"
#define WIRE_STREAM "00112233445566aa"
#define WIRE_LIMIT  10000000000ull /* ns */

struct wire {
    uv_loop_t loop;
    struct hz_bus *bus;
    struct hz_jobs jobs;
    struct hz_scopes *scopes;
    struct hz_listeners *listeners;
    struct hz_topic *adsb, *ais;
    bool closed;
    bool sick;          /* not healthy */
    size_t answer_size; /* of the method "big" */
    /* the latest change asked of a receiver, and what the next is answered */
    char set_receiver[32];
    enum hz_knob set_knob;
    double set_value;
    bool set_forced;
    int n_set, set_rc;
    uint32_t tuner, n_gains; /* 0 gains: not known */
};

static inline cJSON *wire_status(void *ctx)
{
    struct wire *w = ctx;
    cJSON *o = cJSON_CreateObject();
    cJSON_AddItemToObject(o, "listeners", hz_listeners_json(w->listeners));
    return o;
}

static inline bool wire_healthy(void *ctx, char *err, size_t err_len)
{
    struct wire *w = ctx;
    snprintf(err, err_len, "receiver roof is lost");
    return !w->sick;
}

static inline int wire_set(void *ctx, const char *receiver, enum hz_knob knob, double value,
                           bool force, char *err, size_t err_len)
{
    struct wire *w = ctx;
    snprintf(w->set_receiver, sizeof w->set_receiver, "%s", receiver);
    snprintf(err, err_len, "the tuner refuses");
    w->set_knob = knob;
    w->set_value = value;
    w->set_forced = force;
    w->n_set++;
    return w->set_rc;
}

static inline bool wire_tuner(void *ctx, const char *receiver, uint32_t *tuner, uint32_t *n_gains)
{
    struct wire *w = ctx;
    (void)receiver;
    *tuner = w->tuner;
    *n_gains = w->n_gains;
    return w->n_gains > 0;
}

/* The methods of the tests: "status", "echo", "big", "fail", "wrong". */
static inline int wire_control(void *ctx, const char *method, const cJSON *params, cJSON **result,
                               char *err, size_t err_len)
{
    struct wire *w = ctx;
    if (strcmp(method, "status") == 0) {
        *result = wire_status(w);
        return 0;
    }
    if (strcmp(method, "echo") == 0) {
        *result = params ? cJSON_Duplicate(params, 1) : cJSON_CreateNull();
        return 0;
    }
    if (strcmp(method, "big") == 0) {
        char *text = malloc(w->answer_size + 1);
        memset(text, 'x', w->answer_size);
        text[w->answer_size] = '\0';
        *result = cJSON_CreateString(text);
        free(text);
        return 0;
    }
    bool known = strcmp(method, "fail") == 0, wrong = strcmp(method, "wrong") == 0;
    snprintf(err, err_len, known ? "receiver roof is lost" : wrong ? "no \"x\"" : "no such method");
    return known ? -EIO : wrong ? -EINVAL : -ENOSYS;
}

static const struct hz_serve_calls wire_calls = {.status = wire_status,
                                                 .healthy = wire_healthy,
                                                 .set = wire_set,
                                                 .tuner = wire_tuner,
                                                 .control = wire_control};

static inline void wire_open(struct wire *w, size_t frames)
{
    signal(SIGPIPE, SIG_IGN);
    *w = (struct wire){0};
    uv_loop_init(&w->loop);
    hz_jobs_init(&w->jobs, &w->loop, 1);
    w->scopes = hz_scopes_new(&w->jobs);
    w->bus = hz_bus_new(&w->loop, frames, 64 << 20, WIRE_STREAM);
    struct hz_listen_env env = {.loop = &w->loop,
                                .bus = w->bus,
                                .calls = &wire_calls,
                                .calls_ctx = w,
                                .decoders = hz_decoders,
                                .scopes = w->scopes};
    w->listeners = hz_listeners_new(&env);
    w->adsb = hz_topic_new("roof", "1090", "adsb");
    w->ais = hz_topic_new("yard", "marine", "ais");
    hz_bus_announce(w->bus, w->adsb);
    hz_bus_announce(w->bus, w->ais);
}

static inline void wire_done(void *ctx)
{
    *(bool *)ctx = true;
}

/* Closes all and checks that nothing of it stays in the loop. */
static inline void wire_close(struct wire *w)
{
    hz_listeners_close(w->listeners, 200, wire_done, &w->closed);
    uint64_t start = uv_hrtime();
    while (!w->closed && uv_hrtime() - start < WIRE_LIMIT)
        uv_run(&w->loop, UV_RUN_ONCE);
    cr_assert(w->closed);
    hz_scopes_free(w->scopes);
    hz_bus_close(w->bus);
    uv_run(&w->loop, UV_RUN_DEFAULT);
    hz_jobs_close(&w->jobs);
    cr_assert_eq(uv_loop_close(&w->loop), 0);
    hz_topic_unref(w->adsb);
    hz_topic_unref(w->ais);
}

static inline void wire_iterate(struct wire *w)
{
    uv_run(&w->loop, UV_RUN_NOWAIT);
}

/* A value of the listener of that name in its status; -1: no such. */
static inline double wire_count(struct wire *w, const char *listener, const char *key)
{
    double v = -1;
    cJSON *all = hz_listeners_json(w->listeners);
    const cJSON *l;
    cJSON_ArrayForEach(l, all)
    {
        if (strcmp(cJSON_GetObjectItem(l, "name")->valuestring, listener) == 0)
            v = cJSON_GetObjectItem(l, key)->valuedouble;
    }
    cJSON_Delete(all);
    return v;
}

static inline bool wire_has_clients(struct wire *w, size_t n)
{
    return hz_listeners_clients(w->listeners) == n;
}

/* A listener on a port that the kernel chooses. */
static inline struct hz_conf_listen wire_conf(enum hz_listen_type type, const char *name, int max)
{
    struct hz_conf_listen conf = {.type = type,
                                  .address = (char *)"127.0.0.1:0",
                                  .path = (char *)"",
                                  .allow_origin = (char *)"",
                                  .allow_host = (char *)"radio.example",
                                  .format = (char *)"",
                                  .tokens = (char *)"",
                                  .allow = (char *)"",
                                  .max_clients = max,
                                  .max_per_address = max};
    snprintf(conf.name, sizeof conf.name, "%s", name);
    return conf;
}

/* Adds it; returns the port. */
static inline int wire_add(struct wire *w, const struct hz_conf_listen *conf)
{
    const char *name = conf->name;
    char err[256] = "";
    cr_assert_eq(hz_listeners_add(w->listeners, conf, err, sizeof err), 0, "%s", err);
    int port = 0;
    cJSON *all = hz_listeners_json(w->listeners);
    const cJSON *l;
    cJSON_ArrayForEach(l, all)
    {
        if (strcmp(cJSON_GetObjectItem(l, "name")->valuestring, name) == 0)
            port = atoi(strrchr(cJSON_GetObjectItem(l, "address")->valuestring, ':') + 1);
    }
    cJSON_Delete(all);
    return port;
}

static inline int wire_listen(struct wire *w, enum hz_listen_type type, const char *name, int max,
                              const char *allow_origin)
{
    struct hz_conf_listen conf = wire_conf(type, name, max);
    conf.allow_origin = (char *)allow_origin;
    return wire_add(w, &conf);
}

static inline int wire_listen_unix(struct wire *w, const char *path, char *err, size_t err_len)
{
    struct hz_conf_listen conf = wire_conf(HZ_LISTEN_UNIX, "control", 16);
    conf.address = (char *)"";
    conf.path = (char *)path;
    return hz_listeners_add(w->listeners, &conf, err, err_len);
}

static inline int wire_connect(int port)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons((uint16_t)port),
                            .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_geq(fd, 0);
    cr_assert_eq(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static inline int wire_connect_unix(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_geq(fd, 0);
    cr_assert_eq(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static inline void wire_send_bytes(struct wire *w, int fd, const void *data, size_t n)
{
    uint64_t start = uv_hrtime();
    const char *p = data;
    while (n > 0 && uv_hrtime() - start < WIRE_LIMIT) {
        ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);
        if (sent > 0) {
            p += sent;
            n -= (size_t)sent;
        } else if (errno != EAGAIN) {
            return; /* the other side has closed: what it said before is to be read */
        }
        wire_iterate(w);
    }
    cr_assert_eq(n, 0);
}

static inline void wire_send(struct wire *w, int fd, const char *text)
{
    wire_send_bytes(w, fd, text, strlen(text));
}

/* Reads up to n bytes that are there or come: the count, 0 at the end, -1 after a reset. */
static inline ssize_t wire_read(struct wire *w, int fd, void *buf, size_t n)
{
    uint64_t start = uv_hrtime();
    while (uv_hrtime() - start < WIRE_LIMIT) {
        ssize_t got = recv(fd, buf, n, 0);
        if (got >= 0 || errno != EAGAIN)
            return got;
        wire_iterate(w);
        struct pollfd p = {fd, POLLIN, 0};
        poll(&p, 1, 1);
    }
    cr_assert_fail("nothing came");
    return -1;
}

/* The next line, without its newline; "" at the end of the stream. Valid until the next call. */
static inline const char *wire_line(struct wire *w, int fd)
{
    static char line[1 << 20];
    size_t n = 0;
    for (bool ended = false; !ended && n + 1 < sizeof line;) {
        /* looked at first, so that nothing behind the line is taken */
        ssize_t there = recv(fd, line + n, sizeof line - 1 - n, MSG_PEEK);
        const char *end = there > 0 ? memchr(line + n, '\n', (size_t)there) : NULL;
        size_t want = end ? (size_t)(end - line) + 1 - n : there > 0 ? (size_t)there : 1;
        ssize_t got = wire_read(w, fd, line + n, want);
        if (got <= 0)
            break;
        n += (size_t)got;
        ended = line[n - 1] == '\n';
        n -= ended;
    }
    line[n] = '\0';
    return line;
}

/* All until the other side closes, terminated. */
static inline const char *wire_rest(struct wire *w, int fd)
{
    static char text[1 << 22];
    size_t n = 0;
    ssize_t got;
    while ((got = wire_read(w, fd, text + n, sizeof text - 1 - n)) > 0)
        n += (size_t)got;
    text[n] = '\0';
    return text;
}

/* Makes the one request of that connection, which then ends; the whole answer. */
static inline const char *wire_ask(struct wire *w, int fd, const char *request)
{
    wire_send(w, fd, request);
    shutdown(fd, SHUT_WR);
    const char *text = wire_rest(w, fd);
    close(fd);
    return text;
}

static inline uint64_t wire_publish(struct wire *w, struct hz_topic *topic, int n)
{
    char body[128];
    int len = snprintf(body, sizeof body, "\"n\":%d", n);
    return hz_bus_publish_json(w->bus, HZ_KIND_MESSAGE, topic, 0, body, (size_t)len);
}

/* Frames go out meanwhile: a TCP peer that has closed, which to us has only ended its own
 * direction, answers one with a reset. */
static inline void wire_await_clients(struct wire *w, size_t n)
{
    uint64_t start = uv_hrtime();
    for (int i = 0; !wire_has_clients(w, n) && uv_hrtime() - start < WIRE_LIMIT; i++) {
        if (i % 20 == 0)
            wire_publish(w, w->adsb, -1);
        poll(NULL, 0, 1);
        wire_iterate(w);
    }
    cr_assert(wire_has_clients(w, n), "%zu clients, expected %zu",
              hz_listeners_clients(w->listeners), n);
}

#endif
