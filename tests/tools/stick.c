/* Preloaded into hertzd by tests: holds one of its threads at the moment when the file
 * $HZ_STICK/worker or $HZ_STICK/loop is there, for ever, or $HZ_STICK/pause, the loop for a second.
 * The file is taken away, so that a process that comes after is well. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static bool asked(const char *what)
{
    const char *folder = getenv("HZ_STICK");
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder ? folder : "/nowhere", what);
    return unlink(path) == 0;
}

static void hold(void)
{
    for (;;)
        pause();
}

/* A worker asks for its CPU time before each job. */
int clock_gettime(clockid_t id, struct timespec *t)
{
    if (id == CLOCK_THREAD_CPUTIME_ID && asked("worker"))
        hold();
    return (int)syscall(SYS_clock_gettime, id, t);
}

/* libuv waits for everything here. (Its signals stay as they are: the set is not used.) */
int epoll_pwait(int fd, struct epoll_event *events, int count, int timeout, const sigset_t *set)
{
    if (asked("loop"))
        hold();
    if (asked("pause"))
        nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
    return (int)syscall(SYS_epoll_pwait, fd, events, count, timeout, set, 8);
}

int epoll_wait(int fd, struct epoll_event *events, int count, int timeout)
{
    return epoll_pwait(fd, events, count, timeout, NULL);
}
