#include "daemon/receive/tell_stats.h"
#include "daemon/base/utc.h"
#include "daemon/receive/channel_own.h"
#include "daemon/receive/receiver_parts.h"

enum { STATS_LINE_MAX = 3072 };

static void begin(struct hz_json *j, char *buf, int64_t now, const struct hz_receiver *r)
{
    hz_json_init(j, buf, STATS_LINE_MAX);
    hz_json_time(j, "time", now);
    hz_json_str(j, "receiver", r->conf->name);
}

static void mark(struct hz_json *j, const struct hz_receiver *r)
{
    if (r->ops->mark)
        hz_json_bool(j, r->ops->mark, true);
}

/* Seconds of each band of a plan that were heard since the last line, and their fraction. */
static void add_bands(struct hz_json *j, struct hz_receiver *r)
{
    double now_s = hz_receiver_hop_clock_s(r), seconds = now_s - r->hop_told_at_s;
    if (r->hop.plan.n == 0)
        return;
    r->hop_told_at_s = now_s;
    hz_json_open_array(j, "bands");
    for (size_t i = 0; i < r->hop.plan.n; i++) {
        struct hz_receiver_band b = hz_receiver_band(r, i);
        double heard = b.heard_s - r->hop_told_s[i];
        hz_json_open(j, NULL);
        hz_json_decimals(j, "centre_hz", b.centre_hz, 0);
        hz_json_decimals(j, "heard_s", heard, 2);
        hz_json_decimals(j, "coverage", seconds > 0 ? heard / seconds : 0, 4);
        hz_json_close(j);
        r->hop_told_s[i] = b.heard_s;
    }
    hz_json_close_array(j);
}

static void tell_receiver(struct hz_receiver *r, int64_t now, double seconds)
{
    char buf[STATS_LINE_MAX];
    struct hz_json j;
    struct hz_receiver_stats s = r->stats, old = r->told;
    struct hz_receiver_timing timing = hz_receiver_timing(r);
    const struct hz_level *level = hz_receiver_level(r);
    begin(&j, buf, now, r);
    mark(&j, r);
    hz_json_decimals(&j, "seconds", seconds, 1);
    hz_json_str(&j, "state", hz_receiver_state_name(r->life.state));
    hz_json_uint(&j, "samples", s.samples - old.samples);
    hz_json_uint(&j, "gaps", s.gaps - old.gaps);
    hz_json_uint(&j, "lost_samples", s.lost_samples - old.lost_samples);
    hz_json_uint(&j, "opens", s.opens - old.opens);
    if (level) {
        hz_json_decimals(&j, "level_dbfs", level->mean_dbfs, 1);
        hz_json_decimals(&j, "noise_dbfs", level->noise_dbfs, 1);
        hz_json_decimals(&j, "clip_percent", level->clip_percent, 3);
    }
    hz_json_decimals(&j, "gain_db", hz_receiver_has(r)->gain_db, 1);
    hz_json_decimals(&j, "ppm", hz_receiver_has(r)->ppm, 1);
    hz_json_decimals(&j, "ppm_error", timing.ppm_error, 1);
    hz_json_decimals(&j, "ppm_heard", hz_receiver_ppm_heard(r), 1);
    add_bands(&j, r);
    hz_bus_publish_json(r->env.bus, HZ_KIND_STATS, r->topic, now, j.buf, j.len);
    r->told = s;
}

static void add_quantiles(struct hz_json *j, const struct hz_tally *t)
{
    uint64_t measured = hz_tally_measured(t);
    if (measured == 0)
        return;
    hz_json_open(j, "snr_db");
    hz_json_uint(j, "messages", measured);
    hz_json_decimals(j, "p10", hz_tally_quantile(t, 0.1), 1);
    hz_json_decimals(j, "p50", hz_tally_quantile(t, 0.5), 1);
    hz_json_decimals(j, "p90", hz_tally_quantile(t, 0.9), 1);
    hz_json_close(j);
}

static void tell_channel(struct hz_channel *c, const struct hz_receiver *r, int64_t now,
                         double seconds)
{
    char buf[STATS_LINE_MAX];
    struct hz_json j;
    struct hz_channel_stats s = hz_channel_stats(c), old = c->told;
    struct hz_tally tally = c->tally;
    hz_tally_since(&tally, &c->tally_told);
    begin(&j, buf, now, r);
    hz_json_str(&j, "channel", c->conf.name);
    hz_json_str(&j, "protocol", c->conf.decoder->name);
    mark(&j, r);
    hz_json_decimals(&j, "seconds", seconds, 1);
    hz_json_uint(&j, "messages", s.count[HZ_MESSAGE] - old.count[HZ_MESSAGE]);
    hz_json_uint(&j, hz_integrity_name(HZ_REPAIRED), tally.messages[HZ_REPAIRED]);
    hz_json_uint(&j, hz_integrity_name(HZ_DOUBTFUL), tally.messages[HZ_DOUBTFUL]);
    hz_json_open(&j, "refused");
    for (int i = HZ_MESSAGE + 1; i < HZ_REASONS; i++)
        hz_json_uint(&j, hz_reason_name((enum hz_reason)i), s.count[i] - old.count[i]);
    hz_json_close(&j);
    add_quantiles(&j, &tally);
    if (s.level_dbfs < 0) { /* its squelch has measured a level */
        hz_json_decimals(&j, "level_dbfs", (double)s.level_dbfs, 1);
        hz_json_decimals(&j, "noise_dbfs", (double)s.noise_dbfs, 1);
    }
    hz_json_uint(&j, "lost_samples", s.lost_samples - old.lost_samples);
    hz_json_decimals(&j, "cpu_s", (double)(s.cpu_ns - old.cpu_ns) / 1e9, 3);
    hz_bus_publish_json(r->env.bus, HZ_KIND_STATS, c->topic, now, j.buf, j.len);
    c->told = s;
    c->tally_told = c->tally;
}

void hz_receiver_tell_stats(struct hz_receiver *r, double seconds)
{
    int64_t now = hz_utc_now();
    tell_receiver(r, now, seconds);
    for (size_t i = 0; i < r->channels.n; i++) {
        if (!r->channels.list[i]->host)
            tell_channel(r->channels.list[i], r, now, seconds);
    }
}
