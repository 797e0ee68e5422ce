#include "config/plan.h"

#include <math.h>

/* Nanoseconds, measured on one core of a virtual machine at 2.4 Msps: `make bench`
 * (bench_channelizer). What the decoder itself takes is in its description. */
#define TRANSFORM_NS 2.4  /* a sample of the band into the spectrum that channels share (FFTW) */
#define CLOSED_NS    0.05 /* a sample of the band, for one channel behind its squelch */
#define SLICE_NS     6.0  /* a sample of a channel that is cut out, before its decoder */
#define HUNT_NS      0.15 /* a sample of the band in which bursts are looked for (bench_hunt) */
/* A decoder that was not measured is taken for one of the costlier ones. */
#define QUIET_NS 25.0
#define BUSY_NS  400.0

struct hz_plan_cost hz_plan_cost(double rate_hz, const struct hz_conf_channel *const *channels,
                                 size_t n)
{
    struct hz_plan_cost ns = {0, 0}; /* a second */
    bool shared = false;
    for (size_t i = 0; i < n; i++) {
        const struct hz_decoder *d = channels[i]->decoder;
        double level = hz_plan_squelch(channels[i]);
        if (d->input == HZ_INPUT_BURST) {
            ns.idle += HUNT_NS * rate_hz;
            ns.busy += HUNT_NS * rate_hz + (SLICE_NS + (double)d->busy_ns) * d->rate_hz;
            shared = true;
            continue;
        }
        bool whole = d->input == HZ_INPUT_BAND;
        double quiet = d->quiet_ns > 0 ? (double)d->quiet_ns : QUIET_NS;
        double busy = d->busy_ns > 0 ? (double)d->busy_ns : BUSY_NS;
        double samples = whole ? rate_hz : hz_plan_rate(channels[i]);
        double cut = whole ? 0 : CLOSED_NS * rate_hz + SLICE_NS * samples;
        bool open = whole || level <= 0;
        ns.busy += cut + busy * samples;
        ns.idle += open ? cut + quiet * samples : CLOSED_NS * rate_hz;
        shared = shared || !whole;
    }
    double transform = shared ? TRANSFORM_NS * rate_hz : 0;
    return (struct hz_plan_cost){(ns.idle + transform) / 1e9, (ns.busy + transform) / 1e9};
}
