/* The stream of a NATS output: looked up, and made where that is wanted, in the set-up of a
 * connection (struct hz_nats_ops), which may wait. */
#ifndef HZ_DAEMON_OUTPUT_NATS_STREAM_H
#define HZ_DAEMON_OUTPUT_NATS_STREAM_H

#include "daemon/nats/nats.h"

struct hz_nats_stream {
    char name[256], prefix[256]; /* "hertzd"; "hertzd.STATION" */
    bool create;
    int replicas;
    int64_t max_bytes; /* -1: no limit */
    uint64_t duplicates_s;
};

/* For hz_nats_ops: job is a struct hz_nats_stream. */
int hz_nats_stream_setup(void *job, natsConnection *nc, char *err, size_t err_len);

/* Whether a stream of that subject ("hertzd.>", "hertzd.*.adsb.*") takes all that is published
 * below the prefix, as PREFIX.PROTOCOL.BUCKET. */
bool hz_nats_stream_takes(const char *subject, const char *prefix);

#endif
