/* Where the control socket comes from: a file of its own, or systemd. */
#include "tests/unit/wire.h"

#include "daemon/serve/listener_own.h"

#include <sys/stat.h>
#include <sys/wait.h>

static struct wire w;
static char dir[32], path[64];

static void open_rpc(size_t frames)
{
    char err[256] = "";
    wire_open(&w, frames);
    snprintf(dir, sizeof dir, "/tmp/hz-rpc-XXXXXX");
    cr_assert_not_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/sock", dir);
    cr_assert_eq(wire_listen_unix(&w, path, err, sizeof err), 0, "%s", err);
}

static void close_rpc(void)
{
    wire_close(&w);
    cr_assert_neq(access(path, F_OK), 0, "the socket file goes with its listener");
    cr_assert_eq(rmdir(dir), 0);
}

Test(rpc, the_socket_file_is_closed_to_others_and_replaced_only_when_it_is_dead)
{
    open_rpc(10);
    struct stat st;
    char err[256];
    cr_assert_eq(stat(path, &st), 0);
    cr_assert_eq(st.st_mode & 07777, 0660);
    cr_assert_eq(wire_listen_unix(&w, path, err, sizeof err), -EADDRINUSE);
    cr_assert(strstr(err, path) && strstr(err, "another program"), "%s", err);

    char other[64];
    snprintf(other, sizeof other, "%s/dead", dir);
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    snprintf(a.sun_path, sizeof a.sun_path, "%s", other);
    int dead = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(bind(dead, (struct sockaddr *)&a, sizeof a), 0);
    close(dead); /* the file stays behind, as after kill -9 */
    cr_assert_eq(wire_listen_unix(&w, other, err, sizeof err), 0, "%s", err);
    close(wire_connect_unix(other));

    char file[64];
    snprintf(file, sizeof file, "%s/file", dir);
    fclose(fopen(file, "w"));
    cr_assert_eq(wire_listen_unix(&w, file, err, sizeof err), -EEXIST);
    cr_assert(strstr(err, "no socket"), "%s", err);
    cr_assert_eq(access(file, F_OK), 0);
    unlink(file);
    close_rpc();
}

/* What systemd does: descriptors from 3 on, and two variables. In a process of its own, whose
 * descriptors may be moved about. */
static int activated(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct sockaddr_un u = {.sun_family = AF_UNIX};
    socklen_t len = sizeof a;
    snprintf(u.sun_path, sizeof u.sun_path, "%s/passed", dir);
    int tcp = socket(AF_INET, SOCK_STREAM, 0), un = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(tcp, (struct sockaddr *)&a, sizeof a) < 0 || listen(tcp, 5) < 0 ||
        getsockname(tcp, (struct sockaddr *)&a, &len) < 0 ||
        bind(un, (struct sockaddr *)&u, sizeof u) < 0 || listen(un, 5) < 0)
        return 1;
    int high_tcp = fcntl(tcp, F_DUPFD, 100), high_un = fcntl(un, F_DUPFD, 100);
    dup2(high_un, 3);
    dup2(high_tcp, 4);
    char pid[16], address[64], err[256];
    snprintf(pid, sizeof pid, "%d", getpid());
    setenv("LISTEN_PID", pid, 1);
    setenv("LISTEN_FDS", "2", 1);
    snprintf(address, sizeof address, "127.0.0.1:%u", ntohs(a.sin_port));
    struct hz_conf_listen conf = wire_conf(HZ_LISTEN_TCP, "json", 5);
    conf.address = address;
    wire_open(&w, 10);
    if (hz_listeners_add(w.listeners, &conf, err, sizeof err) != 0)
        return 2;
    if (hz_listeners_add(w.listeners, &conf, err, sizeof err) != -EADDRINUSE)
        return 3;
    if (wire_listen_unix(&w, u.sun_path, err, sizeof err) != 0)
        return 4;
    int c = wire_connect(ntohs(a.sin_port)), d = wire_connect_unix(u.sun_path);
    if (!strstr(wire_line(&w, c), "hello"))
        return 5;
    wire_send(&w, d, "{\"jsonrpc\":\"2.0\",\"method\":\"echo\",\"id\":1}\n");
    if (!strstr(wire_line(&w, d), "result"))
        return 6;
    /* Given back and taken again, as in a reload: systemd's socket never stops to listen. */
    if (hz_listeners_remove(w.listeners, "json") != 0)
        return 7;
    int e = wire_connect(ntohs(a.sin_port));
    if (hz_listeners_add(w.listeners, &conf, err, sizeof err) != 0)
        return 8;
    if (!strstr(wire_line(&w, e), "hello"))
        return 9;
    close(c);
    close(d);
    close(e);
    wire_close(&w);
    return access(u.sun_path, F_OK) == 0 ? 0 : 10; /* it is systemd's to remove */
}

Test(rpc, takes_the_sockets_that_systemd_passed)
{
    snprintf(dir, sizeof dir, "/tmp/hz-rpc-XXXXXX");
    cr_assert_not_null(mkdtemp(dir));
    pid_t child = fork();
    if (child == 0)
        _exit(activated());
    int status = -1;
    waitpid(child, &status, 0);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "step %d", WEXITSTATUS(status));
    snprintf(path, sizeof path, "%s/passed", dir);
    unlink(path);
    rmdir(dir);
}
