/* How long a frame takes from hz_bus_publish to a client on loopback, at rest: one frame at a time,
 * at random intervals of 20 to 60 ms. The client is a process of its own. */
#include "bench/loopback.h"
#include "daemon/base/log.h"
#include "daemon/serve/listener.h"
#include "proto/registry.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FRAMES = 200, GAP_MS = 20, GAP_RANDOM_MS = 40 };

struct bench {
    uv_loop_t loop;
    struct hz_bus *bus;
    struct hz_listeners *listeners;
    struct hz_topic *topic;
    uv_timer_t tick;
    int left;
    bool closed;
};

static void print_latencies(double *ms, size_t n)
{
    if (n == 0)
        return;
    qsort(ms, n, sizeof *ms, by_size);
    printf(
        "publish to client at rest: %zu frames, median %.2f ms, 95 %% %.2f ms, longest %.2f ms\n",
        n, ms[n / 2], ms[n * 95 / 100], ms[n - 1]);
}

/* Reads lines until the end; "at" is when a frame was published. */
static int take(int port)
{
    static double ms[FRAMES];
    size_t n = 0;
    int fd = loopback_connect(port);
    if (fd < 0 || write(fd, "\n", 1) < 0) /* the frames from now on, without a filter */
        return 1;
    FILE *in = fdopen(fd, "r");
    char line[512];
    while (fgets(line, sizeof line, in)) {
        const char *at = strstr(line, "\"at\":");
        if (at && n < FRAMES)
            ms[n++] = (double)(uv_hrtime() - strtoull(at + 5, NULL, 10)) / 1e6;
    }
    fclose(in);
    print_latencies(ms, n);
    return 0;
}

static void on_closed(void *ctx)
{
    ((struct bench *)ctx)->closed = true;
}

static void on_tick(uv_timer_t *tick)
{
    struct bench *b = tick->data;
    char body[128];
    int n = snprintf(body, sizeof body, "\"at\":%llu", (unsigned long long)uv_hrtime());
    if (hz_listeners_clients(b->listeners) > 0 && b->left-- > 0)
        hz_bus_publish_json(b->bus, HZ_KIND_MESSAGE, b->topic, 0, body, (size_t)n);
    if (b->left < 0) {
        uv_close((uv_handle_t *)tick, NULL);
        hz_listeners_close(b->listeners, 1000, on_closed, b);
        return;
    }
    uv_timer_start(tick, on_tick, GAP_MS + (uint64_t)(rand() % GAP_RANDOM_MS), 0);
}

static int port_of(struct hz_listeners *l)
{
    cJSON *all = hz_listeners_json(l);
    const char *address = cJSON_GetStringValue(cJSON_GetObjectItem(all->child, "address"));
    int port = atoi(strrchr(address, ':') + 1);
    cJSON_Delete(all);
    return port;
}

int main(void)
{
    static struct bench b = {.left = FRAMES};
    signal(SIGPIPE, SIG_IGN);
    hz_log_level(LOG_ERR);
    uv_loop_init(&b.loop);
    b.bus = hz_bus_new(&b.loop, 1000, 1 << 20, "00112233445566aa");
    b.topic = hz_topic_new("roof", "1090", "adsb");
    struct hz_listen_env env = {.loop = &b.loop, .bus = b.bus, .decoders = hz_decoders};
    b.listeners = hz_listeners_new(&env);
    struct hz_conf_listen conf = loopback_conf(HZ_LISTEN_TCP, 1);
    char err[256];
    if (hz_listeners_add(b.listeners, &conf, err, sizeof err) < 0) {
        fprintf(stderr, "%s\n", err);
        return 1;
    }
    int port = port_of(b.listeners);
    pid_t child = fork();
    if (child == 0)
        return take(port);
    uv_timer_init(&b.loop, &b.tick);
    b.tick.data = &b;
    uv_timer_start(&b.tick, on_tick, GAP_MS, 0);
    while (!b.closed)
        uv_run(&b.loop, UV_RUN_ONCE);
    waitpid(child, NULL, 0);
    hz_bus_close(b.bus);
    hz_topic_unref(b.topic);
    uv_run(&b.loop, UV_RUN_DEFAULT);
    return uv_loop_close(&b.loop) == 0 ? 0 : 1;
}
