/* The fields are those of daemon/control/status.c, daemon/serve/listener.c and
 * daemon/picture/format_list.c. */
#include "ctl/views.h"

#include "ctl/answer.h"
#include "ctl/table.h"

#include <string.h>

static const struct hz_column daemon_facts[] = {
    {"version", "version", HZ_CELL_TEXT, 0},
    {"state", "headline", HZ_CELL_TEXT, 0},
    {"running for", "uptime_s", HZ_CELL_SPAN, 0},
    {"messages", "messages", HZ_CELL_COUNT, 0},
    {"memory", "memory_bytes", HZ_CELL_BYTES, 0},
    {"reloads", "reloads", HZ_CELL_COUNT, 0},
    {"reloads refused", "reloads_refused", HZ_CELL_COUNT, 0},
    {"loop busy", "loop.busy_percent", HZ_CELL_PERCENT, 0},
    {"longest turn", "loop.longest_ms", HZ_CELL_MS, 0},
    {"turns over 10 ms", "loop.over_10ms", HZ_CELL_COUNT, 0},
    {"workers", "jobs.workers", HZ_CELL_COUNT, 0},
    {"workers busy", "jobs.busy_percent", HZ_CELL_PERCENT, 0},
    {"jobs done", "jobs.done", HZ_CELL_COUNT, 0},
    {"longest wait", "jobs.wait_max_ms", HZ_CELL_MS, 0},
    {"wakes of workers", "jobs.wakes", HZ_CELL_COUNT, 0},
    {"CPU time in order", "jobs.in_order_cpu_s", HZ_CELL_SECONDS, 0},
    {"speed-up at most", "jobs.speedup_max", HZ_CELL_TEXT, 0},
    {"stream", "bus.stream", HZ_CELL_TEXT, 0},
    {"frames kept", "bus.frames", HZ_CELL_COUNT, 0},
    {"frames dropped", "bus.dropped", HZ_CELL_COUNT, 0},
    {0},
};

/* In short, for `status`. */
static const struct hz_column receiver_columns[] = {
    {"RECEIVER", "name", HZ_CELL_TEXT, 0},    {"SOURCE", "source", HZ_CELL_TEXT, 0},
    {"INPUT", "input", HZ_CELL_TEXT, 6},      {"STATE", "state", HZ_CELL_TEXT, 0},
    {"FOR", "state_age_s", HZ_CELL_SPAN, 1},  {"RATE", "rate_hz", HZ_CELL_RATE, 0},
    {"CENTRE", "centre_hz", HZ_CELL_MHZ, 0},  {"FORMAT", "format", HZ_CELL_TEXT, 9},
    {"SAMPLES", "samples", HZ_CELL_COUNT, 5}, {"LOST", "lost_samples", HZ_CELL_COUNT, 2},
    {"GAPS", "gaps", HZ_CELL_COUNT, 7},       {"OPENED", "opens", HZ_CELL_COUNT, 8},
    {"REASON", "reason", HZ_CELL_TEXT, 0},    {0},
};

/* In full, one receiver below the other. */
static const struct hz_column receiver_facts[] = {
    {"receiver", "name", HZ_CELL_TEXT, 0},
    {"source", "source", HZ_CELL_TEXT, 0},
    {"simulated", "simulated", HZ_CELL_TEXT, 0},
    {"replayed", "replayed", HZ_CELL_TEXT, 0},
    {"input", "input", HZ_CELL_TEXT, 0},
    {"state", "state", HZ_CELL_TEXT, 0},
    {"for", "state_age_s", HZ_CELL_SPAN, 0},
    {"reason", "reason", HZ_CELL_TEXT, 0},
    {"device", "device", HZ_CELL_TEXT, 0},
    {"format", "format", HZ_CELL_TEXT, 0},
    {"rate", "rate_hz", HZ_CELL_RATE, 0},
    {"rate measured", "rate_measured_hz", HZ_CELL_RATE, 0},
    {"crystal error", "ppm_error", HZ_CELL_PPM, 0},
    {"crystal, as heard", "ppm_heard", HZ_CELL_PPM, 0},
    {"centre", "centre_hz", HZ_CELL_MHZ, 0},
    {"gain", "gain_db", HZ_CELL_DB, 0},
    {"search for the gain", "gain_why", HZ_CELL_TEXT, 0},
    {"ppm", "ppm", HZ_CELL_PPM, 0},
    {"crystal, found", "ppm_why", HZ_CELL_TEXT, 0},
    {"bias tee", "bias_tee", HZ_CELL_TEXT, 0},
    {"last change", "tuning", HZ_CELL_TEXT, 0},
    {"level", "level_dbfs", HZ_CELL_DBFS, 0},
    {"noise", "noise_dbfs", HZ_CELL_DBFS, 0},
    {"clipped", "clip_percent", HZ_CELL_PERCENT, 0},
    {"blocks", "blocks", HZ_CELL_COUNT, 0},
    {"samples", "samples", HZ_CELL_COUNT, 0},
    {"gaps", "gaps", HZ_CELL_COUNT, 0},
    {"lost samples", "lost_samples", HZ_CELL_COUNT, 0},
    {"opened", "opens", HZ_CELL_COUNT, 0},
    {"failures", "failures", HZ_CELL_COUNT, 0},
    {"last error", "last_error", HZ_CELL_TEXT, 0},
    {"threads given up", "wedged", HZ_CELL_COUNT, 0},
    {"spectra", "spectra.made", HZ_CELL_COUNT, 0},
    {"spectra, a sample", "spectra.cpu_ns_per_sample", HZ_CELL_NS, 0},
    {"bursts found", "hunt.found", HZ_CELL_COUNT, 0},
    {"longest callback", "capture.longest_ms", HZ_CELL_MS, 0},
    {"capture busy", "capture.busy_percent", HZ_CELL_PERCENT, 0},
    {0},
};

/* The bands of a receiver that hops. */
static const struct hz_column band_columns[] = {
    {"BAND", "centre_hz", HZ_CELL_MHZ, 0},
    {"STATE", "state", HZ_CELL_TEXT, 0},
    {"PLANNED", "seconds", HZ_CELL_SECONDS, 3},
    {"LEFT", "left_s", HZ_CELL_SECONDS, 0},
    {"NEXT", "next_s", HZ_CELL_SECONDS, 0},
    {"DWELLS", "dwells", HZ_CELL_COUNT, 1},
    {"LONGER", "longer", HZ_CELL_COUNT, 2},
    {"HEARD", "heard_s", HZ_CELL_SECONDS, 0},
    {"OF MINUTE", "last_minute", HZ_CELL_TEXT, 5},
    {"OF HOUR", "last_hour", HZ_CELL_TEXT, 4},
    {0},
};

static const struct hz_column channel_columns[] = {
    {"CHANNEL", "name", HZ_CELL_TEXT, 0},
    {"DECODER", "decoder", HZ_CELL_TEXT, 0},
    {"RECEIVER", "receiver", HZ_CELL_TEXT, 2},
    {"FREQUENCY", "freq_hz", HZ_CELL_MHZ, 0},
    {"STATE", "state", HZ_CELL_TEXT, 0},
    {"MESSAGES", "messages", HZ_CELL_COUNT, 0},
    {"LAST", "last_message_age_s", HZ_CELL_AGO, 1},
    {"BAD CRC", "candidates.bad_crc", HZ_CELL_COUNT, 5},
    {"BURSTS", "bursts.opened", HZ_CELL_COUNT, 5},
    {"SHED", "bursts.shed", HZ_CELL_COUNT, 5},
    {"OVERRUNS", "overruns", HZ_CELL_COUNT, 6},
    {"LOST", "lost_samples", HZ_CELL_COUNT, 4},
    {"LEVEL", "level_dbfs", HZ_CELL_DBFS, 3},
    {"NOISE", "noise_dbfs", HZ_CELL_DBFS, 7},
    {"CPU", "cpu_s", HZ_CELL_SECONDS, 8},
    {"PER SAMPLE", "cpu_ns_per_sample", HZ_CELL_NS, 9},
    {"ERROR", "error", HZ_CELL_TEXT, 0},
    {0},
};

static const struct hz_column listener_columns[] = {
    {"LISTENER", "name", HZ_CELL_TEXT, 0},         {"TYPE", "type", HZ_CELL_TEXT, 0},
    {"ADDRESS", "address", HZ_CELL_TEXT, 0},       {"STATE", "state", HZ_CELL_TEXT, 0},
    {"CLIENTS", "clients", HZ_CELL_COUNT, 0},      {"ACCEPTED", "accepted", HZ_CELL_COUNT, 5},
    {"REFUSED", "refused", HZ_CELL_COUNT, 4},      {"BAD", "bad_requests", HZ_CELL_COUNT, 7},
    {"TOO SLOW", "closed_slow", HZ_CELL_COUNT, 6}, {"FRAMES", "sent_frames", HZ_CELL_COUNT, 3},
    {"SENT", "sent_bytes", HZ_CELL_BYTES, 1},      {"MISSED", "missed", HZ_CELL_COUNT, 2},
    {"ERROR", "error", HZ_CELL_TEXT, 8},           {0},
};

static const struct hz_column output_columns[] = {
    {"OUTPUT", "name", HZ_CELL_TEXT, 0},
    {"TYPE", "type", HZ_CELL_TEXT, 0},
    {"FORMAT", "format", HZ_CELL_TEXT, 6},
    {"TARGET", "target", HZ_CELL_TEXT, 1},
    {"STATE", "state", HZ_CELL_TEXT, 0},
    {"UP", "up_s", HZ_CELL_SPAN, 5},
    {"NEXT TRY", "next_try_s", HZ_CELL_SECONDS, 4},
    {"WRITTEN", "written", HZ_CELL_COUNT, 0},
    {"SENT", "sent", HZ_CELL_COUNT, 0},
    {"LOST", "lost", HZ_CELL_COUNT, 0},
    {"EXPIRED", "expired", HZ_CELL_COUNT, 3},
    {"MISSED", "missed", HZ_CELL_COUNT, 2},
    {"BEHIND", "behind", HZ_CELL_COUNT, 2},
    {"IN FLIGHT", "in_flight", HZ_CELL_COUNT, 8},
    {"BYTES", "bytes", HZ_CELL_BYTES, 7},
    {"CONNECTS", "connects", HZ_CELL_COUNT, 9},
    {"ERROR", "error", HZ_CELL_TEXT, 0},
    {0},
};

static const struct hz_column input_columns[] = {
    {"INPUT", "name", HZ_CELL_TEXT, 0},
    {"TYPE", "type", HZ_CELL_TEXT, 5},
    {"FORMAT", "format", HZ_CELL_TEXT, 0},
    {"TARGET", "target", HZ_CELL_TEXT, 1},
    {"STATE", "state", HZ_CELL_TEXT, 0},
    {"UP", "up_s", HZ_CELL_SPAN, 6},
    {"NEXT TRY", "next_try_s", HZ_CELL_SECONDS, 4},
    {"PEERS", "peers", HZ_CELL_COUNT, 3},
    {"SILENT", "silent_s", HZ_CELL_SPAN, 2},
    {"BYTES", "bytes", HZ_CELL_BYTES, 5},
    {"MESSAGES", "messages", HZ_CELL_COUNT, 0},
    {"BAD", "bad", HZ_CELL_COUNT, 0},
    {"REFUSED", "refused", HZ_CELL_COUNT, 2},
    {"SKIPPED", "skipped", HZ_CELL_COUNT, 7},
    {"LOOPED", "looped", HZ_CELL_COUNT, 8},
    {"HUBS", "hubs", HZ_CELL_COUNT, 4},
    {"BUCKETS", "buckets", HZ_CELL_TEXT, 8},
    {"PENDING", "pending", HZ_CELL_COUNT, 1},
    {"UNACKED", "unacked", HZ_CELL_COUNT, 4},
    {"REDELIVERED", "redelivered", HZ_CELL_COUNT, 6},
    {"DUPLICATES", "duplicates", HZ_CELL_COUNT, 5},
    {"COPIES", "copies", HZ_CELL_COUNT, 3},
    {"LAG", "lag_s", HZ_CELL_SECONDS, 1},
    {"CONNECTS", "connects", HZ_CELL_COUNT, 9},
    {"ERROR", "error", HZ_CELL_TEXT, 0},
    {"LAST BAD", "last_bad", HZ_CELL_TEXT, 8},
    {0},
};

/* Of a hub: the stations that it hears. */
static const struct hz_column hub_station_columns[] = {
    {"STATION", "name", HZ_CELL_TEXT, 0},       {"LAST", "age_s", HZ_CELL_AGO, 0},
    {"LAG", "lag_s", HZ_CELL_SECONDS, 0},       {"A SECOND", "per_s", HZ_CELL_COUNT, 0},
    {"MESSAGES", "messages", HZ_CELL_COUNT, 0}, {"DUPLICATES", "duplicates", HZ_CELL_COUNT, 1},
    {"CHANNELS", "channels", HZ_CELL_COUNT, 2}, {0},
};

static const struct hz_column client_columns[] = {
    {"ID", "id", HZ_CELL_COUNT, 0},           {"LISTENER", "listener", HZ_CELL_TEXT, 5},
    {"BY", "transport", HZ_CELL_TEXT, 2},     {"PEER", "peer", HZ_CELL_TEXT, 0},
    {"SINCE", "since", HZ_CELL_SINCE, 4},     {"FRAMES", "sent_frames", HZ_CELL_COUNT, 6},
    {"SENT", "sent_bytes", HZ_CELL_BYTES, 3}, {"BEHIND", "behind", HZ_CELL_COUNT, 1},
    {"MISSED", "missed", HZ_CELL_COUNT, 0},   {"STREAMING", "streaming", HZ_CELL_TEXT, 7},
    {"FILTER", "filter", HZ_CELL_FILTER, 0},  {0},
};

static const struct hz_column decoder_columns[] = {
    {"DECODER", "name", HZ_CELL_TEXT, 0},
    {"FREQUENCIES", "freqs_hz", HZ_CELL_MHZ_LIST, 0},
    {"RATE FROM", "rate_min_hz", HZ_CELL_RATE, 5},
    {"TO", "rate_max_hz", HZ_CELL_RATE, 5},
    {"CHANNELS", "channels", HZ_CELL_COUNT, 4},
    {"MESSAGES", "messages", HZ_CELL_COUNT, 0},
    {"NO PREAMBLE", "candidates.no_preamble", HZ_CELL_COUNT, 9},
    {"TOO SHORT", "candidates.too_short", HZ_CELL_COUNT, 8},
    {"BAD CRC", "candidates.bad_crc", HZ_CELL_COUNT, 3},
    {"SANITY", "candidates.sanity", HZ_CELL_COUNT, 7},
    {"SHED", "candidates.shed", HZ_CELL_COUNT, 6},
    {"TITLE", "title", HZ_CELL_TEXT, 0},
    {0},
};

static const struct hz_column aircraft_columns[] = {
    {"ID", "id", HZ_CELL_TEXT, 0},
    {"NAME", "name", HZ_CELL_TEXT, 0},
    {"SQUAWK", "fields.squawk", HZ_CELL_TEXT, 9},
    {"LAT", "lat", HZ_CELL_DEGREES, 0},
    {"LON", "lon", HZ_CELL_DEGREES, 0},
    {"ALT ft", "fields.alt_baro", HZ_CELL_TEXT, 3},
    {"GS kt", "fields.gs", HZ_CELL_TEXT, 4},
    {"DISTANCE", "distance_m", HZ_CELL_KM, 0},
    {"FROM", "bearing_deg", HZ_CELL_BEARING, 5},
    {"SEEN", "age_s", HZ_CELL_AGO, 0},
    {"SNR", "snr_db", HZ_CELL_DB, 2},
    {"MESSAGES", "messages", HZ_CELL_COUNT, 1},
    {"CHANNEL", "channel", HZ_CELL_TEXT, 8},
    {0},
};

static const struct hz_column ship_columns[] = {
    {"MMSI", "id", HZ_CELL_TEXT, 0},
    {"NAME", "name", HZ_CELL_TEXT, 0},
    {"CLASS", "class", HZ_CELL_TEXT, 3},
    {"LAT", "lat", HZ_CELL_DEGREES, 0},
    {"LON", "lon", HZ_CELL_DEGREES, 0},
    {"SPEED kt", "fields.speed", HZ_CELL_TEXT, 4},
    {"DISTANCE", "distance_m", HZ_CELL_KM, 0},
    {"FROM", "bearing_deg", HZ_CELL_BEARING, 5},
    {"SEEN", "age_s", HZ_CELL_AGO, 0},
    {"SNR", "snr_db", HZ_CELL_DB, 2},
    {"MESSAGES", "messages", HZ_CELL_COUNT, 1},
    {"DESTINATION", "fields.destination", HZ_CELL_TEXT, 7},
    {"CHANNEL", "channel", HZ_CELL_TEXT, 8},
    {0},
};

static const struct hz_column station_columns[] = {
    {"ID", "id", HZ_CELL_TEXT, 0},
    {"PROTOCOL", "protocol", HZ_CELL_TEXT, 3},
    {"LAT", "lat", HZ_CELL_DEGREES, 0},
    {"LON", "lon", HZ_CELL_DEGREES, 0},
    {"DISTANCE", "distance_m", HZ_CELL_KM, 0},
    {"FROM", "bearing_deg", HZ_CELL_BEARING, 5},
    {"SEEN", "age_s", HZ_CELL_AGO, 0},
    {"SNR", "snr_db", HZ_CELL_DB, 2},
    {"MESSAGES", "messages", HZ_CELL_COUNT, 1},
    {"CHANNEL", "channel", HZ_CELL_TEXT, 8},
    {"COMMENT", "fields.comment", HZ_CELL_TEXT, 6},
    {0},
};

static const struct hz_column event_columns[] = {
    {"EVENT", "name", HZ_CELL_TEXT, 0},
    {"WHEN", "when", HZ_CELL_TEXT, 2},
    {"TOLD", "told", HZ_CELL_COUNT, 0},
    {"HOLDS", "holds", HZ_CELL_COUNT, 3},
    {"LEARNED", "learned", HZ_CELL_COUNT, 6},
    {"LIMITED", "limited", HZ_CELL_COUNT, 4},
    {"POSTED", "post.sent", HZ_CELL_COUNT, 1},
    {"WAIT", "post.waiting", HZ_CELL_COUNT, 5},
    {"LOST", "post.lost", HZ_CELL_COUNT, 2},
    {"LAST", "last.time", HZ_CELL_SINCE, 0},
    {"TEXT", "last.text", HZ_CELL_TEXT, 0},
    {"ERROR", "post.error", HZ_CELL_TEXT, 0},
    {0},
};

static const struct hz_column recording_columns[] = {
    {"TIME", "time", HZ_CELL_TEXT, 0},         {"CHANNEL", "channel", HZ_CELL_TEXT, 0},
    {"RECEIVER", "receiver", HZ_CELL_TEXT, 3}, {"SECONDS", "seconds", HZ_CELL_COUNT, 0},
    {"SIZE", "bytes", HZ_CELL_BYTES, 1},       {"BY", "name", HZ_CELL_TEXT, 2},
    {"FILE", "file", HZ_CELL_TEXT, 0},         {0},
};

static const struct hz_column capture_columns[] = {
    {"CAPTURE", "name", HZ_CELL_TEXT, 0},
    {"RECEIVER", "receiver", HZ_CELL_TEXT, 5},
    {"STATE", "state", HZ_CELL_TEXT, 0},
    {"HOLDS", "holds_s", HZ_CELL_SECONDS, 0},
    {"MEMORY", "memory_bytes", HZ_CELL_BYTES, 3},
    {"TAKEN", "taken", HZ_CELL_COUNT, 0},
    {"FAILED", "failed", HZ_CELL_COUNT, 2},
    {"TOO SOON", "refused_interval", HZ_CELL_COUNT, 6},
    {"OVER QUOTA", "refused_quota", HZ_CELL_COUNT, 6},
    {"ON DISK", "bytes", HZ_CELL_BYTES, 4},
    {"LAST", "last.time", HZ_CELL_SINCE, 1},
    {"FOR", "last.trigger", HZ_CELL_TEXT, 4},
    {"FILE", "last.path", HZ_CELL_TEXT, 0},
    {"ERROR", "error", HZ_CELL_TEXT, 0},
    {0},
};

static void print_receivers(FILE *out, const cJSON *rows, int64_t now_ns, int width)
{
    const cJSON *row;
    if (cJSON_GetArraySize(rows) == 0)
        fputs("no receivers\n", out);
    cJSON_ArrayForEach(row, rows)
    {
        if (row != rows->child)
            fputc('\n', out);
        hz_facts_print(out, receiver_facts, row, now_ns);
        const cJSON *bands = cJSON_GetObjectItemCaseSensitive(row, "bands");
        if (bands)
            hz_table_print(out, band_columns, bands, now_ns, width, "no bands");
    }
}

static void print_table(FILE *out, const struct hz_column *columns, const char *what,
                        const cJSON *rows, int64_t now_ns, int width)
{
    char none[32];
    snprintf(none, sizeof none, "no %s", what);
    hz_table_print(out, columns, rows, now_ns, width, none);
}

static void print_status(FILE *out, const cJSON *status, int64_t now_ns, int width)
{
    static const struct {
        const char *list;
        const struct hz_column *columns;
    } tables[] = {{"receivers", receiver_columns},
                  {"channels", channel_columns},
                  {"listeners", listener_columns}};
    hz_facts_print(out, daemon_facts, status, now_ns);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        fputc('\n', out);
        print_table(out, tables[i].columns, tables[i].list,
                    cJSON_GetObjectItemCaseSensitive(status, tables[i].list), now_ns, width);
    }
}

static void print_reload(FILE *out, const cJSON *result, int64_t now_ns, int width)
{
    (void)now_ns, (void)width;
    const char *waits = hz_ctl_text(result, "after_restart");
    fprintf(out, "the configuration was read again and is in force%s%s%s\n", *waits ? ", but " : "",
            waits, *waits ? " of [hertzd] only after a restart of hertzd" : "");
}

static void print_health(FILE *out, const cJSON *result, int64_t now_ns, int width)
{
    (void)result, (void)now_ns, (void)width; /* anything else than health is an error */
    fputs("healthy\n", out);
}

static void print_inputs(FILE *out, const cJSON *result, int64_t now_ns, int width)
{
    const cJSON *in;
    print_table(out, input_columns, "inputs", result, now_ns, width);
    cJSON_ArrayForEach(in, result)
    {
        const cJSON *stations = cJSON_GetObjectItemCaseSensitive(in, "stations");
        if (cJSON_GetArraySize(stations) == 0)
            continue;
        fprintf(out, "\n%s:\n", cJSON_GetStringValue(cJSON_GetObjectItem(in, "name")));
        print_table(out, hub_station_columns, "stations", stations, now_ns, width);
    }
}

/* A view has a function, or is a table of the rows that the answer is or has in a member of the
 * method's name. */
static const struct view {
    const char *method;
    void (*print)(FILE *out, const cJSON *result, int64_t now_ns, int width);
    const struct hz_column *columns;
} views[] = {{"status", print_status, NULL},          {"receivers", print_receivers, NULL},
             {"reload", print_reload, NULL},          {"health", print_health, NULL},
             {"channels", NULL, channel_columns},     {"clients", NULL, client_columns},
             {"outputs", NULL, output_columns},       {"inputs", print_inputs, NULL},
             {"decoders", NULL, decoder_columns},     {"aircraft", NULL, aircraft_columns},
             {"ships", NULL, ship_columns},           {"stations", NULL, station_columns},
             {"recordings", NULL, recording_columns}, {"events", NULL, event_columns},
             {"captures", NULL, capture_columns},     {0}};

void hz_view_print(FILE *out, const char *method, const cJSON *result, int64_t now_ns, int width)
{
    const struct view *v = views;
    while (v->method && strcmp(v->method, method) != 0)
        v++;
    const cJSON *rows =
        cJSON_IsArray(result) ? result : cJSON_GetObjectItemCaseSensitive(result, method);
    if (v->print)
        v->print(out, result, now_ns, width);
    else if (v->columns)
        print_table(out, v->columns, method, rows, now_ns, width);
}
