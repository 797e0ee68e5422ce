/* A station that sends into JetStream: [output nats] with a spool, and a nats-server, or the
 * cluster that arguments name (URL REPLICAS). What it writes to the spool while no server is there,
 * how fast the spool is emptied, what 2,000 messages a second cost, and how many it can send. CPU
 * is that of this process, threads of the library included, and not of the servers. "loop ms" is
 * the longest iteration of the loop, in CPU time. */
#include "bench/dense.h"
#include "bench/loopback.h"
#include "daemon/base/log.h"
#include "daemon/output/kinds.h"
#include "daemon/output/output.h"

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

enum { MANY = 100000, RATE = 2000, STEADY_S = 5, BEHIND = 4000 };

struct bench {
    uv_loop_t loop;
    uv_prepare_t iteration;
    uv_timer_t tick;
    struct hz_bus *bus;
    struct hz_topic *topic;
    struct hz_outputs *outputs;
    struct hz_sink sink; /* messages to be published, again and again */
    size_t at;
    uint64_t published, target;
    double rate, begun_s, iteration_cpu_s, longest_s;
    bool closed;
};

static void publish(struct bench *b)
{
    struct hz_record rec;
    while (!hz_sink_next(&b->sink, &b->at, &rec))
        b->at = 0;
    hz_bus_publish(b->bus, hz_frame_new(b->topic, &rec, "", 0));
    b->published++;
}

/* A number of the output's status. */
static double number(struct bench *b, const char *name)
{
    cJSON *all = hz_outputs_json(b->outputs);
    double n = cJSON_GetNumberValue(cJSON_GetObjectItem(cJSON_GetArrayItem(all, 0), name));
    cJSON_Delete(all);
    return isnan(n) ? 0 : n; /* it is not open yet */
}

/* rate 0: as fast as it is taken. */
static void on_tick(uv_timer_t *tick)
{
    struct bench *b = tick->data;
    double elapsed = now_s(CLOCK_MONOTONIC) - b->begun_s;
    uint64_t due = b->rate > 0 ? (uint64_t)(elapsed * b->rate) : b->target;
    double behind = b->rate > 0 ? 0 : number(b, "behind");
    for (; b->published < due && b->published < b->target && behind < BEHIND; behind++)
        publish(b);
}

/* Before the loop waits, which takes no CPU. */
static void on_iteration(uv_prepare_t *iteration)
{
    struct bench *b = iteration->data;
    double now = now_s(CLOCK_THREAD_CPUTIME_ID);
    b->longest_s = fmax(b->longest_s, now - b->iteration_cpu_s);
    b->iteration_cpu_s = now;
}

static void on_closed(void *ctx)
{
    ((struct bench *)ctx)->closed = true;
}

/* Runs until the value reaches `until`, and prints a row about `n` messages. */
static void measure(struct bench *b, const char *what, uint64_t n, double rate, const char *value,
                    double until)
{
    b->published = 0;
    b->target = n;
    b->rate = rate;
    b->longest_s = 0;
    b->iteration_cpu_s = now_s(CLOCK_THREAD_CPUTIME_ID);
    b->begun_s = now_s(CLOCK_MONOTONIC);
    double cpu = now_s(CLOCK_PROCESS_CPUTIME_ID);
    bool down = until < number(b, value);
    for (double now = number(b, value), next = b->begun_s; down ? now > until : now < until;) {
        uv_run(&b->loop, UV_RUN_ONCE);
        if (now_s(CLOCK_MONOTONIC) < next)
            continue;
        now = number(b, value); /* costs more than many messages */
        next = now_s(CLOCK_MONOTONIC) + 0.02;
    }
    double took = now_s(CLOCK_MONOTONIC) - b->begun_s;
    cpu = now_s(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    uint64_t all = n > 0 ? n : MANY;
    printf("%-22s %10.0f %6.1f%% %8.2f %8.2f %8.1f %8.1f %8.0f\n", what, (double)all / took,
           100 * cpu / took, 1e6 * cpu / (double)all, 1e3 * b->longest_s, number(b, "ack_p50_ms"),
           number(b, "ack_p99_ms"), number(b, "lost") + number(b, "missed"));
    fflush(stdout);
}

static pid_t start_server(const char *port, const char *folder)
{
    pid_t child = fork();
    if (child == 0) {
        int null = open("/dev/null", O_RDWR);
        dup2(null, 1);
        dup2(null, 2);
        execlp("nats-server", "nats-server", "-a", "127.0.0.1", "-p", port, "-js", "-sd", folder,
               (char *)NULL);
        _exit(1);
    }
    return child;
}

static void configure(struct hz_config *c, const char *url, int replicas, const char *folder)
{
    char text[1024];
    struct hz_registry decoders = {.list = (const struct hz_decoder **)(uintptr_t)hz_decoders};
    struct hz_conf_kinds kinds = {.decoders = &decoders, .outputs = hz_output_kinds};
    struct hz_conf_errors errors = {0};
    int n = snprintf(text, sizeof text,
                     "[output js]\ntype = nats\nurl = %s\ncreate = yes\nreplicas = %d\n"
                     "stream = bench\nspool = %s/spool\n",
                     url, replicas, folder);
    if (hz_config_parse(c, &kinds, "bench", text, (size_t)n, &errors) < 0) {
        fprintf(stderr, "%s\n", errors.text);
        exit(1);
    }
}

int main(int argc, char **argv)
{
    static struct bench b;
    struct hz_config conf;
    char folder[] = "/tmp/hz-bench-nats-XXXXXX", url[64], port[16];
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof any;
    if (system("command -v nats-server >/dev/null") != 0) {
        printf("nats-server is not installed\n");
        return 0;
    }
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (!mkdtemp(folder) || bind(fd, (struct sockaddr *)&any, sizeof any) < 0)
        return 1;
    getsockname(fd, (struct sockaddr *)&any, &len);
    close(fd);
    snprintf(port, sizeof port, "%d", ntohs(any.sin_port));
    snprintf(url, sizeof url, "nats://127.0.0.1:%s", port);
    hz_log_level(LOG_CRIT);
    dense_decode(&b.sink, 2, 32 << 20);
    configure(&conf, argc > 1 ? argv[1] : url, argc > 2 ? atoi(argv[2]) : 1, folder);
    uv_loop_init(&b.loop);
    b.bus = hz_bus_new(&b.loop, 20000, 64 << 20, "00112233445566aa");
    b.topic = hz_topic_new("bench", "1090", "adsb");
    struct hz_output_env env = {.loop = &b.loop, .bus = b.bus, .protocols = hz_decoders};
    b.outputs = hz_outputs_new(&env);
    b.tick.data = b.iteration.data = &b;
    uv_prepare_init(&b.loop, &b.iteration);
    uv_prepare_start(&b.iteration, on_iteration);
    uv_timer_init(&b.loop, &b.tick);
    uv_timer_start(&b.tick, on_tick, 1, 1);
    hz_outputs_set(b.outputs, conf.outputs, conf.n_outputs);
    printf("%-22s %10s %7s %8s %8s %8s %8s %8s\n", "", "messages/s", "CPU", "us each", "loop ms",
           "ack p50", "ack p99", "lost");
    pid_t server = 0;
    if (argc < 2) {
        while (number(&b, "next_try_s") <= 0) /* then the spool is open, and the link down */
            uv_run(&b.loop, UV_RUN_ONCE);
        measure(&b, "into the spool", MANY, 0, "spooled", MANY);
        server = start_server(port, folder);
        while (number(&b, "connects") < 1)
            uv_run(&b.loop, UV_RUN_ONCE);
        measure(&b, "out of the spool", 0, 0, "spooled", 0);
    }
    double acks = number(&b, "acks");
    measure(&b, "2,000 a second", STEADY_S * RATE, RATE, "acks", acks + STEADY_S * RATE);
    acks = number(&b, "acks");
    measure(&b, "as many as it can", MANY, 0, "acks", acks + MANY);
    uv_close((uv_handle_t *)&b.tick, NULL);
    uv_close((uv_handle_t *)&b.iteration, NULL);
    hz_outputs_close(b.outputs, on_closed, &b);
    while (!b.closed)
        uv_run(&b.loop, UV_RUN_ONCE);
    hz_bus_close(b.bus);
    uv_run(&b.loop, UV_RUN_DEFAULT);
    hz_topic_unref(b.topic);
    hz_config_free(&conf);
    if (server > 0 && kill(server, SIGKILL) == 0)
        waitpid(server, NULL, 0);
    snprintf(url, sizeof url, "rm -r %s", folder);
    return system(url) == 0 ? 0 : 1;
}
