/* A client of the real listeners over a socket pair, for fuzzing: sends the fuzzer's input, closes,
 * and returns the answer. */
#ifndef HZ_TESTS_TALK_H
#define HZ_TESTS_TALK_H

#include "daemon/base/log.h"
#include "daemon/serve/client.h"
#include "daemon/serve/kinds.h"
#include "proto/registry.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct talk {
    uv_loop_t loop;
    struct hz_doors all;
    struct hz_door door;
    char answer[1 << 20];
};

static inline cJSON *talk_status(void *ctx)
{
    (void)ctx;
    return cJSON_CreateObject();
}

static inline bool talk_healthy(void *ctx, char *err, size_t err_len)
{
    (void)ctx, (void)err, (void)err_len;
    return true;
}

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

static inline int talk_set(void *ctx, const char *receiver, enum hz_knob knob, double value,
                           bool force, char *err, size_t err_len)
{
    (void)ctx, (void)receiver, (void)force;
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    snprintf(err, err_len, "refused");
    bits = (bits ^ bits >> 48 ^ knob) % 3;
    return bits == 0 ? 0 : bits == 1 ? -EBUSY : -EINVAL;
}

static inline bool talk_tuner(void *ctx, const char *receiver, uint32_t *tuner, uint32_t *n_gains)
{
    (void)ctx, (void)receiver;
    *tuner = 5;
    *n_gains = 29;
    return true;
}

static inline cJSON *talk_recordings(void *ctx, const char *channel, size_t limit)
{
    (void)ctx, (void)channel, (void)limit;
    return cJSON_CreateObject();
}

static inline bool talk_recording(void *ctx, const char *file, char *path, size_t size)
{
    (void)ctx;
    snprintf(path, size, "/dev/null");
    return strcmp(file, "a.opus") == 0;
}

/* Lives as long as the process. */
static inline struct talk *talk_new(const struct hz_listener_kind *kind)
{
    static const char body[] = "\"n\":1";
    static const struct hz_serve_calls calls = {.status = talk_status,
                                                .healthy = talk_healthy,
                                                .set = talk_set,
                                                .tuner = talk_tuner,
                                                .control = talk_control,
                                                .recordings = talk_recordings,
                                                .recording = talk_recording};
    struct talk *t = calloc(1, sizeof *t);
    signal(SIGPIPE, SIG_IGN);
    hz_log_level(LOG_EMERG);
    uv_loop_init(&t->loop);
    struct hz_bus *bus = hz_bus_new(&t->loop, 4, 4096, "00112233445566aa");
    t->all = (struct hz_doors){
        .env = {.loop = &t->loop, .bus = bus, .calls = &calls, .decoders = hz_decoders},
        .max_clients = 16};
    uv_timer_init(&t->loop, &t->all.silence);
    t->all.silence.data = &t->all;
    t->door = (struct hz_door){.all = &t->all,
                               .kind = kind,
                               .conf = {.name = "fuzz",
                                        .receiver = "roof",
                                        .allow_origin = (char *)"http://a https://b",
                                        .allow_host = (char *)"radio.example",
                                        .format = (char *)"",
                                        .tokens = (char *)"",
                                        .allow = (char *)"",
                                        .control = true,
                                        .max_clients = 1,
                                        .max_per_address = 1},
                               .refs = 1};
    if (kind->open && kind->open(&t->door) < 0)
        abort();
    struct hz_topic *topic = hz_topic_new("roof", "1090", "adsb");
    for (int i = 0; i < 6; i++)
        hz_bus_publish_json(bus, HZ_KIND_MESSAGE, topic, 0, body, sizeof body - 1);
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
    struct hz_peer peer;
    size_t len = 0;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) < 0)
        abort();
    hz_peer_of(fds[1], &peer);
    t->door.kind->accept(&t->door, fds[1], &peer, NULL);
    for (size_t at = 0; at < n;) {
        ssize_t sent = send(fds[0], (const char *)data + at, n - at, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN)
            break;
        at += sent > 0 ? (size_t)sent : 0;
        uv_run(&t->loop, UV_RUN_NOWAIT);
        len = talk_read(t, fds[0], len);
    }
    shutdown(fds[0], SHUT_WR);
    for (int i = 0; t->all.n_clients > 0; i++) {
        uv_run(&t->loop, UV_RUN_NOWAIT);
        if (i < ANSWERED)
            len = talk_read(t, fds[0], len);
        if (i == ANSWERED)
            close(fds[0]); /* who may listen on is told apart from who has gone by the sweep */
        if (i >= ANSWERED && t->all.clients)
            hz_client_sweep(t->all.clients, uv_now(&t->loop));
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
