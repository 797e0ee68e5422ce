/* How often an address of another machine does something: so many times in so long, then no more
 * until that time is over. The table is bounded: with more addresses than it holds, the one whose
 * time began first is forgotten. Addresses of this machine have no quota: behind a reverse proxy
 * all clients have one, and it is the proxy that must tell them apart. Loop thread. */
#ifndef HZ_DAEMON_SERVE_QUOTA_H
#define HZ_DAEMON_SERVE_QUOTA_H

#include "daemon/serve/peer.h"

struct hz_quota {
    struct hz_quota_entry {
        uint8_t net[sizeof((struct hz_peer *)0)->net];
        uint32_t used;     /* 0: the entry is free */
        uint64_t begin_ms; /* of the loop's clock */
    } of[256];
};

/* What may be done, and in how long. */
struct hz_quota_limit {
    uint32_t times;
    uint64_t in_ms;
};

/* Whether the address has some left. */
bool hz_quota_left(const struct hz_quota *q, const struct hz_quota_limit *limit,
                   const struct hz_peer *p, uint64_t now_ms);
/* Uses one up; false: there was none left. */
bool hz_quota_use(struct hz_quota *q, const struct hz_quota_limit *limit, const struct hz_peer *p,
                  uint64_t now_ms);

#endif
