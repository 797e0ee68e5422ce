/* How far each channel has received, by direction: the furthest position in each of 36 sectors of
 * 10 degrees, since the daemon started. A position counts if the sender itself was heard from there
 * (no relay), if it agrees with an earlier position of the same target, and if the band can reach
 * so far; so no single wrong position counts. Loop thread. */
#ifndef HZ_DAEMON_PICTURE_COVERAGE_H
#define HZ_DAEMON_PICTURE_COVERAGE_H

#include "daemon/bus/topic.h"
#include "daemon/picture/earth.h"

#include <stddef.h>
#include <stdint.h>

enum { HZ_SECTORS = 36, HZ_COVERAGE_MAX = 256 /* channels */ };

struct hz_sector {
    double max_m; /* 0: nothing was heard there */
    struct hz_place at;
    char id[HZ_ID_MAX + 1];
    int64_t utc_ns;
};

struct hz_reach {
    struct hz_topic *topic; /* referenced */
    struct hz_place antenna;
    uint64_t messages;                    /* positions that count */
    struct hz_sector sectors[HZ_SECTORS]; /* sector i: bearings from 10 i degrees on */
};

/* Channels in the order in which they were heard first. One that is removed stays. */
struct hz_coverage {
    struct hz_reach **list;
    size_t n;
};

/* Counts a position that was heard. Where the antenna was moved, its channel begins anew. */
void hz_coverage_add(struct hz_coverage *c, struct hz_topic *topic, struct hz_place antenna,
                     double limit_m, const struct hz_sector *heard);
void hz_coverage_free(struct hz_coverage *c);

#endif
