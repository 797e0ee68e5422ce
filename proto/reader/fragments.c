#include "proto/reader/fragments.h"

#include <string.h>

static bool same_channel(char a, char b)
{
    return a == b || a == 0 || b == 0;
}

static bool belongs(const struct hz_pending *p, const struct hz_fragment *s)
{
    return p->used && p->count == s->count && p->id == s->id && p->own == s->own &&
           same_channel(p->channel, s->channel) &&
           (!*s->station || strcmp(p->station, s->station) == 0);
}

static bool too_old(const struct hz_pending *p, uint64_t now_ms)
{
    return p->used && now_ms - p->since_ms > HZ_FRAGMENT_WAIT_MS;
}

/* A place for a new message: one that is free, or else the oldest. */
static struct hz_pending *place(struct hz_fragments *f, uint64_t now_ms)
{
    struct hz_pending *oldest = &f->list[0];
    for (int i = 0; i < HZ_FRAGMENTS; i++) {
        struct hz_pending *p = &f->list[i];
        if (!p->used || too_old(p, now_ms))
            return p;
        if (p->since_ms < oldest->since_ms)
            oldest = p;
    }
    return oldest;
}

static struct hz_pending *find(struct hz_fragments *f, const struct hz_fragment *s, uint64_t now_ms)
{
    for (int i = 0; i < HZ_FRAGMENTS; i++) {
        if (belongs(&f->list[i], s) && !too_old(&f->list[i], now_ms))
            return &f->list[i];
    }
    return NULL;
}

static void begin(struct hz_pending *p, const struct hz_fragment *s, uint64_t now_ms)
{
    *p = (struct hz_pending){.used = true,
                             .since_ms = now_ms,
                             .count = s->count,
                             .id = s->id,
                             .channel = s->channel,
                             .own = s->own};
    memcpy(p->station, s->station, strlen(s->station));
}

static const char *join(struct hz_fragments *f, struct hz_pending *p, struct hz_unit *unit)
{
    size_t n = 0;
    for (unsigned i = 0; i < p->count; i++) {
        size_t len = strlen(p->part[i]);
        memcpy(f->whole + n, p->part[i], len);
        n += len;
    }
    f->whole[n] = '\0';
    unit->utc_ns = p->utc_ns;
    memcpy(unit->station, p->station, sizeof unit->station);
    p->used = false;
    return f->whole;
}

const char *hz_fragments_put(struct hz_fragments *f, const struct hz_fragment *s, uint64_t now_ms,
                             struct hz_unit *unit, const char **why)
{
    static const char lacking[] = "a message of which a sentence is missing";
    struct hz_pending *p = find(f, s, now_ms);
    unsigned bit = 1u << (s->number - 1);
    size_t n = strlen(s->text);
    if (n > HZ_FRAGMENT_TEXT) {
        *why = "a sentence that is too long";
        return NULL;
    }
    if (p && p->got & bit) { /* another message with the same number */
        *why = lacking;
        p->used = false;
    }
    if (!p || !p->used) {
        p = p ? p : place(f, now_ms);
        if (p->used)
            *why = lacking;
        begin(p, s, now_ms);
    }
    memcpy(p->part[s->number - 1], s->text, n + 1);
    p->got |= bit;
    if (s->number == 1 || !*p->station) {
        memcpy(p->station, unit->station, sizeof p->station);
        p->utc_ns = unit->utc_ns ? unit->utc_ns : p->utc_ns;
    }
    return p->got == (1u << p->count) - 1 && !*why ? join(f, p, unit) : NULL;
}
