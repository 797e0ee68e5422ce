/* A connected client, whatever it speaks: one cursor into the bus, one write in flight, one buffer
 * for what it sends. Private to the listeners: listener.c accepts clients and ends them, client.c
 * carries their bytes, and one file per transport (lines.c, http.c, ws.c, rpc.c) says what the
 * bytes mean. Loop thread.
 *
 * All work of a client happens in its turn (the bus's wake), one piece at a time: a callback of
 * libuv only notes what came and asks for a turn. So no client holds up the loop or another one.
 *
 *     OPEN ──end──▶ ENDING ──all written──▶ LINGER ──peer closed, or 2 s──▶ CLOSED ──▶ freed
 */
#ifndef HZ_DAEMON_SERVE_CLIENT_H
#define HZ_DAEMON_SERVE_CLIENT_H

#include "daemon/bus/subscription.h"
#include "daemon/serve/listener.h"
#include "daemon/serve/socket.h"

#include <sys/types.h>

enum {
    HZ_LINE_MAX = 64 * 1024,        /* bytes of a client's line or message */
    HZ_INPUT_MAX = HZ_LINE_MAX + 2, /* with its line end */
    HZ_WRAP_MAX = 3,                /* buffers that a transport makes of one frame */
    HZ_ERROR_MAX = 256,             /* bytes of one line for people */
    HZ_HELLO_MAX = 256,
};

struct hz_client;

/* Why the server ends a client. */
enum hz_bye {
    HZ_BYE_BAD,  /* it sent what it should not */
    HZ_BYE_BUSY, /* there are too many */
    HZ_BYE_AWAY, /* the listener goes */
};

struct hz_transport {
    const char *name; /* as status shows it */
    /* A client came (or became one of this transport). 0, or -errno: it is closed. */
    int (*open)(struct hz_client *c);
    /* Takes one request, line or message off the front of `data`; returns the bytes used, 0 when
     * it is not complete. Complete or not, it must use or refuse HZ_INPUT_MAX bytes. */
    size_t (*input)(struct hz_client *c, const char *data, size_t n);
    /* c->deadline_ms has passed. NULL: sets none. */
    void (*timeout)(struct hz_client *c);
    /* How a frame of the bus goes out: fills up to HZ_WRAP_MAX buffers, returns how many. NULL in
     * these two: never streams. */
    size_t (*wrap)(const struct hz_frame *f, uv_buf_t *bufs);
    /* Nothing was sent for a while: sends what keeps a proxy from closing the connection. NULL: has
     * nothing for it. */
    void (*keep)(struct hz_client *c);
    /* A client that has ended its own direction goes on getting frames (RFC 9293, section 3.6). */
    bool half_closed;
    /* Sends a line of the client's own (hello, gap), given without its newline. */
    void (*say)(struct hz_client *c, const char *line, size_t n);
    /* Tells why the client is ended. */
    void (*bye)(struct hz_client *c, enum hz_bye why, const char *reason);
    /* Frees c->proto. NULL: nothing to free. */
    void (*done)(struct hz_client *c);
};

extern const struct hz_transport hz_transport_lines, hz_transport_http, hz_transport_ws,
    hz_transport_rpc;

struct hz_share;

struct hz_client_counts {
    uint64_t accepted, refused;
    uint64_t bad;  /* requests that were refused with an error */
    uint64_t slow; /* closed because they took nothing */
    uint64_t frames, bytes, missed;
};

/* One listening socket, and what its clients share:
 *
 *     waiting ◀──cannot listen── (added) ──▶ listening ──▶ leaving ──▶ gone, once its clients are
 *        └─────────tried each second──────────▶┘ */
struct hz_listener {
    struct hz_listeners *all;
    struct hz_listener *next;
    struct hz_conf_listen conf; /* what is wanted; a copy of its own */
    bool wanted;                /* else it leaves, at once or when that which replaces it listens */
    bool left;                  /* it has: no more than its clients keep it */
    char error[HZ_ERROR_MAX];   /* why it does not listen, while it waits; "" */
    const struct hz_transport *transport;
    struct hz_share *share;  /* rtl_tcp: its clients; else NULL */
    struct hz_socket socket; /* its fd is -1 while it does not listen */
    uv_poll_t poll;
    bool resting; /* not accepting until the next sweep */
    int refs;     /* its place among all, its clients, and the poll handle until it is closed */
    size_t n_clients, n_refused;
    struct hz_client_counts counts;
};

/* All of them. */
struct hz_listeners {
    struct hz_listen_env env;
    struct hz_listener *first;
    struct hz_client *clients; /* newest first */
    size_t n_clients, n_refused;
    size_t max_clients; /* what the limit of open files allows */
    uint64_t next_id;
    int reserve_fd; /* given up to take and close a connection when there are no more */
    uv_timer_t sweep;
    uv_timer_t drain;
    int open_handles;
    bool draining;
    void (*done)(void *ctx);
    void *done_ctx;
    char scrap[16 * 1024]; /* where bytes go that nobody reads */
};

enum hz_client_state { HZ_CLIENT_OPEN, HZ_CLIENT_ENDING, HZ_CLIENT_LINGER, HZ_CLIENT_CLOSED };

struct hz_client {
    struct hz_subscriber turn;
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    } io;
    struct hz_listener *listener; /* referenced */
    struct hz_client *next, *prev;
    const struct hz_transport *transport;
    void *proto; /* the transport's own state */
    enum hz_client_state state;
    bool refused; /* over the limit: only told so */
    uint64_t id;
    char peer[64]; /* HOST:PORT, or the user and process at the other end of a Unix socket */
    uid_t uid;
    pid_t pid;
    int64_t since_utc_ns;
    uint64_t deadline_ms; /* of the loop's clock; 0: none */

    bool streaming;
    uint64_t cursor; /* seq of the next frame to send */
    struct hz_subscription filter;
    bool ended; /* filter.stream is not ours, and the client is not told yet */
    uint64_t frames, bytes, missed;

    char *in; /* what came and is not used yet; NULL while empty */
    size_t in_len, in_cap;
    bool reading, eof, hungry; /* hungry: what is in `in` is not complete */
    char *out;                 /* the client's own bytes, which go before further frames */
    size_t out_len, out_cap;
    struct hz_client_write *write; /* in flight, or NULL */
    uint64_t progress_ms;          /* when the socket last took bytes */
    size_t left;                   /* bytes of it that were left then */
};

/* Takes over a connected socket. `refuse`: NULL, or the reason why it is only told to go. On
 * failure the socket is closed: -errno. */
int hz_client_new(struct hz_listener *l, int fd, const char *refuse);

/* Below: for transports. */

/* Queues bytes, which are sent at the end of the client's turn. */
void hz_client_send(struct hz_client *c, const void *data, size_t n);
/* Goes on with another transport; proto is its own from then on. */
void hz_client_become(struct hz_client *c, const struct hz_transport *t);
/* The hello object, terminated, without newline; the client's frames begin at its seq. */
size_t hz_client_hello(struct hz_client *c, char buf[HZ_HELLO_MAX]);
/* Begins to stream, or changes the filter and, with `since`, the place. 0, or -EINVAL with a line
 * in err. What is gone of the frames asked for is told by a gap line before the next frame. */
int hz_client_subscribe(struct hz_client *c, const struct hz_subscription *s, char *err,
                        size_t err_len);

/* A line off the front of what came. */
struct hz_client_line {
    size_t used; /* bytes, with its end; 0: it is not complete yet */
    size_t len;  /* before its end */
    bool ended;  /* with a newline; the last before a stream's end need not be */
};

/* Returns false, with `used` for the transport to return, when there is no line to take: it is not
 * complete, or too long, which ends the client. */
bool hz_client_line(struct hz_client *c, const char *data, size_t n, struct hz_client_line *line);
/* Says {"kind":"error","error":REASON}. */
void hz_client_say_error(struct hz_client *c, const char *reason);
/* Counts a bad request, tells the reason and ends the client. */
void hz_client_fail(struct hz_client *c, const char *reason);
/* Counts a bad request. */
void hz_client_count_bad(struct hz_client *c);
/* Sends what is queued and no more, then closes. */
void hz_client_end(struct hz_client *c);

/* Below: of client_read.c, for client.c. */

/* Reads on, as long as there is room for it. */
void hz_client_keep_reading(struct hz_client *c);
/* Hands one piece of input to the transport, unless its last answer is still on the way. */
void hz_client_take_input(struct hz_client *c);
/* It has ended its own direction, and may still listen. */
bool hz_client_goes_on(const struct hz_client *c);
/* A peer that had closed both directions has answered a frame, or the kernel's probe, with a reset:
 * nobody reads, so libuv does not notice before the next write. */
bool hz_client_is_reset(const struct hz_client *c);

/* Below: for listener.c. */

/* Asks for a turn. */
void hz_client_wake(struct hz_client *c);
/* Says goodbye (HZ_BYE_AWAY) and ends, if it is not ending already. */
void hz_client_away(struct hz_client *c, const char *reason);
/* Closes at once. Freed later. */
void hz_client_close(struct hz_client *c);
/* Looks after deadlines and sockets that take nothing; every second or so. */
void hz_client_sweep(struct hz_client *c, uint64_t now_ms);
/* listener.c: the last reference to it may have gone; a client less. */
void hz_listener_unref(struct hz_listener *l);

/* Below: between listener.c, listener_set.c and listener_json.c. */

/* "tcp", "http", "unix", "rtl_tcp". */
const char *hz_listener_type(const struct hz_listener *l);
/* One that is wanted and does not listen yet, not among all. NULL: no memory. */
struct hz_listener *hz_listener_new(struct hz_listeners *all, const struct hz_conf_listen *conf);
void hz_listener_free(struct hz_listener *l);
/* Puts it among all. */
void hz_listener_join(struct hz_listener *l);
/* Makes it listen; takes over the socket of one that leaves. 0, or -errno with the reason in
 * l->error, which is logged when it is another than before. */
int hz_listener_open(struct hz_listener *l);
/* Listens no more; its clients are told why and closed. */
void hz_listener_leave(struct hz_listener *l);
/* listener_set.c: tries those that wait again. */
void hz_listeners_retry(struct hz_listeners *all);

#endif
