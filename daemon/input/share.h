/* How hubs share the buckets of a stream. Each hub tells the others twice a second that it is
 * there. A bucket belongs to the hub with the highest rank for it (a hash of both), so each hub
 * finds out alone which are its own, and when a hub comes or goes only its own buckets change
 * hands. A bucket is taken only when nobody else had it for HZ_SHARE_QUIET_MS, so that an id is in
 * one hub at a time. Loop thread. */
#ifndef HZ_DAEMON_INPUT_SHARE_H
#define HZ_DAEMON_INPUT_SHARE_H

#include "config/config.h"

enum {
    HZ_SHARE_BUCKETS = 64,
    HZ_SHARE_HUBS = 64,
    HZ_SHARE_TELL_MS = 500,
    HZ_SHARE_GONE_MS = 5000, /* a hub that was silent for so long is gone */
    HZ_SHARE_QUIET_MS = 2000,
    HZ_SHARE_ID_MAX = 63,
};

struct hz_share_hub {
    char id[HZ_SHARE_ID_MAX + 1];
    uint64_t buckets; /* that it may take: a bit each */
    uint64_t holds;   /* that it has now */
    uint64_t told_ms;
};

struct hz_share {
    char id[HZ_SHARE_ID_MAX + 1];            /* of this hub */
    uint64_t buckets;                        /* that it may take */
    uint64_t holds;                          /* that it has */
    uint64_t since_ms;                       /* when it began to listen to the others */
    uint64_t held_ms[HZ_SHARE_BUCKETS];      /* when another hub said last that it has it */
    struct hz_share_hub hubs[HZ_SHARE_HUBS]; /* the others */
    size_t n_hubs;
};

/* Begins, or begins again after the connection was lost: nothing is known of the others and nothing
 * is held. */
void hz_share_begin(struct hz_share *s, const char *id, uint64_t buckets, uint64_t now_ms);
/* Another hub told this; its own id is ignored. */
void hz_share_heard(struct hz_share *s, const char *id, uint64_t buckets, uint64_t holds,
                    uint64_t now_ms);
/* Forgets hubs that are gone, and returns the buckets that this hub has from now on. */
uint64_t hz_share_update(struct hz_share *s, uint64_t now_ms);

#endif
