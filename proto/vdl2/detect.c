#include "proto/vdl2/detect.h"

#include "proto/vdl2/burst.h"

#include <errno.h>
#include <stdlib.h>

enum {
    HOP = HZ_VDL2_HOP,
    BEFORE = HZ_VDL2_GATE_BEFORE + HZ_VDL2_BURST_BEFORE,
    BEHIND = HZ_VDL2_LONGEST,
    /* Work of up to 50 ns each: 10 % of a core; of a second at once. */
    CREDIT_A_HOP = 50000,
    CREDIT_MAX = 2000000,
};

int hz_vdl2_detect_init(struct hz_vdl2_detect *d)
{
    const struct hz_hops_shape shape = {.width = 2,
                                        .hop = HOP,
                                        .before = BEFORE,
                                        .behind = BEHIND,
                                        .room = (size_t)2 * (BEFORE + HOP + BEHIND)};
    d->mixed = malloc((size_t)2 * HZ_VDL2_MIXED * sizeof *d->mixed);
    if (hz_hops_init(&d->hops, &shape) != 0 || !d->mixed) {
        hz_vdl2_detect_done(d);
        return -ENOMEM;
    }
    hz_vdl2_code(&d->rs);
    hz_vdl2_pulse_init(&d->pulse[0], false);
    hz_vdl2_pulse_init(&d->pulse[1], true);
    hz_vdl2_whitening(d->white);
    d->credit = CREDIT_MAX;
    return 0;
}

void hz_vdl2_detect_done(struct hz_vdl2_detect *d)
{
    hz_hops_done(&d->hops);
    free(d->mixed);
    d->mixed = NULL;
}

/* Works on one hop: all samples that a transmission in it may need are in memory. */
static void hop(struct hz_vdl2_detect *d, struct hz_sink *sink)
{
    struct hz_vdl2_peak peak[HZ_VDL2_PEAKS];
    const float *iq = hz_hops_at(&d->hops, d->hops.next);
    size_t n = hz_vdl2_gate(iq, peak);
    d->credit += d->credit < CREDIT_MAX ? CREDIT_A_HOP : 0;
    for (size_t i = 0; i < n; i++)
        if (d->hops.next + (uint64_t)peak[i].at >= d->after)
            d->after = hz_vdl2_burst(d, iq, &peak[i], sink);
    d->hops.next += HOP;
}

void hz_vdl2_detect_push(struct hz_vdl2_detect *d, const struct hz_samples *samples,
                         struct hz_sink *sink)
{
    struct hz_samples in = *samples;
    if (in.n > 0 && !hz_hops_continue(&d->hops, &in)) {
        hz_vdl2_detect_flush(d, sink);
        hz_hops_begin(&d->hops, in.first);
        d->after = 0;
    }
    while (hz_hops_push(&d->hops, &in))
        hop(d, sink);
}

void hz_vdl2_detect_flush(struct hz_vdl2_detect *d, struct hz_sink *sink)
{
    if (d->hops.held == 0)
        return;
    uint64_t end = hz_hops_end(&d->hops) + BEFORE;
    while (hz_hops_drain(&d->hops, end))
        hop(d, sink);
    d->hops.held = 0;
}
