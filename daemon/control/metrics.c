#include "daemon/control/metrics.h"
#include "daemon/control/status.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A list of the status, and what its items are called: pairs of a label and the member that has its
 * value. Names of sections have no character that a label would need to escape. */
struct list {
    const char *name; /* NULL: the status itself */
    const char *labels[3][2];
};

static const struct list whole = {0};
static const struct list receivers = {"receivers", {{"receiver", "name"}}};
static const struct list channels = {
    "channels", {{"receiver", "receiver"}, {"channel", "name"}, {"proto", "decoder"}}};
static const struct list listeners = {"listeners", {{"listener", "name"}, {"type", "type"}}};
static const struct list outputs = {"outputs", {{"output", "name"}, {"type", "type"}}};
static const struct list feeds = {"inputs", {{"feed", "name"}, {"type", "type"}}};

/* One metric. Its value is a number of the status, times `scale`; with `is`, whether the text there
 * is that one: 1 or 0. */
struct metric {
    const char *name, *type, *help;
    const struct list *list;
    /* Members, with dots between. "A.*": each member of A, as label `each`; "A.*.B": B of each item
     * of the list A, with the item's own member `each` as that label. */
    const char *path;
    double scale;
    const char *is, *each;
    const char *fixed; /* a further label; NULL: none */
};

/* clang-format off */
static const struct metric metrics[] = {
    {"hertzd_uptime_seconds", "gauge", "Time since the start", &whole, "uptime_s", 1, 0, 0, 0},
    {"hertzd_memory_bytes", "gauge", "Resident memory", &whole, "memory_bytes", 1, 0, 0, 0},
    {"hertzd_reloads_total", "counter", "Configurations that were reloaded", &whole, "reloads", 1, 0, 0, 0},
    {"hertzd_reloads_refused_total", "counter", "Reloads refused for an error in the configuration", &whole, "reloads_refused", 1, 0, 0, 0},
    {"hertzd_loop_lag_seconds", "gauge", "Longest turn of the event loop since the start", &whole, "loop.longest_ms", 1e-3, 0, 0, 0},
    {"hertzd_loop_slow_turns_total", "counter", "Turns of the event loop over 10 ms", &whole, "loop.over_10ms", 1, 0, 0, 0},
    {"hertzd_jobs_total", "counter", "Jobs that the workers have done", &whole, "jobs.done", 1, 0, 0, 0},
    {"hertzd_jobs_cpu_seconds_total", "counter", "CPU time of all jobs", &whole, "jobs.cpu_s", 1, 0, 0, 0},
    {"hertzd_bus_frames", "gauge", "Frames kept for clients that resume", &whole, "bus.frames", 1, 0, 0, 0},
    {"hertzd_bus_bytes", "gauge", "Memory of these", &whole, "bus.bytes", 1, 0, 0, 0},
    {"hertzd_aircraft", "gauge", "Aircraft known now", &whole, "picture.aircraft.targets", 1, 0, 0, 0},
    {"hertzd_ships", "gauge", "Ships known now", &whole, "picture.ships.targets", 1, 0, 0, 0},
    {"hertzd_stations", "gauge", "Other stations known now", &whole, "picture.stations.targets", 1, 0, 0, 0},

    {"hertzd_input_up", "gauge", "Whether the receiver delivers samples", &receivers, "state", 1, "streaming", 0, 0},
    {"hertzd_input_samples_total", "counter", "Samples received", &receivers, "samples", 1, 0, 0, 0},
    {"hertzd_input_lost_samples_total", "counter", "Samples lost between antenna and program", &receivers, "lost_samples", 1, 0, 0, 0},
    {"hertzd_input_gaps_total", "counter", "Losses of samples", &receivers, "gaps", 1, 0, 0, 0},
    {"hertzd_input_opens_total", "counter", "Times the source was opened", &receivers, "opens", 1, 0, 0, 0},
    {"hertzd_input_reconnects_total", "counter", "Times the source could not be opened, stalled or was lost", &receivers, "failures", 1, 0, 0, 0},
    {"hertzd_input_level_dbfs", "gauge", "Level of the whole band", &receivers, "level_dbfs", 1, 0, 0, 0},
    {"hertzd_input_noise_dbfs", "gauge", "Noise of the whole band", &receivers, "noise_dbfs", 1, 0, 0, 0},
    {"hertzd_input_clipping_ratio", "gauge", "Samples at the limits of the converter", &receivers, "clip_percent", 0.01, 0, 0, 0},
    {"hertzd_input_gain_db", "gauge", "Gain in force, absent while it is automatic", &receivers, "gain_db", 1, 0, 0, 0},
    {"hertzd_input_ppm", "gauge", "Correction of the crystal in force", &receivers, "ppm", 1, 0, 0, 0},
    {"hertzd_input_clock_ppm", "gauge", "Error of the sampling clock against UTC", &receivers, "ppm_error", 1, 0, 0, 0},
    {"hertzd_input_carrier_ppm", "gauge", "Error of the crystal by the carriers that were heard", &receivers, "ppm_heard", 1, 0, 0, 0},
    {"hertzd_hop_heard_seconds_total", "counter", "Time in which a band of the plan was heard", &receivers, "bands.*.heard_s", 1, 0, "band", 0},
    {"hertzd_hop_coverage_ratio", "gauge", "Part of the last hour in which a band of the plan was heard", &receivers, "bands.*.last_hour", 1, 0, "band", 0},
    {"hertzd_hop_dwells_total", "counter", "Times a band of the plan was tuned", &receivers, "bands.*.dwells", 1, 0, "band", 0},
    {"hertzd_hop_longer_total", "counter", "Dwells that went on after their time", &receivers, "bands.*.longer", 1, 0, "band", 0},
    {"hertzd_band_cpu_seconds_total", "counter", "CPU time of the band's transform", &receivers, "spectra.cpu_s", 1, 0, 0, 0},

    {"hertzd_channel_level_dbfs", "gauge", "Level in the channel, where a squelch measures it", &channels, "level_dbfs", 1, 0, 0, 0},
    {"hertzd_channel_noise_dbfs", "gauge", "Noise in the channel, where a squelch measures it", &channels, "noise_dbfs", 1, 0, 0, 0},
    {"hertzd_channel_lost_samples_total", "counter", "Samples that the workers could not decode in time", &channels, "lost_samples", 1, 0, 0, 0},
    {"hertzd_channel_failed", "gauge", "Whether the channel does not decode", &channels, "state", 1, "failed", 0, 0},
    {"hertzd_decoder_crc_failures_total", "counter", "Candidates whose check failed", &channels, "candidates.bad_crc", 1, 0, 0, 0},
    {"hertzd_decoder_candidates_total", "counter", "What came of the candidates", &channels, "candidates.*", 1, 0, "result", 0},
    {"hertzd_decoder_cpu_seconds_total", "counter", "CPU time of the channel and its decoder", &channels, "cpu_s", 1, 0, 0, 0},
    {"hertzd_decoder_arena_drops_total", "counter", "Messages that found no room", &channels, "arena_drops", 1, 0, 0, 0},

    {"hertzd_clients", "gauge", "Connected clients", &listeners, "clients", 1, 0, 0, 0},
    {"hertzd_client_accepted_total", "counter", "Connections accepted", &listeners, "accepted", 1, 0, 0, 0},
    {"hertzd_client_refused_total", "counter", "Connections refused, by reason", &listeners, "refusals.*", 1, 0, "reason", 0},
    {"hertzd_client_sent_frames_total", "counter", "Frames sent", &listeners, "sent_frames", 1, 0, 0, 0},
    {"hertzd_client_sent_bytes_total", "counter", "Bytes sent", &listeners, "sent_bytes", 1, 0, 0, 0},
    {"hertzd_client_dropped_total", "counter", "Frames that slow clients missed", &listeners, "missed", 1, 0, 0, 0},

    {"hertzd_output_up", "gauge", "Whether the output reports no error", &outputs, "error", 1, "", 0, 0},
    {"hertzd_output_written_total", "counter", "Records written or sent", &outputs, "written", 1, 0, 0, 0},
    {"hertzd_output_lost_total", "counter", "Records lost on the way", &outputs, "lost", 1, 0, 0, 0},
    {"hertzd_output_missed_total", "counter", "Records that left the log before they were read", &outputs, "missed", 1, 0, 0, 0},

    {"hertzd_feed_up", "gauge", "Whether the input from another program reports no error", &feeds, "error", 1, "", 0, 0},
    {"hertzd_feed_messages_total", "counter", "Messages of another program", &feeds, "messages", 1, 0, 0, 0},
    {"hertzd_feed_bad_total", "counter", "What another program sent and could not be read", &feeds, "bad", 1, 0, 0, 0},
    {"hertzd_feed_connects_total", "counter", "Connections to or of another program", &feeds, "connects", 1, 0, 0, 0},

    {"hertzd_queue_depth", "gauge", "What waits in a queue now", &whole, "jobs.ready", 1, 0, 0, "queue=\"jobs\""},
    {"hertzd_queue_depth", "gauge", "", &receivers, "spectra.queued_blocks", 1, 0, 0, "queue=\"band\""},
    {"hertzd_queue_depth", "gauge", "", &channels, "queued_blocks", 1, 0, 0, "queue=\"channel\""},
    {"hertzd_queue_depth", "gauge", "", &outputs, "behind", 1, 0, 0, "queue=\"output\""},
};
/* clang-format on */

/* The member of a path; *rest is then behind it, at ".*" or the end. */
static const cJSON *dig(const cJSON *o, const char *path, const char **rest)
{
    while (o && *path && *path != '*') {
        char name[32];
        size_t n = strcspn(path, ".");
        snprintf(name, sizeof name, "%.*s", (int)n, path);
        o = cJSON_GetObjectItemCaseSensitive(o, name);
        path += n + (path[n] == '.');
    }
    *rest = path;
    return o;
}

static void label(FILE *f, const char **before, const char *name, const char *value)
{
    fprintf(f, "%s%s=\"%s\"", *before, name, value);
    *before = ",";
}

/* The labels of an item, without the closing brace. Returns what goes before a further label. */
static const char *labels(FILE *f, const struct list *list, const cJSON *item)
{
    const char *before = "{";
    for (int i = 0; i < 3 && list->labels[i][0]; i++) {
        const cJSON *v = cJSON_GetObjectItemCaseSensitive(item, list->labels[i][1]);
        label(f, &before, list->labels[i][0], cJSON_GetStringValue(v) ? v->valuestring : "");
    }
    return before;
}

/* One line. each: the value of the label `each`; NULL: it has none. */
static void sample(FILE *f, const struct metric *m, const cJSON *item, const char *each, double v)
{
    fputs(m->name, f);
    const char *before = labels(f, m->list, item);
    if (each)
        label(f, &before, m->each, each);
    if (m->fixed) {
        fprintf(f, "%s%s", before, m->fixed);
        before = ",";
    }
    fprintf(f, "%s %.15g\n", *before == ',' ? "}" : "", v);
}

/* Value of the metric. False: it is not known now. */
static bool value(const struct metric *m, const cJSON *v, double *out)
{
    if (m->is && cJSON_IsString(v)) {
        *out = strcmp(v->valuestring, m->is) == 0;
        return true;
    }
    if (m->is || !cJSON_IsNumber(v))
        return false;
    *out = v->valuedouble * m->scale;
    return true;
}

static void item(FILE *f, const struct metric *m, const cJSON *o)
{
    const char *rest;
    const cJSON *at = dig(o, m->path, &rest), *member;
    double v;
    if (*rest == '*') {
        cJSON_ArrayForEach(member, at)
        {
            const char *name = member->string, *end;
            const cJSON *number = rest[1] == '.' ? dig(member, rest + 2, &end) : member;
            if (rest[1] == '.')
                name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(member, m->each));
            if (value(m, number, &v))
                sample(f, m, o, name, v);
        }
    } else if (value(m, at, &v)) {
        sample(f, m, o, NULL, v);
    }
}

static void head(FILE *f, const char *name, const char *type, const char *help)
{
    fprintf(f, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void family(FILE *f, const struct metric *m, const cJSON *status)
{
    if (*m->help)
        head(f, m->name, m->type, m->help);
    if (!m->list->name) {
        item(f, m, status);
        return;
    }
    const cJSON *o;
    cJSON_ArrayForEach(o, cJSON_GetObjectItemCaseSensitive(status, m->list->name)) item(f, m, o);
}

/* ---- what the status has not: the tallies of the channels ------------------------------- */

typedef void each_channel(FILE *f, const char *labels, const struct hz_tally *t);

static void for_each_channel(const struct hz_daemon *d, FILE *f, each_channel *print)
{
    for (size_t i = 0; i < d->receivers.n; i++) {
        const struct hz_receiver *r = d->receivers.list[i];
        size_t n;
        struct hz_channel *const *list = hz_receiver_channels(r, &n);
        for (size_t k = 0; k < n; k++) {
            char text[3 * (HZ_NAME_MAX + 16)];
            const struct hz_conf_channel *conf = hz_channel_conf(list[k]);
            if (hz_channel_host(list[k]))
                continue;
            snprintf(text, sizeof text, "receiver=\"%s\",channel=\"%s\",proto=\"%s\"",
                     hz_receiver_name(r), conf->name, conf->decoder->name);
            print(f, text, hz_channel_tally(list[k]));
        }
    }
}

static void messages(FILE *f, const char *labels, const struct hz_tally *t)
{
    for (int i = 0; i < HZ_INTEGRITIES; i++)
        fprintf(f, "hertzd_decoder_messages_total{%s,integrity=\"%s\"} %llu\n", labels,
                hz_integrity_name((enum hz_integrity)i), (unsigned long long)t->messages[i]);
}

static void snr(FILE *f, const char *labels, const struct hz_tally *t)
{
    enum { FIRST = -12, LAST = 48, STEP = 3 }; /* dB */
    unsigned long long all = hz_tally_measured(t);
    for (int db = FIRST; db <= LAST; db += STEP)
        fprintf(f, "hertzd_channel_snr_db_bucket{%s,le=\"%d\"} %llu\n", labels, db,
                (unsigned long long)hz_tally_below(t, db));
    fprintf(f, "hertzd_channel_snr_db_bucket{%s,le=\"+Inf\"} %llu\n", labels, all);
    fprintf(f, "hertzd_channel_snr_db_sum{%s} %.15g\n", labels, t->snr_sum_db);
    fprintf(f, "hertzd_channel_snr_db_count{%s} %llu\n", labels, all);
}

/* ----------------------------------------------------------------------------------------- */

char *hz_metrics_text(const struct hz_daemon *d)
{
    char *text = NULL;
    size_t size;
    cJSON *status = hz_status_status(d);
    FILE *f = status ? open_memstream(&text, &size) : NULL;
    if (!f) {
        cJSON_Delete(status);
        return NULL;
    }
    head(f, "hertzd_build_info", "gauge", "The version that runs, as a label; always 1");
    fprintf(f, "hertzd_build_info{version=\"%s\"} 1\n", HZ_VERSION);
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++)
        family(f, &metrics[i], status);
    head(f, "hertzd_decoder_messages_total", "counter", "Messages, by how far they can be trusted");
    for_each_channel(d, f, messages);
    head(f, "hertzd_channel_snr_db", "histogram", "SNR of the messages for which it was measured");
    for_each_channel(d, f, snr);
    cJSON_Delete(status);
    if (fclose(f) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
