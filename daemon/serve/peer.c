#include "daemon/serve/peer.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <uv.h>

static void set_v4(struct hz_peer *p, const void *address)
{
    memset(p->ip.byte + 10, 0xff, 2);
    memcpy(p->ip.byte + 12, address, 4);
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
    memcpy(p->ip.byte, in->sin6_addr.s6_addr, sizeof p->ip.byte);
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

void hz_peer_at(const struct sockaddr *a, struct hz_peer *p)
{
    *p = (struct hz_peer){0};
    snprintf(p->name, sizeof p->name, "unknown");
    if (a->sa_family == AF_INET)
        from_v4(p, (const struct sockaddr_in *)a);
    else if (a->sa_family == AF_INET6)
        from_v6(p, (const struct sockaddr_in6 *)a);
    else if (a->sa_family == AF_UNIX)
        p->is_unix = p->local = true;
}

void hz_peer_of(int fd, struct hz_peer *p)
{
    union {
        struct sockaddr any;
        struct sockaddr_storage storage;
    } a = {0};
    socklen_t n = sizeof a;
    struct ucred cred;
    socklen_t cred_len = sizeof cred;
    if (getpeername(fd, &a.any, &n) < 0)
        a.any.sa_family = AF_UNSPEC;
    hz_peer_at(&a.any, p);
    if (p->is_unix && getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &cred_len) == 0) {
        p->uid = cred.uid;
        p->pid = cred.pid;
        snprintf(p->name, sizeof p->name, "uid %u pid %d", cred.uid, cred.pid);
    }
}
