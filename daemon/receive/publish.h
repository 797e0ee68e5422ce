/* Puts what a channel's decoder wrote on the bus. Loop thread. */
#ifndef HZ_DAEMON_RECEIVE_PUBLISH_H
#define HZ_DAEMON_RECEIVE_PUBLISH_H

#include "daemon/bus/bus.h"
#include "daemon/bus/fold.h"
#include "proto/out/sink.h"

/* Where a channel's records go; all of it borrowed. */
struct hz_publish {
    struct hz_bus *bus;
    struct hz_fold *fold; /* what messages go through; NULL: none */
    struct hz_fold_from from;
};

/* Publishes what the sink's arena holds, in its order. False: it holds nothing. */
bool hz_publish(const struct hz_publish *p, const struct hz_sink *sink);

#endif
