/* Listening sockets: created here, or passed by systemd (socket activation). Loop thread. */
#ifndef HZ_DAEMON_SERVE_SOCKET_H
#define HZ_DAEMON_SERVE_SOCKET_H

#include "config/config.h"

#include <sys/types.h>

struct hz_socket {
    int fd;            /* listening, non-blocking, closed on exec */
    bool from_systemd; /* a duplicate: the socket of systemd stays open and continues to listen */
    char address[128]; /* as bound: HOST:PORT, [V6]:PORT or the path */
    dev_t dev;         /* of the socket file, if it was created here */
    ino_t ino;
};

/* Opens a socket: the one that systemd passed for that address or path, else a new one. A socket
 * file on which nobody listens is replaced; the new one has mode 0660 (less the umask until it is
 * in place). 0, or -errno with one line in err: -EADDRINUSE if somebody listens there. */
int hz_socket_open(struct hz_socket *s, const struct hz_conf_listen *conf, char *err,
                   size_t err_len);
/* Adds a listener to the configuration for each listening stream socket that systemd passed and no
 * section names, so that its clients do not wait in vain: control for a Unix socket, the matching
 * type for HZ_PORT_LINES and HZ_PORT_HTTP of a loopback address, otherwise one that refuses. Called
 * after each reading of the configuration. 0 or -ENOMEM. */
int hz_sockets_passed(struct hz_config *conf);
/* Whether it is bound to the address of that section; never for port 0. */
bool hz_socket_at(const struct hz_socket *s, const struct hz_conf_listen *conf);
/* Duplicates the descriptor of a listening socket, so that there is no moment without a listener.
 * The new one owns the socket file. 0 or -errno. */
int hz_socket_take(struct hz_socket *s, struct hz_socket *from);
/* Closes it and removes the socket file that it created, if that is still the same file. */
void hz_socket_close(struct hz_socket *s);

#endif
