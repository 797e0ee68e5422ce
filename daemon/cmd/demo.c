/* hertzd demo: the daemon on simulated bands, with what it hears shown as it comes. */
#include "ctl/option.h"
#include "daemon/cmd/commands.h"
#include "daemon/cmd/demo_view.h"
#include "daemon/control/control.h"
#include "daemon/run/daemon.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { PORT_JSON = 7373, PORT_WEB = 7380 }; /* those of config/hertzd.conf */

struct demo {
    unsigned json, web;              /* ports */
    char control[200];               /* path of its socket */
    char hertzd[256], hertzctl[256]; /* as they are called here; "": not found */
    struct hz_demo_view *view;
};

/* ---- where it listens ------------------------------------------------------------------- */

/* Binds to 127.0.0.1 and lets go: the port that it got, 0 when it got none. */
static unsigned try_port(unsigned port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    socklen_t len = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    bool good = fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof a) == 0 && listen(fd, 1) == 0 &&
                getsockname(fd, (struct sockaddr *)&a, &len) == 0;
    if (fd >= 0)
        close(fd);
    return good ? ntohs(a.sin_port) : 0;
}

/* The usual port, or a free one where a service or another demo has it. */
static unsigned choose_port(unsigned usual)
{
    unsigned port = try_port(usual);
    return port ? port : try_port(0);
}

/* Whether somebody listens at a Unix socket. */
static bool answers(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    snprintf(a.sun_path, sizeof a.sun_path, "%.*s", (int)sizeof a.sun_path - 1, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool good = fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof a) == 0;
    if (fd >= 0)
        close(fd);
    return good;
}

/* The socket that hertzctl looks for; where other demos have it, "…-2.sock" and so on. */
static void choose_socket(char *out, size_t size)
{
    hz_demo_socket(out, size);
    const size_t stem = strlen(out) - strlen(".sock");
    for (int i = 2; i < 100 && answers(out); i++)
        snprintf(out + stem, size - stem, "-%d.sock", i);
}

/* ---- commands that are there ------------------------------------------------------------ */

/* Whether a shell would find the program. */
static bool on_path(const char *name)
{
    const char *path = getenv("PATH");
    char file[512];
    for (const char *s = path; s && *s; s += strcspn(s, ":"), s += *s == ':') {
        snprintf(file, sizeof file, "%.*s/%s", (int)strcspn(s, ":"), s, name);
        if (access(file, X_OK) == 0)
            return true;
    }
    return false;
}

/* hertzctl as it can be called: beside hertzd, as hertzd was called, or by its name. */
static void find_programs(struct demo *d)
{
    const char *me = program_invocation_name, *slash = strrchr(me, '/');
    snprintf(d->hertzd, sizeof d->hertzd, "%s", me);
    snprintf(d->hertzctl, sizeof d->hertzctl, "%.*shertzctl", slash ? (int)(slash - me) + 1 : 0,
             me);
    if (slash && access(d->hertzctl, X_OK) != 0)
        snprintf(d->hertzctl, sizeof d->hertzctl, "hertzctl");
    if (!strchr(d->hertzctl, '/') && !on_path("hertzctl"))
        d->hertzctl[0] = '\0';
}

/* ---- what is shown ---------------------------------------------------------------------- */

/* The first of these programs that is there, as "nc 127.0.0.1 7373"; "" when none is. */
static void lines_command(const struct demo *d, char *out, size_t size)
{
    out[0] = '\0';
    if (on_path("nc"))
        snprintf(out, size, "nc 127.0.0.1 %u", d->json);
    else if (on_path("socat"))
        snprintf(out, size, "socat - TCP:127.0.0.1:%u", d->json);
}

/* The option that leads hertzctl to this demo, where it would not look by itself. */
static void socket_option(const struct demo *d, char *out, size_t size)
{
    char usual[200];
    hz_demo_socket(usual, sizeof usual);
    bool found = strcmp(usual, d->control) == 0 && access("/run/hertzd/hertzd.sock", F_OK) != 0;
    snprintf(out, size, "%s%s", found ? "" : " --socket ", found ? "" : d->control);
}

static void put_head(const struct demo *d, char *out, size_t size)
{
    char lines[128], status[128] = "", option[256];
    lines_command(d, lines, sizeof lines);
    if (on_path("curl"))
        snprintf(status, sizeof status, "curl -s http://127.0.0.1:%u/status", d->web);
    socket_option(d, option, sizeof option);
    int n = snprintf(out, size,
                     "Open http://127.0.0.1:%u/ in a browser.\n\n"
                     "hertzd " HZ_VERSION " on four simulated bands, without a radio. Ctrl-C ends "
                     "it.\n"
                     "  JSON lines  127.0.0.1:%-5u                %s\n"
                     "  WebSocket   ws://127.0.0.1:%u/stream\n"
                     "  status      http://127.0.0.1:%u/status  %s\n",
                     d->web, d->json, lines, d->web, d->web, status);
    if (*d->hertzctl)
        snprintf(out + n, size - (size_t)n, "  control     %s%s status\n\n", d->hertzctl, option);
    else
        snprintf(out + n, size - (size_t)n, "  control     %s\n\n", d->control);
}

static void put_next(const struct demo *d)
{
    static const char *const examples[] = {"config/hertzd.conf", "/etc/hertzd/hertzd.conf",
                                           "/usr/local/etc/hertzd/hertzd.conf"};
    printf("\nWhat to try next:\n"
           "  %s decode FILE      a recording of yours: IQ, WAV or SigMF\n"
           "  %s decoders         what can be decoded\n",
           d->hertzd, d->hertzd);
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        if (access(examples[i], R_OK) != 0)
            continue;
        printf("  %s check -c %s   what would run; the file explains every key\n", d->hertzd,
               examples[i]);
        break;
    }
}

static void on_ready(void *ctx, const struct hz_daemon *d)
{
    struct demo *demo = ctx;
    char head[1024];
    put_head(demo, head, sizeof head);
    demo->view = hz_demo_view_new(stdout, hz_demo_view_fits(stdout), head, &d->conf);
    if (!demo->view)
        raise(SIGTERM);
    fflush(stdout);
}

static void on_frame(void *ctx, const struct hz_frame *f)
{
    struct demo *demo = ctx;
    if (f->rec.kind == HZ_KIND_MESSAGE && demo->view)
        hz_demo_view_message(demo->view, f->data, f->len);
    if (ferror(stdout))
        raise(SIGTERM); /* nobody reads any more */
}

/* ---- the command ------------------------------------------------------------------------ */

/* -1: go on; otherwise the exit code. */
static int read_options(int argc, char **argv, double *seconds)
{
    static const struct option longs[] = {
        {"seconds", required_argument, NULL, 's'}, {"help", no_argument, NULL, 'h'}, {0}};
    static const struct hz_cmd_syntax syntax = {
        "hertzd demo",
        "usage: hertzd demo [--seconds N]\n\n"
        "Runs the daemon on simulated bands and shows what it hears: no hardware, no root.\n\n"
        "  --seconds N         end by itself after that\n",
        "", longs};
    int opt, code = HZ_EXIT_OK;
    while ((opt = hz_cmd_option(&syntax, argc, argv, &code)) == 's') {
        char *end;
        *seconds = strtod(optarg, &end);
        if (end == optarg || *end || !(*seconds > 0 && *seconds < 1e9))
            return hz_cmd_wrong(syntax.name, optarg, "expected a number of seconds over 0");
    }
    if (opt == HZ_CMD_END)
        return code;
    return optind < argc ? hz_cmd_wrong(syntax.name, argv[optind], "not expected") : -1;
}

int hz_cmd_demo(int argc, char **argv, const struct hz_conf_kinds *kinds)
{
    double seconds = 0;
    struct demo demo = {0};
    char text[2048];
    struct hz_config conf;
    struct hz_conf_errors errors = {0};
    int code = read_options(argc, argv, &seconds);
    if (code >= 0)
        return code;
    demo.json = choose_port(PORT_JSON);
    demo.web = choose_port(PORT_WEB);
    choose_socket(demo.control, sizeof demo.control);
    find_programs(&demo);
    snprintf(text, sizeof text, hz_demo_config, demo.json, demo.web, demo.control);
    if (hz_config_parse(&conf, kinds, "demo", text, strlen(text), &errors) != 0) {
        fputs(errors.text, stderr);
        hz_conf_errors_done(&errors);
        return HZ_EXIT_FAILED;
    }
    conf.daemon.log_level = 4; /* warnings: the messages are what is to be seen */
    struct hz_daemon_options options = {.conf = &conf,
                                        .kinds = kinds,
                                        .calls = &hz_control_calls,
                                        .seconds = seconds,
                                        .must_listen = true,
                                        .ready = on_ready,
                                        .tap = on_frame,
                                        .ctx = &demo};
    code = hz_daemon_run(&options);
    if (demo.view) {
        hz_demo_view_end(demo.view);
        put_next(&demo);
    }
    hz_demo_view_free(demo.view);
    return code;
}
