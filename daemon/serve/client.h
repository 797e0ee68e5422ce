/* A connected client of any transport: a cursor into the bus, at most one write in flight, and one
 * buffer for its input. Private to this folder. client.c is its life cycle, client_read.c and
 * client_write.c transfer its bytes, and each transport (tcp.c, http.c, ws.c, rpc.c) interprets
 * them. A client knows only the door of its listener (door.h). Loop thread.
 *
 * All work of a client is done in `wake` of its subscription to the bus, one piece at a time.
 * Callbacks of libuv only note events and request a wake-up. So no client delays the loop or
 * another client.
 *
 *     OPEN ──end──▶ ENDING ──all written──▶ LINGER ──peer closed, or 2 s──▶ CLOSED ──▶ freed
 */
#ifndef HZ_DAEMON_SERVE_CLIENT_H
#define HZ_DAEMON_SERVE_CLIENT_H

#include "daemon/bus/cursor.h"
#include "daemon/serve/door.h"
#include "daemon/serve/feed.h"
#include "proto/format/format.h"

enum {
    HZ_LINE_MAX = 64 * 1024,               /* bytes of a client's line or message */
    HZ_INPUT_MAX = HZ_LINE_MAX + 8 * 1024, /* with what stands before it: the head of a request */
    HZ_WRAP_ROOM = 80,                     /* bytes that a transport may add to a frame's line */
    HZ_HELLO_MAX = 256,
};

struct hz_client;

/* Why the server ends a client. */
enum hz_bye {
    HZ_BYE_BAD,  /* it made an error */
    HZ_BYE_BUSY, /* there are too many clients */
    HZ_BYE_AWAY, /* the listener is being closed */
};

struct hz_transport {
    const char *name; /* as status shows it */
    /* A client was accepted, or has changed to this transport. 0, or -errno: it is closed. */
    int (*open)(struct hz_client *c);
    /* Processes one request, line or message at the front of `data`. Returns the bytes consumed; 0:
     * it is not complete. It must consume or refuse input of HZ_INPUT_MAX bytes in any case. */
    size_t (*input)(struct hz_client *c, const char *data, size_t n);
    /* Begins to stream for a client that has said nothing: c->begin_ms has passed, it has ended its
     * own direction, or the daemon stops. NULL: sets no begin_ms. */
    void (*begin)(struct hz_client *c);
    /* c->deadline_ms has passed, or it has made no request and places are scarce. NULL: it has no
     * deadlines. */
    void (*timeout)(struct hz_client *c);
    /* Makes the next piece of an answer, while c->unfinished. NULL: answers are made at once. */
    void (*more)(struct hz_client *c);
    /* Writes a frame of the bus, which is printed, to out, which has room for its line and
     * HZ_WRAP_ROOM bytes. Returns the bytes. NULL: it never streams, or c->form writes them. */
    size_t (*wrap)(const struct hz_bus *bus, const struct hz_frame *f, char *out);
    /* Nothing was sent for some time to one without a stream: sends something so that proxies keep
     * the connection. NULL: not possible. */
    void (*keep)(struct hz_client *c);
    /* A client that has closed its own direction continues to get frames (RFC 9293, section 3.6).
     */
    bool half_closed;
    /* An answer that waits comes to its end by itself: a client that has closed its own direction
     * still gets it. */
    bool answers_end;
    /* Sends a heartbeat to one that has a stream. NULL: it gets none. */
    void (*beat)(struct hz_client *c);
    bool binary; /* it can send messages of feeds (feed.h) */
    /* Sends a line for this client only (hello, gap), given without its newline. */
    void (*say)(struct hz_client *c, const char *line, size_t n);
    /* Sends the reason why the client is disconnected. */
    void (*bye)(struct hz_client *c, enum hz_bye why, const char *reason);
    /* Frees c->proto. NULL: nothing to free. */
    void (*done)(struct hz_client *c);
};

extern const struct hz_transport hz_transport_lines, hz_transport_format, hz_transport_http,
    hz_transport_ws, hz_transport_rpc;

enum hz_client_state { HZ_CLIENT_OPEN, HZ_CLIENT_ENDING, HZ_CLIENT_LINGER, HZ_CLIENT_CLOSED };

struct hz_client {
    struct hz_subscriber subscriber;
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    } io;
    struct hz_door *door; /* referenced */
    struct hz_client *next, *prev;
    const struct hz_transport *transport;
    const struct hz_form
        *form;   /* frames are sent in this format; NULL: as the transport wraps them */
    void *proto; /* the transport's own state */
    enum hz_client_state state;
    bool refused;    /* it only gets the reason of refusal */
    bool asked;      /* it has made a request */
    bool unfinished; /* an answer is being made in pieces; nothing may be sent in between */
    bool waiting;    /* `more` has nothing to add before the next wake-up */
    uint64_t id;
    struct hz_peer peer;
    enum hz_role role;        /* what it may */
    struct hz_tokens *tokens; /* referenced: the list that `token` is in; NULL: it gave none */
    const struct hz_token *token;
    int64_t since_utc_ns;
    uint64_t since_ms, deadline_ms; /* of the loop's clock; 0: none */

    bool streaming;
    uint64_t begin_ms; /* of the loop's clock: when it streams, unless it speaks first; 0: never */
    struct hz_cursor cursor;
    uint64_t frames, bytes, missed;

    struct hz_feed_link *feeds; /* of feed.c; the one whose turn is next is first */
    size_t n_feeds;

    char *in;                     /* input; NULL while all of it is consumed */
    size_t in_at, in_len, in_cap; /* in_len bytes from in_at on are not consumed yet */
    bool reading, eof, hungry;    /* hungry: the input in `in` is not complete */
    bool broken;                  /* the connection was reset */
    char *out;                    /* bytes for this client only, sent before further frames */
    size_t out_len, out_cap;
    struct hz_client_write *write; /* in flight, or NULL */
    uint64_t progress_ms;          /* when the socket last accepted bytes */
    size_t left;                   /* bytes of the write that were left then */
};

/* Takes over a connected socket. refuse: NULL, or the reason for which the client is refused. 0, or
 * -errno; then the socket is closed. */
int hz_client_new(struct hz_door *d, const struct hz_transport *transport, int fd,
                  const struct hz_peer *peer, const char *refuse);

/* Below: for transports. */

/* Queues bytes, which are sent at the end of the client's wake-up. */
void hz_client_send(struct hz_client *c, const void *data, size_t n);
/* Takes back what was queued since the last write, for a transport that has to put something before
 * it. The caller frees it; NULL: it was nothing. */
char *hz_client_take_back(struct hz_client *c, size_t *n);
/* Changes to another transport, which owns proto from then on. */
void hz_client_become(struct hz_client *c, const struct hz_transport *t);
/* The hello object, terminated, without newline; the client's frames begin at its seq. */
size_t hz_client_hello(struct hz_client *c, char buf[HZ_HELLO_MAX]);
/* Begins to stream, or changes the filter and, with `since`, the position. 0, or -EINVAL with one
 * line in err. A gap line before the next frame reports frames that are no longer in the log. */
int hz_client_subscribe(struct hz_client *c, const struct hz_subscription *s, char *err,
                        size_t err_len);
/* The object that acknowledges a subscription, terminated, without newline: where it begins, and
 * which of its names nobody has. */
enum { HZ_ACK_MAX = 8192 };
size_t hz_client_ack(struct hz_client *c, char buf[HZ_ACK_MAX]);
/* Subscribes and says the acknowledgement. As hz_client_subscribe. */
int hz_client_subscribe_said(struct hz_client *c, const struct hz_subscription *s, char *err,
                             size_t err_len);

/* A line at the front of the input; empty lines before it are skipped. */
struct hz_client_line {
    size_t used; /* bytes, with its end and with empty lines before it; 0: it is not complete yet */
    size_t at;   /* where it begins */
    size_t len;  /* before its end */
    bool ended;  /* with a newline; the last before a stream's end need not be */
};

/* Reads a line. Returns false, with `used` for the transport to return, if there is none: it is not
 * complete, or too long, which disconnects the client. */
bool hz_client_line(struct hz_client *c, const char *data, size_t n, struct hz_client_line *line);
/* Acts on a line of words, `{"token":…}`, `{"subscribe":…}` or both in one, and says the
 * acknowledgement of a subscription. The token is taken out of json; NULL: the line is no JSON. 0,
 * or -EINVAL with one line in err. */
int hz_client_words(struct hz_client *c, cJSON *json, char *err, size_t err_len);
/* Sends {"kind":"error","error":REASON}. */
void hz_client_say_error(struct hz_client *c, const char *reason);
/* Counts a bad request, sends the reason and disconnects the client. */
void hz_client_fail(struct hz_client *c, const char *reason);
/* Counts a bad request. */
void hz_client_count_bad(struct hz_client *c);
/* Sends the queued bytes, then closes. */
void hz_client_end(struct hz_client *c);

/* Below: of client_stream.c, for client.c and tcp.c. */

/* Says what the logs have not kept for it, if anything. */
void hz_client_say_gap(struct hz_client *c);
/* For hz_transport.beat: says that all before the next frame was sent. */
void hz_client_say_beat(struct hz_client *c);
/* Begins the stream of a client that has said nothing and has c->begin_ms; of others nothing. */
void hz_client_begin(struct hz_client *c);
/* Begins the streams of all whose silence is over; returns when the next one's is, 0: none
 * waits. */
uint64_t hz_clients_begin(struct hz_doors *all, uint64_t now_ms);

/* Below: of client_read.c, for client.c. */

/* Starts or stops reading, depending on the room in the buffer. */
void hz_client_keep_reading(struct hz_client *c);
/* Passes one piece of input to the transport, unless its last answer is not sent yet. */
void hz_client_take_input(struct hz_client *c);
/* The client has closed its own direction, and may still receive. */
bool hz_client_goes_on(const struct hz_client *c);
/* Whether a peer that had closed both directions has answered a frame, or a probe of the kernel,
 * with a reset. The socket is not being read, so libuv would notice that only at the next write. */
bool hz_client_is_reset(const struct hz_client *c);

/* Below: of client_write.c, for client.c. */

/* Starts one write. False: there is nothing to write, or a write is in flight. */
bool hz_client_pump(struct hz_client *c);

/* Below: of client_batch.c, for client_write.c. */

/* Encoded frames. */
struct hz_client_piece {
    const char *data; /* valid until the next call */
    size_t len, frames;
};

/* The next frames for the client, whose cursor moves behind them; len 0: none. */
struct hz_client_piece hz_client_frames(struct hz_client *c);
void hz_batches_free(struct hz_batches *all); /* NULL is allowed */

/* A position in the list of clients that stays valid while clients are removed. It begins with the
 * newest, and does not see clients that are added later. */
struct hz_client_walk {
    struct hz_doors *all;
    struct hz_client *at; /* NULL: the end */
    struct hz_client_walk *next;
};

void hz_client_walk_begin(struct hz_client_walk *w, struct hz_doors *all);
void hz_client_walk_end(struct hz_client_walk *w);

/* Below: for listener.c. */

/* Requests a wake-up. */
void hz_client_wake(struct hz_client *c);
/* Disconnects the client with HZ_BYE_AWAY, unless it is ending already. */
void hz_client_away(struct hz_client *c, const char *reason);
/* Closes the client at once; it is freed later. */
void hz_client_close(struct hz_client *c);
/* Checks deadlines and sockets that accept nothing; called about every second. */
void hz_client_sweep(struct hz_client *c, uint64_t now_ms);

#endif
