/* Both sides of rtl_tcp: any bytes as what a server sends to the source, or (first byte odd) as
 * what a client sends to the listener, with samples and answers of the receiver between. */
#include "daemon/base/log.h"
#include "tests/fuzz/drain.h"
#include "tests/fuzz/talk.h"

#include <arpa/inet.h>
#include <math.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    RATE_HZ = 225001,
    UNIT = 7200,                        /* bytes of a block at that rate */
    SKIPPED = 2 * 262144 + UNIT + UNIT, /* thrown away behind the greeting */
    TURNS_MAX = 1000000,
};

/* ---- the source ------------------------------------------------------------------------- */

struct server {
    uv_loop_t loop;
    int fd;
    struct hz_conf_receiver *conf;
};

static struct server *server_new(void)
{
    struct server *s = calloc(1, sizeof *s);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    char text[128];
    hz_log_level(LOG_EMERG);
    signal(SIGPIPE, SIG_IGN);
    uv_loop_init(&s->loop);
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (bind(s->fd, (struct sockaddr *)&a, len) < 0 || listen(s->fd, 8) < 0 ||
        getsockname(s->fd, (struct sockaddr *)&a, &len) < 0)
        abort();
    snprintf(text, sizeof text,
             "[receiver r]\nsource = rtl_tcp\naddress = 127.0.0.1:%d\nrate = %d\ncentre = 100M\n",
             ntohs(a.sin_port), RATE_HZ);
    s->conf = drain_receiver(text);
    if (!s->conf)
        abort();
    return s;
}

static void turn(struct server *s)
{
    uv_run(&s->loop, UV_RUN_NOWAIT);
}

/* Sends all of it, unless the source has had enough. */
static void send_all(struct server *s, int fd, const struct drain *d, const uint8_t *data, size_t n)
{
    for (size_t at = 0; at < n && !d->ended;) {
        ssize_t sent = send(fd, data + at, n - at, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN)
            return;
        at += sent > 0 ? (size_t)sent : 0;
        turn(s);
    }
}

/* Flags: a greeting of ours first; then as many samples as the source throws away; a change of
 * tuning; the connection is broken off instead of ended. */
static void serve(struct server *s, int fd, struct drain *d, struct hz_source *src, uint8_t flags,
                  const uint8_t *data, size_t size)
{
    static const uint8_t greeting[12] = "RTL0\0\0\0\5\0\0\0\35";
    static uint8_t skipped[SKIPPED];
    struct hz_tuning want = {.centre_hz = 100e6 + flags, .gain_db = NAN, .ppm = flags >> 6};
    char err[256];
    if (flags & 2)
        send_all(s, fd, d, greeting, sizeof greeting);
    if (flags & 4)
        send_all(s, fd, d, skipped, sizeof skipped);
    send_all(s, fd, d, data, size / 2);
    if (flags & 8 && d->started && !d->ended)
        src->ops->tune(src, &want, err, sizeof err);
    if (flags & 16) {
        src->ops->hold(src, true);
        src->ops->hold(src, false);
    }
    send_all(s, fd, d, data + size / 2, size - size / 2);
    struct linger at_once = {1, 0};
    if (flags & 32)
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

static void source(uint8_t flags, const uint8_t *data, size_t size)
{
    static struct server *s;
    struct drain d = {0};
    char err[256];
    if (!s)
        s = server_new();
    const struct hz_source env = {.ops = hz_rtl_tcp_kind.ops,
                                  .conf = s->conf,
                                  .tuning = hz_tuning_of(s->conf),
                                  .loop = &s->loop,
                                  .events = &drain_events,
                                  .ctx = &d};
    struct hz_source *src = NULL;
    if (hz_rtl_tcp_kind.ops->open(&src, &env, err, sizeof err) != 0)
        abort();
    int fd = -1;
    for (int i = 0; fd < 0; i++) {
        fd = accept4(s->fd, NULL, NULL, SOCK_NONBLOCK);
        uv_run(&s->loop, fd < 0 ? UV_RUN_ONCE : UV_RUN_NOWAIT);
        if (i > TURNS_MAX || d.ended)
            abort();
    }
    serve(s, fd, &d, src, flags, data, size);
    close(fd);
    while (!d.ended) /* which its end must bring about */
        uv_run(&s->loop, UV_RUN_ONCE);
    src->ops->close(src, drain_closed);
    while (!d.closed)
        uv_run(&s->loop, UV_RUN_ONCE);
}

/* ---- the listener ----------------------------------------------------------------------- */

static void block(struct talk *t, uint8_t kind)
{
    static uint8_t bytes[1024];
    struct hz_block b = {.n = 16 + kind,
                         .format = kind & 128 ? HZ_CS16 : HZ_CU8,
                         .data = bytes,
                         .cap = sizeof bytes};
    t->door.kind->block(&t->door, &b);
}

/* What the client has received begins with the greeting. */
static void check_answer(int fd)
{
    static char scrap[1 << 16];
    ssize_t n = recv(fd, scrap, sizeof scrap, MSG_DONTWAIT);
    if (n >= 4 && memcmp(scrap, "RTL0", 4) != 0)
        abort();
}

/* Flags: the client may tune; the rest of them is how many bytes arrive at once. A byte of 0xf0 and
 * more at which a piece begins is a block of samples besides; each block also asks again for what
 * had to wait. */
static void share(uint8_t flags, const uint8_t *data, size_t size)
{
    static struct talk *t;
    struct hz_peer peer;
    int fds[2];
    size_t piece = 1 + (flags >> 2);
    if (!t)
        t = talk_new(&hz_kind_rtl_tcp);
    t->door.conf.control = flags & 2;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) < 0)
        abort();
    block(t, 0); /* cu8 again: clients are taken */
    hz_peer_of(fds[1], &peer);
    t->door.kind->accept(&t->door, fds[1], &peer, NULL);
    for (size_t at = 0; at < size && at < 512; at += piece) {
        size_t n = size - at < piece ? size - at : piece;
        if (data[at] >= 0xf0)
            block(t, (uint8_t)(data[at] << 4));
        if (send(fds[0], data + at, n, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
            break;
        uv_run(&t->loop, UV_RUN_NOWAIT);
    }
    uv_run(&t->loop, UV_RUN_NOWAIT);
    check_answer(fds[0]);
    close(fds[0]);
    for (int i = 0; t->all.n_clients > 0; i++) {
        uv_run(&t->loop, UV_RUN_NOWAIT);
        if (i > TURNS_MAX)
            abort(); /* it never ends */
    }
    if (t->door.n_clients != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    (data[0] & 1 ? share : source)(data[0], data + 1, size - 1);
    return 0;
}
