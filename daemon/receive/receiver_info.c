/* Read-only information about a receiver, for status. */
#include "daemon/receive/receiver_parts.h"

#include <math.h>

const char *hz_receiver_state_name(enum hz_receiver_state state)
{
    static const char *const names[] = {"closed", "opening",  "streaming", "stalled",
                                        "lost",   "stopping", "backoff",   "ended"};
    return names[state];
}

const char *hz_receiver_name(const struct hz_receiver *r)
{
    return r->conf->name;
}

const struct hz_conf_receiver *hz_receiver_conf(const struct hz_receiver *r)
{
    return r->conf;
}

const struct hz_tuning *hz_receiver_has(const struct hz_receiver *r)
{
    return &r->tuning.now;
}

enum hz_receiver_state hz_receiver_state(const struct hz_receiver *r)
{
    return r->life.state;
}

const struct hz_receiver_life *hz_receiver_life(const struct hz_receiver *r)
{
    return &r->life;
}

bool hz_receiver_failing(const struct hz_receiver *r)
{
    return hz_backoff_failing(&r->backoff);
}

bool hz_receiver_replays(const struct hz_receiver *r)
{
    return !r->ops->live;
}

const char *hz_receiver_mark(const struct hz_receiver *r)
{
    return r->ops->mark;
}

const char *hz_receiver_tuning_text(const struct hz_receiver *r)
{
    return r->tuning.text;
}

const struct hz_receiver_stats *hz_receiver_stats(const struct hz_receiver *r)
{
    return &r->stats;
}

const struct hz_level *hz_receiver_level(const struct hz_receiver *r)
{
    return r->meter.known ? &r->meter.level : NULL;
}

struct hz_stamp hz_receiver_stamp_now(const struct hz_receiver *r)
{
    return r->count.stamp;
}

struct hz_receiver_samples hz_receiver_samples(const struct hz_receiver *r)
{
    const struct hz_source *src = r->src;
    return (struct hz_receiver_samples){
        .device = src ? src->device : "",
        .tuner = src ? src->tuner : 0,
        .n_gains = src ? src->n_gains : 0,
        .format = src ? src->format : HZ_CU8,
        .rate_hz = src ? src->rate_hz : r->conf->rate_hz,
        .centre_hz = src ? src->centre_hz : r->tuning.now.centre_hz,
        .air_s = src ? (double)r->count.next_sample / src->rate_hz : 0,
        .last_block_mono_ns = r->flow.last_block,
        .epoch = r->count.epoch,
    };
}

struct hz_receiver_timing hz_receiver_timing(const struct hz_receiver *r)
{
    double received = NAN;
    enum hz_clock_pace pace = hz_clock_pace(&r->count.clock, &received);
    return (struct hz_receiver_timing){
        .ppm_error = r->ops->live ? hz_clock_ppm(&r->count.clock) : NAN,
        .pace = pace,
        .received_hz = received,
        .utc_steps = r->count.clock.utc_steps,
    };
}

const struct hz_adjust *hz_receiver_adjust(const struct hz_receiver *r)
{
    return &r->adjust;
}

bool hz_receiver_capture(const struct hz_receiver *r, struct hz_handoff_counts *counts)
{
    if (!r->src || !r->ops->counts)
        return false;
    r->ops->counts(r->src, counts);
    return counts->calls > 0;
}

const struct hz_visits_stats *hz_receiver_visits(const struct hz_receiver *r)
{
    return &r->channels.visits.stats;
}

const struct hz_scope *hz_receiver_scope(const struct hz_receiver *r)
{
    return r->scope;
}

struct hz_channel *const *hz_receiver_channels(const struct hz_receiver *r, size_t *n)
{
    *n = r->channels.n;
    return r->channels.list;
}

bool hz_receiver_spectra(const struct hz_receiver *r, struct hz_band_strand_stats *stats)
{
    if (!r->channels.band)
        return false;
    *stats = hz_band_strand_stats(r->channels.band);
    return stats->samples > 0;
}

double hz_receiver_ppm_heard(const struct hz_receiver *r)
{
    enum { ENOUGH = 20 };
    double sum = 0, weight = 0;
    for (size_t i = 0; i < r->channels.n; i++) {
        struct hz_channel_stats s = hz_channel_stats(r->channels.list[i]);
        if (hz_channel_conf(r->channels.list[i])->decoder->input == HZ_INPUT_BAND)
            continue;
        double w = fmin((double)s.carriers, HZ_SINK_CARRIERS);
        sum -= w * s.carrier_ppm;
        weight += w;
    }
    return weight >= ENOUGH ? sum / weight : NAN;
}
