#include "tests/usb/script.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/usb/bus.h"
#include "tests/usb/command.h"
#include "tests/usb/report.h"

enum { CLIENTS_MAX = 8, LINE_MAX_BYTES = 512 };

/* "at SECONDS COMMAND" or "byte DONGLE POSITION COMMAND"; done ones have a command of NULL. */
struct step {
    int64_t at_ns; /* HZ_NEVER: by position */
    int dongle;
    uint64_t byte;
    char *command;
};

struct client {
    int fd; /* -1: none */
    size_t n;
    char line[LINE_MAX_BYTES];
};

/* Under the bus's lock, but for the sockets, which are the thread's. */
static struct {
    struct step *steps;
    size_t n_steps;
    int listener;
    struct client clients[CLIENTS_MAX];
} script = {.listener = -1};

static void carry_out(struct step *s)
{
    char error[300];
    if (hz_command(s->command, error, sizeof error))
        fprintf(stderr, "virtual dongle: %s\n", error);
    free(s->command);
    s->command = NULL;
}

/* Does what is due; returns when the next is. */
static int64_t run_steps(void)
{
    int64_t next = HZ_NEVER;
    for (size_t i = 0; i < script.n_steps; i++) {
        struct step *s = &script.steps[i];
        if (!s->command || s->at_ns == HZ_NEVER)
            continue;
        if (s->at_ns <= hz_now())
            carry_out(s);
        else if (s->at_ns < next)
            next = s->at_ns;
    }
    return next;
}

void hz_script_reached(int dongle, uint64_t byte)
{
    for (size_t i = 0; i < script.n_steps; i++) {
        struct step *s = &script.steps[i];
        if (s->command && s->at_ns == HZ_NEVER && s->dongle == dongle && byte >= s->byte)
            carry_out(s);
    }
}

/* ---- reading the script ---- */

static bool parse_step(char *line, struct step *s)
{
    int used = 0;
    double at;
    unsigned long long byte;
    *s = (struct step){.at_ns = HZ_NEVER};
    if (sscanf(line, "at %lf %n", &at, &used) == 1 && used && at >= 0 && at < 1e6)
        s->at_ns = hz_bus.start_ns + (int64_t)(at * 1e9);
    else if (sscanf(line, "byte %d %llu %n", &s->dongle, &byte, &used) == 2 && used)
        s->byte = byte;
    else
        return false;
    s->command = line[used] ? strdup(line + used) : NULL;
    return s->command;
}

static int read_script(const char *path, char *error, size_t size)
{
    FILE *f = fopen(path, "re");
    if (!f) {
        snprintf(error, size, "%s: %s", path, strerror(errno));
        return -errno;
    }
    char line[LINE_MAX_BYTES];
    int err = 0;
    for (int number = 1; !err && fgets(line, sizeof line, f); number++) {
        line[strcspn(line, "#\n")] = 0;
        if (line[strspn(line, " \t")] == 0)
            continue;
        void *more = realloc(script.steps, (script.n_steps + 1) * sizeof *script.steps);
        if (!more) {
            err = -ENOMEM;
            break;
        }
        script.steps = more;
        if (parse_step(line, &script.steps[script.n_steps])) {
            script.n_steps++;
        } else {
            snprintf(error, size,
                     "%s:%d: expected \"at SECONDS COMMAND\" or \"byte DONGLE "
                     "POSITION COMMAND\"",
                     path, number);
            err = -EINVAL;
        }
    }
    fclose(f);
    return err;
}

/* ---- the control socket ---- */

static int listen_at(const char *path, char *error, size_t size)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        snprintf(error, size, "%s: at most %zu characters", path, sizeof address.sun_path - 1);
        return -ENAMETOOLONG;
    }
    strcpy(address.sun_path, path);
    unlink(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(fd, CLIENTS_MAX) < 0) {
        int err = -errno;
        snprintf(error, size, "%s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return err;
    }
    script.listener = fd;
    return 0;
}

static void answer(int fd, const char *line)
{
    char *text = NULL, error[300];
    size_t n;
    FILE *out = open_memstream(&text, &n);
    if (!out)
        return;
    pthread_mutex_lock(&hz_bus.lock);
    if (strcmp(line, "state") == 0)
        hz_report_state(out);
    else
        hz_report_answer(out, hz_command(line, error, sizeof error) ? error : NULL);
    pthread_mutex_unlock(&hz_bus.lock);
    fclose(out);
    if (send(fd, text, n, MSG_NOSIGNAL) < 0)
        fprintf(stderr, "virtual dongle: answer: %s\n", strerror(errno));
    free(text);
}

static void hang_up(struct client *c)
{
    close(c->fd);
    c->fd = -1;
    c->n = 0;
}

/* Answers every whole line there is. */
static void serve(struct client *c)
{
    ssize_t got = recv(c->fd, c->line + c->n, sizeof c->line - c->n, 0);
    if (got <= 0) {
        hang_up(c);
        return;
    }
    c->n += (size_t)got;
    char *end;
    while ((end = memchr(c->line, '\n', c->n))) {
        *end = 0;
        answer(c->fd, c->line);
        size_t used = (size_t)(end + 1 - c->line);
        memmove(c->line, end + 1, c->n - used);
        c->n -= used;
    }
    if (c->n == sizeof c->line)
        hang_up(c);
}

static void welcome(void)
{
    int fd = accept4(script.listener, NULL, NULL, SOCK_CLOEXEC);
    for (int i = 0; fd >= 0 && i < CLIENTS_MAX; i++) {
        if (script.clients[i].fd < 0) {
            script.clients[i].fd = fd;
            return;
        }
    }
    if (fd >= 0)
        close(fd);
}

/* Has the program's main thread ended by pthread_exit, and left only us? Then the process is ours
 * to end: dump1090 goes so. */
static bool left_alone(void)
{
    char path[64], line[256] = "";
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)getpid());
    FILE *f = fopen(path, "re");
    if (!f)
        return false;
    const char *name_end = fgets(line, sizeof line, f) ? strrchr(line, ')') : NULL;
    fclose(f);
    if (!name_end || name_end[1] != ' ' || name_end[2] != 'Z')
        return false;
    int threads = 0;
    DIR *tasks = opendir("/proc/self/task");
    for (struct dirent *e; tasks && (e = readdir(tasks));)
        threads += e->d_name[0] != '.';
    if (tasks)
        closedir(tasks);
    return threads == 2;
}

static void *run(void *unused)
{
    static const int64_t look_ns = 100000000; /* how often, for an end */
    for (;;) {
        struct pollfd fds[1 + CLIENTS_MAX] = {{.fd = script.listener, .events = POLLIN}};
        for (int i = 0; i < CLIENTS_MAX; i++)
            fds[1 + i] = (struct pollfd){.fd = script.clients[i].fd, .events = POLLIN};
        pthread_mutex_lock(&hz_bus.lock);
        int64_t next = run_steps(), left = next - hz_now();
        bool open = hz_bus.n_contexts > 0;
        pthread_mutex_unlock(&hz_bus.lock);
        if (!open && left_alone())
            exit(0);
        left = left > look_ns ? look_ns : left > 0 ? left : 0;
        struct timespec ts = {.tv_nsec = left};
        if (ppoll(fds, 1 + CLIENTS_MAX, &ts, NULL) <= 0)
            continue;
        for (int i = 0; i < CLIENTS_MAX; i++)
            if (fds[1 + i].revents)
                serve(&script.clients[i]);
        if (fds[0].revents)
            welcome();
    }
    return unused;
}

/* The program's signals are for its own threads. */
static int start_thread(void)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t thread;
    int err = -pthread_create(&thread, NULL, run, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return err ? err : -pthread_detach(thread);
}

int hz_script_start(char *error, size_t size)
{
    const char *path = getenv("HZ_USB_SCRIPT"), *control = getenv("HZ_USB_CONTROL");
    for (int i = 0; i < CLIENTS_MAX; i++)
        script.clients[i].fd = -1;
    int err = path ? read_script(path, error, size) : 0;
    if (!err && control)
        err = listen_at(control, error, size);
    if (err || (!path && !control))
        return err;
    pthread_mutex_lock(&hz_bus.lock);
    run_steps();
    pthread_mutex_unlock(&hz_bus.lock);
    err = start_thread();
    if (err)
        snprintf(error, size, "thread: %s", strerror(-err));
    return err;
}
