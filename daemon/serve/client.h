/* A connected client, whatever it speaks: one cursor into the bus, one write in flight, one buffer
 * for what it sends. Private to this folder: client.c is its life, client_read.c and client_write.c
 * carry its bytes, and one file per transport (tcp.c, http.c, ws.c, rpc.c) says what the bytes
 * mean. It came in by a door (door.h), and knows no more of its listener. Loop thread.
 *
 * All work of a client happens in its turn (the bus's wake), one piece at a time: a callback of
 * libuv only notes what came and asks for a turn. So no client holds up the loop or another one.
 *
 *     OPEN ──end──▶ ENDING ──all written──▶ LINGER ──peer closed, or 2 s──▶ CLOSED ──▶ freed
 */
#ifndef HZ_DAEMON_SERVE_CLIENT_H
#define HZ_DAEMON_SERVE_CLIENT_H

#include "daemon/bus/subscription.h"
#include "daemon/serve/door.h"

enum {
    HZ_LINE_MAX = 64 * 1024,         /* bytes of a client's line or message */
    HZ_INPUT_MAX = HZ_LINE_MAX + 14, /* with its line end, or the header of a WebSocket frame */
    HZ_WRAP_MAX = 3,                 /* buffers that a transport makes of one frame */
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
    /* It is over: c->deadline_ms has passed, or it has asked nothing yet and the places are scarce.
     * NULL: waits for nothing. */
    void (*timeout)(struct hz_client *c);
    /* Makes the next piece of an answer; only while c->unfinished. NULL: its answers are whole. */
    void (*more)(struct hz_client *c);
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

enum hz_client_state { HZ_CLIENT_OPEN, HZ_CLIENT_ENDING, HZ_CLIENT_LINGER, HZ_CLIENT_CLOSED };

struct hz_client {
    struct hz_subscriber turn;
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    } io;
    struct hz_door *door; /* referenced */
    struct hz_client *next, *prev;
    const struct hz_transport *transport;
    void *proto; /* the transport's own state */
    enum hz_client_state state;
    bool refused;    /* it is only told so */
    bool asked;      /* it has made a request */
    bool unfinished; /* an answer is made piece by piece; nothing may come between */
    uint64_t id;
    struct hz_peer peer;
    int64_t since_utc_ns;
    uint64_t since_ms, deadline_ms; /* of the loop's clock; 0: none */

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
int hz_client_new(struct hz_door *d, const struct hz_transport *transport, int fd,
                  const struct hz_peer *peer, const char *refuse);

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

/* Below: of client_write.c, for client.c, and the other way round. */

enum { HZ_WRITE_FRAMES = 256 }; /* frames in one write */

/* What is to be written now; borrowed from the client and the bus. */
struct hz_batch {
    size_t n_bufs, n_frames, bytes;
    uv_buf_t bufs[1 + HZ_WRITE_FRAMES * HZ_WRAP_MAX];
    struct hz_frame *frames[HZ_WRITE_FRAMES];
};

/* client.c: the client's own bytes, then frames. */
void hz_client_gather(struct hz_client *c, struct hz_batch *b);
/* One write of what there is. False when there was nothing to write, or one is in flight. */
bool hz_client_pump(struct hz_client *c);

/* A place in the list of clients that stays right while clients go: begins with the newest, and
 * does not see those that come later. */
struct hz_client_walk {
    struct hz_doors *all;
    struct hz_client *at; /* NULL: over */
    struct hz_client_walk *next;
};

void hz_client_walk_begin(struct hz_client_walk *w, struct hz_doors *all);
void hz_client_walk_end(struct hz_client_walk *w);

/* Below: for listener.c. */

/* Asks for a turn. */
void hz_client_wake(struct hz_client *c);
/* Says goodbye (HZ_BYE_AWAY) and ends, if it is not ending already. */
void hz_client_away(struct hz_client *c, const char *reason);
/* Closes at once. Freed later. */
void hz_client_close(struct hz_client *c);
/* Looks after deadlines and sockets that take nothing; every second or so. */
void hz_client_sweep(struct hz_client *c, uint64_t now_ms);

#endif
