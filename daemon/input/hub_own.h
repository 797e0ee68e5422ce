/* The parts of a hub: hub.c (connection, sharing, status), hub_pull.c (consumers and
 * acknowledgements), hub_take.c (a message becomes a record). */
#ifndef HZ_DAEMON_INPUT_HUB_OWN_H
#define HZ_DAEMON_INPUT_HUB_OWN_H

#include "daemon/base/backoff.h"
#include "daemon/input/hub.h"
#include "daemon/input/line.h"
#include "daemon/input/share.h"
#include "daemon/input/stations.h"

enum {
    HZ_HUB_TICK_MS = 100,
    HZ_HUB_WORD_MAX = 63,  /* bytes of a stream's or a durable's name */
    HZ_HUB_BATCH = 256,    /* messages of one pull request */
    HZ_HUB_EXPIRES_S = 2,  /* a request ends so late */
    HZ_HUB_PENDING = 1000, /* messages of one bucket that are not acknowledged */
    HZ_HUB_ERROR_MAX = 256,
};

enum hz_pull_state {
    HZ_PULL_OFF,      /* another hub has it */
    HZ_PULL_CREATING, /* the server was asked for the consumer */
    HZ_PULL_IDLE,     /* nothing is asked for */
    HZ_PULL_WAITING,  /* for `want` more messages, or the end of the request */
};

/* One bucket of the stream. */
struct hz_pull {
    enum hz_pull_state state;
    unsigned request; /* number of the present one */
    int want;         /* messages that it may still give */
    size_t unacked;
    uint64_t due_ms;  /* CREATING, WAITING: given up then. IDLE: next try */
    uint64_t pending; /* messages in the stream behind the latest one that came */
};

/* A message that is not acknowledged yet, in order of arrival. */
struct hz_unacked {
    struct hz_unacked *next;
    uint64_t serial; /* of the fold: on the bus when the fold has settled it */
    uint8_t bucket;
    char reply[]; /* where the acknowledgement goes */
};

struct hz_hub_counts {
    uint64_t messages;    /* that came */
    uint64_t redelivered; /* that the server sent once more */
    uint64_t duplicates;  /* dropped: the line came before */
    uint64_t acked;
    uint64_t bad, looped; /* lines that were refused; lines of this daemon */
    uint64_t passed;      /* gaps and states of stations */
    uint64_t unknown;     /* of a station too many, or without memory */
};

struct hz_hub {
    struct hz_hub_env env;
    char name[HZ_NAME_MAX + 1];
    const struct hz_nats_conf *nats_conf;
    char stream[HZ_HUB_WORD_MAX + 1], durable[HZ_HUB_WORD_MAX + 1];
    uint64_t buckets, hold_ms;
    int64_t apart_ns;

    struct hz_nats *nats; /* NULL: it waits for the next try */
    bool up;
    uint64_t up_ms, down_ms, next_ms; /* since when; of the next try */
    struct hz_backoff backoff;
    char error[HZ_HUB_ERROR_MAX]; /* "": none */
    uint64_t connects;
    uv_timer_t tick;
    unsigned ticks;
    void (*closed)(void *ctx);
    void *closed_ctx;

    struct hz_share share;
    struct hz_pull pulls[HZ_SHARE_BUCKETS];
    struct hz_unacked *first, **end;
    size_t n_unacked;
    uint64_t settled; /* serials below were on the bus at the tick before */

    struct hz_stations stations;
    struct hz_line_reader *reader;
    struct hz_hub_counts counts;
    double lag_s; /* of messages, over the last hundred or so */
    bool told_bad;
};

/* ---- hub_pull.c ---- */

/* The connection is new: nothing is asked for. Or it is gone: nothing can be acknowledged. */
void hz_hub_pull_reset(struct hz_hub *h);
/* Each tick: takes and leaves buckets, asks again where no answer came. */
void hz_hub_pull_tick(struct hz_hub *h, uint64_t holds);
/* Buckets that may still get messages, or whose messages are not all acknowledged. */
uint64_t hz_hub_pull_busy(const struct hz_hub *h);
/* Acknowledges what is settled; all: what the fold has settled by now. */
void hz_hub_pull_ack(struct hz_hub *h, bool all);
/* Asks the server how much waits in the stream. */
void hz_hub_pull_ask(struct hz_hub *h);
/* A message of the connection's inbox. */
void hz_hub_pull_in(struct hz_hub *h, const struct hz_nats_in *m);

/* ---- hub_take.c ---- */

/* A message of the stream: to the fold, or the bus. */
void hz_hub_take(struct hz_hub *h, const struct hz_nats_in *m);

/* ---- hub.c ---- */

/* What another hub tells of itself. */
void hz_hub_told(struct hz_hub *h, const struct hz_nats_in *m);

/* Something is wrong; logged when it is new. */
__attribute__((format(printf, 2, 3))) void hz_hub_error(struct hz_hub *h, const char *format, ...);

#endif
