#include "proto/packet/g3ruh/detect.h"

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
    YOUNG = 3,         /* chunks in which a transmission must have reached its power */
    AGAIN = 5,         /* hops from a failed search to the next one */
    LATER = 6,         /* hops from a search inside an open gate to its repetition */
    CREDIT_HOPS = 300, /* the repair of a frame of 2000 bytes takes 200 */
    SPARE_HOPS = 150,  /* credit, in hops, above which a search needs no reason */
    PATIENCE = HZ_AX25_STRETCH / HZ_G3RUH_CHUNK + 2, /* chunks of the longest frame */
    UNPROVEN = 8, /* chunks without two flags in a row after which it may be a voice */
    UNHEARD = (BACK + LATER * HOP) / (HZ_G3RUH_CHUNK * HZ_G3RUH_BIT) +
              2, /* chunks ahead of the transmission at most */
    CHUNK_STEPS = 4 * HZ_G3RUH_RUN
};

/* Rise of energy after which a new transmission may have begun: since a fruitless search, and while
 * an unproven transmission is followed. */
static const float rises_to = 1.5f, jumps_to = 2;
/* Fraction of signal power above which a chunk holds nothing but the transmission that is followed.
 */
static const float fits = 0.8f;
/* Error of a search's line (search.h) below which a clock of 9600 baud is certain. */
static const double promising = 0.06;
static const double noise_band = 25e3 / HZ_G3RUH_RATE_HZ;

static void begin(void *of)
{
    struct hz_g3ruh_detect *d = of;
    d->kept = false;
    memset(&d->gate, 0, sizeof d->gate);
}

static bool gate(void *of, const float *iq, struct hz_sink *sink)
{
    struct hz_g3ruh_detect *d = of;
    (void)sink;
    hz_g3ruh_gate_push(&d->gate, iq);
    hz_g3ruh_gate_dc(&d->gate, d->track.search.dc);
    return d->gate.open;
}

static void opened(void *of)
{
    struct hz_g3ruh_detect *d = of;
    if (d->follow.state == HZ_AX25_IDLE)
        d->vain = 0;
}

/* If the residual is under 10 % of the signal it may be distortion of the receiver or the model, so
 * the quietest of the last hops is taken if that is less. */
static float noise(const void *of, const struct hz_ax25_frame *frame)
{
    const struct hz_g3ruh_detect *d = of;
    float residual = frame->noise * (float)noise_band, floor = hz_g3ruh_gate_floor(&d->gate);
    return residual < 0.1f * frame->signal && floor < residual ? floor : residual;
}

/* Hops since f->search, as far as they are remembered. */
static unsigned recent(const struct hz_g3ruh_detect *d)
{
    const struct hz_ax25_follow *f = &d->follow;
    uint64_t hops = (f->hops.next - f->search) / HOP + 1;
    return hops < HZ_G3RUH_RECENT ? (unsigned)hops : HZ_G3RUH_RECENT;
}

/* Bits to search; fewer if the transmission is over already. */
static size_t bits_since(const struct hz_g3ruh_detect *d)
{
    const struct hz_ax25_follow *f = &d->follow;
    uint64_t end = f->silent > f->search + LATE * HOP ? f->silent - LATE * HOP : f->search;
    size_t bits = (size_t)(end - f->search) / HZ_G3RUH_BIT;
    if (f->open || bits > HZ_G3RUH_SEARCH_BITS)
        return HZ_G3RUH_SEARCH_BITS;
    return bits > HZ_G3RUH_SEARCH_LEAST ? bits : HZ_G3RUH_SEARCH_LEAST;
}

/* Searches at f->search. False: no transmission of this kind is there, or there is no credit. */
static bool acquire(struct hz_g3ruh_detect *d, struct hz_g3ruh_lock *lock, struct hz_sink *sink)
{
    struct hz_ax25_follow *f = &d->follow;
    struct hz_g3ruh_search *s = &d->track.search;
    struct hz_g3ruh_chunk chunk;
    if (!hz_ax25_follow_afford(f, HZ_G3RUH_LINE_STEPS, sink))
        return false;
    const size_t bits = bits_since(d);
    if (!hz_g3ruh_search_line(s, hz_hops_at(&f->hops, f->search), bits)) {
        hz_sink_refuse(sink, HZ_NO_PREAMBLE);
        return false;
    }
    if (!hz_ax25_follow_afford(f, HZ_G3RUH_FIT_STEPS + 2 * CHUNK_STEPS, sink))
        return false;
    *lock = (struct hz_g3ruh_lock){0};
    hz_g3ruh_search_fit(s, &lock->now);
    lock->now.at += (double)f->search;
    lock->found_h = lock->now.h;
    /* The test chunk is the middle of what was searched, since it may begin with a bare carrier. */
    struct hz_g3ruh_lock middle = *lock;
    middle.now.at += ((double)bits - HZ_G3RUH_CHUNK) / 2 * lock->now.bit;
    hz_g3ruh_track_run(&d->track, f->hops.x, f->hops.first, &middle, &chunk);
    if (!hz_g3ruh_chunk_good(&chunk) || !hz_g3ruh_chunk_scrambled(&chunk)) {
        hz_sink_refuse(sink, HZ_NO_PREAMBLE);
        return false;
    }
    d->least = chunk.power;
    lock->clear = middle.clear;
    lock->fraction = middle.fraction;
    lock->h_off = middle.h_off;
    lock->h_seen = middle.h_seen;
    lock->now.h = middle.now.h;
    lock->now.freq = chunk.line.freq;
    return true;
}

static double needs(const void *of)
{
    const struct hz_g3ruh_detect *d = of;
    return hz_g3ruh_track_from(&d->lock) + HZ_G3RUH_SPAN;
}

static bool over(const void *of)
{
    const struct hz_g3ruh_detect *d = of;
    return !d->follow.open && d->lock.now.at > (double)d->follow.silent;
}

/* True if a stronger transmission has begun after a false lock, or in the middle of the search. */
static bool begun_since(const struct hz_g3ruh_detect *d, const struct hz_g3ruh_chunk *chunk)
{
    return (d->chunks <= YOUNG || !d->follow.frames.proven) && chunk->fraction < fits &&
           chunk->power > d->least * jumps_to;
}

static struct hz_ax25_step step(void *of, struct hz_sink *sink)
{
    struct hz_g3ruh_detect *d = of;
    struct hz_ax25_follow *f = &d->follow;
    struct hz_g3ruh_chunk chunk;
    hz_g3ruh_track_run(&d->track, f->hops.x, f->hops.first, &d->lock, &chunk);
    f->credit -= CHUNK_STEPS * (long)chunk.runs;
    hz_ax25_frames_push(&f->frames, &chunk.line, &f->credit, sink);
    d->chunks++;
    /* If the power falls, the transmission has ended; what is left is not worth a search. */
    d->vain = chunk.power * jumps_to < d->power ? HZ_G3RUH_SUM * HOP * chunk.power : 0;
    unsigned patience = f->frames.proven ? PATIENCE : UNPROVEN;
    bool doubt = f->frames.proof >= patience * HZ_G3RUH_CHUNK || begun_since(d, &chunk);
    if (d->chunks > 2)
        d->least = fminf(d->least, chunk.power);
    d->power = chunk.power;
    double half = chunk.line.start + HZ_G3RUH_CHUNK / 2 * HZ_G3RUH_BIT;
    return (struct hz_ax25_step){.good = hz_g3ruh_chunk_good(&chunk) &&
                                         hz_g3ruh_chunk_scrambled(&chunk),
                                 .fraction = chunk.fraction,
                                 .half = half,
                                 .again = doubt ? half : 0};
}

/* After a fruitless search, whether another one may find more: if the energy has risen, or if there
 * is credit to spare. */
static bool worth_search(struct hz_g3ruh_detect *d, struct hz_sink *sink)
{
    struct hz_ax25_follow *f = &d->follow;
    float energy = hz_g3ruh_gate_energy(&d->gate);
    if (d->vain == 0)
        return true;
    d->vain = fminf(d->vain, energy);
    if (energy > d->vain * rises_to) {
        d->vain = 0;
        f->search = f->hops.next;
    }
    if (d->vain == 0 || f->credit > f->refill * SPARE_HOPS)
        return true;
    if (hz_ax25_follow_is_due(f)) {
        hz_sink_refuse(sink, HZ_SHED);
        f->search = f->hops.next + AGAIN * HOP - (RISE - 1) * HOP;
    }
    return false;
}

/* Begins to follow the lock from the earliest sample at which its transmission may have begun. */
static void start(struct hz_g3ruh_detect *d, struct hz_sink *sink)
{
    double bit = d->lock.now.bit;
    d->lock.now.at -= floor((d->lock.now.at - (double)d->from + BACK) / bit) * bit;
    d->kept = false;
    d->power = 0;
    d->chunks = 0;
    hz_ax25_follow_start(&d->follow, sink);
}

/* One search. If the gate was open before it, the result may be half of something else: it is kept,
 * and the better one of it and of a later search is followed. */
static void search(struct hz_g3ruh_detect *d, struct hz_sink *sink)
{
    struct hz_ax25_follow *f = &d->follow;
    struct hz_g3ruh_lock lock;
    unsigned hops = recent(d);
    const bool found = acquire(d, &lock, sink);
    if (!found && !d->kept) {
        f->search = f->hops.next + AGAIN * HOP - (RISE - 1) * HOP;
        d->vain = hz_g3ruh_gate_least(&d->gate, hops);
        if (d->track.search.error <
            promising) /* half of what was searched may have been a packet */
            d->vain = 0;
        if (!f->open)
            f->state = HZ_AX25_IDLE;
        return;
    }
    if (!d->kept)
        d->from = f->search;
    if (found && (!d->kept || lock.fraction > d->lock.fraction))
        d->lock = lock;
    if (!d->kept && f->search > f->opened && f->open) {
        d->kept = true;
        f->search += LATER * HOP;
        return;
    }
    start(d, sink);
}

static void rise(void *of, struct hz_sink *sink)
{
    struct hz_g3ruh_detect *d = of;
    struct hz_ax25_follow *f = &d->follow;
    bool due = hz_ax25_follow_is_due(f);
    if (d->kept) {
        if (due)
            search(d, sink);
        return;
    }
    if (f->opened > f->search)
        f->search = f->opened;
    if (hz_g3ruh_gate_steady(
            &d->gate)) { /* the modulation after the bare carrier is searched for at once */
        f->search = f->hops.next;
        d->vain = 0;
        return;
    }
    if (!f->open && f->silent < f->search + HZ_G3RUH_SEARCH_LEAST * HZ_G3RUH_BIT) {
        f->state = HZ_AX25_IDLE;
        return;
    }
    if (worth_search(d, sink) && hz_ax25_follow_is_due(f))
        search(d, sink);
}

static const struct hz_ax25_modem modem = {
    .hops = {.width = 2, .hop = HOP, .before = KEEP, .behind = 0, .room = CAP},
    .bit = HZ_G3RUH_BIT,
    .scrambled = true,
    .rate_hz = HZ_G3RUH_RATE_HZ,
    .credit_hops = CREDIT_HOPS,
    .search_hops = RISE,
    .unheard = UNHEARD,
    .begin = begin,
    .gate = gate,
    .opened = opened,
    .rise = rise,
    .needs = needs,
    .over = over,
    .step = step,
    .noise = noise,
};

int hz_g3ruh_detect_init(struct hz_g3ruh_detect *d, long refill)
{
    int err = hz_ax25_follow_init(&d->follow, &modem, d, refill);
    return err != 0 ? err : hz_g3ruh_track_init(&d->track);
}

void hz_g3ruh_detect_done(struct hz_g3ruh_detect *d)
{
    hz_g3ruh_track_done(&d->track);
    hz_ax25_follow_done(&d->follow);
}
