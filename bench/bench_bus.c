/* Cost of the bus and its clients: JSON messages per second to 1, 100 and 1000 clients on loopback,
 * over TCP and WebSocket. Another process reads and discards the data. Measured at 2000 messages
 * per second, as of a busy receiver, and at the highest rate at which no client misses a message.
 * "loop ms" is the longest iteration of the loop, in CPU time, so that other load does not
 * count. */
#include "bench/loopback.h"
#include "daemon/base/log.h"
#include "daemon/serve/client.h"
#include "daemon/serve/listener_own.h"
#include "proto/registry.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    HISTORY = 20000,
    BODY = 380, /* bytes of a message: a typical ADS-B line */
    RUN_MS = 2000,
    AHEAD = 2000, /* "as fast as": the most that a client may be behind */
    TICK_MS = 5,
};

struct bench {
    uv_loop_t loop;
    uv_prepare_t iteration;
    double iteration_cpu_s; /* at the beginning of this iteration */
    struct hz_bus *bus;
    struct hz_listeners *listeners;
    struct hz_topic *topic;
    uv_timer_t tick;
    uv_idle_t idle;
    uint64_t rate; /* messages a second; 0: as fast as all follow */
    size_t clients;
    bool running, closed;
    double begun_s, begun_cpu_s, took_s, cpu_s;
    double longest_s;
    uint64_t published;
    char body[BODY];
};

/* ---- the other end ---- */

static int connect_one(int port, bool websocket)
{
    static const char upgrade[] = "GET /stream HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
                                  "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    int fd = loopback_connect(port);
    if (fd >= 0 && websocket && write(fd, upgrade, sizeof upgrade - 1) < 0)
        return -1;
    return fd;
}

/* Reads from all until each has ended. */
static int take_all(int port, size_t n, bool websocket)
{
    static char drop[1 << 18];
    int ep = epoll_create1(0);
    for (size_t i = 0; i < n; i++) {
        int fd = connect_one(port, websocket);
        struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};
        if (fd < 0 || epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e) < 0)
            return 1;
    }
    while (n > 0) {
        struct epoll_event events[256];
        int got = epoll_wait(ep, events, 256, 20000);
        if (got <= 0)
            return 1;
        for (int i = 0; i < got; i++) {
            if (read(events[i].data.fd, drop, sizeof drop) > 0)
                continue;
            close(events[i].data.fd);
            n--;
        }
    }
    return 0;
}

/* ---- this end ---- */

static struct hz_door_counts counts(const struct bench *b)
{
    return b->listeners->first->door.counts;
}

static void on_closed(void *ctx)
{
    ((struct bench *)ctx)->closed = true;
}

static void publish(struct bench *b, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++)
        hz_bus_publish_json(b->bus, HZ_KIND_MESSAGE, b->topic, 0, b->body, sizeof b->body);
    b->published += n;
}

static void finish(struct bench *b)
{
    b->took_s = now_s(CLOCK_MONOTONIC) - b->begun_s;
    b->cpu_s = now_s(CLOCK_PROCESS_CPUTIME_ID) - b->begun_cpu_s;
    uv_close((uv_handle_t *)&b->tick, NULL);
    uv_close((uv_handle_t *)&b->idle, NULL);
    uv_close((uv_handle_t *)&b->iteration, NULL);
    uv_stop(&b->loop);
}

/* The clock of a run: begins when all clients are streaming. */
static void on_tick(uv_timer_t *tick)
{
    struct bench *b = tick->data;
    if (!b->running) {
        size_t streaming = 0;
        for (const struct hz_client *c = b->listeners->doors.clients; c; c = c->next)
            streaming += c->streaming;
        if (streaming < b->clients)
            return;
        b->running = true;
        b->longest_s = 0;
        b->begun_s = now_s(CLOCK_MONOTONIC);
        b->begun_cpu_s = now_s(CLOCK_PROCESS_CPUTIME_ID);
    }
    double elapsed = now_s(CLOCK_MONOTONIC) - b->begun_s;
    if (elapsed * 1000 >= RUN_MS)
        finish(b);
    else if (b->rate > 0)
        publish(b, (uint64_t)(elapsed * (double)b->rate) - b->published);
}

static void on_idle(uv_idle_t *idle)
{
    struct bench *b = idle->data;
    if (b->running && counts(b).frames + AHEAD * b->clients > b->published * b->clients)
        publish(b, 50);
}

/* Before the loop waits, which takes no CPU. */
static void on_iteration(uv_prepare_t *iteration)
{
    struct bench *b = iteration->data;
    double now = now_s(CLOCK_PROCESS_CPUTIME_ID);
    if (now - b->iteration_cpu_s > b->longest_s)
        b->longest_s = now - b->iteration_cpu_s;
    b->iteration_cpu_s = now;
}

static void serve(struct bench *b, pid_t child, const char *name)
{
    b->tick.data = b->idle.data = b->iteration.data = b;
    uv_prepare_init(&b->loop, &b->iteration);
    uv_prepare_start(&b->iteration, on_iteration);
    uv_timer_init(&b->loop, &b->tick);
    uv_idle_init(&b->loop, &b->idle);
    uv_timer_start(&b->tick, on_tick, TICK_MS, TICK_MS);
    if (b->rate == 0)
        uv_idle_start(&b->idle, on_idle);
    uv_run(&b->loop, UV_RUN_DEFAULT);
    struct hz_door_counts c = counts(b);
    double deliveries = (double)c.frames / b->took_s;
    printf("%-9s %7zu %8s %11.0f %13.0f %8.1f %6.0f%% %8.2f %9.1f %9llu\n", name, b->clients,
           b->rate ? "2000/s" : "fastest", (double)b->published / b->took_s, deliveries,
           (double)c.bytes / b->took_s / 1e6, 100 * b->cpu_s / b->took_s,
           1e6 * b->cpu_s / (double)c.frames, 1e3 * b->longest_s, (unsigned long long)c.missed);
    hz_listeners_close(b->listeners, 5000, on_closed, b);
    while (!b->closed)
        uv_run(&b->loop, UV_RUN_ONCE);
    waitpid(child, NULL, 0);
}

/* The listener is open before the fork, so that the child need not wait for it. */
static int run(enum hz_listen_type type, size_t clients, uint64_t rate)
{
    static struct bench b;
    b = (struct bench){.rate = rate, .clients = clients};
    memset(b.body, 'x', sizeof b.body);
    memcpy(b.body, "\"x\":\"", 5);
    b.body[BODY - 1] = '"';
    uv_loop_init(&b.loop);
    b.bus = hz_bus_new(&b.loop, HISTORY, 64 << 20, "00112233445566aa");
    b.topic = hz_topic_new("roof", "1090", "adsb");
    struct hz_listen_env env = {.loop = &b.loop, .bus = b.bus, .decoders = hz_decoders};
    b.listeners = hz_listeners_new(&env);
    struct hz_conf_listen conf = loopback_conf(type, (int)clients);
    char err[HZ_ERROR_MAX];
    if (hz_listeners_add(b.listeners, &conf, err, sizeof err) < 0) {
        fprintf(stderr, "%s\n", err);
        return 1;
    }
    int port = atoi(strrchr(b.listeners->first->socket.address, ':') + 1);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        _exit(take_all(port, clients, type == HZ_LISTEN_HTTP));
    serve(&b, child, type == HZ_LISTEN_HTTP ? "websocket" : "tcp");
    hz_bus_close(b.bus);
    hz_topic_unref(b.topic);
    uv_run(&b.loop, UV_RUN_DEFAULT);
    return uv_loop_close(&b.loop) == 0 ? 0 : 1;
}

int main(void)
{
    static const size_t clients[] = {1, 100, 1000};
    allow_descriptors();
    signal(SIGPIPE, SIG_IGN);
    hz_log_level(LOG_ERR);
    printf("%-9s %7s %8s %11s %13s %8s %7s %8s %9s %9s\n", "transport", "clients", "rate",
           "messages/s", "deliveries/s", "MB/s", "CPU", "us each", "loop ms", "missed");
    for (int t = 0; t < 2; t++)
        for (size_t i = 0; i < sizeof clients / sizeof *clients; i++)
            for (uint64_t rate = 2000;; rate = 0) {
                if (run(t == 0 ? HZ_LISTEN_TCP : HZ_LISTEN_HTTP, clients[i], rate) != 0)
                    return 1;
                if (rate == 0)
                    break;
            }
    return 0;
}
