/* Accepts connections, or refuses them with the reason. */
#include "daemon/serve/listener_own.h"

#include "daemon/base/log.h"
#include "daemon/serve/kinds.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    ACCEPT_BATCH = 64, /* connections accepted in one iteration of the loop */
    REFUSED_MAX = 64,  /* clients that get a reason of refusal at a time; more are just closed */
};

static int hold(int fd)
{
    return fd >= 0 ? fd : open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static int let_go(int *fd)
{
    if (*fd < 0)
        return -1;
    close(*fd);
    *fd = -1;
    return 0;
}

static int accept_one(const struct hz_listener *l)
{
    return accept4(l->socket.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

/* No descriptor is left, and a waiting connection would wake the loop forever. The reserve
 * descriptor is used to accept one and close it; without a reserve the listener pauses until the
 * next sweep. */
static void out_of_files(struct hz_listener *l)
{
    struct hz_listeners *all = l->all;
    hz_log(LOG_ERR, "listen %s: no more open files: connections are closed (see LimitNOFILE)",
           l->door.conf.name);
    if (let_go(&all->reserve_fd) == 0) {
        int fd = accept_one(l);
        if (fd >= 0) {
            l->door.counts.refused++;
            hz_door_count(&l->door, HZ_REFUSAL_OPEN_FILES);
            close(fd);
        }
        all->reserve_fd = hold(-1);
    }
    if (all->reserve_fd < 0) {
        uv_poll_stop(&l->poll);
        l->resting = true;
    }
}

static bool is_full(int error)
{
    return error == EMFILE || error == ENFILE;
}

/* Accepts a connection, if necessary with a reserved descriptor. -1 with errno. */
static int accept_next(struct hz_listener *l)
{
    struct hz_listeners *all = l->all;
    int fd = accept_one(l);
    for (int i = 0; fd < 0 && is_full(errno) && l->door.kind->kept && i < HZ_KEPT_FILES; i++) {
        if (let_go(&all->kept_fds[i]) < 0)
            continue;
        fd = accept_one(l);
        if (fd < 0) { /* accept() needs a descriptor even if no connection is waiting */
            int error = errno;
            all->kept_fds[i] = hold(-1);
            errno = error;
        }
    }
    return fd;
}

static void welcome(struct hz_listener *l, int fd)
{
    struct hz_door *d = &l->door;
    struct hz_peer peer;
    char reason[HZ_ERROR_MAX];
    hz_peer_of(fd, &peer);
    if (hz_door_admits(d, &peer, reason, sizeof reason)) {
        d->counts.accepted++;
        d->kind->accept(d, fd, &peer, NULL);
        return;
    }
    d->counts.refused++;
    hz_log(LOG_WARNING, "listen %s: %s refused: %s", d->conf.name, peer.name, reason);
    if (d->all->n_refused < REFUSED_MAX)
        d->kind->accept(d, fd, &peer, reason);
    else
        close(fd);
}

static void on_connection(uv_poll_t *poll, int status, int events)
{
    struct hz_listener *l = poll->data;
    (void)events;
    if (status < 0) {
        hz_log(LOG_ERR, "listen %s: %s", l->door.conf.name, uv_strerror(status));
        return;
    }
    for (int i = 0; i < ACCEPT_BATCH; i++) {
        int fd = accept_next(l);
        if (fd >= 0) {
            welcome(l, fd);
        } else if (is_full(errno)) {
            out_of_files(l);
            return;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            if (errno != EAGAIN)
                hz_log(LOG_ERR, "listen %s: accept: %s", l->door.conf.name, strerror(errno));
            return;
        }
    }
}

void hz_listener_accept(struct hz_listener *l)
{
    uv_poll_start(&l->poll, UV_READABLE, on_connection);
}

void hz_listeners_refill(struct hz_listeners *all)
{
    for (int i = 0; i < HZ_KEPT_FILES; i++)
        all->kept_fds[i] = hold(all->kept_fds[i]);
    all->reserve_fd = hold(all->reserve_fd);
    for (struct hz_listener *l = all->first; l && all->reserve_fd >= 0; l = l->next) {
        if (l->resting && l->socket.fd >= 0)
            hz_listener_accept(l);
        l->resting = false;
    }
}

void hz_listeners_give_up(struct hz_listeners *all)
{
    let_go(&all->reserve_fd);
    for (int i = 0; i < HZ_KEPT_FILES; i++)
        let_go(&all->kept_fds[i]);
}
