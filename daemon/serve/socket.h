/* Listening sockets: made here, or passed by systemd (socket activation). Loop thread. */
#ifndef HZ_DAEMON_SERVE_SOCKET_H
#define HZ_DAEMON_SERVE_SOCKET_H

#include "config/config.h"

#include <sys/types.h>

struct hz_socket {
    int fd;            /* listening, non-blocking, closed on exec */
    bool from_systemd; /* a duplicate: systemd's own stays open and goes on listening */
    char address[128]; /* as bound: HOST:PORT, [V6]:PORT or the path */
    dev_t dev;         /* of the socket file, when it was made here */
    ino_t ino;
};

/* A socket that systemd passed for that address or path, else a new one. A socket file that nobody
 * listens on is replaced; the new one has mode 0660 (less the umask until it is in place). 0, or
 * -errno with a line in err: -EADDRINUSE when somebody listens there. */
int hz_socket_open(struct hz_socket *s, const struct hz_conf_listen *conf, char *err,
                   size_t err_len);
/* Adds to the configuration a listener for each listening stream socket that systemd passed and no
 * section names, so that its clients are not left waiting: control for a Unix socket, what belongs
 * to the port for HZ_PORT_LINES and HZ_PORT_HTTP, else one that refuses. Called after each reading
 * of the configuration. -ENOMEM. */
int hz_sockets_passed(struct hz_config *conf);
/* Whether it is bound to what that section names; never for port 0, which is any. */
bool hz_socket_at(const struct hz_socket *s, const struct hz_conf_listen *conf);
/* Another descriptor of the same listening socket, whose file is from now on the new one's to
 * remove: not even a moment passes in which nobody listens. -errno. */
int hz_socket_take(struct hz_socket *s, struct hz_socket *from);
/* Closes it and removes the socket file that it made, if that is still the same. */
void hz_socket_close(struct hz_socket *s);

#endif
