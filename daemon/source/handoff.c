#include "daemon/source/handoff.h"
#include "daemon/base/utc.h"

#include <string.h>

int hz_handoff_init(struct hz_handoff *h, uv_async_t *wake, double centre_hz)
{
    *h = (struct hz_handoff){.wake = wake, .centre_hz = centre_hz};
    return uv_mutex_init(&h->lock);
}

void hz_handoff_done(struct hz_handoff *h)
{
    struct hz_block *b;
    while ((b = hz_handoff_get(h)))
        hz_block_unref(b);
    while (h->n_stock > 0)
        hz_block_unref(h->stock[--h->n_stock]);
    uv_mutex_destroy(&h->lock);
}

static const char *gap_reason(const struct hz_handoff *h)
{
    if (h->lost == 0)
        return NULL;
    return h->gap_bytes == 0 ? "the driver lost them, as it reports"
                             : "the driver lost some, and hertzd could not take others in time";
}

/* An empty block with its gap_before set; NULL: the samples must be dropped, and are counted. */
static struct hz_block *take(struct hz_handoff *h, size_t bytes, size_t sample_bytes)
{
    struct hz_block *b = NULL;
    uv_mutex_lock(&h->lock);
    h->counts.calls++;
    h->counts.bytes += bytes;
    if (h->muted || h->skip > 0) {
        h->skip -= !h->muted;
        h->gap_bytes = h->lost = 0;
        uv_mutex_unlock(&h->lock);
        return NULL;
    }
    bool drop = hz_shed(&h->shed, HZ_HANDOFF_BLOCKS - h->n_stock, HZ_HANDOFF_BLOCKS);
    h->counts.drops = h->shed.times;
    if (drop) {
        h->counts.dropped_bytes += bytes;
        h->gap_bytes += bytes;
    } else {
        b = h->stock[--h->n_stock];
        h->n_filling++;
        b->epoch = h->epoch;
        b->centre_hz = h->centre_hz;
        b->gap_before = h->gap_bytes / sample_bytes + h->lost;
        b->gap_reason = gap_reason(h);
        h->gap_bytes = h->lost = 0;
    }
    uv_mutex_unlock(&h->lock);
    return b;
}

void hz_handoff_put(struct hz_handoff *h, const void *data, size_t bytes, size_t sample_bytes)
{
    uint64_t began = uv_hrtime();
    struct hz_block *b = take(h, bytes, sample_bytes);
    if (b) {
        size_t n = bytes < b->cap ? bytes : b->cap;
        memcpy(b->data, data, n); /* the only access: USB memory may be uncached */
        b->n = n / sample_bytes;
        b->arrival_mono_ns = (int64_t)began;
        b->arrival_utc_ns = hz_utc_now();
    }
    uv_mutex_lock(&h->lock);
    if (b) {
        h->ring[(h->first + h->n_ring++) % HZ_HANDOFF_BLOCKS] = b;
        h->n_filling--;
    }
    uint64_t spent = uv_hrtime() - began;
    h->counts.spent_ns += spent;
    if (spent > h->counts.longest_ns)
        h->counts.longest_ns = spent;
    uv_mutex_unlock(&h->lock);
    if (b)
        uv_async_send(h->wake);
}

void hz_handoff_overflow(struct hz_handoff *h)
{
    uv_mutex_lock(&h->lock);
    h->counts.overflows++;
    uv_mutex_unlock(&h->lock);
}

void hz_handoff_lost(struct hz_handoff *h, uint64_t samples)
{
    uv_mutex_lock(&h->lock);
    h->lost += samples;
    uv_mutex_unlock(&h->lock);
}

struct hz_block *hz_handoff_get(struct hz_handoff *h)
{
    struct hz_block *b = NULL;
    uv_mutex_lock(&h->lock);
    if (h->n_ring > 0) {
        b = h->ring[h->first];
        h->first = (h->first + 1) % HZ_HANDOFF_BLOCKS;
        h->n_ring--;
    }
    uv_mutex_unlock(&h->lock);
    return b;
}

void hz_handoff_restock(struct hz_handoff *h, struct hz_block_pool *pool)
{
    uv_mutex_lock(&h->lock);
    while (h->n_stock + h->n_filling + h->n_ring <
           HZ_HANDOFF_BLOCKS) { /* no more than the ring can hold */
        struct hz_block *b = hz_block_take(pool);
        if (!b)
            break;
        h->stock[h->n_stock++] = b;
    }
    uv_mutex_unlock(&h->lock);
}

void hz_handoff_mute(struct hz_handoff *h)
{
    uv_mutex_lock(&h->lock);
    h->muted = true;
    uv_mutex_unlock(&h->lock);
}

void hz_handoff_unmute(struct hz_handoff *h, double centre_hz, int skip)
{
    uv_mutex_lock(&h->lock);
    h->muted = false;
    h->skip = skip;
    h->centre_hz = centre_hz;
    h->epoch++;
    uv_mutex_unlock(&h->lock);
}

struct hz_handoff_counts hz_handoff_counts(struct hz_handoff *h)
{
    uv_mutex_lock(&h->lock);
    struct hz_handoff_counts c = h->counts;
    uv_mutex_unlock(&h->lock);
    return c;
}
