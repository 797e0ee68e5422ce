/* A client of the real listeners over a socket pair, for fuzzing: sends the fuzzer's input, closes,
 * and returns the answer. */
#ifndef HZ_TESTS_TALK_H
#define HZ_TESTS_TALK_H

#include "daemon/base/log.h"
#include "daemon/serve/client.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct talk {
    uv_loop_t loop;
    struct hz_listeners *all;
    struct hz_listener listener;
    char answer[1 << 20];
};

static inline int talk_control(void *ctx, const char *method, const cJSON *params, cJSON **result,
                               char *err, size_t err_len)
{
    (void)ctx;
    if (strcmp(method, "status") != 0) {
        snprintf(err, err_len, "no such method: %s", method);
        return -ENOSYS;
    }
    *result = params ? cJSON_Duplicate(params, 1) : NULL;
    return 0;
}

/* Lives as long as the process. */
static inline struct talk *talk_new(const struct hz_transport *transport)
{
    static const char body[] = "\"n\":1";
    struct talk *t = calloc(1, sizeof *t);
    signal(SIGPIPE, SIG_IGN);
    hz_log_level(LOG_EMERG);
    uv_loop_init(&t->loop);
    struct hz_bus *bus = hz_bus_new(&t->loop, 4, 4096, "00112233445566aa");
    struct hz_listen_env env = {&t->loop, bus, talk_control, NULL};
    t->all = hz_listeners_new(&env);
    t->listener = (struct hz_listener){.all = t->all,
                                       .conf = {.name = "fuzz",
                                                .type = HZ_LISTEN_UNIX,
                                                .allow_origin = (char *)"",
                                                .max_clients = 1},
                                       .wanted = true,
                                       .transport = transport,
                                       .socket.fd = -1,
                                       .refs = 1};
    struct hz_topic *topic = hz_topic_new("roof", "1090", "adsb");
    for (int i = 0; i < 6; i++)
        hz_bus_tell(bus, HZ_KIND_MESSAGE, topic, 0, body, sizeof body - 1);
    return t;
}

static inline size_t talk_read(struct talk *t, int fd, size_t len)
{
    ssize_t n = recv(fd, t->answer + len, sizeof t->answer - 1 - len, MSG_DONTWAIT);
    return n > 0 ? len + (size_t)n : len;
}

/* The length of t->answer, which is terminated. */
static inline size_t talk(struct talk *t, const void *data, size_t n)
{
    enum { ANSWERED = 1000 }; /* turns of the loop after which all is answered */
    int fds[2], last = 0;
    size_t len = 0;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) < 0)
        abort();
    if (hz_client_new(&t->listener, fds[1], NULL) < 0)
        abort();
    for (size_t at = 0; at < n;) {
        ssize_t sent = send(fds[0], (const char *)data + at, n - at, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN)
            break;
        at += sent > 0 ? (size_t)sent : 0;
        uv_run(&t->loop, UV_RUN_NOWAIT);
        len = talk_read(t, fds[0], len);
    }
    shutdown(fds[0], SHUT_WR);
    for (int i = 0; t->all->n_clients > 0; i++) {
        uv_run(&t->loop, UV_RUN_NOWAIT);
        if (i < ANSWERED)
            len = talk_read(t, fds[0], len);
        if (i == ANSWERED)
            close(fds[0]); /* who may listen on is told apart from who has gone by the sweep */
        if (i >= ANSWERED && t->all->clients)
            hz_client_sweep(t->all->clients, uv_now(&t->loop));
        if (i > 100000)
            abort(); /* it never ends */
        last = i;
    }
    if (last < ANSWERED) {
        len = talk_read(t, fds[0], len);
        close(fds[0]);
    }
    t->answer[len] = '\0';
    return len;
}

/* Every line of the answer must be one JSON object. */
static inline void talk_check_lines(const struct talk *t, size_t len)
{
    for (const char *p = t->answer, *end; p < t->answer + len; p = end + 1) {
        end = memchr(p, '\n', (size_t)(t->answer + len - p));
        if (!end)
            abort();
        cJSON *json = cJSON_ParseWithLength(p, (size_t)(end - p));
        if (!cJSON_IsObject(json))
            abort();
        cJSON_Delete(json);
    }
}

#endif
