/* The fields are those of daemon/status.c and daemon/listener.c. */
#include "daemon/ctl/views.h"

#include "daemon/ctl/table.h"

static const struct hz_column daemon_facts[] = {
    {"version", "version", HZ_CELL_TEXT},
    {"state", "headline", HZ_CELL_TEXT},
    {"running for", "uptime_s", HZ_CELL_SPAN},
    {"messages", "messages", HZ_CELL_COUNT},
    {"memory", "memory_bytes", HZ_CELL_BYTES},
    {"reloads", "reloads", HZ_CELL_COUNT},
    {"reloads refused", "reloads_refused", HZ_CELL_COUNT},
    {"loop busy", "loop.busy_percent", HZ_CELL_PERCENT},
    {"longest turn", "loop.longest_ms", HZ_CELL_MS},
    {"turns over 10 ms", "loop.over_10ms", HZ_CELL_COUNT},
    {"workers", "jobs.workers", HZ_CELL_COUNT},
    {"workers busy", "jobs.busy_percent", HZ_CELL_PERCENT},
    {"jobs done", "jobs.done", HZ_CELL_COUNT},
    {"longest wait", "jobs.wait_max_ms", HZ_CELL_MS},
    {"stream", "bus.stream", HZ_CELL_TEXT},
    {"frames kept", "bus.frames", HZ_CELL_COUNT},
    {"frames dropped", "bus.dropped", HZ_CELL_COUNT},
    {0},
};

/* In short, for `status`. */
static const struct hz_column receiver_columns[] = {
    {"RECEIVER", "name", HZ_CELL_TEXT},    {"SOURCE", "source", HZ_CELL_TEXT},
    {"INPUT", "input", HZ_CELL_TEXT},      {"STATE", "state", HZ_CELL_TEXT},
    {"FOR", "state_age_s", HZ_CELL_SPAN},  {"RATE", "rate_hz", HZ_CELL_RATE},
    {"CENTRE", "centre_hz", HZ_CELL_MHZ},  {"FORMAT", "format", HZ_CELL_TEXT},
    {"SAMPLES", "samples", HZ_CELL_COUNT}, {"LOST", "lost_samples", HZ_CELL_COUNT},
    {"GAPS", "gaps", HZ_CELL_COUNT},       {"OPENED", "opens", HZ_CELL_COUNT},
    {"REASON", "reason", HZ_CELL_TEXT},    {0},
};

/* In full, one receiver below the other. */
static const struct hz_column receiver_facts[] = {
    {"receiver", "name", HZ_CELL_TEXT},
    {"source", "source", HZ_CELL_TEXT},
    {"simulated", "simulated", HZ_CELL_TEXT},
    {"replayed", "replayed", HZ_CELL_TEXT},
    {"input", "input", HZ_CELL_TEXT},
    {"state", "state", HZ_CELL_TEXT},
    {"for", "state_age_s", HZ_CELL_SPAN},
    {"reason", "reason", HZ_CELL_TEXT},
    {"device", "device", HZ_CELL_TEXT},
    {"format", "format", HZ_CELL_TEXT},
    {"rate", "rate_hz", HZ_CELL_RATE},
    {"rate measured", "rate_measured_hz", HZ_CELL_RATE},
    {"crystal error", "ppm_error", HZ_CELL_PPM},
    {"crystal, as heard", "ppm_heard", HZ_CELL_PPM},
    {"centre", "centre_hz", HZ_CELL_MHZ},
    {"gain", "gain_db", HZ_CELL_DB},
    {"ppm", "ppm", HZ_CELL_PPM},
    {"bias tee", "bias_tee", HZ_CELL_TEXT},
    {"last change", "tuning", HZ_CELL_TEXT},
    {"level", "level_dbfs", HZ_CELL_DBFS},
    {"noise", "noise_dbfs", HZ_CELL_DBFS},
    {"clipped", "clip_percent", HZ_CELL_PERCENT},
    {"blocks", "blocks", HZ_CELL_COUNT},
    {"samples", "samples", HZ_CELL_COUNT},
    {"gaps", "gaps", HZ_CELL_COUNT},
    {"lost samples", "lost_samples", HZ_CELL_COUNT},
    {"opened", "opens", HZ_CELL_COUNT},
    {"failures", "failures", HZ_CELL_COUNT},
    {"last error", "last_error", HZ_CELL_TEXT},
    {"threads given up", "wedged", HZ_CELL_COUNT},
    {"spectra", "spectra.made", HZ_CELL_COUNT},
    {"spectra, a sample", "spectra.cpu_ns_per_sample", HZ_CELL_NS},
    {"longest callback", "capture.longest_ms", HZ_CELL_MS},
    {"capture busy", "capture.busy_percent", HZ_CELL_PERCENT},
    {0},
};

static const struct hz_column channel_columns[] = {
    {"CHANNEL", "name", HZ_CELL_TEXT},
    {"DECODER", "decoder", HZ_CELL_TEXT},
    {"RECEIVER", "receiver", HZ_CELL_TEXT},
    {"FREQUENCY", "freq_hz", HZ_CELL_MHZ},
    {"STATE", "state", HZ_CELL_TEXT},
    {"MESSAGES", "messages", HZ_CELL_COUNT},
    {"LAST", "last_message_age_s", HZ_CELL_AGO},
    {"BAD CRC", "candidates.bad_crc", HZ_CELL_COUNT},
    {"OVERRUNS", "overruns", HZ_CELL_COUNT},
    {"LOST", "lost_samples", HZ_CELL_COUNT},
    {"LEVEL", "level_dbfs", HZ_CELL_DBFS},
    {"NOISE", "noise_dbfs", HZ_CELL_DBFS},
    {"CPU", "cpu_s", HZ_CELL_SECONDS},
    {"PER SAMPLE", "cpu_ns_per_sample", HZ_CELL_NS},
    {"ERROR", "error", HZ_CELL_TEXT},
    {0},
};

static const struct hz_column listener_columns[] = {
    {"LISTENER", "name", HZ_CELL_TEXT},         {"TYPE", "type", HZ_CELL_TEXT},
    {"ADDRESS", "address", HZ_CELL_TEXT},       {"STATE", "state", HZ_CELL_TEXT},
    {"CLIENTS", "clients", HZ_CELL_COUNT},      {"ACCEPTED", "accepted", HZ_CELL_COUNT},
    {"REFUSED", "refused", HZ_CELL_COUNT},      {"BAD", "bad_requests", HZ_CELL_COUNT},
    {"TOO SLOW", "closed_slow", HZ_CELL_COUNT}, {"FRAMES", "sent_frames", HZ_CELL_COUNT},
    {"SENT", "sent_bytes", HZ_CELL_BYTES},      {"MISSED", "missed", HZ_CELL_COUNT},
    {"ERROR", "error", HZ_CELL_TEXT},           {0},
};

static const struct hz_column client_columns[] = {
    {"ID", "id", HZ_CELL_COUNT},           {"LISTENER", "listener", HZ_CELL_TEXT},
    {"BY", "transport", HZ_CELL_TEXT},     {"PEER", "peer", HZ_CELL_TEXT},
    {"SINCE", "since", HZ_CELL_SINCE},     {"FRAMES", "sent_frames", HZ_CELL_COUNT},
    {"SENT", "sent_bytes", HZ_CELL_BYTES}, {"BEHIND", "behind", HZ_CELL_COUNT},
    {"MISSED", "missed", HZ_CELL_COUNT},   {"STREAMING", "streaming", HZ_CELL_TEXT},
    {"FILTER", "filter", HZ_CELL_FILTER},  {0},
};

static const struct hz_column decoder_columns[] = {
    {"DECODER", "name", HZ_CELL_TEXT},
    {"FREQUENCIES", "freqs_hz", HZ_CELL_MHZ},
    {"RATE FROM", "rate_min_hz", HZ_CELL_RATE},
    {"TO", "rate_max_hz", HZ_CELL_RATE},
    {"CHANNELS", "channels", HZ_CELL_COUNT},
    {"MESSAGES", "messages", HZ_CELL_COUNT},
    {"NO PREAMBLE", "candidates.no_preamble", HZ_CELL_COUNT},
    {"TOO SHORT", "candidates.too_short", HZ_CELL_COUNT},
    {"BAD CRC", "candidates.bad_crc", HZ_CELL_COUNT},
    {"SANITY", "candidates.sanity", HZ_CELL_COUNT},
    {"SHED", "candidates.shed", HZ_CELL_COUNT},
    {"TITLE", "title", HZ_CELL_TEXT},
    {0},
};

static void print_receivers(FILE *out, const cJSON *rows, int64_t now_ns)
{
    const cJSON *row;
    if (cJSON_GetArraySize(rows) == 0)
        fputs("no receivers\n", out);
    cJSON_ArrayForEach(row, rows)
    {
        if (row != rows->child)
            fputc('\n', out);
        hz_facts_print(out, receiver_facts, row, now_ns);
    }
}

static void print_channels(FILE *out, const cJSON *rows, int64_t now_ns)
{
    hz_table_print(out, channel_columns, rows, now_ns, "no channels");
}

static void print_listeners(FILE *out, const cJSON *rows, int64_t now_ns)
{
    hz_table_print(out, listener_columns, rows, now_ns, "no listeners");
}

static void print_clients(FILE *out, const cJSON *rows, int64_t now_ns)
{
    hz_table_print(out, client_columns, rows, now_ns, "no clients");
}

static void print_decoders(FILE *out, const cJSON *rows, int64_t now_ns)
{
    hz_table_print(out, decoder_columns, rows, now_ns, "no decoders");
}

static void print_status(FILE *out, const cJSON *status, int64_t now_ns)
{
    hz_facts_print(out, daemon_facts, status, now_ns);
    fputc('\n', out);
    hz_table_print(out, receiver_columns, cJSON_GetObjectItemCaseSensitive(status, "receivers"),
                   now_ns, "no receivers");
    fputc('\n', out);
    print_channels(out, cJSON_GetObjectItemCaseSensitive(status, "channels"), now_ns);
    fputc('\n', out);
    print_listeners(out, cJSON_GetObjectItemCaseSensitive(status, "listeners"), now_ns);
}

static void print_reload(FILE *out, const cJSON *result, int64_t now_ns)
{
    (void)result;
    (void)now_ns;
    fputs("the configuration was read again and is in force\n", out);
}

static void print_change(FILE *out, const cJSON *result, int64_t now_ns)
{
    (void)result;
    (void)now_ns;
    fputs("asked for; 'hertzctl receivers' shows what came of it\n", out);
}

const struct hz_view hz_views[] = {
    {"status", NULL, "how hertzd does: all of the following in short (the default)", print_status},
    {"receivers", NULL, "what delivers samples", print_receivers},
    {"channels", NULL, "what decodes them", print_channels},
    {"clients", NULL, "who listens", print_clients},
    {"decoders", NULL, "what can be decoded, and what came of it", print_decoders},
    {"reload", NULL, "read the configuration again; refused whole on any error", print_reload},
    {"tune", "FREQUENCY", "centre frequency of a dongle, as 1090M", print_change},
    {"gain", "DB|auto", "its tuner's gain", print_change},
    {"ppm", "PPM", "the error of its crystal", print_change},
    {"bias", "yes|no", "power for an amplifier at its antenna", print_change},
    {0},
};
