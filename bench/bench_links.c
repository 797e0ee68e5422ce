/* Cost of outputs over the network: 2,000 messages a second (the simulator's scene "dense") to a
 * hundred TCP links in one format. Another process reads and discards. Then with three quarters of
 * the far sides ill: they accept and never read, are away, or have no name. "loop ms" is the
 * longest iteration of the loop, in CPU time, so that other load does not count. */
#include "bench/dense.h"
#include "bench/loopback.h"
#include "daemon/base/log.h"
#include "daemon/output/kinds.h"
#include "daemon/output/output.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

enum { LINKS = 100, RATE = 2000, RUN_MS = 3000, TICK_MS = 5 };

struct bench {
    uv_loop_t loop;
    uv_prepare_t iteration;
    uv_timer_t tick;
    struct hz_bus *bus;
    struct hz_topic *topic;
    struct hz_outputs *outputs;
    struct hz_sink sink; /* messages to be published, again and again */
    size_t at;
    uint64_t published;
    double begun_s, begun_cpu_s, iteration_cpu_s, longest_s, cpu_s, took_s;
    bool closed;
};

/* ---- the other end ---- */

static int listen_at(int backlog, int *port)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof any;
    int fd = socket(AF_INET, SOCK_STREAM, 0), small = 4096;
    if (backlog == 0) /* it never reads: its buffer is full at once */
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    if (bind(fd, (struct sockaddr *)&any, sizeof any) < 0 || listen(fd, 256) < 0)
        exit(1);
    getsockname(fd, (struct sockaddr *)&any, &len);
    *port = ntohs(any.sin_port);
    return fd;
}

static void read_all(int fd)
{
    static char drop[1 << 18];
    int ep = epoll_create1(0);
    struct epoll_event e = {.events = EPOLLIN, .data.fd = fd}, events[256];
    epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
    for (;;) {
        int n = epoll_wait(ep, events, 256, -1);
        for (int i = 0; i < n; i++) {
            int from = events[i].data.fd;
            if (from == fd) {
                e.data.fd = accept(fd, NULL, NULL);
                epoll_ctl(ep, EPOLL_CTL_ADD, e.data.fd, &e);
            } else if (read(from, drop, sizeof drop) <= 0) {
                close(from);
            }
        }
    }
}

/* ---- this end ---- */

static void publish(struct bench *b)
{
    struct hz_record rec;
    if (!hz_sink_next(&b->sink, &b->at, &rec)) {
        b->at = 0;
        return;
    }
    hz_bus_publish(b->bus, hz_frame_new(b->topic, &rec, "", 0));
    b->published++;
}

static void on_closed(void *ctx)
{
    ((struct bench *)ctx)->closed = true;
}

static double add_up(const cJSON *outputs, const char *name)
{
    const cJSON *o;
    double sum = 0;
    cJSON_ArrayForEach(o, outputs) sum += cJSON_GetObjectItem(o, name)->valuedouble;
    return sum;
}

static void on_tick(uv_timer_t *tick)
{
    struct bench *b = tick->data;
    double elapsed = now_s(CLOCK_MONOTONIC) - b->begun_s;
    while (b->published < (uint64_t)(elapsed * RATE))
        publish(b);
    if (elapsed * 1000 < RUN_MS)
        return;
    b->took_s = elapsed;
    b->cpu_s = now_s(CLOCK_PROCESS_CPUTIME_ID) - b->begun_cpu_s;
    uv_close((uv_handle_t *)&b->tick, NULL);
    uv_close((uv_handle_t *)&b->iteration, NULL);
    uv_stop(&b->loop);
}

/* Before the loop waits, which takes no CPU. */
static void on_iteration(uv_prepare_t *iteration)
{
    struct bench *b = iteration->data;
    double now = now_s(CLOCK_THREAD_CPUTIME_ID);
    b->longest_s = fmax(b->longest_s, now - b->iteration_cpu_s);
    b->iteration_cpu_s = now;
}

/* Sections as a file would have them. */
static void configure(struct hz_config *c, const char *format, int well, int stuck, bool ill)
{
    static char text[LINKS * 128];
    struct hz_registry decoders = {.list = (const struct hz_decoder **)(uintptr_t)hz_decoders};
    struct hz_conf_kinds kinds = {.decoders = &decoders, .outputs = hz_output_kinds};
    struct hz_conf_errors errors = {0};
    size_t n = 0;
    for (int i = 0; i < LINKS; i++) {
        int way = ill ? i % 4 : 0;
        n += (size_t)snprintf(text + n, sizeof text - n,
                              "[output o%d]\ntype = tcp\nformat = %s\naddress = %s:%d\n", i, format,
                              way == 3 ? "nowhere.invalid" : "127.0.0.1",
                              way == 0   ? well
                              : way == 1 ? stuck
                                         : 1);
    }
    if (hz_config_parse(c, &kinds, "bench", text, n, &errors) < 0) {
        fprintf(stderr, "%s\n", errors.text);
        exit(1);
    }
}

static void run(const char *format, bool ill, int well, int stuck)
{
    static struct bench b;
    struct hz_config conf;
    b = (struct bench){0};
    dense_decode(&b.sink, 2, 32 << 20);
    configure(&conf, format, well, stuck, ill);
    uv_loop_init(&b.loop);
    b.bus = hz_bus_new(&b.loop, 10000, 32 << 20, "00112233445566aa");
    b.topic = hz_topic_new("bench", "1090", "adsb");
    struct hz_output_env env = {.loop = &b.loop, .bus = b.bus, .protocols = hz_decoders};
    b.outputs = hz_outputs_new(&env);
    b.tick.data = b.iteration.data = &b;
    uv_prepare_init(&b.loop, &b.iteration);
    uv_prepare_start(&b.iteration, on_iteration);
    uv_timer_init(&b.loop, &b.tick);
    uv_timer_start(&b.tick, on_tick, TICK_MS, TICK_MS);
    b.begun_s = now_s(CLOCK_MONOTONIC);
    b.begun_cpu_s = now_s(CLOCK_PROCESS_CPUTIME_ID);
    b.iteration_cpu_s = now_s(CLOCK_THREAD_CPUTIME_ID);
    hz_outputs_set(b.outputs, conf.outputs, conf.n_outputs);
    uv_run(&b.loop, UV_RUN_DEFAULT);
    cJSON *all = hz_outputs_json(b.outputs);
    double sent = add_up(all, "sent");
    printf("%-8s %-5s %10.0f %12.0f %6.1f%% %8.2f %8.2f %8.0f %8.0f\n", format, ill ? "25" : "100",
           (double)b.published / b.took_s, sent / b.took_s, 100 * b.cpu_s / b.took_s,
           1e6 * b.cpu_s / sent, 1e3 * b.longest_s, add_up(all, "lost"), add_up(all, "missed"));
    cJSON_Delete(all);
    hz_outputs_close(b.outputs, on_closed, &b);
    while (!b.closed)
        uv_run(&b.loop, UV_RUN_ONCE);
    hz_bus_close(b.bus);
    uv_run(&b.loop, UV_RUN_DEFAULT);
    hz_topic_unref(b.topic);
    hz_config_free(&conf);
}

int main(void)
{
    static const char *const formats[] = {"json", "beast", "sbs"};
    int port, stuck;
    int fd = listen_at(1, &port);
    allow_descriptors();
    signal(SIGPIPE, SIG_IGN);
    hz_log_level(LOG_CRIT);
    listen_at(0, &stuck);
    pid_t child = fork();
    if (child == 0)
        read_all(fd);
    printf("%-8s %-5s %10s %12s %7s %8s %8s %8s %8s\n", "format", "well", "messages/s",
           "deliveries/s", "CPU", "us each", "loop ms", "lost", "missed");
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        run(formats[i], false, port, stuck);
        run(formats[i], true, port, stuck);
    }
    kill(child, SIGKILL);
    return 0;
}
