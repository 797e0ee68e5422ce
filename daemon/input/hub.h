/* A hub: takes the messages of many stations from a JetStream stream and gives them to the fold, as
 * if this daemon had heard them (docs/scaling.md).
 *
 * Each bucket of the stream (daemon/bus/bucket.h) has one durable consumer, DURABLE-N, which the
 * server keeps. Hubs of one DURABLE share the buckets (share.h). The hub that has a bucket pulls
 * its messages, and acknowledges each one when it has been on the bus for a tenth of a second. What
 * is not acknowledged when a hub ends comes again, to it or to another hub. Loop thread. */
#ifndef HZ_DAEMON_INPUT_HUB_H
#define HZ_DAEMON_INPUT_HUB_H

#include "daemon/bus/bus.h"
#include "daemon/bus/fold.h"
#include "daemon/nats/nats.h"

#include <cjson/cJSON.h>

struct hz_hub_conf {
    const struct hz_nats_conf *nats; /* borrowed until it is closed */
    const char *stream, *durable;
    uint64_t buckets; /* that it may take, a bit each */
    uint64_t hold_ms; /* for copies */
    int64_t apart_ns; /* by how much the clocks of stations may differ */
};

/* All borrowed. */
struct hz_hub_env {
    uv_loop_t *loop;
    struct hz_bus *bus;
    struct hz_fold *fold;
    const struct hz_decoder *const *decoders; /* ends with NULL */
};

struct hz_hub;

/* Begins to connect. name: for the log. NULL: no memory. */
struct hz_hub *hz_hub_new(const struct hz_hub_env *env, const struct hz_hub_conf *conf,
                          const char *name);
/* Ends it: what is on the bus is acknowledged, if the server is there. Calls closed(ctx) when the
 * loop has let go of it. */
void hz_hub_close(struct hz_hub *h, void (*closed)(void *ctx), void *ctx);

/* Adds its members to the input's status. */
void hz_hub_status(const struct hz_hub *h, cJSON *item);

#endif
