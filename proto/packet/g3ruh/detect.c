#include "proto/packet/g3ruh/detect.h"

#include "dsp/level.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum {
    HOP = HZ_G3RUH_HOP,
    KEEP = 24 * HOP, /* samples kept before the next hop */
    CAP = 3 * KEEP,
    RISE = HZ_G3RUH_SEARCH / HOP + 1, /* hops from the gate's opening to a search */
    LATE = 2,                         /* hops from a transmission's end to the gate's closing */
    BACK = 4 * HOP,    /* a transmission may have begun so long before the gate opened */
    YOUNG = 3,         /* chunks in which a transmission must have shown its power */
    AGAIN = 5,         /* hops from a search that failed to the next one */
    LATER = 6,         /* hops from a search that found something half way to its repetition */
    CREDIT_HOPS = 300, /* the repair of a frame of 2000 bytes takes 200 */
    SPARE_HOPS = 150,  /* credit over which one may search without a reason */
    PATIENCE = HZ_AX25_STRETCH / HZ_G3RUH_CHUNK + 2, /* chunks of the longest frame */
    UNPROVEN = 8, /* chunks without two flags in a row: what was found may be a voice */
    UNHEARD = (BACK + LATER * HOP) / (HZ_G3RUH_CHUNK * HZ_G3RUH_BIT) + 2, /* chunks before it */
    CHUNK_STEPS = 4 * HZ_G3RUH_RUN
};

/* Of a chunk's share, from which it is another transmission's or none. */
static const float falls_to = 0.7f;
/* Of the energy, from which something may have come to what a search was in vain for, and to what
 * is followed without having shown two flags in a row. */
static const float rises_to = 1.5f, jumps_to = 2;
/* Share of a chunk in which nothing but what is followed can be. */
static const float fits = 0.8f;
/* Error of a search's line (search.h), below which there is no doubt of a clock of 9600 baud. */
static const double promising = 0.06;
static const double noise_band = 25e3 / HZ_G3RUH_RATE_HZ;

int hz_g3ruh_detect_init(struct hz_g3ruh_detect *d, long refill)
{
    static const struct hz_hops_shape shape = {
        .width = 2, .hop = HOP, .before = KEEP, .behind = 0, .room = CAP};
    d->refill = refill;
    hz_ax25_frames_init(&d->frames, HZ_G3RUH_BIT, true);
    if (hz_hops_init(&d->hops, &shape) != 0 || hz_g3ruh_track_init(&d->track) != 0) {
        hz_g3ruh_detect_done(d);
        return -ENOMEM;
    }
    return 0;
}

void hz_g3ruh_detect_done(struct hz_g3ruh_detect *d)
{
    hz_g3ruh_track_done(&d->track);
    hz_hops_done(&d->hops);
}

/* The stream begins with sample `first`. */
static void begin(struct hz_g3ruh_detect *d, uint64_t first)
{
    hz_hops_begin(&d->hops, first);
    d->state = HZ_G3RUH_IDLE;
    d->after = 0;
    d->kept = false;
    d->opened = d->silent = 0;
    d->credit = d->refill * CREDIT_HOPS;
    memset(&d->gate, 0, sizeof d->gate);
}

/* What frames are told to. */
struct relay {
    struct hz_g3ruh_detect *d;
    const struct hz_ax25_out *out;
};

static void found(void *ctx, const struct hz_ax25_frame *frame)
{
    const struct relay *r = ctx;
    if (frame->start < r->d->after)
        return;
    r->d->after = frame->end - 10 * HZ_G3RUH_BIT;
    /* What is little beside the signal may be the receiver's or the model's distortion; the
     * quietest hop of late tells the noise better. */
    float noise = frame->noise * (float)noise_band, floor = hz_g3ruh_gate_floor(&r->d->gate);
    if (noise < 0.1f * frame->signal && floor < noise)
        noise = floor;
    double at = frame->start + 0.5 - KEEP;
    struct hz_burst burst = {.sample = at > 0 ? (uint64_t)at : 0,
                             .rssi_dbfs = hz_db(frame->signal),
                             .noise_dbfs = hz_db(noise),
                             .snr_db = hz_db(frame->signal) - hz_db(noise),
                             .offset_hz = (float)(frame->freq * HZ_G3RUH_RATE_HZ),
                             .fixed_bits = frame->fixed,
                             .raw = frame->bytes,
                             .raw_len = frame->len};
    r->out->found(r->out->ctx, &burst);
}

static void refused(void *ctx, enum hz_reason reason)
{
    const struct relay *r = ctx;
    r->out->refused(r->out->ctx, reason);
}

static struct hz_ax25_listener relay_to(struct relay *r)
{
    return (struct hz_ax25_listener){r, found, refused};
}

/* Hops since the search's begin that are remembered. */
static unsigned recent(const struct hz_g3ruh_detect *d)
{
    uint64_t hops = (d->hops.next - d->search) / HOP + 1;
    return hops < HZ_G3RUH_RECENT ? (unsigned)hops : HZ_G3RUH_RECENT;
}

/* Whether there is credit for so many steps, which it then takes. */
static bool afford(struct hz_g3ruh_detect *d, long steps, const struct hz_ax25_out *out)
{
    if (d->credit < steps) {
        out->refused(out->ctx, HZ_SHED);
        return false;
    }
    d->credit -= steps;
    return true;
}

/* Bits to search: a transmission may be over already. */
static size_t bits_since(const struct hz_g3ruh_detect *d)
{
    uint64_t end = d->silent > d->search + LATE * HOP ? d->silent - LATE * HOP : d->search;
    size_t bits = (size_t)(end - d->search) / HZ_G3RUH_BIT;
    if (d->gate.open || bits > HZ_G3RUH_SEARCH_BITS)
        return HZ_G3RUH_SEARCH_BITS;
    return bits > HZ_G3RUH_SEARCH_LEAST ? bits : HZ_G3RUH_SEARCH_LEAST;
}

/* A lock that is right in the chunk at d->search; false when nothing of the kind is there. */
static bool acquire(struct hz_g3ruh_detect *d, struct hz_g3ruh_lock *lock,
                    const struct hz_ax25_out *out)
{
    struct hz_g3ruh_search *s = &d->track.search;
    struct hz_g3ruh_chunk chunk;
    if (!afford(d, HZ_G3RUH_LINE_STEPS, out))
        return false;
    const size_t bits = bits_since(d);
    if (!hz_g3ruh_search_line(s, hz_hops_at(&d->hops, d->search), bits)) {
        out->refused(out->ctx, HZ_NO_PREAMBLE);
        return false;
    }
    if (!afford(d, HZ_G3RUH_FIT_STEPS + 2 * CHUNK_STEPS, out))
        return false;
    *lock = (struct hz_g3ruh_lock){0};
    hz_g3ruh_search_fit(s, &lock->now);
    lock->now.at += (double)d->search;
    lock->found_h = lock->now.h;
    /* In the middle of what was searched: it may begin with a bare carrier. */
    struct hz_g3ruh_lock middle = *lock;
    middle.now.at += ((double)bits - HZ_G3RUH_CHUNK) / 2 * lock->now.bit;
    hz_g3ruh_track_run(&d->track, d->hops.x, d->hops.first, &middle, &chunk);
    if (!hz_g3ruh_chunk_good(&chunk) || !hz_g3ruh_chunk_scrambled(&chunk)) {
        out->refused(out->ctx, HZ_NO_PREAMBLE);
        return false;
    }
    d->least = chunk.power;
    lock->clear = middle.clear;
    lock->share = middle.share;
    lock->h_off = middle.h_off;
    lock->h_seen = middle.h_seen;
    lock->now.h = middle.now.h;
    lock->now.freq = chunk.line.freq;
    return true;
}

static bool in_memory(const struct hz_g3ruh_detect *d, const struct hz_g3ruh_lock *lock)
{
    return hz_g3ruh_track_from(lock) + HZ_G3RUH_SPAN <= (double)(d->hops.next + HOP);
}

/* The transmission is over; the next one is looked for from `search` on. */
static void leave(struct hz_g3ruh_detect *d, double search, const struct hz_ax25_listener *to)
{
    hz_ax25_frames_end(&d->frames, &d->credit, to);
    d->state = d->gate.open ? HZ_G3RUH_RISING : HZ_G3RUH_IDLE;
    /* What was searched is not searched again. */
    uint64_t least = d->search + RISE * HOP;
    d->search = search > (double)least ? (uint64_t)search : search > 0 ? least : d->hops.next;
}

/* Whether a transmission has begun over what the search took for one, or after half of it. */
static bool begun_since(const struct hz_g3ruh_detect *d, const struct hz_g3ruh_chunk *chunk)
{
    return (d->chunks <= YOUNG || !d->frames.proven) && chunk->share < fits &&
           chunk->power > d->least * jumps_to;
}

/* The chunks that are complete by now. */
static void follow(struct hz_g3ruh_detect *d, const struct hz_ax25_out *out)
{
    struct relay r = {d, out};
    struct hz_ax25_listener to = relay_to(&r);
    struct hz_g3ruh_chunk chunk;
    while (in_memory(d, &d->lock)) {
        if (!d->gate.open && d->lock.now.at > (double)d->silent) {
            leave(d, 0, &to);
            return;
        }
        hz_g3ruh_track_run(&d->track, d->hops.x, d->hops.first, &d->lock, &chunk);
        d->credit -= CHUNK_STEPS * (long)chunk.runs;
        hz_ax25_frames_push(&d->frames, &chunk.line, &d->credit, &to);
        d->chunks++;
        /* Before the first good one it has not begun. */
        bool good = hz_g3ruh_chunk_good(&chunk) && chunk.share > d->share * falls_to &&
                    hz_g3ruh_chunk_scrambled(&chunk);
        d->weak = good ? 0 : d->weak + 1;
        /* After it has ended, as much power as is left is not worth a search. */
        d->vain = chunk.power * jumps_to < d->power ? HZ_G3RUH_SUM * HOP * chunk.power : 0;
        unsigned patience = d->frames.proven ? PATIENCE : UNPROVEN;
        bool doubt = d->frames.proof >= patience * HZ_G3RUH_CHUNK;
        doubt = doubt || begun_since(d, &chunk);
        if (d->chunks > 2)
            d->least = fminf(d->least, chunk.power);
        d->power = chunk.power;
        if ((d->weak == 1 && d->heard) || doubt) {
            leave(d, chunk.line.start + HZ_G3RUH_CHUNK / 2 * HZ_G3RUH_BIT, &to);
            return;
        }
        d->heard = d->heard || good;
        d->share = good ? chunk.share : d->share;
        if (d->weak == UNHEARD) {
            leave(d, 0, &to);
            return;
        }
    }
}

/* After a search in vain: whether another may find more. It may where something has come, and where
 * there is credit enough that nothing is lost by it. */
static bool worth_search(struct hz_g3ruh_detect *d, const struct hz_ax25_out *out)
{
    float energy = hz_g3ruh_gate_energy(&d->gate);
    if (d->vain == 0)
        return true;
    d->vain = fminf(d->vain, energy);
    if (energy > d->vain * rises_to) {
        d->vain = 0;
        d->search = d->hops.next;
    }
    if (d->vain == 0 || d->credit > d->refill * SPARE_HOPS)
        return true;
    if (d->hops.next >= d->search + (RISE - 1) * HOP) {
        out->refused(out->ctx, HZ_SHED);
        d->search = d->hops.next + AGAIN * HOP - (RISE - 1) * HOP;
    }
    return false;
}

/* From where the lock's transmission may have begun. */
static void start(struct hz_g3ruh_detect *d, const struct hz_ax25_out *out)
{
    double bit = d->lock.now.bit;
    d->lock.now.at -= floor((d->lock.now.at - (double)d->from + BACK) / bit) * bit;
    d->kept = false;
    d->weak = 0;
    d->heard = false;
    d->share = d->power = 0;
    d->chunks = 0;
    d->state = HZ_G3RUH_FOLLOWING;
    hz_ax25_frames_begin(&d->frames);
    follow(d, out);
}

/* One search. What is found where the gate has been open for longer may be half of something else:
 * it is kept, and the better one of it and of a search later on is taken. */
static void search(struct hz_g3ruh_detect *d, const struct hz_ax25_out *out)
{
    struct hz_g3ruh_lock lock;
    unsigned hops = recent(d);
    bool found = acquire(d, &lock, out);
    if (!found && !d->kept) {
        d->search = d->hops.next + AGAIN * HOP - (RISE - 1) * HOP;
        d->vain = hz_g3ruh_gate_least(&d->gate, hops);
        if (d->track.search.error < promising) /* half of it may have been a packet */
            d->vain = 0;
        if (!d->gate.open)
            d->state = HZ_G3RUH_IDLE;
        return;
    }
    if (!d->kept)
        d->from = d->search;
    if (found && (!d->kept || lock.share > d->lock.share))
        d->lock = lock;
    if (!d->kept && d->search > d->opened && d->gate.open) {
        d->kept = true;
        d->search += LATER * HOP;
        return;
    }
    start(d, out);
}

static void rise(struct hz_g3ruh_detect *d, const struct hz_ax25_out *out)
{
    bool due = d->hops.next >= d->search + (RISE - 1) * HOP;
    if (d->kept) {
        if (due)
            search(d, out);
        return;
    }
    if (d->opened > d->search)
        d->search = d->opened;
    if (hz_g3ruh_gate_steady(&d->gate)) { /* what comes after it is looked for at once */
        d->search = d->hops.next;
        d->vain = 0;
        return;
    }
    if (!d->gate.open && d->silent < d->search + HZ_G3RUH_SEARCH_LEAST * HZ_G3RUH_BIT) {
        d->state = HZ_G3RUH_IDLE;
        return;
    }
    if (worth_search(d, out) && d->hops.next >= d->search + (RISE - 1) * HOP)
        search(d, out);
}

static void hop(struct hz_g3ruh_detect *d, const struct hz_ax25_out *out)
{
    bool was = d->gate.open;
    hz_g3ruh_gate_push(&d->gate, hz_hops_at(&d->hops, d->hops.next));
    hz_g3ruh_gate_dc(&d->gate, d->track.search.dc);
    d->credit += d->refill;
    if (d->credit > d->refill * CREDIT_HOPS)
        d->credit = d->refill * CREDIT_HOPS;
    if (was && !d->gate.open)
        d->silent = d->hops.next - HOP;
    if (!was && d->gate.open)
        d->opened = d->hops.next;
    if (d->state == HZ_G3RUH_IDLE && d->gate.open) {
        d->state = HZ_G3RUH_RISING;
        d->vain = 0;
        d->search = d->hops.next;
    }
    if (d->state == HZ_G3RUH_RISING)
        rise(d, out);
    else if (d->state == HZ_G3RUH_FOLLOWING)
        follow(d, out);
    d->hops.next += HOP;
}

void hz_g3ruh_detect_push(struct hz_g3ruh_detect *d, const struct hz_samples *samples,
                          const struct hz_ax25_out *out)
{
    struct hz_samples in = *samples;
    if (in.n > 0 && !hz_hops_continue(&d->hops, &in)) {
        hz_g3ruh_detect_flush(d, out);
        begin(d, in.first);
    }
    while (hz_hops_push(&d->hops, &in))
        hop(d, out);
}

void hz_g3ruh_detect_flush(struct hz_g3ruh_detect *d, const struct hz_ax25_out *out)
{
    if (d->hops.held == 0)
        return;
    uint64_t end = hz_hops_end(&d->hops) + KEEP;
    while (hz_hops_drain(&d->hops, end))
        hop(d, out);
    d->hops.held = 0;
}
