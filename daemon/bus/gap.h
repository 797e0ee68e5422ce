/* The `gap` line, which reports missing samples to all readers. Loop thread. */
#ifndef HZ_DAEMON_BUS_GAP_H
#define HZ_DAEMON_BUS_GAP_H

#include "daemon/bus/bus.h"
#include "proto/out/sink.h"

struct hz_gap {
    struct hz_stamp stamp; /* for the time of the first lost sample */
    uint64_t sample;       /* the first one lost */
    uint64_t samples;      /* number of lost samples */
    double sigma;          /* uncertainty of that number; 0: it is exact */
    const char *reason;
};

/* Publishes a gap of the topic's receiver, or of its channel when it names one. */
void hz_gap_publish(struct hz_bus *bus, struct hz_topic *topic, const struct hz_gap *gap);

#endif
