/* Publishes the records of a channel's decoder on the bus. Loop thread. */
#ifndef HZ_DAEMON_RECEIVE_PUBLISH_H
#define HZ_DAEMON_RECEIVE_PUBLISH_H

#include "daemon/bus/bus.h"
#include "daemon/bus/fold.h"
#include "daemon/receive/sightings.h"
#include "daemon/receive/tally.h"
#include "proto/out/sink.h"

/* Where a channel's records go. All pointers are borrowed. */
struct hz_publish {
    struct hz_bus *bus;
    struct hz_fold *fold; /* merges repeats; NULL: they are not merged */
    struct hz_fold_from from;
    struct hz_tally *tally;         /* counts the messages that are published */
    struct hz_sightings *sightings; /* of a channel that takes bursts; NULL: it takes none */
};

/* Publishes the records in the sink's arena, in their order. False: the arena is empty. */
bool hz_publish(const struct hz_publish *p, const struct hz_sink *sink);

#endif
