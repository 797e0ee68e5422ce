/* Feeds: what gives binary messages to WebSocket clients, beside the lines of the stream. A feed is
 * one view of a receiver's band, or the speech of one channel. Its owner makes each message once;
 * all clients of the feed share it. A client has a short queue for each of its feeds: when it is
 * full, the oldest message is dropped and counted. So a client that does not read costs no more
 * memory and delays nobody, and gets the latest when it reads again.
 *
 * Layout of a message, little endian (docs/spectrum.md):
 *     u8 type, u8 version, u16 bytes before the payload, u32 seq, the rest of the head, payload
 *
 * Loop thread: everything here. */
#ifndef HZ_DAEMON_SERVE_FEED_H
#define HZ_DAEMON_SERVE_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hz_client;
struct hz_feed;

enum {
    HZ_FEEDS_MAX = 16, /* feeds that one client can have */
    HZ_FEED_HEAD = 8,  /* bytes of the common head */
    HZ_FEED_VERSION = 1,
};

enum hz_feed_type { HZ_FEED_SPECTRUM = 1, HZ_FEED_AUDIO = 2 };

/* ---- messages --------------------------------------------------------------------------- */

/* A binary message, which nobody changes once it was pushed. */
struct hz_feed_message {
    int refs;
    uint8_t ws_len; /* bytes of the WebSocket header, which lies right before data */
    size_t len;     /* bytes of data */
    uint8_t *data;
    uint8_t room[];
};

/* A message of head_len bytes, which are zero but for the common head, and n bytes of payload,
 * which are not initialized. It has the feed's next seq, and one reference. NULL: no memory. */
struct hz_feed_message *hz_feed_message_new(struct hz_feed *f, size_t head_len, size_t n);
struct hz_feed_message *hz_feed_message_ref(struct hz_feed_message *m);
void hz_feed_message_unref(struct hz_feed_message *m); /* NULL is allowed */

/* ---- feeds ------------------------------------------------------------------------------ */

/* One constant for each kind of feed. */
struct hz_feed_kind {
    const char *name; /* the `kind` of its acknowledgements, as "spectrum" */
    enum hz_feed_type type;
    size_t queue; /* of a feed, unless its owner sets another */
    /* A client has left, or was closed; f->clients is what remains. The owner may free the feed. */
    void (*left)(struct hz_feed *f);
};

/* Embedded in its owner. */
struct hz_feed {
    const struct hz_feed_kind *kind;
    const char *name; /* of the receiver or channel; borrowed from the owner */
    struct hz_feed_link *links;
    size_t clients;
    /* messages that wait for one client; then the oldest is dropped. Set before the first joins. */
    size_t queue;
    uint32_t seq; /* of the next message */
    /* messages made; given to clients' sockets; dropped because a client did not read */
    uint64_t made, sent, dropped;
};

void hz_feed_init(struct hz_feed *f, const struct hz_feed_kind *kind, const char *name);

/* Gives the feed to a client; nothing happens if it has it. 0; -ENOSYS: its transport has no binary
 * messages; -EMFILE: it has HZ_FEEDS_MAX; -ENOMEM. One line in err. */
int hz_feed_join(struct hz_feed *f, struct hz_client *c, char *err, size_t err_len);
/* Takes the feed from a client, with what waits, and then calls kind->left. Nothing happens if it
 * does not have it. */
void hz_feed_leave(struct hz_feed *f, struct hz_client *c);
/* The client's feed of that kind and name; NULL: it has none. */
struct hz_feed *hz_feed_of(const struct hz_client *c, const struct hz_feed_kind *kind,
                           const char *name);
/* Gives a message to all clients of the feed. Takes over the caller's reference. */
void hz_feed_push(struct hz_feed *f, struct hz_feed_message *m);
/* Says a line (without its newline) to all clients of the feed. */
void hz_feed_say(struct hz_feed *f, const char *line, size_t n);

/* ---- for client.c ----------------------------------------------------------------------- */

/* The next message for a client, in turn from each of its feeds, with a reference for the caller;
 * NULL: none waits. */
struct hz_feed_message *hz_feeds_next(struct hz_client *c);
/* Whether a message waits. */
bool hz_feeds_waiting(const struct hz_client *c);
/* Takes all feeds from a client that is closed. */
void hz_feeds_leave_all(struct hz_client *c);

struct hz_json;
/* Adds the client's feeds to its object in the list of clients; nothing if it has none. */
void hz_feeds_print(const struct hz_client *c, struct hz_json *j);

#endif
