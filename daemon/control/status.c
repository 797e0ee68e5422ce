/* The status of the daemon as JSON. Field names are never removed or changed. */
#include "daemon/control/status.h"
#include "config/plan.h"
#include "daemon/control/bands.h"
#include "daemon/control/found_status.h"
#include "daemon/control/reception.h"
#include "daemon/control/troubles.h"
#include "daemon/picture/status.h"
#include "daemon/receive/workload.h"
#include "daemon/run/health.h"
#include "daemon/source/rtl_tuner.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void add_number(cJSON *o, const char *name, double v)
{
    if (v == v)
        cJSON_AddNumberToObject(o, name, v);
}

static double tenths(double v)
{
    return round(v * 10) / 10 + 0.0; /* no "-0" */
}

static double ms(uint64_t ns)
{
    return (double)(ns / 1000) / 1000.0;
}

/* Seconds since a moment of uv_hrtime, to a tenth. */
static double age_s(int64_t mono_ns)
{
    return (double)(((int64_t)uv_hrtime() - mono_ns) / 100000000) / 10.0;
}

/* ---- receivers and channels ------------------------------------------------------------- */

static cJSON *spectra_json(const struct hz_band_strand_stats *stats)
{
    cJSON *o = cJSON_CreateObject();
    add_number(o, "made", (double)stats->spectra);
    add_number(o, "from_hz", stats->centre_hz + stats->low_hz);
    add_number(o, "to_hz", stats->centre_hz + stats->high_hz);
    add_number(o, "rate_hz", stats->rate_hz);
    add_number(o, "changes", (double)stats->changes);
    add_number(o, "queued_blocks", (double)stats->queued);
    add_number(o, "overruns", (double)stats->overruns);
    add_number(o, "cpu_s", (double)(stats->cpu_ns / 1000000) / 1e3);
    add_number(o, "in_order_cpu_s", (double)(stats->order_ns / 1000000) / 1e3);
    add_number(o, "cpu_ns_per_sample",
               round((double)stats->cpu_ns / (double)stats->samples * 100) / 100);
    return o;
}

/* What was found anywhere in the band. */
static cJSON *hunt_json(const struct hz_hunt_stats *stats)
{
    cJSON *o = cJSON_CreateObject();
    add_number(o, "found", (double)stats->found);
    add_number(o, "too_long", (double)stats->too_long);
    add_number(o, "shed", (double)stats->shed);
    add_number(o, "raised", (double)stats->raised);
    add_number(o, "floor_dbfs", tenths((double)stats->floor_db));
    return o;
}

/* Those who look at the band, and what that cost. */
static cJSON *scope_json(const struct hz_scope_stats *stats)
{
    cJSON *o = cJSON_CreateObject();
    add_number(o, "views", (double)stats->views);
    add_number(o, "viewers", (double)stats->viewers);
    add_number(o, "frames", (double)stats->frames);
    add_number(o, "dropped", (double)stats->dropped);
    add_number(o, "skipped", (double)stats->skipped);
    add_number(o, "cpu_s", (double)(stats->cpu_ns / 1000000) / 1e3);
    return o;
}

/* Counters of the capture thread since the source was opened. busy_percent is the time in its
 * callback, relative to the duration of the samples. */
static cJSON *capture_json(const struct hz_handoff_counts *c, const struct hz_receiver_samples *in)
{
    uint64_t sample = hz_format_bytes(in->format);
    double air_ns = (double)(c->bytes / sample) / in->rate_hz * 1e9;
    cJSON *o = cJSON_CreateObject();
    add_number(o, "calls", (double)c->calls);
    add_number(o, "drops", (double)c->drops);
    add_number(o, "overflows", (double)c->overflows);
    add_number(o, "dropped_samples", (double)(c->dropped_bytes / sample));
    add_number(o, "longest_ms", ms(c->longest_ns));
    add_number(o, "busy_percent", round((double)c->spent_ns / air_ns * 1e5) / 1e3);
    return o;
}

/* The tuner with its number in rtl_tcp, and its gains if they are known. */
static void add_tuner(cJSON *o, const struct hz_receiver_samples *in)
{
    const struct hz_rtl_tuner *tuner = hz_rtl_tuner(in->tuner);
    if (in->n_gains == 0)
        return;
    add_number(o, "tuner_type", in->tuner);
    cJSON_AddStringToObject(o, "tuner", tuner ? tuner->name : "unknown");
    add_number(o, "gains", in->n_gains);
    if (!tuner || tuner->n_gains != in->n_gains)
        return;
    cJSON *list = cJSON_AddArrayToObject(o, "gains_db");
    for (size_t i = 0; i < tuner->n_gains; i++)
        cJSON_AddItemToArray(list, cJSON_CreateNumber(tuner->gains[i] / 10.0));
}

/* Identity and state of a receiver. */
static void add_life(cJSON *o, const struct hz_receiver *r, const struct hz_receiver_samples *in)
{
    const struct hz_conf_receiver *conf = hz_receiver_conf(r);
    const struct hz_receiver_life *life = hz_receiver_life(r);
    cJSON_AddStringToObject(o, "name", conf->name);
    cJSON_AddStringToObject(o, "source", conf->source->kind.name);
    if (hz_receiver_mark(r))
        cJSON_AddBoolToObject(o, hz_receiver_mark(r), 1);
    cJSON_AddStringToObject(o, "input", hz_conf_receiver_input(conf));
    cJSON_AddStringToObject(o, "state", hz_receiver_state_name(life->state));
    cJSON_AddStringToObject(o, "reason", life->reason);
    add_number(o, "state_age_s", age_s(life->since_mono_ns));
    cJSON_AddStringToObject(o, "format", hz_format_name(in->format));
    add_number(o, "rate_hz", in->rate_hz);
    add_number(o, "centre_hz", in->centre_hz);
    add_number(o, "air_s", (double)(uint64_t)(in->air_s * 10) / 10);
    cJSON_AddStringToObject(o, "device", in->device);
    cJSON_AddStringToObject(o, "last_error", life->last_error);
}

static void add_tuning(cJSON *o, const struct hz_receiver *r, const struct hz_receiver_samples *in)
{
    const struct hz_tuning *has = hz_receiver_has(r);
    cJSON_AddStringToObject(o, "tuning", hz_receiver_tuning_text(r));
    add_tuner(o, in);
    if (isnan(has->gain_db))
        cJSON_AddStringToObject(o, "gain_db", "auto");
    else
        add_number(o, "gain_db", has->gain_db);
    if (*has->gain_stages)
        cJSON_AddStringToObject(o, "gain_stages", has->gain_stages);
    add_number(o, "ppm", has->ppm);
    cJSON_AddBoolToObject(o, "bias_tee", has->bias_tee);
}

static void add_timing(cJSON *o, const struct hz_receiver *r, double rate_hz)
{
    static const char *const paces[] = {"on time", "fast", "slow"};
    struct hz_receiver_timing timing = hz_receiver_timing(r);
    add_number(o, "ppm_error", tenths(timing.ppm_error));
    add_number(o, "ppm_heard", tenths(hz_receiver_ppm_heard(r)));
    add_number(o, "rate_measured_hz", round(rate_hz * (1 + timing.ppm_error / 1e6)));
    if (!hz_receiver_replays(r))
        cJSON_AddStringToObject(o, "pace", paces[timing.pace]);
    add_number(o, "rate_received_hz", round(timing.received_hz));
    add_number(o, "utc_steps", (double)timing.utc_steps);
}

/* The pool of channels that open where something was found. */
static cJSON *visits_json(const struct hz_visits_stats *stats)
{
    cJSON *o = cJSON_CreateObject();
    add_number(o, "limit", (double)stats->limit);
    add_number(o, "open", (double)stats->open);
    add_number(o, "opened", (double)stats->opened);
    add_number(o, "refused", (double)stats->refused);
    return o;
}

static cJSON *receiver_json(const struct hz_receiver *r)
{
    struct hz_receiver_samples in = hz_receiver_samples(r);
    const struct hz_receiver_stats *stats = hz_receiver_stats(r);
    const struct hz_level *level = hz_receiver_level(r);
    struct hz_handoff_counts capture;
    struct hz_band_strand_stats spectra;
    size_t n_channels;
    cJSON *o = cJSON_CreateObject();
    add_life(o, r, &in);
    add_tuning(o, r, &in);
    hz_status_bands(o, r);
    add_number(o, "failures", (double)stats->failures);
    add_number(o, "wedged", (double)stats->wedged);
    if (level) {
        add_number(o, "level_dbfs", tenths(level->mean_dbfs));
        add_number(o, "noise_dbfs", tenths(level->noise_dbfs));
        add_number(o, "clip_percent", round(level->clip_percent * 1000) / 1000);
    }
    add_timing(o, r, in.rate_hz);
    hz_found_status(o, r);
    if (hz_receiver_capture(r, &capture))
        cJSON_AddItemToObject(o, "capture", capture_json(&capture, &in));
    if (hz_receiver_spectra(r, &spectra))
        cJSON_AddItemToObject(o, "spectra", spectra_json(&spectra));
    if (hz_receiver_spectra(r, &spectra) && spectra.hunts)
        cJSON_AddItemToObject(o, "hunt", hunt_json(&spectra.hunt));
    if (hz_receiver_scope(r))
        cJSON_AddItemToObject(o, "spectrum", scope_json(hz_scope_stats(hz_receiver_scope(r))));
    if (hz_receiver_visits(r)->limit > 0)
        cJSON_AddItemToObject(o, "visits", visits_json(hz_receiver_visits(r)));
    if (in.last_block_mono_ns)
        add_number(o, "last_block_age_s", age_s(in.last_block_mono_ns));
    add_number(o, "epoch", in.epoch);
    add_number(o, "opens", (double)stats->opens);
    add_number(o, "blocks", (double)stats->blocks);
    add_number(o, "samples", (double)stats->samples);
    add_number(o, "gaps", (double)stats->gaps);
    add_number(o, "lost_samples", (double)stats->lost_samples);
    struct hz_channel *const *channels = hz_receiver_channels(r, &n_channels);
    size_t bursts = 0;
    for (size_t i = 0; i < n_channels; i++)
        bursts += hz_channel_host(channels[i]) != NULL;
    add_number(o, "channels", (double)(n_channels - bursts));
    return o;
}

static cJSON *counts_json(const uint64_t *count)
{
    cJSON *o = cJSON_CreateObject();
    for (int i = 0; i < HZ_REASONS; i++)
        add_number(o, hz_reason_name((enum hz_reason)i), (double)count[i]);
    return o;
}

/* The speech of a channel whose decoder gives some. */
static cJSON *sound_json(const struct hz_channel *c, const struct hz_channel_stats *s)
{
    cJSON *o = cJSON_CreateObject();
    cJSON_AddBoolToObject(o, "talking", s->talking);
    add_number(o, "listeners", (double)hz_channel_listeners(c));
    add_number(o, "packets", (double)s->coded);
    return o;
}

/* Bursts of a channel that looks for them. */
static cJSON *bursts_json(const struct hz_channel_bursts *b)
{
    cJSON *o = cJSON_CreateObject();
    add_number(o, "limit", (double)b->limit);
    add_number(o, "open", (double)b->open);
    add_number(o, "found", (double)b->found);
    add_number(o, "opened", (double)b->opened);
    add_number(o, "shed", (double)b->shed);
    add_number(o, "too_long", (double)b->too_long);
    return o;
}

static cJSON *channel_json(const struct hz_channel *c, const struct hz_receiver *r)
{
    const struct hz_conf_channel *conf = hz_channel_conf(c);
    struct hz_channel_stats s = hz_channel_stats(c);
    const char *error = hz_channel_error(c);
    cJSON *o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "name", conf->name);
    cJSON_AddStringToObject(o, "receiver", hz_receiver_name(r));
    cJSON_AddStringToObject(o, "decoder", conf->decoder->name);
    bool hosts = hz_channel_hosts(c), everywhere = hosts && hz_plan_anywhere(conf);
    struct hz_receiver_samples in = hz_receiver_samples(r);
    add_number(o, "freq_hz",
               everywhere          ? in.centre_hz
               : conf->freq_hz > 0 ? conf->freq_hz
                                   : conf->decoder->freqs_hz[0]);
    add_number(o, "bandwidth_hz",
               everywhere && conf->bandwidth_hz <= 0 ? in.rate_hz : hz_plan_width(conf));
    if (hz_channel_narrow(c) && !hosts)
        add_number(o, "squelch_db", hz_plan_squelch(conf));
    double next_s;
    bool idle = hz_channel_narrow(c) && !s.open, away = hz_receiver_away(r, c, &next_s);
    const char *state = error                                     ? "failed"
                        : hz_receiver_state(r) != HZ_RX_STREAMING ? "waiting"
                        : away                                    ? "away"
                        : hosts && s.bursts.open == 0             ? "hunting"
                        : idle && !hosts                          ? "squelched"
                                                                  : "decoding";
    cJSON_AddStringToObject(o, "state", state);
    if (away && hz_receiver_state(r) == HZ_RX_STREAMING)
        add_number(o, "next_s", tenths(next_s));
    hz_status_channel_bands(o, r, c);
    cJSON_AddStringToObject(o, "error", error ? error : "");
    add_number(o, "messages", (double)s.count[HZ_MESSAGE]);
    if (s.last_message_mono_ns)
        add_number(o, "last_message_age_s", age_s(s.last_message_mono_ns));
    cJSON_AddItemToObject(o, "candidates", counts_json(s.count));
    cJSON_AddItemToObject(o, "reception", hz_reception_json(&s));
    add_number(o, "blocks", (double)s.blocks);
    add_number(o, "samples", (double)s.samples);
    if (s.level_dbfs < 0) { /* its squelch has measured a level */
        add_number(o, "level_dbfs", tenths((double)s.level_dbfs));
        add_number(o, "noise_dbfs", tenths((double)s.noise_dbfs));
    }
    if (hosts)
        cJSON_AddItemToObject(o, "bursts", bursts_json(&s.bursts));
    if (conf->decoder->speech_hz > 0)
        cJSON_AddItemToObject(o, "sound", sound_json(c, &s));
    add_number(o, "priority", conf->priority);
    add_number(o, "queued_blocks", (double)s.queued);
    add_number(o, "overruns", (double)s.overruns);
    add_number(o, "lost_samples", (double)s.lost_samples);
    add_number(o, "arena_drops", (double)s.arena_drops);
    add_number(o, "cpu_s", ms(s.cpu_ns) / 1000);
    if (s.samples)
        add_number(o, "cpu_ns_per_sample", (double)(s.cpu_ns * 100 / s.samples) / 100);
    return o;
}

cJSON *hz_status_receivers(const struct hz_daemon *d)
{
    cJSON *a = cJSON_CreateArray();
    for (size_t i = 0; i < d->receivers.n; i++)
        cJSON_AddItemToArray(a, receiver_json(d->receivers.list[i]));
    return a;
}

cJSON *hz_status_channels(const struct hz_daemon *d)
{
    cJSON *a = cJSON_CreateArray();
    for (size_t i = 0; i < d->receivers.n; i++) {
        size_t n;
        struct hz_channel *const *channels = hz_receiver_channels(d->receivers.list[i], &n);
        for (size_t k = 0; k < n; k++) {
            if (!hz_channel_host(channels[k]))
                cJSON_AddItemToArray(a, channel_json(channels[k], d->receivers.list[i]));
        }
    }
    return a;
}

/* ---- decoders --------------------------------------------------------------------------- */

/* Sums over all channels of one decoder. */
static void sum_decoder(const struct hz_daemon *d, const struct hz_decoder *decoder,
                        uint64_t count[HZ_REASONS], size_t *channels)
{
    for (size_t i = 0; i < d->receivers.n; i++) {
        size_t n;
        struct hz_channel *const *list = hz_receiver_channels(d->receivers.list[i], &n);
        for (size_t k = 0; k < n; k++) {
            if (hz_channel_conf(list[k])->decoder != decoder)
                continue;
            struct hz_channel_stats s = hz_channel_stats(list[k]);
            *channels += !hz_channel_host(list[k]);
            for (int r = 0; r < HZ_REASONS; r++)
                count[r] += s.count[r];
        }
    }
}

cJSON *hz_status_decoders(const struct hz_daemon *d)
{
    cJSON *a = cJSON_CreateArray();
    for (const struct hz_decoder *const *p = d->kinds->decoders->list; *p; p++) {
        uint64_t count[HZ_REASONS] = {0};
        size_t channels = 0;
        sum_decoder(d, *p, count, &channels);
        cJSON *o = cJSON_CreateObject();
        cJSON_AddStringToObject(o, "name", (*p)->name);
        cJSON_AddStringToObject(o, "title", (*p)->title);
        cJSON *freqs = cJSON_AddArrayToObject(o, "freqs_hz");
        for (const double *f = (*p)->freqs_hz; *f != 0; f++)
            cJSON_AddItemToArray(freqs, cJSON_CreateNumber(*f));
        add_number(o, "rate_min_hz", (*p)->rate_min_hz);
        add_number(o, "rate_max_hz", (*p)->rate_max_hz);
        add_number(o, "bandwidth_hz", (*p)->bandwidth_hz);
        add_number(o, "channels", (double)channels);
        add_number(o, "messages", (double)count[HZ_MESSAGE]);
        cJSON_AddItemToObject(o, "candidates", counts_json(count));
        cJSON_AddItemToArray(a, o);
    }
    return a;
}

/* ---- the complete status ---------------------------------------------------------------- */

static cJSON *loop_json(const struct hz_daemon *d)
{
    const struct hz_loopwatch *w = &d->watch;
    uint64_t since = uv_hrtime() - w->started_ns;
    cJSON *o = cJSON_CreateObject();
    add_number(o, "turns", (double)w->turns);
    add_number(o, "longest_ms", ms(w->longest_ns));
    add_number(o, "over_10ms", (double)w->slow);
    add_number(o, "busy_percent", (double)(w->busy_ns * 1000 / (since + 1)) / 10);
    add_number(o, "cpu_s", round(hz_thread_cpu_s() * 1000) / 1000);
    return o;
}

static cJSON *jobs_json(const struct hz_daemon *d)
{
    struct hz_workload work = hz_workload_of(&d->jobs, hz_thread_cpu_s());
    const struct hz_jobs_stats *j = &work.jobs;
    for (size_t i = 0; i < d->receivers.n; i++)
        hz_workload_add(&work, d->receivers.list[i]);
    uint64_t since = uv_hrtime() - d->watch.started_ns;
    cJSON *o = cJSON_CreateObject();
    add_number(o, "workers", d->jobs.workers);
    add_number(o, "in_flight", (double)j->in_flight);
    add_number(o, "ready", (double)j->ready);
    add_number(o, "ready_max", (double)j->ready_max);
    add_number(o, "done", (double)j->done);
    add_number(o, "wait_mean_ms", j->done ? ms(j->wait_ns / j->done) : 0);
    add_number(o, "wait_max_ms", ms(j->wait_max_ns));
    add_number(o, "busy_percent",
               (double)(j->work_ns * 1000 / (since + 1) / (uint64_t)d->jobs.workers) / 10);
    add_number(o, "cpu_s", ms(j->cpu_ns) / 1000);
    add_number(o, "wakes", (double)(j->requests + j->pauses));
    add_number(o, "loop_wakes", (double)(j->requests + j->tells));
    add_number(o, "in_order_cpu_s", round(hz_workload_serial_s(&work) * 1000) / 1000);
    add_number(o, "speedup_max", round(hz_workload_speedup(&work, d->jobs.workers, 0) * 100) / 100);
    return o;
}

/* What the log of messages keeps, by protocol: for how long a client of it may be away. */
static cJSON *protocols_json(const struct hz_bus *bus)
{
    cJSON *all = cJSON_CreateArray();
    for (size_t i = 0; i < hz_bus_parts(bus); i++) {
        const struct hz_part *p = hz_bus_part(bus, i);
        if (p->log != HZ_LOG_MESSAGES || (*p->protocol == '\0' && !p->mixed))
            continue;
        uint64_t n = p->ring.next - p->ring.first;
        cJSON *o = cJSON_CreateObject();
        cJSON_AddStringToObject(o, "protocol", p->mixed ? "others" : p->protocol);
        add_number(o, "frames", (double)n);
        add_number(o, "bytes", (double)p->ring.bytes);
        add_number(o, "oldest_s", n ? hz_bus_age_s(bus, hz_ring_get(&p->ring, p->ring.first)) : 0);
        add_number(o, "left", (double)p->ring.first);
        cJSON_AddItemToArray(all, o);
    }
    return all;
}

static cJSON *bus_json(const struct hz_daemon *d)
{
    cJSON *o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "stream", hz_bus_stream(d->bus));
    add_number(o, "first_seq", (double)hz_bus_first(d->bus));
    add_number(o, "next_seq", (double)hz_bus_next(d->bus));
    struct hz_bus_counts counts = hz_bus_counts(d->bus);
    add_number(o, "frames", (double)counts.frames);
    add_number(o, "max_frames", (double)counts.max_frames);
    add_number(o, "bytes", (double)counts.bytes);
    add_number(o, "max_bytes", (double)counts.max_bytes);
    add_number(o, "max_age_s", (double)counts.max_age_ms / 1000);
    add_number(o, "dropped", (double)counts.dropped);
    add_number(o, "expired", (double)counts.expired);
    cJSON_AddItemToObject(o, "protocols", protocols_json(d->bus));
    return o;
}

cJSON *hz_status_status(const struct hz_daemon *d)
{
    size_t rss = 0;
    uv_resident_set_memory(&rss);
    cJSON *o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "version", HZ_VERSION);
    char line[200];
    hz_daemon_headline(d, line, sizeof line);
    cJSON_AddStringToObject(o, "headline", line);
    add_number(o, "uptime_s", age_s((int64_t)d->watch.started_ns));
    add_number(o, "memory_bytes", (double)rss);
    add_number(o, "messages", (double)hz_daemon_messages(d));
    add_number(o, "clients", (double)hz_listeners_clients(d->listeners));
    add_number(o, "reloads", (double)d->reloads.done);
    add_number(o, "reloads_refused", (double)d->reloads.refused);
    cJSON_AddItemToObject(o, "loop", loop_json(d));
    cJSON_AddItemToObject(o, "jobs", jobs_json(d));
    cJSON_AddItemToObject(o, "bus", bus_json(d));
    cJSON_AddItemToObject(o, "picture", hz_picture_status(&d->snapshots));
    cJSON_AddItemToObject(o, "listeners", hz_listeners_json(d->listeners));
    cJSON_AddItemToObject(o, "outputs", hz_outputs_json(d->outputs));
    cJSON_AddItemToObject(o, "events", hz_events_json(d->events));
    cJSON_AddItemToObject(o, "captures", hz_captures_json(d->captures));
    cJSON_AddItemToObject(o, "inputs", hz_inputs_json(d->inputs));
    cJSON_AddItemToObject(o, "receivers", hz_status_receivers(d));
    cJSON_AddItemToObject(o, "channels", hz_status_channels(d));
    cJSON_AddItemToObject(o, "troubles", hz_troubles(o));
    return o;
}
