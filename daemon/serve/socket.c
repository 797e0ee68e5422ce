#include "daemon/serve/socket.h"

#include "config/fail.h"
#include "daemon/serve/peer.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>
#include <uv.h>

enum { BACKLOG = 1024 };

union address {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    struct sockaddr_un un;
    struct sockaddr_storage storage;
};

/* Parses HOST:PORT with a numeric host, "localhost", or an IPv6 address in brackets. */
static int parse_address(union address *a, socklen_t *len, const char *text)
{
    const char *colon = strrchr(text, ':');
    char host[INET6_ADDRSTRLEN + 2] = "";
    if (!colon || (size_t)(colon - text) >= sizeof host)
        return -EINVAL;
    memcpy(host, text, (size_t)(colon - text));
    size_t digits = strspn(colon + 1, "0123456789");
    long port = strtol(colon + 1, NULL, 10);
    if (digits == 0 || digits > 5 || colon[1 + digits] || port > 65535)
        return -EINVAL;
    size_t n = strlen(host);
    if (n > 2 && host[0] == '[' && host[n - 1] == ']') {
        host[n - 1] = '\0';
        *len = sizeof a->in6;
        return uv_ip6_addr(host + 1, (int)port, &a->in6);
    }
    *len = sizeof a->in;
    return uv_ip4_addr(strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, (int)port, &a->in);
}

static int parse(union address *a, socklen_t *len, const struct hz_conf_listen *conf, char *err,
                 size_t err_len)
{
    memset(a, 0, sizeof *a);
    if (conf->type != HZ_LISTEN_UNIX) {
        if (parse_address(a, len, conf->address) < 0)
            return hz_fail_as(-EINVAL, err, err_len,
                              "address \"%s\": expected HOST:PORT with a numeric host",
                              conf->address);
        return 0;
    }
    size_t n = strlen(conf->path);
    if (n == 0 || n >= sizeof a->un.sun_path)
        return hz_fail_as(-EINVAL, err, err_len, "path \"%s\": expected 1 to %zu characters",
                          conf->path, sizeof a->un.sun_path - 1);
    a->un.sun_family = AF_UNIX;
    memcpy(a->un.sun_path, conf->path, n + 1);
    *len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + 1);
    return 0;
}

static int duplicate(int fd)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (copy >= 0)
        fcntl(copy, F_SETFL, fcntl(copy, F_GETFL) | O_NONBLOCK);
    return copy;
}

/* Writes HOST:PORT or the path to `out`. */
static void write_address(const union address *a, char *out, size_t size)
{
    char host[INET6_ADDRSTRLEN] = "";
    if (a->any.sa_family == AF_UNIX) /* an abstract address begins with a NUL */
        snprintf(out, size, "%s%s", *a->un.sun_path ? "" : "@", a->un.sun_path + !*a->un.sun_path);
    else if (a->any.sa_family == AF_INET && uv_ip4_name(&a->in, host, sizeof host) == 0)
        snprintf(out, size, "%s:%u", host, ntohs(a->in.sin_port));
    else if (a->any.sa_family == AF_INET6 && uv_ip6_name(&a->in6, host, sizeof host) == 0)
        snprintf(out, size, "[%s]:%u", host, ntohs(a->in6.sin6_port));
}

static unsigned port_of(const union address *a)
{
    return a->any.sa_family == AF_INET    ? ntohs(a->in.sin_port)
           : a->any.sa_family == AF_INET6 ? ntohs(a->in6.sin6_port)
                                          : 0;
}

/* Whether only this machine can connect; a Unix socket has its own permissions. */
static bool is_private(const union address *a)
{
    struct hz_peer p;
    hz_peer_at(&a->any, &p);
    return p.local;
}

/* A duplicate of the descriptor that systemd passed for this address; -1: there is none. */
static int find_passed(const union address *a, socklen_t len)
{
    int n = sd_listen_fds(0);
    for (int fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + n; fd++) {
        int same = a->any.sa_family == AF_UNIX
                       ? sd_is_socket_unix(fd, SOCK_STREAM, 1, a->un.sun_path, 0)
                       : sd_is_socket_sockaddr(fd, SOCK_STREAM, &a->any, len, 1);
        if (same > 0)
            return duplicate(fd);
    }
    return -1;
}

/* Removes a socket file on which nobody listens. 0 or -errno. */
static int clear_path(const union address *a, socklen_t len)
{
    struct stat st;
    if (lstat(a->un.sun_path, &st) < 0)
        return errno == ENOENT ? 0 : -errno;
    if (!S_ISSOCK(st.st_mode))
        return -EEXIST;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    int rc = connect(fd, &a->any, len) == 0 ? 0 : errno;
    close(fd);
    if (rc != ECONNREFUSED) /* EAGAIN: somebody listens and is busy */
        return rc == 0 || rc == EAGAIN ? -EADDRINUSE : -rc;
    return unlink(a->un.sun_path) < 0 ? -errno : 0;
}

static int bind_new(struct hz_socket *s, const union address *a, socklen_t len)
{
    bool is_unix = a->any.sa_family == AF_UNIX;
    int one = 1, rc = is_unix ? clear_path(a, len) : 0;
    if (rc < 0)
        return rc;
    s->fd = socket(a->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (s->fd < 0)
        return -errno;
    struct stat st;
    bool bound;
    if (is_unix)
        bound = fchmod(s->fd, 0660) == 0; /* the file created by bind is never accessible to all */
    else /* IP_FREEBIND: an address that does not exist yet, for example before DHCP */
        bound = setsockopt(s->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
                setsockopt(s->fd, IPPROTO_IP, IP_FREEBIND, &one, sizeof one) == 0 &&
                (a->any.sa_family != AF_INET6 ||
                 setsockopt(s->fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one) == 0);
    bound = bound && bind(s->fd, &a->any, len) == 0;
    if (bound && is_unix && chmod(a->un.sun_path, 0660) == 0 && lstat(a->un.sun_path, &st) == 0) {
        s->dev = st.st_dev;
        s->ino = st.st_ino;
    }
    if (bound && listen(s->fd, BACKLOG) == 0)
        return 0;
    rc = -errno;
    hz_socket_close(s);
    return rc;
}

/* The bound address: with port 0 the kernel has chosen a port. */
static void name_socket(struct hz_socket *s, const union address *wanted)
{
    union address a;
    socklen_t len = sizeof a;
    bool known = wanted->any.sa_family != AF_UNIX && getsockname(s->fd, &a.any, &len) == 0;
    write_address(known ? &a : wanted, s->address, sizeof s->address);
}

bool hz_socket_at(const struct hz_socket *s, const struct hz_conf_listen *conf)
{
    union address a;
    socklen_t len = 0;
    char address[sizeof s->address], err[1];
    if (parse(&a, &len, conf, err, sizeof err) < 0)
        return false;
    write_address(&a, address, sizeof address);
    return strcmp(address, s->address) == 0;
}

int hz_socket_take(struct hz_socket *s, struct hz_socket *from)
{
    int fd = fcntl(from->fd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    *s = *from;
    s->fd = fd;
    from->ino = 0;
    return 0;
}

static bool is_named(const struct hz_config *conf, const char *address)
{
    struct hz_socket s;
    snprintf(s.address, sizeof s.address, "%s", address);
    for (size_t i = 0; i < conf->n_listens; i++) {
        if (hz_socket_at(&s, &conf->listens[i]))
            return true;
    }
    return false;
}

int hz_sockets_passed(struct hz_config *conf)
{
    int n = sd_listen_fds(0);
    for (int fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + n; fd++) {
        union address a = {0};
        socklen_t len = sizeof a - 1; /* its path ends with a NUL */
        char address[sizeof((struct hz_socket *)0)->address], name[HZ_NAME_MAX + 1];
        if (sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) <= 0 || getsockname(fd, &a.any, &len) < 0)
            continue; /* nobody can connect to it */
        write_address(&a, address, sizeof address);
        if (is_named(conf, address))
            continue;
        /* What other machines reach needs a section that says who may read. */
        enum hz_listen_type type = a.any.sa_family == AF_UNIX     ? HZ_LISTEN_UNIX
                                   : !is_private(&a)              ? HZ_LISTEN_REFUSE
                                   : port_of(&a) == HZ_PORT_LINES ? HZ_LISTEN_TCP
                                   : port_of(&a) == HZ_PORT_HTTP  ? HZ_LISTEN_HTTP
                                                                  : HZ_LISTEN_REFUSE;
        snprintf(name, sizeof name, "systemd-%d", fd);
        struct hz_conf_listen *l = hz_config_add_listen(conf, name, type, address);
        if (!l)
            return -ENOMEM;
        l->passed_fd = fd;
    }
    return 0;
}

static int open_passed(struct hz_socket *s, const struct hz_conf_listen *conf, char *err,
                       size_t err_len)
{
    s->fd = duplicate(conf->passed_fd);
    s->from_systemd = true;
    snprintf(s->address, sizeof s->address, "%s", *conf->path ? conf->path : conf->address);
    return s->fd >= 0 ? 0 : hz_fail_as(-errno, err, err_len, "%s: %s", s->address, strerror(errno));
}

/* Explains EADDRINUSE: another program listens there, or systemd for us at another address of that
 * port. */
static int explain_in_use(const union address *a, const char *where, char *err, size_t err_len)
{
    int n = sd_listen_fds(0);
    for (int fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + n; fd++) {
        union address other = {0};
        socklen_t len = sizeof other - 1;
        char held[sizeof((struct hz_socket *)0)->address];
        if (port_of(a) == 0 || getsockname(fd, &other.any, &len) < 0 ||
            port_of(&other) != port_of(a))
            continue;
        write_address(&other, held, sizeof held);
        return hz_fail_as(
            -EADDRINUSE, err, err_len,
            "cannot listen on %s: systemd holds %s, so change it in hertzd.socket too", where,
            held);
    }
    return hz_fail_as(-EADDRINUSE, err, err_len,
                      "cannot listen on %s: another program listens there", where);
}

int hz_socket_open(struct hz_socket *s, const struct hz_conf_listen *conf, char *err,
                   size_t err_len)
{
    *s = (struct hz_socket){.fd = -1};
    union address a;
    socklen_t len = 0;
    if (conf->passed_fd > 0)
        return open_passed(s, conf, err, err_len);
    int rc = parse(&a, &len, conf, err, err_len);
    if (rc < 0)
        return rc;
    s->fd = find_passed(&a, len);
    s->from_systemd = s->fd >= 0;
    if (s->fd < 0)
        rc = bind_new(s, &a, len);
    const char *where = conf->type == HZ_LISTEN_UNIX ? conf->path : conf->address;
    if (rc == -EADDRINUSE)
        return explain_in_use(&a, where, err, err_len);
    if (rc == -EEXIST)
        return hz_fail_as(rc, err, err_len,
                          "cannot listen on %s: a file that is no socket is there", where);
    if (rc < 0)
        return hz_fail_as(rc, err, err_len, "cannot listen on %s: %s", where, strerror(-rc));
    name_socket(s, &a);
    return 0;
}

void hz_socket_close(struct hz_socket *s)
{
    struct stat st;
    if (s->fd < 0)
        return;
    if (s->ino && lstat(s->address, &st) == 0 && st.st_dev == s->dev && st.st_ino == s->ino)
        unlink(s->address);
    close(s->fd);
    s->fd = -1;
}
