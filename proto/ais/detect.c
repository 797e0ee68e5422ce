#include "proto/ais/detect.h"

#include "proto/ais/burst.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    HOP = 480, /* samples: 10 ms */
    PEAKS = HOP / 40 + 1,
    BEFORE = HZ_AIS_BEFORE,
    LONGEST = HZ_AIS_LONGEST,
    CAP = 16384, /* samples held at most */
    TRIES_A_HOP = 2,
    TRIES_MAX = 20 /* of the gate's peaks looked at: 200 a second, 20 at once */
};

/* The stream begins with sample `first`. */
static void begin(struct hz_ais_detect *d, uint64_t first)
{
    hz_hops_begin(&d->hops, first);
    d->begun = first + BEFORE;
    d->after = 0;
    d->failed = -1;
    d->failed_share = 0;
    memset(d->floor, 0, sizeof d->floor);
    hz_ais_gate_init(&d->gate);
}

int hz_ais_detect_init(struct hz_ais_detect *d)
{
    static const struct hz_hops_shape shape = {
        .width = 2, .hop = HOP, .before = BEFORE, .behind = LONGEST, .room = CAP};
    d->cpm = hz_cpm_new(&hz_ais_gmsk, HZ_AIS_BITS_MAX);
    d->even = malloc(2 * LONGEST * sizeof(float));
    d->mixed = malloc(2 * LONGEST * sizeof(float));
    if (hz_hops_init(&d->hops, &shape) != 0 || !d->cpm || !d->even || !d->mixed) {
        hz_ais_detect_done(d);
        return -ENOMEM;
    }
    hz_ais_sync_init(&d->sync, d->cpm);
    return 0;
}

void hz_ais_detect_done(struct hz_ais_detect *d)
{
    hz_cpm_free(d->cpm);
    hz_hops_done(&d->hops);
    free(d->even);
    free(d->mixed);
    d->cpm = NULL;
    d->even = d->mixed = NULL;
}

static void measure_floor(struct hz_ais_detect *d, const float *iq)
{
    if (d->hops.next < d->begun)
        return;
    float sum[8] = {0};
    for (int i = 0; i < 2 * HOP; i += 8)
        for (int l = 0; l < 8; l++)
            sum[l] += iq[i + l] * iq[i + l];
    float power = 0;
    for (int l = 0; l < 8; l++)
        power += sum[l];
    d->floor[d->floor_at] = power / HOP;
    d->floor_at = (d->floor_at + 1) % HZ_AIS_FLOOR_BLOCKS;
}

static void look(struct hz_ais_detect *d, const struct hz_ais_peak *peak,
                 const struct hz_ais_listener *out)
{
    struct hz_ais_start start;
    if (peak->end < d->after)
        return; /* inside of a message */
    if (d->tries == 0 || !hz_ais_sync_maybe(d->hops.x, d->hops.first, peak)) {
        out->refused(out->ctx, HZ_NO_PREAMBLE);
        return;
    }
    d->tries--;
    if (hz_ais_sync_find(&d->sync, d->hops.x, d->hops.first, peak, hz_ais_floor(d), &start))
        d->after = hz_ais_burst(d, &start, out);
    else
        out->refused(out->ctx, HZ_NO_PREAMBLE);
}

/* One hop: everything that a burst may need after it is in memory. */
static void hop(struct hz_ais_detect *d, const struct hz_ais_listener *out)
{
    struct hz_ais_peak peak[PEAKS];
    const float *iq = hz_hops_at(&d->hops, d->hops.next);
    measure_floor(d, iq);
    size_t n = hz_ais_gate_push(&d->gate, iq, HOP, d->hops.next, peak);
    d->tries = d->tries + TRIES_A_HOP < TRIES_MAX ? d->tries + TRIES_A_HOP : TRIES_MAX;
    for (size_t i = 0; i < n; i++)
        look(d, &peak[i], out);
    d->hops.next += HOP;
}

void hz_ais_detect_push(struct hz_ais_detect *d, const struct hz_samples *samples,
                        const struct hz_ais_listener *out)
{
    struct hz_samples in = *samples;
    if (in.n > 0 && !hz_hops_continue(&d->hops, &in)) {
        hz_ais_detect_flush(d, out);
        begin(d, in.first);
    }
    while (hz_hops_push(&d->hops, &in))
        hop(d, out);
}

void hz_ais_detect_flush(struct hz_ais_detect *d, const struct hz_ais_listener *out)
{
    if (d->hops.held == 0)
        return;
    uint64_t end = hz_hops_end(&d->hops) + BEFORE;
    while (hz_hops_drain(&d->hops, end))
        hop(d, out);
    d->hops.held = 0;
}
