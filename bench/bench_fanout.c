/* A thousand clients of each kind: what one loop delivers at 2,000 messages a second, what it
 * costs, and how late it is, where clients are healthy, slow or rude. The other end is one process
 * with epoll; both share the machine. Prints a line for each mixture of clients:
 *
 *     bench_fanout [TCP WEBSOCKET SLOW% RUDE% MESSAGES/S SECONDS]
 *
 * "CPU" is that of the server's process, in percent of one core; "turn" the longest iteration of
 * its loop: while clients connect, and while it delivers, both in its own CPU time; and the latter
 * in wall time, which other load lengthens. "p50" and "p99" are from hz_bus_publish to the client's
 * read(). "KiB/cl" is the memory of a client that is idle. */
#include "bench/loopback.h"
#include "daemon/base/log.h"
#include "daemon/serve/client.h"
#include "daemon/serve/listener_own.h"
#include "proto/registry.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    HISTORY = 20000,
    BODY = 300, /* bytes of a message: with its head a typical ADS-B line of 360 */
    TICK_MS = 5,
    LATE_MAX = 1 << 20,
    LATE_ONE_IN = 20, /* clients whose reads are timed */
    SLOW_READ = 2048, /* bytes that a slow client reads each 0.1 s */
    DRAIN_S = 5,
};

struct mix {
    int tcp, ws, slow_percent, rude_percent, rate, seconds;
};

/* What the other end has seen; shared memory. */
struct seen {
    volatile bool ready, over;
    volatile unsigned long long expected; /* bytes of lines that were published */
    unsigned long long complete,
        healthy; /* healthy clients with all of them; and all healthy ones */
    unsigned long long reads, bytes, rude;
    size_t n_late;
    double late_ms[LATE_MAX];
};

/* ---- the other end ---------------------------------------------------------------------- */

struct peer {
    int fd, port;
    bool ws, slow, rude, timed;
    unsigned long long bytes, lines; /* of the stream, without headers */
    size_t skip;                     /* WebSocket: rest of a frame */
    uint8_t head[10];
    size_t n_head;
};

static const char upgrade[] =
    "GET /stream?kind=message HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
static const char subscribe[] = "{\"subscribe\":{\"kind\":\"message\"}}\n";

static void open_peer(struct peer *p, int ep)
{
    p->fd = loopback_connect(p->port);
    if (p->fd < 0)
        _exit(2);
    const char *say = p->ws ? upgrade : subscribe;
    if (write(p->fd, say, strlen(say)) < 0)
        _exit(2);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = p};
    if (!p->slow && epoll_ctl(ep, EPOLL_CTL_ADD, p->fd, &e) < 0)
        _exit(2);
}

/* The last "at":NS in a piece of the stream. */
static void time_read(struct seen *s, const char *data, size_t n)
{
    static const char word[] = "\"at\":";
    const char *found = NULL;
    for (const char *p = data; (p = memmem(p, n - (size_t)(p - data), word, 5)); p += 5)
        found = p;
    if (found && (size_t)(found - data) + 30 < n && s->n_late < LATE_MAX)
        s->late_ms[s->n_late++] = (double)(uv_hrtime() - strtoull(found + 5, NULL, 10)) / 1e6;
}

static void count(struct peer *p, const char *data, size_t n)
{
    for (const char *q = data; (q = memchr(q, p->ws ? '}' : '\n', n - (size_t)(q - data))); q++)
        p->lines++;
    p->bytes += n;
}

/* Garbage, a subscription that is wrong, half a frame and a reset: in turn. */
static void be_rude(struct peer *p, struct seen *s, int ep)
{
    static const char *const words[] = {"{\"subscribe\":", "\n\n\n\n{\"subscribe\":{\"x\":1}}\n",
                                        "\x81\xfe\x7f", ""};
    const char *word = words[s->rude % 4];
    struct linger now = {1, 0};
    if (send(p->fd, word, strlen(word), MSG_NOSIGNAL) < 0 && errno != EPIPE && errno != ECONNRESET)
        _exit(3);
    setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(p->fd);
    s->rude++;
    open_peer(p, ep);
}

static int other_end(const struct mix *m, int tcp_port, int ws_port, struct seen *s)
{
    static char buf[1 << 18];
    int n = m->tcp + m->ws, ep = epoll_create1(0);
    struct peer *peers = calloc((size_t)n, sizeof *peers);
    for (int i = 0; i < n; i++) {
        struct peer *p = &peers[i];
        int kind = i / 2 % 100;
        p->ws = m->tcp == 0 || (m->ws > 0 && i % 2);
        p->slow = kind < m->slow_percent;
        p->rude = !p->slow && kind < m->slow_percent + m->rude_percent;
        p->timed = i % LATE_ONE_IN == LATE_ONE_IN - 1 - (i / LATE_ONE_IN) % 2;
        p->port = p->ws ? ws_port : tcp_port;
        open_peer(p, ep);
    }
    s->ready = true;
    double next = now_s(CLOCK_MONOTONIC), over = 0;
    for (;;) {
        struct epoll_event events[512];
        int got = epoll_wait(ep, events, 512, 20);
        for (int i = 0; i < got; i++) {
            struct peer *p = events[i].data.ptr;
            ssize_t r = read(p->fd, buf, sizeof buf);
            if (r <= 0 && p->rude) {
                be_rude(p, s, ep);
            } else if (r <= 0) {
                epoll_ctl(ep, EPOLL_CTL_DEL, p->fd, NULL);
            } else {
                count(p, buf, (size_t)r);
                s->reads++;
                s->bytes += (size_t)r;
                if (p->timed && !s->over && !p->rude)
                    time_read(s, buf, (size_t)r);
            }
        }
        double now = now_s(CLOCK_MONOTONIC);
        for (int i = 0; i < n && now > next; i++) {
            if (peers[i].rude)
                be_rude(&peers[i], s, ep);
            else if (peers[i].slow)
                recv(peers[i].fd, buf, SLOW_READ, MSG_DONTWAIT);
        }
        next = now > next ? now + 0.1 : next;
        if (s->over && over == 0)
            over = now;
        unsigned long long complete = 0, healthy = 0;
        for (int i = 0; s->over && i < n; i++) {
            healthy += !peers[i].slow && !peers[i].rude;
            /* hello, acknowledgement and, of HTTP, no brace */
            complete += !peers[i].slow && !peers[i].rude && peers[i].lines >= s->expected + 2;
        }
        s->complete = complete;
        s->healthy = healthy;
        if (s->over && (complete == healthy || now > over + DRAIN_S))
            return 0;
    }
}

/* ---- this end --------------------------------------------------------------------------- */

struct bench {
    uv_loop_t loop;
    uv_prepare_t iteration;
    uv_timer_t tick;
    struct hz_bus *bus;
    struct hz_listeners *listeners;
    struct hz_topic *topic;
    const struct mix *mix;
    struct seen *seen;
    bool running, finished, closed;
    double begun_s, begun_cpu_s, took_s, cpu_s, turn_cpu_s, turn_s, at_cpu_s, at_s, open_turn_s;
    uint64_t idle_ns, published;
    double rss_before, rss_idle;
    struct hz_door_counts before;
};

static double rss_kib(void)
{
    char line[128];
    double kib = 0;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f))
        sscanf(line, "VmRSS: %lf", &kib);
    if (f)
        fclose(f);
    return kib;
}

static struct hz_door_counts counts(const struct bench *b)
{
    struct hz_door_counts all = {0};
    for (const struct hz_listener *l = b->listeners->first; l; l = l->next) {
        all.frames += l->door.counts.frames;
        all.bytes += l->door.counts.bytes;
        all.missed += l->door.counts.missed;
        all.slow += l->door.counts.slow;
    }
    return all;
}

static void publish(struct bench *b, uint64_t n)
{
    char body[BODY + 64];
    for (uint64_t i = 0; i < n; i++) {
        int len = snprintf(body, sizeof body,
                           "\"time\":\"2026-11-23T08:26:11.123456789Z\",\"at\":%llu,\"x\":\"",
                           (unsigned long long)uv_hrtime());
        memset(body + len, 'x', (size_t)(BODY - len));
        body[BODY - 1] = '"';
        hz_bus_publish_json(b->bus, HZ_KIND_MESSAGE, b->topic, 0, body, BODY);
    }
    b->published += n;
    b->seen->expected = b->published;
}

static bool all_stream(const struct bench *b)
{
    size_t streaming = 0;
    for (const struct hz_client *c = b->listeners->doors.clients; c; c = c->next)
        streaming += c->streaming;
    return b->seen->ready && streaming >= (size_t)(b->mix->tcp + b->mix->ws);
}

static void on_tick(uv_timer_t *tick)
{
    struct bench *b = tick->data;
    double now = now_s(CLOCK_MONOTONIC);
    if (!b->running) {
        if (!all_stream(b))
            return;
        b->rss_idle = rss_kib();
        b->running = true;
        b->open_turn_s = b->turn_cpu_s;
        b->turn_cpu_s = b->turn_s = 0;
        b->begun_s = now;
        b->begun_cpu_s = now_s(CLOCK_PROCESS_CPUTIME_ID);
        b->before = counts(b);
    }
    double elapsed = now - b->begun_s;
    if (elapsed < b->mix->seconds) {
        publish(b, (uint64_t)(elapsed * b->mix->rate) - b->published);
    } else if (!b->finished) {
        b->took_s = elapsed;
        b->cpu_s = now_s(CLOCK_PROCESS_CPUTIME_ID) - b->begun_cpu_s;
        b->finished = true;
        b->seen->over = true;
    }
    int status;
    if (b->finished && waitpid(-1, &status, WNOHANG) > 0)
        uv_stop(&b->loop);
}

static void on_iteration(uv_prepare_t *p)
{
    struct bench *b = p->data;
    double cpu = now_s(CLOCK_PROCESS_CPUTIME_ID), now = now_s(CLOCK_MONOTONIC);
    uint64_t idle = uv_metrics_idle_time(&b->loop);
    double wall = now - b->at_s - 1e-9 * (double)(idle - b->idle_ns);
    if (!b->finished) {
        b->turn_cpu_s = fmax(b->turn_cpu_s, cpu - b->at_cpu_s);
        b->turn_s = b->at_s > 0 ? fmax(b->turn_s, wall) : 0;
    }
    b->at_cpu_s = cpu;
    b->at_s = now;
    b->idle_ns = idle;
}

static void on_closed(void *ctx)
{
    ((struct bench *)ctx)->closed = true;
}

static int add(struct bench *b, enum hz_listen_type type, int clients)
{
    struct hz_conf_listen conf = loopback_conf(type, clients + 100);
    char err[HZ_ERROR_MAX];
    if (hz_listeners_add(b->listeners, &conf, err, sizeof err) < 0) {
        fprintf(stderr, "%s\n", err);
        exit(1);
    }
    return atoi(strrchr(b->listeners->first->socket.address, ':') + 1);
}

static void print(const struct bench *b)
{
    const struct mix *m = b->mix;
    struct seen *s = b->seen;
    struct hz_door_counts c = counts(b);
    double frames = (double)(c.frames - b->before.frames), n = m->tcp + m->ws, load = 0;
    qsort(s->late_ms, s->n_late, sizeof *s->late_ms, by_size);
    if (getloadavg(&load, 1) < 1)
        load = NAN;
    printf("%5d %5d %4d%% %4d%% %6d %10.0f %6.0f%% %6.2f %6.0f %4.1f/%4.1f/%5.1f %6.1f %6.1f "
           "%4llu/%-4llu %8llu %6.1f %6.2f %5.1f\n",
           m->tcp, m->ws, m->slow_percent, m->rude_percent, m->rate, frames / b->took_s,
           100 * b->cpu_s / b->took_s, 1e6 * b->cpu_s / frames,
           s->reads > 0 ? (double)s->bytes / (double)s->reads : 0, 1e3 * b->open_turn_s,
           1e3 * b->turn_cpu_s, 1e3 * b->turn_s, s->n_late ? s->late_ms[s->n_late / 2] : 0,
           s->n_late ? s->late_ms[s->n_late * 99 / 100] : 0, s->complete, s->healthy,
           (unsigned long long)(c.missed - b->before.missed), rss_kib() / 1024,
           (b->rss_idle - b->rss_before) / n, load);
    fflush(stdout);
}

static int run(const struct mix *m, struct seen *s)
{
    static struct bench b;
    b = (struct bench){.mix = m, .seen = s};
    s->ready = s->over = false;
    s->expected = s->complete = s->healthy = s->reads = s->bytes = s->rude = 0;
    s->n_late = 0;
    uv_loop_init(&b.loop);
    uv_loop_configure(&b.loop, UV_METRICS_IDLE_TIME);
    b.bus = hz_bus_new(&b.loop, HISTORY, 64 << 20, "00112233445566aa");
    b.topic = hz_topic_new("roof", "1090", "adsb");
    struct hz_listen_env env = {.loop = &b.loop, .bus = b.bus, .decoders = hz_decoders};
    b.listeners = hz_listeners_new(&env);
    int tcp = add(&b, HZ_LISTEN_TCP, m->tcp), ws = add(&b, HZ_LISTEN_HTTP, m->ws);
    fflush(stdout);
    if (fork() == 0)
        _exit(other_end(m, tcp, ws, s));
    b.rss_before = rss_kib();
    b.tick.data = b.iteration.data = &b;
    uv_prepare_init(&b.loop, &b.iteration);
    uv_prepare_start(&b.iteration, on_iteration);
    uv_timer_init(&b.loop, &b.tick);
    uv_timer_start(&b.tick, on_tick, TICK_MS, TICK_MS);
    b.at_cpu_s = now_s(CLOCK_PROCESS_CPUTIME_ID);
    uv_run(&b.loop, UV_RUN_DEFAULT);
    print(&b);
    uv_close((uv_handle_t *)&b.tick, NULL);
    uv_close((uv_handle_t *)&b.iteration, NULL);
    hz_listeners_close(b.listeners, 1000, on_closed, &b);
    while (!b.closed)
        uv_run(&b.loop, UV_RUN_ONCE);
    hz_bus_close(b.bus);
    hz_topic_unref(b.topic);
    uv_run(&b.loop, UV_RUN_DEFAULT);
    return uv_loop_close(&b.loop) == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    static const struct mix all[] = {
        {1000, 0, 0, 0, 2000, 4},     {0, 1000, 0, 0, 2000, 4},    {1000, 1000, 0, 0, 2000, 4},
        {1000, 1000, 10, 0, 2000, 4}, {1000, 1000, 0, 1, 2000, 4},
    };
    allow_descriptors();
    signal(SIGPIPE, SIG_IGN);
    hz_log_level(LOG_ERR);
    struct seen *s =
        mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (s == MAP_FAILED)
        return 1;
    printf("%5s %5s %5s %5s %6s %10s %7s %6s %6s %15s %6s %6s %9s %8s %6s %6s %5s\n", "tcp", "ws",
           "slow", "rude", "rate", "deliv./s", "CPU", "us/dl.", "B/read", "turn ms", "p50 ms",
           "p99 ms", "complete", "missed", "RSS M", "KiB/cl", "load");
    if (argc == 7) {
        struct mix m = {atoi(argv[1]), atoi(argv[2]), atoi(argv[3]),
                        atoi(argv[4]), atoi(argv[5]), atoi(argv[6])};
        return run(&m, s);
    }
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (run(&all[i], s) != 0)
            return 1;
    }
    return 0;
}
