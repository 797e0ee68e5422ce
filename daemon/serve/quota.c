#include "daemon/serve/quota.h"

#include <string.h>

enum { ENTRIES = sizeof((struct hz_quota *)0)->of / sizeof *((struct hz_quota *)0)->of };

static bool is_over(const struct hz_quota_entry *e, const struct hz_quota_limit *limit,
                    uint64_t now_ms)
{
    return now_ms - e->begin_ms >= limit->in_ms;
}

static const struct hz_quota_entry *find(const struct hz_quota *q, const struct hz_peer *p)
{
    for (size_t i = 0; i < ENTRIES; i++) {
        if (q->of[i].used > 0 && memcmp(q->of[i].net, p->net, sizeof p->net) == 0)
            return &q->of[i];
    }
    return NULL;
}

/* One that is free, else the one that began first. */
static struct hz_quota_entry *make_room(struct hz_quota *q)
{
    struct hz_quota_entry *best = &q->of[0];
    for (size_t i = 0; i < ENTRIES && best->used > 0; i++) {
        if (q->of[i].used == 0 || q->of[i].begin_ms < best->begin_ms)
            best = &q->of[i];
    }
    return best;
}

bool hz_quota_left(const struct hz_quota *q, const struct hz_quota_limit *limit,
                   const struct hz_peer *p, uint64_t now_ms)
{
    const struct hz_quota_entry *e = p->local ? NULL : find(q, p);
    return !e || is_over(e, limit, now_ms) || e->used < limit->times;
}

bool hz_quota_use(struct hz_quota *q, const struct hz_quota_limit *limit, const struct hz_peer *p,
                  uint64_t now_ms)
{
    if (p->local)
        return true;
    struct hz_quota_entry *e = (struct hz_quota_entry *)find(q, p);
    if (!e || is_over(e, limit, now_ms)) {
        e = e ? e : make_room(q);
        memcpy(e->net, p->net, sizeof e->net);
        e->used = 0;
        e->begin_ms = now_ms;
    }
    if (e->used >= limit->times)
        return false;
    e->used++;
    return true;
}
