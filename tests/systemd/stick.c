/* Preloaded into hertzd by test_watchdog.py: holds one of its threads for ever, at the moment when
 * the file $HZ_STICK/worker or $HZ_STICK/loop is there. The file is taken away, so that the process
 * that comes after is well again. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void hold(const char *what)
{
    const char *folder = getenv("HZ_STICK");
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder ? folder : "/nowhere", what);
    if (unlink(path) != 0)
        return;
    for (;;)
        pause();
}

/* A worker asks for its CPU time before each job. */
int clock_gettime(clockid_t id, struct timespec *t)
{
    if (id == CLOCK_THREAD_CPUTIME_ID)
        hold("worker");
    return (int)syscall(SYS_clock_gettime, id, t);
}

/* libuv waits for everything here. (Its signals stay as they are: the set is not used.) */
int epoll_pwait(int fd, struct epoll_event *events, int count, int timeout, const sigset_t *set)
{
    hold("loop");
    return (int)syscall(SYS_epoll_pwait, fd, events, count, timeout, set, 8);
}

int epoll_wait(int fd, struct epoll_event *events, int count, int timeout)
{
    return epoll_pwait(fd, events, count, timeout, NULL);
}
