/* A link that gathers messages and sends them to a service in one request over HTTP, each
 * `interval`, and keeps the connection alive with a request of its own. A request that fails is
 * sent again after the wait of the link, so the service may get messages twice; one that it does
 * not like, or that failed HZ_BATCH_TRIES times, is given up. A kind of upload is one file with a
 * struct hz_batch_ops (sondehub.c, ais_post.c). Loop thread. */
#ifndef HZ_DAEMON_OUTPUT_BATCH_H
#define HZ_DAEMON_OUTPUT_BATCH_H

#include "daemon/base/web.h"
#include "daemon/output/link.h"

enum {
    HZ_BATCH_MAX = 256 * 1024, /* bytes of messages in one request */
    HZ_BATCH_ITEM = 16 * 1024, /* of one message */
    HZ_BATCH_TRIES = 5,
};

/* The section of an upload. That of a kind begins with it. */
struct hz_conf_batch {
    struct hz_conf_link link;
    char *url, *ca;
    uint64_t interval_s;
    bool marked;
};

/* A request that is being made. `url`, `method`, `headers` and `gzip` of it are filled before. */
struct hz_batch_request {
    struct hz_web_request web;
    const char *headers[4];   /* web.headers; ends with NULL */
    char text[128], date[64]; /* for headers */
    struct hz_bytes body;
};

struct hz_batch_ops {
    /* decoders whose messages it takes; ends with NULL */
    const char *const *protocols;
    /* Writes what the service gets of the message, a JSON object; or nothing, where it has no words
     * for it. */
    void (*item)(const struct hz_conf_batch *conf, const struct hz_form_in *in,
                 struct hz_bytes *out);
    /* Writes the body that carries the items: n bytes with commas between them, or nothing in a
     * sign of life. It may change web and add headers. */
    void (*wrap)(const struct hz_conf_batch *conf, const char *items, size_t n,
                 struct hz_batch_request *r);
    /* A request that is made when the link begins, and so often again: false: there is none. NULL:
     * it is a sign of life. */
    bool (*hello)(const struct hz_conf_batch *conf, struct hz_batch_request *r);
    uint64_t hello_s;
    bool beats; /* after each interval without a message there is a sign of life */
};

/* The carrier of a kind of upload: every function but open, which calls hz_batch_open. */
#define HZ_BATCH_CARRIER(open_)                                                                    \
    {                                                                                              \
        .kinds = 1u << HZ_KIND_MESSAGE, .open = open_, .connect = hz_batch_connect,                \
        .room = hz_batch_room, .send = hz_batch_send, .idle = hz_batch_idle,                       \
        .tick = hz_batch_tick, .close = hz_batch_close, .status = hz_batch_status                  \
    }

void *hz_batch_open(const struct hz_carrier_env *env, const struct hz_batch_ops *ops, char *err,
                    size_t err_len);
void hz_batch_connect(void *state);
bool hz_batch_room(void *state);
void hz_batch_send(void *state, struct hz_frame *f);
bool hz_batch_idle(void *state);
void hz_batch_tick(void *state);
void hz_batch_close(void *state, void (*closed)(void *ctx), void *ctx);
void hz_batch_status(void *state, cJSON *item);
/* For hz_output_kind.show: the URL without what may be secret. */
void hz_batch_show(const struct hz_conf_output *section, char out[HZ_TARGET_MAX]);

/* The keys that all uploads have, for a kind's table. */
/* clang-format off */
#define HZ_OF_BATCH(field) .at = offsetof(struct hz_conf_batch, field)
#define HZ_KEY_BATCH_URL(fallback_) \
    {.name = "url", .type = HZ_OPTION_TEXT, HZ_OF_BATCH(url), .fallback = fallback_, \
     .example = "https://example.org/upload", .help = "where it is sent, http:// or https://"}
#define HZ_KEY_BATCH_INTERVAL(fallback_) \
    {.name = "interval", .type = HZ_OPTION_PARSED, HZ_OF_BATCH(interval_s), .parse = hz_parse_history_time, \
     .size = sizeof(uint64_t), .expected = "a time from 1s to 7d with the unit s, m, h or d, as in 30s", \
     .fallback = fallback_, .help = "how long messages are gathered for one request"}
#define HZ_KEY_BATCH_MAX_AGE(fallback_) \
    {.name = "max_age", .type = HZ_OPTION_PARSED, HZ_OF_LINK(max_age_s), .parse = hz_link_parse_age, \
     .size = sizeof(uint64_t), .expected = "none, or 1s to 7d with the unit s, m, h or d, as in 30s", \
     .fallback = fallback_, .help = "messages older than this are not sent any more"}
#define HZ_KEY_BATCH_CA \
    {.name = "ca", .type = HZ_OPTION_TEXT, HZ_OF_BATCH(ca), .example = "/etc/ssl/my-ca.pem", \
     .help = "of https: file of the authorities that are trusted; default: the system's"}
/* clang-format on */

/* Checks these keys, the filter, and that the section asks for no other protocols. */
void hz_batch_check(const struct hz_check *c, const struct hz_conf_batch *conf,
                    const struct hz_batch_ops *ops);

#endif
