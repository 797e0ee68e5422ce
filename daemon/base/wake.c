#include "daemon/base/wake.h"

#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct hz_wake *w = poll->data;
    uint64_t sends;
    (void)status; /* an eventfd has no error */
    (void)events;
    if (read(w->fd, &sends, sizeof sends) > 0)
        w->woken(w->ctx);
}

int hz_wake_init(struct hz_wake *w, uv_loop_t *loop, void (*woken)(void *ctx), void *ctx)
{
    *w = (struct hz_wake){.woken = woken, .ctx = ctx, .fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (w->fd < 0)
        return -errno;
    int rc = uv_poll_init(loop, &w->poll, w->fd);
    if (rc != 0) {
        close(w->fd);
        return rc;
    }
    w->poll.data = w;
    uv_poll_start(&w->poll, UV_READABLE, on_poll); /* fails only without a handle */
    uv_unref((uv_handle_t *)&w->poll);
    return 0;
}

void hz_wake_send(struct hz_wake *w)
{
    const uint64_t one = 1;
    ssize_t n;
    do
        n = write(w->fd, &one, sizeof one);
    while (n < 0 && errno == EINTR);
}

void hz_wake_close(struct hz_wake *w)
{
    uv_close((uv_handle_t *)&w->poll, NULL);
    close(w->fd);
}
