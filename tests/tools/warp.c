/* Preloaded into a program: its time runs as fast as its work allows. As soon as every thread
 * waits, the clock jumps to the moment for which the first of them waits. An hour of a daemon that
 * mostly waits is over in some seconds, and its timeouts are still what they are.
 *
 * Covered are the ways in which hertzd, libuv and the virtual dongle wait: epoll, ppoll, conditions
 * and timerfds. A thread that was woken, but is not running yet, is told from one that waits by
 * what the kernel says of it. WARP_LIMIT: the seconds after which time runs as always. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define NEVER INT64_MAX

enum { WAITS = 64, FDS = 256, THREADS = 64, WAKE = SIGURG };

struct wait {
    _Atomic int64_t until; /* 0: free; virtual */
    pthread_t thread;
    pthread_cond_t *cond; /* NULL: a signal ends it */
};

static struct wait waits[WAITS];
static _Atomic int64_t timers[FDS]; /* when a timerfd is due; 0: not set */
static _Atomic int64_t skew;        /* virtual minus real */
static _Atomic int active = 1;      /* threads that do not wait */
static _Atomic uint64_t changes;
static _Atomic int stats[THREADS]; /* /proc/self/task/N/stat of each thread; 0: free */

static int (*real_clock)(clockid_t, struct timespec *);
static int (*real_wait)(pthread_cond_t *, pthread_mutex_t *);
static int (*real_timedwait)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
static int (*real_create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

static int64_t now(void)
{
    struct timespec t;
    real_clock(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec + skew;
}

static void enter(void)
{
    changes++;
    active--;
}

static void leave(void)
{
    active++;
    changes++;
}

static struct wait *begin(int64_t until, pthread_cond_t *cond)
{
    if (until == NEVER)
        return NULL;
    for (int i = 0; i < WAITS; i++) {
        int64_t none = 0;
        if (atomic_compare_exchange_strong(&waits[i].until, &none, NEVER)) {
            waits[i].thread = pthread_self();
            waits[i].cond = cond;
            waits[i].until = until;
            return &waits[i];
        }
    }
    abort();
}

/* The thread's signals while it waits: those that it wants, and ours. */
static sigset_t with_wake(const sigset_t *set)
{
    sigset_t mask;
    if (set)
        mask = *set;
    else
        pthread_sigmask(SIG_SETMASK, NULL, &mask);
    sigdelset(&mask, WAKE);
    return mask;
}

static void end(struct wait *w)
{
    if (w)
        w->until = 0;
}

/* ---- threads --------------------------------------------------------------------------- */

/* The calling thread is looked after from now on; its place. */
static int attend(void)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", gettid());
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    for (int i = 0; i < THREADS; i++) {
        int none = 0;
        if (fd > 0 && atomic_compare_exchange_strong(&stats[i], &none, fd))
            return i;
    }
    abort();
}

static void forget(int place)
{
    int fd = atomic_exchange(&stats[place], 0);
    close(fd);
}

/* Whether the kernel has all of them asleep: "1234 (name) S …". */
static bool all_sleep(void)
{
    for (int i = 0; i < THREADS; i++) {
        char text[64] = "";
        int fd = stats[i];
        if (fd == 0 || pread(fd, text, sizeof text - 1, 0) <= 0)
            continue;
        const char *name_end = strrchr(text, ')');
        if (!name_end || name_end[2] != 'S')
            return false;
    }
    return true;
}

/* ---- the clock's own thread ---------------------------------------------------------------- */

static int64_t next_due(void)
{
    int64_t due = NEVER;
    for (int i = 0; i < WAITS; i++) {
        if (waits[i].until != 0 && waits[i].until < due)
            due = waits[i].until;
    }
    for (int i = 0; i < FDS; i++) {
        if (timers[i] != 0 && timers[i] < due)
            due = timers[i];
    }
    return due;
}

static void wake_those_due(int64_t t)
{
    for (int i = 0; i < WAITS; i++) {
        int64_t until = waits[i].until;
        if (until == 0 || until > t)
            continue;
        if (waits[i].cond)
            pthread_cond_broadcast(waits[i].cond);
        else
            pthread_kill(waits[i].thread, WAKE);
    }
    for (int i = 0; i < FDS; i++) {
        int64_t due = timers[i];
        struct itimerspec at_once = {.it_value.tv_nsec = 1};
        if (due != 0 && due <= t && atomic_compare_exchange_strong(&timers[i], &due, 0))
            syscall(SYS_timerfd_settime, i, 0, &at_once, NULL);
    }
}

static void *run(void *arg)
{
    int64_t limit = *(int64_t *)arg;
    for (;;) {
        uint64_t seen = changes;
        int64_t t = now(), due = next_due();
        if (due <= t)
            wake_those_due(t);
        else if (t > limit)
            syscall(SYS_nanosleep, &(struct timespec){.tv_nsec = 200000}, NULL);
        else if (due != NEVER && active == 0 && all_sleep() && changes == seen && active == 0)
            skew += due - t;
    }
    return NULL;
}

static void on_wake(int signo)
{
    (void)signo;
}

__attribute__((constructor)) static void start(void)
{
    static int64_t limit;
    real_clock = dlsym(RTLD_NEXT, "clock_gettime");
    real_wait = dlvsym(RTLD_NEXT, "pthread_cond_wait", "GLIBC_2.3.2");
    real_timedwait = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
    real_create = dlsym(RTLD_NEXT, "pthread_create");
    const char *seconds = getenv("WARP_LIMIT");
    limit = seconds ? now() + (int64_t)(atof(seconds) * 1e9) : NEVER;
    struct sigaction sa = {.sa_handler = on_wake};
    sigaction(WAKE, &sa, NULL);
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    attend();
    pthread_t thread;
    real_create(&thread, NULL, run, &limit);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
}

/* ---- what the program calls ---------------------------------------------------------------- */

int clock_gettime(clockid_t id, struct timespec *t)
{
    bool coarse = id == CLOCK_MONOTONIC_COARSE;
    int rc = real_clock(coarse ? CLOCK_MONOTONIC : id, t);
    if (id != CLOCK_MONOTONIC && id != CLOCK_REALTIME && !coarse)
        return rc;
    int64_t ns = t->tv_sec * INT64_C(1000000000) + t->tv_nsec + skew;
    t->tv_sec = ns / 1000000000;
    t->tv_nsec = ns % 1000000000;
    return rc;
}

struct start {
    void *(*body)(void *);
    void *arg;
};

static void *body(void *arg)
{
    struct start s = *(struct start *)arg;
    free(arg);
    int place = attend();
    void *result = s.body(s.arg);
    forget(place);
    enter();
    return result;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*fn)(void *), void *arg)
{
    struct start *s = malloc(sizeof *s);
    *s = (struct start){.body = fn, .arg = arg};
    leave();
    int rc = real_create(thread, attr, body, s);
    if (rc != 0)
        enter();
    return rc;
}

int pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex)
{
    enter();
    int rc = real_wait(cond, mutex);
    leave();
    return rc;
}

int pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *at)
{
    int64_t until = at->tv_sec * INT64_C(1000000000) + at->tv_nsec;
    struct wait *w = begin(until, cond);
    enter();
    int rc = real_wait(cond, mutex);
    leave();
    end(w);
    return rc == 0 && now() >= until ? ETIMEDOUT : rc;
}

int epoll_pwait(int fd, struct epoll_event *events, int count, int timeout, const sigset_t *set)
{
    int64_t until = timeout < 0 ? NEVER : now() + timeout * INT64_C(1000000);
    if (timeout == 0)
        return (int)syscall(SYS_epoll_pwait, fd, events, count, 0, set, 8);
    sigset_t mask = with_wake(set);
    struct wait *w = begin(until, NULL);
    enter();
    long rc = syscall(SYS_epoll_pwait, fd, events, count, -1, &mask, 8);
    leave();
    end(w);
    return rc < 0 && errno == EINTR && now() >= until ? 0 : (int)rc;
}

int epoll_wait(int fd, struct epoll_event *events, int count, int timeout)
{
    return epoll_pwait(fd, events, count, timeout, NULL);
}

int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *set)
{
    int64_t until = NEVER;
    if (timeout)
        until = now() + timeout->tv_sec * INT64_C(1000000000) + timeout->tv_nsec;
    sigset_t mask = with_wake(set);
    struct wait *w = begin(until, NULL);
    enter();
    long rc = syscall(SYS_ppoll, fds, n, NULL, &mask, 8);
    leave();
    end(w);
    return rc < 0 && errno == EINTR && now() >= until ? 0 : (int)rc;
}

int timerfd_settime(int fd, int flags, const struct itimerspec *at, struct itimerspec *old)
{
    int64_t t = at->it_value.tv_sec * INT64_C(1000000000) + at->it_value.tv_nsec;
    struct itimerspec none = {0};
    if (fd < 0 || fd >= FDS || (t != 0 && !(flags & TFD_TIMER_ABSTIME)))
        abort(); /* nobody here sets them otherwise */
    timers[fd] = t;
    changes++;
    return (int)syscall(SYS_timerfd_settime, fd, 0, &none, old);
}

/* What a fortified program calls instead. */
int __ppoll_chk(struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *set,
                size_t len);
int __ppoll_chk(struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *set,
                size_t len)
{
    (void)len;
    return ppoll(fds, n, timeout, set);
}
