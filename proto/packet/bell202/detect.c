#include "proto/packet/bell202/detect.h"

#include "dsp/level.h"
#include "dsp/nth.h"

#include <math.h>
#include <string.h>

enum {
    HOP = HZ_BELL202_HOP,
    KEEP = 40 * HOP, /* samples kept before the next hop */
    CAP = 2 * KEEP,
    RISE = 6,       /* hops from the gate's opening to a search */
    BACK = 4 * HOP, /* a transmission may have begun so long before the gate opened */
    /* samples before a search that the run of what it finds may begin */
    REACH = BACK + (HZ_BELL202_BEFORE + 2) * HZ_BELL202_BIT + HZ_BELL202_LEAD,
    AGAIN = 3,   /* hops from a search in vain to the next one, doubled with each */
    DOUBLED = 4, /* times at most */
    CREDIT_HOPS = 200,
    PIECE = 60, /* samples, 2.5 ms, in which a gap between transmissions is looked for */
    PIECES = HZ_AX25_CHUNK * HZ_BELL202_BIT / PIECE,
    GAP = 6,  /* of them at least */
    STEP = 4, /* credit that a bit step takes */
    CHUNK_COST = STEP * 3 * HZ_BELL202_RUN / 2,
    SEARCH_COST = STEP * HZ_BELL202_SEARCH_STEPS,
    CLOCKS_COST = STEP * HZ_BELL202_CLOCKS_STEPS,
    BESIDE_COST = 400,                            /* of a hop: 100 ns a sample */
    PROVEN = HZ_AX25_STRETCH / HZ_AX25_CHUNK + 2, /* chunks: the longest frame */
    UNPROVEN = 5 /* chunks after which what has shown no flags is searched again */
};

/* Of a chunk's share, from which it is another transmission's or none. */
static const float falls_to = 0.7f;
/* Of a chunk's median power and of the noise, below which there is a gap. */
static const float gap_falls = 0.6f, gap_noise = 1.5f;
static const double noise_band = 12.5e3 / HZ_BELL202_RATE_HZ;

int hz_bell202_detect_init(struct hz_bell202_detect *d, long refill)
{
    static const struct hz_hops_shape shape = {
        .width = 2, .hop = HOP, .before = KEEP, .behind = 0, .room = CAP};
    d->refill = refill;
    hz_ax25_frames_init(&d->frames, HZ_BELL202_BIT, false);
    hz_bell202_decider_init(&d->decider);
    int err = hz_bell202_beside_init(&d->beside, &d->gate);
    return err != 0 ? err : hz_hops_init(&d->hops, &shape);
}

void hz_bell202_detect_done(struct hz_bell202_detect *d)
{
    hz_bell202_beside_done(&d->beside);
    hz_hops_done(&d->hops);
}

/* The stream begins with sample `first`. */
static void begin(struct hz_bell202_detect *d, uint64_t first)
{
    hz_hops_begin(&d->hops, first);
    d->state = HZ_BELL202_IDLE;
    d->after = 0;
    d->opened = d->silent = 0;
    d->credit = d->refill * CREDIT_HOPS;
    memset(&d->gate, 0, sizeof d->gate);
    hz_bell202_beside_begin(&d->beside);
}

/* What frames are told to. */
struct relay {
    struct hz_bell202_detect *d;
    const struct hz_ax25_out *out;
};

static void found(void *ctx, const struct hz_ax25_frame *frame)
{
    const struct relay *r = ctx;
    if (frame->start < r->d->after)
        return;
    r->d->after = frame->end - 10 * HZ_BELL202_BIT;
    /* What a model leaves of a strong signal is its distortion: the time before tells the noise. */
    float quiet = hz_bell202_gate_noise(&r->d->gate, (float)noise_band);
    float noise = quiet > 0 ? quiet : frame->noise * (float)noise_band;
    double at = frame->start + 0.5 - KEEP;
    struct hz_burst burst = {.sample = at > 0 ? (uint64_t)at : 0,
                             .rssi_dbfs = hz_db(frame->signal),
                             .noise_dbfs = hz_db(noise),
                             .snr_db = hz_db(frame->signal) - hz_db(noise),
                             .offset_hz = (float)(frame->freq * HZ_BELL202_RATE_HZ),
                             .fixed_bits = frame->fixed,
                             .raw = frame->bytes,
                             .raw_len = frame->len};
    if (hz_bell202_beside_tells(&r->d->beside, &burst))
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

/* The most likely lock at d->search; false when there is no credit for the search. */
static bool acquire(struct hz_bell202_detect *d, struct hz_bell202_lock *lock,
                    const struct hz_ax25_out *out)
{
    if (d->credit < SEARCH_COST + 2 * CHUNK_COST) {
        out->refused(out->ctx, HZ_SHED);
        return false;
    }
    d->credit -= SEARCH_COST;
    uint64_t hops = (d->hops.next - d->search) / HOP + 1;
    struct hz_bell202_heard heard =
        hz_bell202_gate_heard(&d->gate, 0, hops < HZ_BELL202_RECENT ? hops : HZ_BELL202_RECENT);
    bool paid = d->credit >= CLOCKS_COST + 2 * CHUNK_COST, clocks;
    hz_bell202_search(&d->decider, hz_hops_at(&d->hops, d->search), heard.freq, heard.amplitude,
                      paid && !d->clocks, &clocks, lock);
    if (clocks && !d->clocks && paid)
        d->credit -= CLOCKS_COST;
    else if (clocks && !d->clocks)
        out->refused(out->ctx, HZ_SHED);
    d->clocks = d->clocks || clocks;
    lock->at += (double)d->search;
    return true;
}

static bool in_memory(const struct hz_bell202_detect *d, const struct hz_bell202_lock *lock)
{
    return hz_bell202_track_from(lock) + HZ_BELL202_SPAN <= (double)(d->hops.next + HOP);
}

/* Where the first gap in a chunk ends, or the chunk in it; 0: there is none. Another transmission
 * may go on behind it with its bits at other times, which the share need not show. */
static double gap_end(const struct hz_bell202_detect *d, const struct hz_bell202_chunk *chunk)
{
    float power[PIECES], again[PIECES];
    const float *iq = hz_hops_at(&d->hops, (uint64_t)chunk->bits.start);
    for (size_t i = 0; i < PIECES; i++) {
        power[i] = 0;
        for (size_t k = 2 * PIECE * i; k < 2 * PIECE * (i + 1); k++)
            power[i] += iq[k] * iq[k];
    }
    memcpy(again, power, sizeof again);
    float noise = d->gate.floor * PIECE / (HZ_BELL202_SUM * HOP);
    float least = fminf(gap_falls * hz_nth(again, PIECES, PIECES / 2), gap_noise * noise);
    size_t run = 0;
    for (size_t i = 0; i < PIECES; i++) {
        if (power[i] >= least && run >= GAP)
            return chunk->bits.start + (double)(i * PIECE);
        run = power[i] < least ? run + 1 : 0;
    }
    return run >= GAP ? chunk->bits.start + PIECES * PIECE : 0;
}

/* The transmission is over; the next one is looked for from `search` on. */
static void leave(struct hz_bell202_detect *d, double search, const struct hz_ax25_listener *to)
{
    d->vain = d->frames.proven ? 0 : d->vain + 1;
    d->clocks = d->clocks && !d->frames.proven;
    hz_ax25_frames_end(&d->frames, &d->credit, to);
    d->state = d->gate.open ? HZ_BELL202_RISING : HZ_BELL202_IDLE;
    /* What was searched is not searched again. */
    uint64_t least = d->search + RISE * HOP;
    if (search > 0)
        d->search = search > (double)least ? (uint64_t)search : least;
    else
        d->search = d->opened > d->search ? d->opened : d->hops.next;
    /* A carrier that says nothing is looked at less and less. */
    if (d->vain > 1 && d->opened < d->search)
        d->search += (uint64_t)(AGAIN << (d->vain < DOUBLED ? d->vain : DOUBLED)) * HOP;
}

/* The chunks that are complete by now. */
static void follow(struct hz_bell202_detect *d, const struct hz_ax25_out *out)
{
    struct relay r = {d, out};
    struct hz_ax25_listener to = relay_to(&r);
    struct hz_bell202_chunk chunk;
    while (in_memory(d, &d->lock)) {
        if (d->silent > d->search && d->lock.at > (double)d->silent) {
            leave(d, 0, &to);
            return;
        }
        hz_bell202_track_run(&d->decider, d->hops.x, d->hops.first, &d->lock, &chunk);
        d->credit -= CHUNK_COST * (long)chunk.runs;
        hz_ax25_frames_push(&d->frames, &chunk.bits, &d->credit, &to);
        /* Before the first good one it has not begun. */
        bool good = hz_bell202_chunk_good(&chunk) && chunk.share > d->share * falls_to;
        d->weak = good ? 0 : d->weak + 1;
        int unproven = (int)d->frames.proof / HZ_AX25_CHUNK;
        bool doubt = unproven >= (d->frames.proven ? PROVEN : UNPROVEN);
        double behind = d->heard ? gap_end(d, &chunk) : 0;
        if ((d->weak == 1 && d->heard) || doubt || behind > 0) {
            double half = chunk.bits.start + HZ_AX25_CHUNK / 2 * HZ_BELL202_BIT;
            leave(d, behind > 0 ? behind : half, &to);
            return;
        }
        d->heard = d->heard || good;
        d->share = good ? chunk.share : d->share;
        if (d->weak == 2) {
            out->refused(out->ctx, HZ_NO_PREAMBLE);
            /* One may have begun meanwhile. */
            leave(d, chunk.bits.start + HZ_AX25_CHUNK / 2 * HZ_BELL202_BIT, &to);
            return;
        }
    }
}

static void rise(struct hz_bell202_detect *d, const struct hz_ax25_out *out)
{
    if (d->opened > d->search)
        d->search = d->opened;
    if (!d->gate.open && d->silent < d->search + HZ_BELL202_SEARCH) {
        d->state = HZ_BELL202_IDLE;
        return;
    }
    uint64_t least = d->hops.next - KEEP + REACH; /* what lies before is forgotten */
    if (d->search < least)
        d->search = least;
    if (d->hops.next < d->search + (RISE - 1) * HOP)
        return;
    if (!acquire(d, &d->lock, out)) {
        d->search = d->hops.next + HOP;
        if (!d->gate.open)
            d->state = HZ_BELL202_IDLE;
        return;
    }
    hz_bell202_lock_move(&d->lock,
                         -floor((d->lock.at - (double)d->search + BACK) / HZ_BELL202_BIT));
    d->weak = 0;
    d->heard = false;
    d->share = 0;
    d->state = HZ_BELL202_FOLLOWING;
    hz_ax25_frames_begin(&d->frames);
    follow(d, out);
}

static void hop(struct hz_bell202_detect *d, const struct hz_ax25_out *out)
{
    bool was = d->gate.open;
    const float *iq = hz_hops_at(&d->hops, d->hops.next);
    hz_bell202_gate_push(&d->gate, iq);
    d->credit += d->refill;
    if (hz_bell202_beside_hop(&d->beside, iq, d->hops.next - KEEP, out))
        d->credit -= BESIDE_COST;
    if (d->credit > d->refill * CREDIT_HOPS)
        d->credit = d->refill * CREDIT_HOPS;
    if (was && !d->gate.open)
        d->silent = d->hops.next - HOP;
    if (!was && d->gate.open) {
        d->opened = d->hops.next;
        d->vain = 0;
        d->clocks = false;
    }
    if (d->state == HZ_BELL202_IDLE && d->gate.open) {
        d->state = HZ_BELL202_RISING;
        d->search = d->hops.next;
    }
    if (d->state == HZ_BELL202_RISING)
        rise(d, out);
    else if (d->state == HZ_BELL202_FOLLOWING)
        follow(d, out);
    d->hops.next += HOP;
}

void hz_bell202_detect_push(struct hz_bell202_detect *d, const struct hz_samples *samples,
                            const struct hz_ax25_out *out)
{
    struct hz_samples in = *samples;
    if (in.n > 0 && !hz_hops_continue(&d->hops, &in)) {
        hz_bell202_detect_flush(d, out);
        begin(d, in.first);
    }
    while (hz_hops_push(&d->hops, &in))
        hop(d, out);
}

void hz_bell202_detect_flush(struct hz_bell202_detect *d, const struct hz_ax25_out *out)
{
    if (d->hops.held == 0)
        return;
    uint64_t end = hz_hops_end(&d->hops) + KEEP;
    while (hz_hops_drain(&d->hops, end))
        hop(d, out);
    d->hops.held = 0;
    hz_bell202_beside_flush(&d->beside, out);
}
