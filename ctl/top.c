#include "ctl/top.h"

#include "ctl/client.h"
#include "ctl/clock.h"
#include "ctl/top_screen.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

enum { EVERY_MS = 1000, PLAIN_WIDTH = 80 };

struct top {
    const char *socket;
    const struct hz_ctl_args *args;
    struct hz_ctl_client client;
    bool connected;
    char why[2048]; /* the reason of the last failure */
    struct hz_top_past past;
    bool drawn; /* on a terminal, in place */
    bool keys;  /* standard input is a terminal: q ends */
    struct termios before;
    int signals; /* file descriptor of SIGINT, SIGTERM, SIGHUP and SIGWINCH; -1: none */
};

/* ---- the terminal ----------------------------------------------------------------------- */

static void begin(struct top *t)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGWINCH);
    sigprocmask(SIG_BLOCK, &set, NULL);
    t->signals = signalfd(-1, &set, SFD_CLOEXEC);
    t->drawn = isatty(STDOUT_FILENO);
    t->keys = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &t->before) == 0;
    if (t->keys) {
        struct termios raw = t->before;
        raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
        tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    }
    if (t->drawn)
        fputs("\033[?1049h\033[?25l", stdout); /* the other screen, without a cursor */
}

static void end(struct top *t)
{
    if (t->drawn)
        fputs("\033[?25h\033[?1049l", stdout);
    fflush(stdout);
    if (t->keys)
        tcsetattr(STDIN_FILENO, TCSANOW, &t->before);
    if (t->signals >= 0)
        close(t->signals);
}

static void size_of(const struct top *t, int *columns, int *rows)
{
    struct winsize w;
    bool known = t->drawn && ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0;
    *columns = t->args->wide ? 0 : known ? w.ws_col : PLAIN_WIDTH;
    *rows = known ? w.ws_row : 0;
}

/* Draws as many lines of the text as the terminal has rows, each over what was there. */
static void draw(const char *text, int rows)
{
    int row = 0;
    fputs("\033[H", stdout);
    for (const char *s = text; *s && (rows == 0 || row < rows); row++) {
        size_t n = strcspn(s, "\n");
        printf("%s%.*s\033[K", row > 0 ? "\r\n" : "", (int)n, s);
        s += n + (s[n] == '\n');
    }
    fputs("\033[J", stdout);
}

static void show(const struct top *t, const char *text, int rows)
{
    if (t->drawn)
        draw(text, rows);
    else
        printf("%s\n", text);
    fflush(stdout);
}

/* Waits for the next screen. False: the user ends it. */
static bool wait_next(struct top *t)
{
    struct pollfd fds[] = {{.fd = t->signals, .events = POLLIN},
                           {.fd = t->keys ? STDIN_FILENO : -1, .events = POLLIN}};
    double until = hz_ctl_seconds(CLOCK_MONOTONIC) + EVERY_MS / 1000.0;
    for (;;) {
        double left = until - hz_ctl_seconds(CLOCK_MONOTONIC);
        if (left <= 0 || poll(fds, 2, (int)(left * 1000) + 1) == 0)
            return true;
        struct signalfd_siginfo signal;
        if (fds[0].revents && read(t->signals, &signal, sizeof signal) == sizeof signal)
            return signal.ssi_signo == SIGWINCH;
        char key = 'q'; /* an input that has ended */
        if (fds[1].revents && (read(STDIN_FILENO, &key, 1) <= 0 || key == 'q' || key == 'Q'))
            return false;
    }
}

/* ---- the loop --------------------------------------------------------------------------- */

static int ask(struct top *t, cJSON **status)
{
    int rc = t->connected ? 0 : hz_ctl_connect(&t->client, t->socket);
    if (rc == 0)
        rc = hz_ctl_call(&t->client, "status", NULL, status);
    t->connected = rc == 0;
    if (rc < 0) {
        snprintf(t->why, sizeof t->why, "%s", t->client.err);
        hz_ctl_done(&t->client);
    }
    return rc;
}

/* 0, or the exit code. */
static int step(struct top *t)
{
    cJSON *status = NULL;
    char *text = NULL;
    size_t size;
    int columns, rows;
    size_of(t, &columns, &rows);
    FILE *out = open_memstream(&text, &size);
    int rc = out ? ask(t, &status) : -ENOMEM;
    if (rc == 0) {
        hz_top_past_note(&t->past, status, hz_ctl_seconds(CLOCK_MONOTONIC));
        hz_top_screen_print(out, status, (int64_t)(hz_ctl_seconds(CLOCK_REALTIME) * 1e9), columns,
                            t->drawn && !getenv("NO_COLOR"));
    } else if (out) {
        fprintf(out, "%s\nIt is asked again every second.\n", t->why);
        hz_top_past_done(&t->past);
    }
    if (out)
        fclose(out);
    if (rc < 0 && !t->drawn)
        fprintf(stderr, "hertzctl: top: %s\n", out ? t->why : "no memory");
    else if (text)
        show(t, text, rows);
    free(text);
    cJSON_Delete(status);
    return rc < 0 && !t->drawn ? HZ_CTL_FAILED : ferror(stdout) ? HZ_CTL_FAILED : 0;
}

int hz_ctl_top(const char *socket, const struct hz_ctl_args *a)
{
    struct top t = {.socket = socket, .args = a};
    int rc = 0;
    begin(&t);
    for (long n = 1; (rc = step(&t)) == 0 && n != a->count && wait_next(&t); n++)
        ;
    end(&t);
    if (t.connected)
        hz_ctl_done(&t.client);
    hz_top_past_done(&t.past);
    return rc;
}
