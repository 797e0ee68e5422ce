#include "proto/rs41/detect.h"

#include "proto/rs41/audio.h"
#include "proto/rs41/burst.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    HOP = HZ_HEADGATE_HOP,
    BEFORE = HZ_RS41_BEFORE + HZ_HEADGATE_BEFORE,
    BEHIND = HZ_RS41_LONGEST + HZ_HEADGATE_BEHIND,
    CAP = 2 * (BEFORE + HOP + BEHIND),
    /* Work allowed, in tries of the list of about 4 us: 2 % of a core; of a second at once. */
    CREDIT_A_HOP = 500,
    CREDIT_MAX = 10000,
};

static void begin(struct hz_rs41_detect *d, uint64_t first)
{
    hz_hops_begin(&d->hops, first);
    d->after = 0;
    d->failed_end = 0;
}

int hz_rs41_detect_init(struct hz_rs41_detect *d, bool audio)
{
    const struct hz_hops_shape shape = {
        .width = audio ? 1 : 2, .hop = HOP, .before = BEFORE, .behind = BEHIND, .room = CAP};
    const struct hz_headgate_word word = {hz_rs41_header, 8 * HZ_RS41_HEADER, HZ_RS41_BIT};
    const struct hz_cpm_mode mode = {
        .samples_per_bit = HZ_RS41_BIT, .h = 1, .bt = 0.5, .states_log2 = 3, .memory = 0.92f};
    d->audio = audio;
    d->cpm = hz_cpm_new(&mode, HZ_RS41_BITS_MAX);
    d->mixed = malloc(2 * HZ_RS41_LONGEST * sizeof(float));
    d->phased = audio ? malloc(2 * HZ_RS41_PHASED * sizeof(float)) : NULL;
    if (hz_hops_init(&d->hops, &shape) != 0 || !d->cpm || !d->mixed || (audio && !d->phased)) {
        hz_rs41_detect_done(d);
        return -ENOMEM;
    }
    hz_rs41_code(&d->hard);
    hz_headgate_init(&d->gate, &word);
    d->credit = CREDIT_MAX;
    return 0;
}

void hz_rs41_detect_done(struct hz_rs41_detect *d)
{
    hz_cpm_free(d->cpm);
    hz_hops_done(&d->hops);
    free(d->mixed);
    free(d->phased);
    d->cpm = NULL;
    d->mixed = d->phased = NULL;
}

/* Works on one hop: all samples that a frame in it may need are in memory. */
static void hop(struct hz_rs41_detect *d, struct hz_sink *sink)
{
    struct hz_headgate_peak peak[HZ_HEADGATE_PEAKS];
    const float *x = hz_hops_at(&d->hops, d->hops.next);
    size_t n = d->audio ? hz_headgate_audio(&d->gate, x, peak) : hz_headgate_iq(&d->gate, x, peak);
    d->credit += d->credit < CREDIT_MAX ? CREDIT_A_HOP : 0;
    for (size_t i = 0; i < n; i++) {
        if (d->hops.next + (uint64_t)peak[i].at < d->after)
            continue; /* inside a frame */
        if (d->audio) {
            hz_rs41_phase(x, &peak[i], d->phased);
            d->after = hz_rs41_burst(d, d->phased + 2 * HZ_RS41_BEFORE - 2 * (ptrdiff_t)peak[i].at,
                                     &peak[i], sink);
        } else {
            d->after = hz_rs41_burst(d, x, &peak[i], sink);
        }
    }
    d->hops.next += HOP;
}

void hz_rs41_detect_push(struct hz_rs41_detect *d, const struct hz_samples *samples,
                         struct hz_sink *sink)
{
    struct hz_samples in = *samples;
    if (in.n > 0 && !hz_hops_continue(&d->hops, &in)) {
        hz_rs41_detect_flush(d, sink);
        begin(d, in.first);
    }
    while (hz_hops_push(&d->hops, &in))
        hop(d, sink);
}

void hz_rs41_detect_flush(struct hz_rs41_detect *d, struct hz_sink *sink)
{
    if (d->hops.held == 0)
        return;
    uint64_t end = hz_hops_end(&d->hops) + BEFORE;
    while (hz_hops_drain(&d->hops, end))
        hop(d, sink);
    d->hops.held = 0;
}
