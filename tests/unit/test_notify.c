#include "daemon/base/notify.h"

#include <criterion/criterion.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int listen_at(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    strncpy(a.sun_path, path, sizeof a.sun_path - 1);
    socklen_t len = sizeof a;
    if (path[0] == '@') {
        a.sun_path[0] = '\0';
        len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    cr_assert_eq(bind(fd, (struct sockaddr *)&a, len), 0);
    return fd;
}

Test(notify, lines_come_as_they_are)
{
    char path[] = "/tmp/hz-notify-XXXXXX", text[64] = "";
    cr_assert_not_null(mkdtemp(path));
    char file[64], abstract[64];
    snprintf(file, sizeof file, "%s/n", path);
    snprintf(abstract, sizeof abstract, "@%s", path);
    const char *const names[] = {file, abstract};
    for (int i = 0; i < 2; i++) {
        int fd = listen_at(names[i]);
        setenv("NOTIFY_SOCKET", names[i], 1);
        cr_expect(hz_notify("STATUS=%d of %d\nWATCHDOG=1", 1, 2));
        ssize_t n = recv(fd, text, sizeof text - 1, MSG_DONTWAIT);
        cr_assert_gt(n, 0);
        text[n] = '\0';
        cr_expect_str_eq(text, "STATUS=1 of 2\nWATCHDOG=1");
        close(fd);
    }
    unlink(file);
    rmdir(path);
}

/* The loop must not wait for a reader that is behind: the kernel keeps some datagrams, then none.
 */
Test(notify, a_full_queue_is_told_and_never_waited_for, .timeout = 10)
{
    char name[64];
    snprintf(name, sizeof name, "@hz-notify-%d", getpid());
    int fd = listen_at(name);
    setenv("NOTIFY_SOCKET", name, 1);
    int taken = 0;
    while (taken < 100000 && hz_notify("WATCHDOG=1"))
        taken++;
    cr_expect_gt(taken, 0);
    cr_expect_lt(taken, 100000);
    char text[64];
    cr_expect_gt(recv(fd, text, sizeof text, 0), 0);
    cr_expect(hz_notify("WATCHDOG=1"));
    close(fd);
    cr_expect_not(hz_notify("WATCHDOG=1")); /* nobody there */
    unsetenv("NOTIFY_SOCKET");
    cr_expect_not(hz_notify("READY=1"));
    cr_expect(hz_notify_unwanted());
}
