#include "proto/ais/detect.h"

#include "proto/ais/burst.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    HOP = HZ_AIS_HOP,
    BEFORE = HZ_AIS_BEFORE,
    LONGEST = HZ_AIS_LONGEST,
    BEHIND = (LONGEST + HOP - 1) / HOP * HOP, /* whole hops */
    NEAR = HOP,  /* samples behind a hop in which the start of a burst is found */
    CAP = 32768, /* samples held at most */
    TRIES_A_HOP = 2,
    TRIES_MAX = 40, /* peaks of the gate that may be searched at once; 200 a second */
    /* Work allowed for failed bursts of unusual transmitters, in tenths of a burst: 40 bursts a
       second, more than a channel has slots, and 80 at once. Each costs up to a millisecond. */
    MATCHES_A_HOP = 4,
    MATCHES_MAX = 800
};

/* The stream begins with sample `first`. */
static void begin(struct hz_ais_detect *d, uint64_t first)
{
    hz_hops_begin(&d->hops, first);
    d->cleaned = d->hops.next + (first % HOP ? HOP : 0); /* from the first whole hop on */
    d->end = UINT64_MAX;
    d->after = 0;
    d->failed = -1;
    d->failed_fraction = 0;
    d->n_peaks = d->peaks_seen = 0;
    d->gated = d->waits = false;
    d->begun = (struct hz_ais_begun){0};
    /* The first hop waits for the longest burst: noise and DC are known from the beginning. */
    d->hops.shape.behind = BEHIND;
    hz_ais_quiet_init(&d->quiet);
    hz_ais_gate_init(&d->gate);
}

int hz_ais_detect_init(struct hz_ais_detect *d, double freq_hz)
{
    static const struct hz_hops_shape shape = {
        .width = 2, .hop = HOP, .before = BEFORE, .behind = BEHIND, .room = CAP};
    d->cpm = hz_cpm_new(&hz_ais_gmsk, HZ_AIS_BITS_MAX);
    d->matcher = hz_ais_matcher_new();
    d->even = malloc(2 * LONGEST * sizeof(float));
    d->mixed = malloc(2 * LONGEST * sizeof(float));
    if (hz_hops_init(&d->hops, &shape) != 0 || !d->cpm || !d->matcher || !d->even || !d->mixed) {
        hz_ais_detect_done(d);
        return -ENOMEM;
    }
    hz_ais_sync_init(&d->sync, d->cpm);
    hz_ais_state_init(&d->described, freq_hz);
    d->tries = TRIES_MAX;
    d->matches = MATCHES_MAX;
    return 0;
}

void hz_ais_detect_done(struct hz_ais_detect *d)
{
    hz_cpm_free(d->cpm);
    hz_ais_matcher_free(d->matcher);
    hz_hops_done(&d->hops);
    free(d->even);
    free(d->mixed);
    d->cpm = NULL;
    d->matcher = NULL;
    d->even = d->mixed = NULL;
}

/* Measures noise and DC of the samples that have come and subtracts the DC, up to all that the next
 * hop may need. */
static void clean(struct hz_ais_detect *d)
{
    uint64_t end = hz_hops_end(&d->hops) < d->end ? hz_hops_end(&d->hops) : d->end;
    size_t hops = end > d->cleaned ? (size_t)(end - d->cleaned) / HOP : 0;
    hz_ais_quiet_take(&d->quiet, d->hops.x + 2 * (d->cleaned - d->hops.first), hops);
    d->cleaned += hops * HOP;
}

/* Whether a burst may begin at the peak; then d->start says where. */
static bool found(struct hz_ais_detect *d, const struct hz_ais_peak *peak, struct hz_sink *sink)
{
    if (peak->end < d->after)
        return false; /* inside a message */
    bool maybe = hz_ais_sync_maybe(d->hops.x, d->hops.first, peak);
    if (d->tries == 0 || !maybe) {
        hz_sink_refuse(sink, maybe ? HZ_SHED : HZ_NO_PREAMBLE);
        return false;
    }
    d->tries--;
    bool is = hz_ais_sync_find(&d->sync, d->hops.x, d->hops.first, peak,
                               hz_ais_quiet_floor(&d->quiet), &d->start);
    if (!is)
        hz_sink_refuse(sink, HZ_NO_PREAMBLE);
    return is;
}

/* The first sample that may not be used yet. Where there is DC, it is taken out of whole hops. */
static uint64_t usable(const struct hz_ais_detect *d)
{
    bool clean = (d->quiet.dc_re == 0 && d->quiet.dc_im == 0) || d->end != UINT64_MAX;
    return clean ? hz_hops_end(&d->hops) : d->cleaned;
}

/* More samples are needed than there are: up to `until`. */
static void wait_for(struct hz_ais_detect *d, uint64_t until)
{
    uint64_t behind = until - d->hops.next - HOP, end = hz_hops_end(&d->hops);
    if (until <= end) /* they are there, but in a hop that is not complete */
        behind = (behind + HOP - 1) / HOP * HOP;
    d->hops.shape.behind = (size_t)behind;
}

/* Works on one hop, and on the bursts that begin in it as soon as their samples are there. Until
 * then nothing behind is worked on. */
static void hop(struct hz_ais_detect *d, struct hz_sink *sink)
{
    clean(d);
    if (!d->gated) {
        const float *iq = hz_hops_at(&d->hops, d->hops.next);
        d->n_peaks = hz_ais_gate_push(&d->gate, iq, HOP, d->hops.next, d->peaks);
        d->peaks_seen = 0;
        d->gated = true;
        d->tries = d->tries + TRIES_A_HOP < TRIES_MAX ? d->tries + TRIES_A_HOP : TRIES_MAX;
        d->matches =
            d->matches + MATCHES_A_HOP < MATCHES_MAX ? d->matches + MATCHES_A_HOP : MATCHES_MAX;
    }
    for (; d->peaks_seen < d->n_peaks; d->peaks_seen++) {
        if (!d->waits && !found(d, &d->peaks[d->peaks_seen], sink))
            continue;
        uint64_t until = hz_ais_burst(d, &d->start, usable(d), sink);
        d->waits = until != 0;
        if (d->waits) {
            wait_for(d, until);
            return;
        }
    }
    d->gated = false;
    d->hops.shape.behind = NEAR;
    d->hops.next += HOP;
}

void hz_ais_detect_push(struct hz_ais_detect *d, const struct hz_samples *samples,
                        struct hz_sink *sink)
{
    struct hz_samples in = *samples;
    if (in.n > 0 && !hz_hops_continue(&d->hops, &in)) {
        hz_ais_detect_flush(d, sink);
        begin(d, in.first);
    }
    while (hz_hops_push(&d->hops, &in))
        hop(d, sink);
}

void hz_ais_detect_flush(struct hz_ais_detect *d, struct hz_sink *sink)
{
    if (d->hops.held == 0)
        return;
    d->end = hz_hops_end(&d->hops);
    uint64_t end = d->end + BEFORE;
    while (hz_hops_drain(&d->hops, end))
        hop(d, sink);
    d->hops.held = 0;
}
