/* Who is at the other end of a connected socket. Any thread. */
#ifndef HZ_DAEMON_SERVE_PEER_H
#define HZ_DAEMON_SERVE_PEER_H

#include "config/networks.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct hz_peer {
    char name[64]; /* HOST:PORT, or the user and process at the other end of a Unix socket */
    bool is_unix;
    uid_t uid; /* of a Unix socket */
    pid_t pid;
    struct hz_ip ip; /* zeros if it has none */
    bool local;      /* on this machine: a Unix socket, or a loopback address */
    /* What one peer has for itself: an IPv4 address, or the 64-bit prefix that a site of IPv6 gets
     * (RFC 6177), behind a byte that tells which. */
    uint8_t net[9];
};

struct sockaddr;
/* Fills in what an address tells. */
void hz_peer_at(const struct sockaddr *a, struct hz_peer *p);
/* Fills in what the socket tells; a peer that is not known counts as not local. */
void hz_peer_of(int fd, struct hz_peer *p);

#endif
