#include "dsp/rslist.h"

#include <math.h>
#include <string.h>

/* xorshift (G. Marsaglia, Journal of Statistical Software 8, 2003). */
static inline uint32_t draw(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static int changed(const uint8_t *a, const uint8_t *b, size_t n)
{
    int count = 0;
    for (size_t i = 0; i < n; i++)
        count += a[i] != b[i];
    return count;
}

/* One try: out[n] is the word without the drawn events, then corrected. */
static bool attempt(const struct hz_rs *rs, const uint8_t *syndromes, size_t n,
                    const uint8_t *erased, unsigned erasures, const struct hz_rslist_event *events,
                    const uint32_t *limit, size_t count, uint32_t *state, uint8_t *out)
{
    uint8_t s[HZ_RS_PARITY_MAX];
    struct hz_rs_fix fix;
    memcpy(s, syndromes, rs->parity);
    for (size_t i = 0; i < count; i++) {
        const struct hz_rslist_event *e = events + i;
        if (draw(state) >= limit[i])
            continue;
        for (unsigned k = 0; k < e->n; k++) {
            hz_rs_change(rs, s, e->at[k], e->change[k]);
            out[e->at[k]] ^= e->change[k];
        }
    }
    if (!hz_rs_solve(rs, s, n, erased, erasures, &fix))
        return false;
    for (unsigned i = 0; i < fix.n; i++)
        out[fix.at[i]] ^= fix.change[i];
    return true;
}

int hz_rslist_run(const struct hz_rs *rs, uint8_t *word, size_t n, const uint8_t *erased,
                  unsigned erasures, const struct hz_rslist_event *events, size_t count,
                  unsigned tries, hz_rslist_fn *accept, void *ctx, unsigned *tried)
{
    uint8_t s[HZ_RS_PARITY_MAX], out[HZ_RS_ORDER];
    uint32_t state = 0x9e3779b9, limit[HZ_RSLIST_EVENTS];
    count = count < HZ_RSLIST_EVENTS ? count : HZ_RSLIST_EVENTS;
    for (size_t i = 0; i < count; i++)
        limit[i] = (uint32_t)(4294967040.0f / (1 + expf(events[i].odds)));
    hz_rs_syndromes(rs, word, n, s);
    for (*tried = 0; *tried < tries;) {
        ++*tried;
        memcpy(out, word, n);
        if (attempt(rs, s, n, erased, erasures, events, limit, count, &state, out) &&
            (!accept || accept(ctx, out, n))) {
            int count_changed = changed(out, word, n);
            memcpy(word, out, n);
            return count_changed;
        }
    }
    return -1;
}
