#include "proto/packet/bell202/detect.h"

#include "dsp/nth.h"

#include <math.h>
#include <string.h>

enum {
    HOP = HZ_BELL202_HOP,
    KEEP = 40 * HOP, /* samples kept before the next hop */
    CAP = 2 * KEEP,
    RISE = 6,       /* hops from the gate's opening to a search */
    BACK = 4 * HOP, /* a transmission may have begun so long before the gate opened */
    /* samples before a search at which the first run may begin */
    REACH = BACK + (HZ_BELL202_BEFORE + 2) * HZ_BELL202_BIT + HZ_BELL202_LEAD,
    AGAIN = 3,   /* hops from a fruitless search to the next one, doubled with each further one */
    DOUBLED = 4, /* doublings at most */
    CREDIT_HOPS = 200,
    PIECE = 60, /* samples of a piece, 2.5 ms: gaps between transmissions are searched for in such
                   pieces */
    PIECES = HZ_AX25_CHUNK * HZ_BELL202_BIT / PIECE,
    GAP = 6,  /* pieces of a gap at least */
    STEP = 4, /* credit for one bit step of the trellis */
    CHUNK_COST = STEP * 3 * HZ_BELL202_RUN / 2,
    SEARCH_COST = STEP * HZ_BELL202_SEARCH_STEPS,
    CLOCKS_COST = STEP * HZ_BELL202_CLOCKS_STEPS,
    BESIDE_COST = 400,                            /* credit for a hop of audio: 100 ns a sample */
    PROVEN = HZ_AX25_STRETCH / HZ_AX25_CHUNK + 2, /* chunks of the longest frame */
    UNPROVEN = 5 /* chunks after which a transmission without flags is searched for anew */
};

/* A piece belongs to a gap if its power is below these fractions of the chunk's median power and of
 * the noise. */
static const float gap_falls = 0.6f, gap_noise = 1.5f;
static const double noise_band = 12.5e3 / HZ_BELL202_RATE_HZ;

static void begin(void *of)
{
    struct hz_bell202_detect *d = of;
    memset(&d->gate, 0, sizeof d->gate);
    hz_bell202_beside_begin(&d->beside);
}

static bool gate(void *of, const float *iq, struct hz_sink *sink)
{
    struct hz_bell202_detect *d = of;
    hz_bell202_gate_push(&d->gate, iq);
    if (hz_bell202_beside_hop(&d->beside, iq, d->follow.hops.next - KEEP, sink))
        d->follow.credit -= BESIDE_COST;
    return d->gate.open;
}

static void opened(void *of)
{
    struct hz_bell202_detect *d = of;
    d->vain = 0;
    d->clocks = false;
}

/* The residual of a strong signal is distortion, so the noise before the transmission is taken. */
static float noise(const void *of, const struct hz_ax25_frame *frame)
{
    const struct hz_bell202_detect *d = of;
    float quiet = hz_bell202_gate_noise(&d->gate, (float)noise_band);
    return quiet > 0 ? quiet : frame->noise * (float)noise_band;
}

static void found(void *of, const struct hz_burst *burst, struct hz_sink *sink)
{
    struct hz_bell202_detect *d = of;
    if (hz_bell202_beside_reports(&d->beside, burst))
        hz_ax25_message(sink, burst);
}

/* Searches at f->search and sets d->lock. False: there is no credit for a search. */
static bool acquire(struct hz_bell202_detect *d, struct hz_sink *sink)
{
    struct hz_ax25_follow *f = &d->follow;
    if (f->credit < SEARCH_COST + 2 * CHUNK_COST) {
        hz_sink_refuse(sink, HZ_SHED);
        return false;
    }
    f->credit -= SEARCH_COST;
    uint64_t hops = (f->hops.next - f->search) / HOP + 1;
    size_t recent = hops < HZ_BELL202_RECENT ? (size_t)hops : HZ_BELL202_RECENT;
    struct hz_bell202_heard heard = hz_bell202_gate_heard(&d->gate, 0, recent);
    bool paid = f->credit >= CLOCKS_COST + 2 * CHUNK_COST, clocks;
    hz_bell202_search(&d->decider, hz_hops_at(&f->hops, f->search), heard.freq, heard.amplitude,
                      paid && !d->clocks, &clocks, &d->lock);
    if (clocks && !d->clocks && paid)
        f->credit -= CLOCKS_COST;
    else if (clocks && !d->clocks)
        hz_sink_refuse(sink, HZ_SHED);
    d->clocks = d->clocks || clocks;
    d->lock.at += (double)f->search;
    return true;
}

static double needs(const void *of)
{
    const struct hz_bell202_detect *d = of;
    return hz_bell202_track_from(&d->lock) + HZ_BELL202_SPAN;
}

static bool over(const void *of)
{
    const struct hz_bell202_detect *d = of;
    uint64_t silent = d->follow.silent;
    return silent > d->follow.search && d->lock.at > (double)silent;
}

/* End of the first gap in a chunk (of the chunk itself, if the gap reaches it); 0: no gap. Behind a
 * gap another transmission may have begun with other bit timing, which the fraction of signal power
 * need not show. */
static double gap_end(const struct hz_bell202_detect *d, const struct hz_bell202_chunk *chunk)
{
    float power[PIECES], again[PIECES];
    const float *iq = hz_hops_at(&d->follow.hops, (uint64_t)chunk->bits.start);
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

static struct hz_ax25_step step(void *of, struct hz_sink *sink)
{
    struct hz_bell202_detect *d = of;
    struct hz_ax25_follow *f = &d->follow;
    struct hz_bell202_chunk chunk;
    hz_bell202_track_run(&d->decider, f->hops.x, f->hops.first, &d->lock, &chunk);
    f->credit -= CHUNK_COST * (long)chunk.runs;
    hz_ax25_frames_push(&f->frames, &chunk.bits, &f->credit, sink);
    int unproven = (int)f->frames.proof / HZ_AX25_CHUNK;
    bool doubt = unproven >= (f->frames.proven ? PROVEN : UNPROVEN);
    double behind = f->heard ? gap_end(d, &chunk) : 0;
    double half = chunk.bits.start + HZ_AX25_CHUNK / 2 * HZ_BELL202_BIT;
    return (struct hz_ax25_step){.good = hz_bell202_chunk_good(&chunk),
                                 .fraction = chunk.fraction,
                                 .half = half,
                                 .again = behind > 0 ? behind
                                          : doubt    ? half
                                                     : 0};
}

static void left(void *of, const struct hz_ax25_leaving *why)
{
    struct hz_bell202_detect *d = of;
    struct hz_ax25_follow *f = &d->follow;
    d->vain = why->proven ? 0 : d->vain + 1;
    d->clocks = d->clocks && !why->proven;
    if (why->over && f->opened > why->searched)
        f->search = f->opened;
    /* Exponential back-off while the gate stays open and nothing comes of what is found. */
    if (d->vain > 1 && f->opened < f->search)
        f->search += (uint64_t)(AGAIN << (d->vain < DOUBLED ? d->vain : DOUBLED)) * HOP;
}

static void rise(void *of, struct hz_sink *sink)
{
    struct hz_bell202_detect *d = of;
    struct hz_ax25_follow *f = &d->follow;
    if (f->opened > f->search)
        f->search = f->opened;
    if (!f->open && f->silent < f->search + HZ_BELL202_SEARCH) {
        f->state = HZ_AX25_IDLE;
        return;
    }
    uint64_t least = f->hops.next - KEEP + REACH; /* earlier samples are no longer held */
    if (f->search < least)
        f->search = least;
    if (!hz_ax25_follow_is_due(f))
        return;
    if (!acquire(d, sink)) {
        f->search = f->hops.next + HOP;
        if (!f->open)
            f->state = HZ_AX25_IDLE;
        return;
    }
    double ahead = floor((d->lock.at - (double)f->search + BACK) / HZ_BELL202_BIT);
    hz_bell202_lock_move(&d->lock, -ahead);
    hz_ax25_follow_start(f, sink);
}

static void end(void *of, struct hz_sink *sink)
{
    struct hz_bell202_detect *d = of;
    hz_bell202_beside_flush(&d->beside, sink);
}

static const struct hz_ax25_modem modem = {
    .hops = {.width = 2, .hop = HOP, .before = KEEP, .behind = 0, .room = CAP},
    .bit = HZ_BELL202_BIT,
    .scrambled = false,
    .rate_hz = HZ_BELL202_RATE_HZ,
    .credit_hops = CREDIT_HOPS,
    .search_hops = RISE,
    .unheard = 2,
    .unheard_is_refused = true,
    .begin = begin,
    .gate = gate,
    .opened = opened,
    .rise = rise,
    .needs = needs,
    .over = over,
    .step = step,
    .left = left,
    .noise = noise,
    .found = found,
    .end = end,
};

int hz_bell202_detect_init(struct hz_bell202_detect *d, long refill)
{
    hz_bell202_decider_init(&d->decider);
    int err = hz_bell202_beside_init(&d->beside, &d->gate);
    return err != 0 ? err : hz_ax25_follow_init(&d->follow, &modem, d, refill);
}

void hz_bell202_detect_done(struct hz_bell202_detect *d)
{
    hz_bell202_beside_done(&d->beside);
    hz_ax25_follow_done(&d->follow);
}
