/* hertzd demo: the daemon on a simulated band, with the messages shown as they come. */
#include "daemon/commands.h"
#include "daemon/daemon.h"
#include "daemon/msgline.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct demo {
    struct hz_msgline *lines;
    uint64_t messages;
};

static void on_ready(void *ctx, const struct hz_daemon *d)
{
    struct demo *demo = ctx;
    puts("hertzd " HZ_VERSION " on two simulated bands. Ctrl-C ends it.\n");
    for (size_t i = 0; i < d->conf.n_listens; i++) {
        const struct hz_conf_listen *l = &d->conf.listens[i];
        char host[128];
        snprintf(host, sizeof host, "%s", l->address);
        char *colon = strrchr(host, ':');
        if (colon)
            *colon = ' ';
        if (l->type == HZ_LISTEN_TCP)
            printf("  JSON lines   tcp://%s                  nc %s\n", l->address, host);
        else if (l->type == HZ_LISTEN_HTTP)
            printf("  WebSocket    ws://%s/stream            curl http://%s/status\n", l->address,
                   l->address);
        else
            printf("  control      %s    hertzctl --socket %s status\n", l->path, l->path);
    }
    puts("");
    hz_msgline_header(demo->lines);
    fflush(stdout);
}

static void on_frame(void *ctx, const struct hz_frame *f)
{
    struct demo *demo = ctx;
    if (f->kind != HZ_KIND_MESSAGE)
        return;
    demo->messages++;
    hz_msgline_print(demo->lines, f->data, f->len);
    if (ferror(stdout))
        raise(SIGTERM); /* nobody reads any more */
}

int hz_cmd_demo(int argc, char **argv)
{
    static const struct option longs[] = {{"seconds", required_argument, NULL, 's'}, {0}};
    double seconds = 0;
    int opt;
    while ((opt = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        char *end = NULL;
        if (opt == 's')
            seconds = strtod(optarg, &end);
        if (opt != 's' || end == optarg || *end || !(seconds > 0 && seconds < 1e9)) {
            fputs("usage: hertzd demo [--seconds N], N over 0\n", stderr);
            return HZ_EXIT_USAGE;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "hertzd demo: \"%s\" was not expected\n", argv[optind]);
        return HZ_EXIT_USAGE;
    }
    char path[200], text[2048];
    hz_demo_socket(path, sizeof path);
    snprintf(text, sizeof text, hz_demo_config, path);
    struct hz_config conf;
    struct hz_conf_errors errors = {0};
    if (hz_config_parse(&conf, "demo", text, strlen(text), &errors) != 0) {
        fputs(errors.text, stderr);
        hz_conf_errors_done(&errors);
        return HZ_EXIT_FAILED;
    }
    conf.daemon.log_level = 4; /* warnings: the messages are what is to be seen */
    struct demo demo = {0};
    demo.lines = hz_msgline_new(stdout, isatty(STDOUT_FILENO) && !getenv("NO_COLOR"));
    if (!demo.lines)
        return HZ_EXIT_FAILED;
    struct hz_daemon_options options = {.conf = &conf,
                                        .seconds = seconds,
                                        .must_listen = true,
                                        .ready = on_ready,
                                        .tap = on_frame,
                                        .ctx = &demo};
    int code = hz_daemon_run(&options);
    printf("%llu messages\n", (unsigned long long)demo.messages);
    hz_msgline_free(demo.lines);
    return code;
}
