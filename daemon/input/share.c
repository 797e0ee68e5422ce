#include "daemon/input/share.h"

#include "daemon/base/hash.h"

#include <stdio.h>
#include <string.h>

static uint64_t rank_of(const char *id, int bucket)
{
    uint64_t h = hz_hash_text(HZ_HASH ^ (uint64_t)bucket, id);
    /* FNV leaves the high bits of short texts alike */
    h = (h ^ h >> 31) * 0x9e3779b97f4a7c15u;
    h = (h ^ h >> 29) * 0xbf58476d1ce4e5b9u;
    return h ^ h >> 32;
}

void hz_share_begin(struct hz_share *s, const char *id, uint64_t buckets, uint64_t now_ms)
{
    *s = (struct hz_share){.buckets = buckets, .since_ms = now_ms};
    snprintf(s->id, sizeof s->id, "%s", id);
}

void hz_share_heard(struct hz_share *s, const char *id, uint64_t buckets, uint64_t holds,
                    uint64_t now_ms)
{
    struct hz_share_hub *h = s->hubs, *end = h + s->n_hubs;
    if (strcmp(id, s->id) == 0)
        return;
    while (h < end && strcmp(h->id, id) != 0)
        h++;
    if (h == end) {
        if (s->n_hubs == HZ_SHARE_HUBS)
            return;
        s->n_hubs++;
        snprintf(h->id, sizeof h->id, "%s", id);
    }
    h->buckets = buckets;
    h->holds = holds;
    h->told_ms = now_ms;
    for (int b = 0; b < HZ_SHARE_BUCKETS; b++) {
        if (holds >> b & 1)
            s->held_ms[b] = now_ms;
    }
}

/* Whether this hub is to have the bucket. */
static bool is_ours(const struct hz_share *s, int bucket)
{
    uint64_t own = rank_of(s->id, bucket);
    if (!(s->buckets >> bucket & 1))
        return false;
    for (size_t i = 0; i < s->n_hubs; i++) {
        const struct hz_share_hub *h = &s->hubs[i];
        if ((h->buckets >> bucket & 1) && rank_of(h->id, bucket) > own)
            return false;
    }
    return true;
}

/* Whether it may be taken now: all hubs had time to tell of themselves, and none has it. */
static bool is_free(const struct hz_share *s, int bucket, uint64_t now_ms)
{
    return now_ms - s->since_ms >= HZ_SHARE_QUIET_MS &&
           (s->held_ms[bucket] == 0 || now_ms - s->held_ms[bucket] >= HZ_SHARE_QUIET_MS);
}

uint64_t hz_share_update(struct hz_share *s, uint64_t now_ms)
{
    for (size_t i = 0; i < s->n_hubs;) {
        if (now_ms - s->hubs[i].told_ms >= HZ_SHARE_GONE_MS)
            s->hubs[i] = s->hubs[--s->n_hubs];
        else
            i++;
    }
    for (int b = 0; b < HZ_SHARE_BUCKETS; b++) {
        uint64_t bit = (uint64_t)1 << b;
        if (!is_ours(s, b))
            s->holds &= ~bit;
        else if (is_free(s, b, now_ms))
            s->holds |= bit;
    }
    return s->holds;
}
