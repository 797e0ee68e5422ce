#include "sim/air.h"

#include <math.h>
#include <string.h>

double hz_air_until(const struct hz_air *air)
{
    const struct hz_span *span = &air->out->span;
    return (double)(span->first + span->n) / span->rate_hz / (1 + air->crystal);
}

struct hz_air_sent *hz_air_prepare(struct hz_air *air, const char *protocol, double freq_hz,
                                   double bandwidth_hz)
{
    if (air->n == HZ_AIR_MAX) {
        return NULL;
    }
    struct hz_air_sent *s = &air->sent[air->n];
    memset(s, 0, sizeof *s);
    s->protocol = protocol;
    s->freq_hz = freq_hz;
    s->bandwidth_hz = bandwidth_hz;
    s->clock = 1;
    return s;
}

void hz_air_launch(struct hz_air *air, struct hz_air_sent *s, double at)
{
    /* The crystal runs both the tuner and the sample clock. */
    const struct hz_scene_output *out = air->out;
    s->burst.start = at * out->span.rate_hz * (1 + air->crystal);
    s->burst.clock = s->clock / (1 + air->crystal);
    s->burst.offset_hz = s->freq_hz + s->carrier_hz - out->centre_hz - air->crystal * s->freq_hz;
    s->burst.phase = hz_rng_between(&air->rng, 0, 1);
    s->burst.power = pow(10, s->snr_db / 10) * out->noise_per_hz * s->bandwidth_hz;
    air->n++;
}

static void report(const struct hz_scene_output *out, const struct hz_air_sent *s)
{
    struct hz_scene_truth t = {
        .sample = (uint64_t)floor(s->burst.start + 0.5),
        .type = s->type,
        .snr_db = s->snr_db,
        .level_dbfs = 10 * log10(s->burst.power),
        .raw = s->raw,
        .raw_len = s->raw_len,
        .protocol = s->protocol,
        .start = s->burst.start,
        .samples = hz_sim_track_samples(&s->track, &s->burst, out->span.rate_hz),
        .freq_hz = s->freq_hz,
        .bandwidth_hz = s->bandwidth_hz,
        .offset_hz = s->burst.offset_hz - (s->freq_hz - out->centre_hz),
        .fields = s->fields,
    };
    out->on_truth(out->ctx, &t);
}

static struct hz_air_sent *first_unreported(struct hz_air *air)
{
    struct hz_air_sent *first = NULL;
    for (size_t i = 0; i < air->n; i++) {
        struct hz_air_sent *s = &air->sent[i];
        if (!s->reported && (first == NULL || s->burst.start < first->burst.start)) {
            first = s;
        }
    }
    return first;
}

void hz_air_fill(struct hz_air *air)
{
    const struct hz_span *span = &air->out->span;
    for (struct hz_air_sent *s = first_unreported(air); s != NULL; s = first_unreported(air)) {
        s->reported = true;
        if (air->out->on_truth != NULL) {
            report(air->out, s);
        }
    }
    size_t kept = 0;
    for (size_t i = 0; i < air->n; i++) {
        struct hz_air_sent *s = &air->sent[i];
        hz_sim_track_add(&s->track, &s->burst, span);
        double over = s->burst.start + hz_sim_track_samples(&s->track, &s->burst, span->rate_hz);
        if (over <= (double)(span->first + span->n)) {
            hz_sim_track_done(&s->track);
        } else if (kept++ != i) {
            air->sent[kept - 1] = *s;
        }
    }
    air->n = kept;
}

void hz_air_done(struct hz_air *air)
{
    for (size_t i = 0; i < air->n; i++) {
        hz_sim_track_done(&air->sent[i].track);
    }
    air->n = 0;
}
