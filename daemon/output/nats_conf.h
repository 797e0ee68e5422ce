/* The section of a NATS output. */
#ifndef HZ_DAEMON_OUTPUT_NATS_CONF_H
#define HZ_DAEMON_OUTPUT_NATS_CONF_H

#include "daemon/nats/nats.h"
#include "daemon/output/link.h"

enum { HZ_NATS_STATION_MAX = 63 };

struct hz_conf_nats {
    struct hz_conf_link link;
    struct hz_nats_conf nats;
    char *stream, *station, *spool;
    bool create;
    int replicas;
    uint64_t max_bytes, duplicates_s; /* max_bytes 0: no limit */
    uint64_t spool_bytes;
    char target[256]; /* made of the others */
};

/* The station as a token of a subject: the key, or the host's name. */
void hz_nats_station(const struct hz_conf_nats *c, char token[HZ_NATS_STATION_MAX + 1]);

extern const struct hz_carrier_ops hz_nats_carrier; /* of nats.c */

#endif
