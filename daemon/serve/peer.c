#include "daemon/serve/peer.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <uv.h>

static void set_v4(struct hz_peer *p, const void *address)
{
    p->net[0] = 4;
    memcpy(p->net + 1, address, 4);
    p->local = p->net[1] == 127;
}

static void from_v6(struct hz_peer *p, const struct sockaddr_in6 *in)
{
    char host[INET6_ADDRSTRLEN] = "";
    uv_ip6_name(in, host, sizeof host);
    snprintf(p->name, sizeof p->name, "[%s]:%u", host, ntohs(in->sin6_port));
    if (IN6_IS_ADDR_V4MAPPED(&in->sin6_addr)) { /* a socket of systemd's may take both */
        set_v4(p, in->sin6_addr.s6_addr + 12);
        return;
    }
    p->net[0] = 6;
    memcpy(p->net + 1, in->sin6_addr.s6_addr, 8);
    p->local = IN6_IS_ADDR_LOOPBACK(&in->sin6_addr);
}

static void from_v4(struct hz_peer *p, const struct sockaddr_in *in)
{
    char host[INET_ADDRSTRLEN] = "";
    uv_ip4_name(in, host, sizeof host);
    snprintf(p->name, sizeof p->name, "%s:%u", host, ntohs(in->sin_port));
    set_v4(p, &in->sin_addr);
}

void hz_peer_of(int fd, struct hz_peer *p)
{
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
        struct sockaddr_storage storage;
    } a;
    socklen_t n = sizeof a;
    struct ucred cred;
    socklen_t cred_len = sizeof cred;
    *p = (struct hz_peer){0};
    snprintf(p->name, sizeof p->name, "unknown");
    if (getpeername(fd, &a.any, &n) < 0)
        return;
    if (a.any.sa_family == AF_INET)
        from_v4(p, &a.in);
    else if (a.any.sa_family == AF_INET6)
        from_v6(p, &a.in6);
    else if (a.any.sa_family == AF_UNIX)
        p->is_unix = p->local = true;
    if (p->is_unix && getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &cred_len) == 0) {
        p->uid = cred.uid;
        p->pid = cred.pid;
        snprintf(p->name, sizeof p->name, "uid %u pid %d", cred.uid, cred.pid);
    }
}
