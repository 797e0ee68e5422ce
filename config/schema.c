#include "config/schema.h"
#include "proto/wmbus/keys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* In the order of the syslog priorities, from LOG_ERR = 3. */
static const char *const log_levels[] = {"error", "warning", "notice", "info", "debug", NULL};

const char *const hz_pace_names[] = {
    [HZ_PACE_MAX] = "max", [HZ_PACE_REALTIME] = "realtime", [HZ_PACE_REALTIME + 1] = NULL};

#define DAEMON(f)   offsetof(struct hz_conf_daemon, f)
#define RECEIVER(f) offsetof(struct hz_conf_receiver, f)
#define CHANNEL(f)  offsetof(struct hz_conf_channel, f)
#define LISTEN(f)   offsetof(struct hz_conf_listen, f)
#define OUTPUT(f)   offsetof(struct hz_conf_output, f)
#define EVENT(f)    offsetof(struct hz_conf_event, f)
#define INPUT(f)    offsetof(struct hz_conf_input, f)
#define METER(f)    offsetof(struct hz_conf_meter, f)

static const struct hz_option daemon_options[] = {
    {.name = "workers",
     .type = HZ_OPTION_COUNT,
     .at = DAEMON(workers),
     .max = 256,
     .fallback = "0",
     .help = "decoding threads; 0: as many as there are cores"},
    {.name = "log_level",
     .type = HZ_OPTION_CHOICE,
     .at = DAEMON(log_level),
     .min = 3,
     .choices = log_levels,
     .fallback = "info",
     .help = "what the log tells"},
    {.name = "history",
     .type = HZ_OPTION_COUNT,
     .at = DAEMON(history),
     .min = 16,
     .max = 1000000,
     .fallback = "10000",
     .help = "messages that are kept for clients that resume after a break"},
    {.name = "history_bytes",
     .type = HZ_OPTION_PARSED,
     .at = DAEMON(history_bytes),
     .parse = hz_parse_history_bytes,
     .size = sizeof(uint64_t),
     .expected = "64k to 1G with the suffix k, M or G (1024), as in 32M",
     .fallback = "32M",
     .unit = "bytes",
     .help = "memory that these may take together; k, M and G count by 1024"},
    {.name = "history_time",
     .type = HZ_OPTION_PARSED,
     .at = DAEMON(history_s),
     .parse = hz_parse_history_time,
     .size = sizeof(uint64_t),
     .expected = "1s to 7d with the unit s, m, h or d, as in 10m",
     .fallback = "1h",
     .help = "how old these may become: s, m, h or d"},
    {.name = "stats",
     .type = HZ_OPTION_PARSED,
     .at = DAEMON(stats_s),
     .parse = hz_parse_pause,
     .size = sizeof(uint64_t),
     .expected = "0, or 1s to 7d with the unit s, m, h or d, as in 1m",
     .fallback = "1m",
     .help = "how often a line of statistics is told of each receiver and channel; 0: never"},
    {.name = "state_dir",
     .type = HZ_OPTION_PARSED,
     .at = DAEMON(state_dir),
     .parse = hz_parse_folder,
     .size = HZ_STATE_DIR_MAX,
     .expected = "the absolute path of a folder, as in /var/lib/hertzd",
     .example = "/var/lib/hertzd",
     .help = "folder in which it is kept what was found out by `gain = best` and `ppm = auto`; "
             "without it that of $STATE_DIRECTORY, which systemd sets; else nothing is kept"},
    {0},
};

static const struct hz_option receiver_options[] = {
    {.name = "source",
     .type = HZ_OPTION_KIND,
     .example = "rtlsdr",
     .help = "where the samples come from"},
    {.name = "latitude",
     .type = HZ_OPTION_NUMBER,
     .at = RECEIVER(latitude),
     .min = -90,
     .max = 90,
     .expected = "decimal degrees from -90 to 90, as in 48.137",
     .example = "48.137",
     .unit = "degrees",
     .help = "where the antenna is, north of the equator"},
    {.name = "longitude",
     .type = HZ_OPTION_NUMBER,
     .at = RECEIVER(longitude),
     .min = -180,
     .max = 180,
     .expected = "decimal degrees from -180 to 180, as in 48.137",
     .example = "11.575",
     .unit = "degrees",
     .help = "where the antenna is, east of Greenwich"},
    {0},
};

static const struct hz_option channel_options[] = {
    {.name = "decoder", .type = HZ_OPTION_KIND, .example = "adsb", .help = "what decodes it"},
    {.name = "receiver",
     .type = HZ_OPTION_NAME,
     .at = CHANNEL(receiver),
     .example = "roof",
     .help = "whose band it is in; needed only where there are several receivers"},
    {.name = "frequency",
     .type = HZ_OPTION_FREQUENCY,
     .at = CHANNEL(freq_hz),
     .min = 1,
     .max = HZ_RADIO_MAX_HZ,
     .example = "162.025M",
     .unit = "Hz",
     .help = "its middle; default: those of the decoder that lie in the band"},
    {.name = "bandwidth",
     .type = HZ_OPTION_HZ,
     .at = CHANNEL(bandwidth_hz),
     .min = 100,
     .max = 1e7,
     .example = "12.5k",
     .unit = "Hz",
     .help = "its width; default: the decoder's"},
    {.name = "squelch",
     .type = HZ_OPTION_NUMBER,
     .at = CHANNEL(squelch_db),
     .max = 60,
     .expected = "dB from 0 to 60, as in 6.5",
     .example = "6.5",
     .unit = "dB",
     .help =
         "decoded while its power is so much over its noise; 0: always; default: the decoder's"},
    {.name = "priority",
     .type = HZ_OPTION_COUNT,
     .at = CHANNEL(priority),
     .max = 100,
     .fallback = "0",
     .help = "which channels are left out last when the processor cannot follow"},
    {.name = "bursts",
     .type = HZ_OPTION_COUNT,
     .at = CHANNEL(bursts),
     .min = 1,
     .max = 64,
     .fallback = "8",
     .help = "bursts decoded at a time, with a decoder that takes bursts; more are shed"},
    {0},
};

static const struct hz_option listen_options[] = {
    {.name = "type", .type = HZ_OPTION_KIND, .example = "tcp", .help = "what is served"},
    {.name = "max_clients",
     .type = HZ_OPTION_COUNT,
     .at = LISTEN(max_clients),
     .min = 1,
     .max = 100000,
     .fallback = "1024",
     .help = "clients at a time; further ones are told so and refused"},
    {0},
};

static const struct hz_option output_options[] = {
    {.name = "type", .type = HZ_OPTION_KIND, .example = "file", .help = "what is written, and how"},
    {.name = "protocol",
     .type = HZ_OPTION_TEXT,
     .at = OUTPUT(protocol),
     .example = "adsb, ais",
     .help = "only what these decoders found; default: all"},
    {.name = "channel",
     .type = HZ_OPTION_TEXT,
     .at = OUTPUT(channel),
     .example = "1090",
     .help = "only what comes from these channels; default: all"},
    {.name = "receiver",
     .type = HZ_OPTION_TEXT,
     .at = OUTPUT(receiver),
     .example = "roof",
     .help = "only what comes from these receivers; default: all"},
    {.name = "id",
     .type = HZ_OPTION_TEXT,
     .at = OUTPUT(id),
     .example = "4840d6, 211281610",
     .help = "only messages of these senders; default: all"},
    {.name = "bbox",
     .type = HZ_OPTION_TEXT,
     .at = OUTPUT(box),
     .example = "47.5,-5.2,52,8.3",
     .unit = "degrees",
     .help = "only positions within south, west, north, east; default: all"},
    {.name = "min_snr",
     .type = HZ_OPTION_TEXT,
     .at = OUTPUT(min_snr),
     .example = "6.5",
     .unit = "dB",
     .help = "only what is so much over the noise; default: all"},
    {.name = "every",
     .type = HZ_OPTION_TEXT,
     .at = OUTPUT(every),
     .example = "10s",
     .help = "of each sender one message in that time, 1s to 1d; default: all"},
    {.name = "event",
     .type = HZ_OPTION_TEXT,
     .at = OUTPUT(events),
     .example = "mayday",
     .help = "also the events of these [event] sections, whatever the other keys select"},
    {0},
};

static const struct hz_option event_options[] = {
    {.name = "when",
     .type = HZ_OPTION_TEXT,
     .at = EVENT(when),
     .example = "emergency, distress",
     .help = "one of these must hold: new, gone [TIME], enters AREA, emergency, distress, "
             "silent TIME, FIELD ~ EXPRESSION"},
    {.name = "protocol",
     .type = HZ_OPTION_TEXT,
     .at = EVENT(protocol),
     .example = "adsb, ais",
     .help = "only what these decoders found; default: all"},
    {.name = "channel",
     .type = HZ_OPTION_TEXT,
     .at = EVENT(channel),
     .example = "1090",
     .help = "only what comes from these channels; default: all"},
    {.name = "receiver",
     .type = HZ_OPTION_TEXT,
     .at = EVENT(receiver),
     .example = "roof",
     .help = "only what comes from these receivers; default: all"},
    {.name = "id",
     .type = HZ_OPTION_TEXT,
     .at = EVENT(id),
     .example = "4840d6, 211281610",
     .help = "only messages of these senders; default: all"},
    {.name = "bbox",
     .type = HZ_OPTION_TEXT,
     .at = EVENT(box),
     .example = "47.5,-5.2,52,8.3",
     .unit = "degrees",
     .help = "only positions within south, west, north, east; default: all"},
    {.name = "min_snr",
     .type = HZ_OPTION_TEXT,
     .at = EVENT(min_snr),
     .example = "6.5",
     .unit = "dB",
     .help = "only what is so much over the noise; default: all"},
    {.name = "again",
     .type = HZ_OPTION_PARSED,
     .at = EVENT(again_s),
     .parse = hz_parse_history_time,
     .size = sizeof(uint64_t),
     .expected = "1s to 7d with the unit s, m, h or d, as in 10m",
     .example = "30m",
     .help = "an event of the same sender is told again when its condition did not hold for so "
             "long; default: 5m of aircraft, 30m of ships, 1h of all others"},
    {.name = "learn",
     .type = HZ_OPTION_PARSED,
     .at = EVENT(learn_s),
     .parse = hz_parse_pause,
     .size = sizeof(uint64_t),
     .expected = "0, or 1s to 7d with the unit s, m, h or d, as in 10m",
     .fallback = "10m",
     .help = "who is heard so soon after the start is not new, and has not entered; 0: all are"},
    {.name = "limit",
     .type = HZ_OPTION_TEXT,
     .at = EVENT(limit),
     .fallback = "30 per 10m",
     .help = "at most so many events in that time; further ones are counted; none: no limit"},
    {.name = "text",
     .type = HZ_OPTION_TEXT,
     .at = EVENT(text),
     .fallback = "{who}: {reason}",
     .help = "what is told; {NAME} stands for a field"},
    {.name = "post",
     .type = HZ_OPTION_TEXT,
     .at = EVENT(post),
     .example = "https://ntfy.example.org/radio",
     .help = "a URL that each event is sent to by POST, or the name of an output"},
    {.name = "body",
     .type = HZ_OPTION_TEXT,
     .at = EVENT(body),
     .example = "{text}",
     .help = "what is sent to the URL; default: the event's line of JSON"},
    {.name = "content_type",
     .type = HZ_OPTION_TEXT,
     .at = EVENT(content_type),
     .fallback = "application/json",
     .help = "of the body"},
    {.name = "header",
     .type = HZ_OPTION_TEXT,
     .at = EVENT(header),
     .example = "Authorization: Bearer 0123456789",
     .help = "one more header of the request"},
    {.name = "ca",
     .type = HZ_OPTION_TEXT,
     .at = EVENT(ca),
     .example = "/etc/ssl/my-ca.pem",
     .help = "file of the authorities that are trusted, of https; default: the system's"},
    {0},
};

static const struct hz_option input_options[] = {
    {.name = "type", .type = HZ_OPTION_KIND, .example = "tcp", .help = "where messages come from"},
    {.name = "latitude",
     .type = HZ_OPTION_NUMBER,
     .at = INPUT(latitude),
     .min = -90,
     .max = 90,
     .expected = "decimal degrees from -90 to 90, as in 48.137",
     .example = "48.137",
     .unit = "degrees",
     .help = "where the antenna there is, north of the equator"},
    {.name = "longitude",
     .type = HZ_OPTION_NUMBER,
     .at = INPUT(longitude),
     .min = -180,
     .max = 180,
     .expected = "decimal degrees from -180 to 180, as in 48.137",
     .example = "11.575",
     .unit = "degrees",
     .help = "where the antenna there is, east of Greenwich"},
    {0},
};

static const struct hz_option meter_options[] = {
    {.name = "id",
     .type = HZ_OPTION_PARSED,
     .at = METER(id),
     .parse = hz_meter_id_parse,
     .size = sizeof(uint32_t),
     .expected = "eight digits, as in 20096221",
     .example = "20096221",
     .help = "the meter's number, which stands on it"},
    {.name = "key",
     .type = HZ_OPTION_PARSED,
     .at = METER(key),
     .parse = hz_meter_key_parse,
     .size = 16,
     .secret = true,
     .expected = "32 hexadecimal digits",
     .example = "00112233445566778899aabbccddeeff",
     .help = "its key for AES-128, from who installed it; only `hertzctl config` prints it"},
    {0},
};

const struct hz_section_info hz_sections[HZ_SECTIONS] = {
    [HZ_SECTION_DAEMON] = {.name = "hertzd",
                           .options = daemon_options,
                           .size = sizeof(struct hz_conf_daemon)},
    [HZ_SECTION_RECEIVER] = {"receiver", "source", receiver_options,
                             sizeof(struct hz_conf_receiver), RECEIVER(source), 0},
    [HZ_SECTION_CHANNEL] = {"channel", "decoder", channel_options, sizeof(struct hz_conf_channel),
                            CHANNEL(decoder), CHANNEL(options)},
    [HZ_SECTION_LISTEN] = {"listen", "type", listen_options, sizeof(struct hz_conf_listen),
                           LISTEN(kind), 0},
    [HZ_SECTION_OUTPUT] = {"output", "type", output_options, sizeof(struct hz_conf_output),
                           OUTPUT(kind), 0},
    [HZ_SECTION_EVENT] = {.name = "event",
                          .options = event_options,
                          .size = sizeof(struct hz_conf_event)},
    [HZ_SECTION_CAPTURE] = {.name = "capture",
                            .options = hz_capture_options,
                            .size = sizeof(struct hz_conf_capture)},
    [HZ_SECTION_METER] = {.name = "meter",
                          .options = meter_options,
                          .size = sizeof(struct hz_conf_meter)},
    [HZ_SECTION_INPUT] = {"input", "type", input_options, sizeof(struct hz_conf_input), INPUT(kind),
                          0},
};

/* ---- kinds ------------------------------------------------------------------------------ */

static struct hz_choice of_kind(const struct hz_conf_kind *k)
{
    return k ? (struct hz_choice){k, k->name, k->options, k->size} : (struct hz_choice){0};
}

/* What a pointer to a kind of that sort points to. */
static struct hz_choice choice(enum hz_section s, const void *kind)
{
    const struct hz_source_kind *source = kind;
    const struct hz_listen_kind *listen = kind;
    const struct hz_decoder *decoder = kind;
    if (!kind)
        return (struct hz_choice){0};
    if (s == HZ_SECTION_RECEIVER)
        return of_kind(&source->kind);
    if (s == HZ_SECTION_LISTEN)
        return of_kind(&listen->kind);
    if (s == HZ_SECTION_CHANNEL)
        return (struct hz_choice){decoder, decoder->name, decoder->options,
                                  sizeof(struct hz_conf_channel)};
    return of_kind(kind);
}

struct hz_choice hz_choice_at(const struct hz_conf_kinds *kinds, enum hz_section s, size_t i)
{
    if (s == HZ_SECTION_RECEIVER)
        return choice(s, kinds->sources[i]);
    if (s == HZ_SECTION_LISTEN)
        return choice(s, kinds->listens[i]);
    if (s == HZ_SECTION_OUTPUT)
        return choice(s, kinds->outputs[i]);
    if (s == HZ_SECTION_INPUT)
        return choice(s, kinds->inputs ? kinds->inputs[i] : NULL);
    return s == HZ_SECTION_CHANNEL ? choice(s, kinds->decoders->list[i]) : (struct hz_choice){0};
}

struct hz_choice hz_choice_of(enum hz_section s, const void *item)
{
    const void *kind;
    if (!hz_sections[s].selector)
        return (struct hz_choice){0};
    memcpy(&kind, (const char *)item + hz_sections[s].kind_at, sizeof(void *));
    return choice(s, kind);
}

int hz_choice_find(const struct hz_conf_kinds *kinds, enum hz_section s, const char *name,
                   struct hz_choice *found, char *expected, size_t size)
{
    size_t n = 0;
    while (hz_choice_at(kinds, s, n).kind)
        n++;
    const char **names = calloc(n + 1, sizeof *names);
    for (size_t i = 0; names && i < n; i++)
        names[i] = hz_choice_at(kinds, s, i).name;
    int i = names ? hz_word_find(names, name, expected, size) : -1;
    if (i >= 0)
        *found = hz_choice_at(kinds, s, (size_t)i);
    free(names);
    return i >= 0 ? 0 : -1;
}

/* ---- a section's struct ----------------------------------------------------------------- */

static void *own(enum hz_section s, void *item)
{
    return (char *)item + hz_sections[s].own_at;
}

/* What the struct of every listener holds, whatever keys its kind has. */
static const struct hz_option listen_fields[] = {
    {.name = "address", .type = HZ_OPTION_TEXT, .at = LISTEN(address)},
    {.name = "path", .type = HZ_OPTION_TEXT, .at = LISTEN(path)},
    {.name = "allow_origin", .type = HZ_OPTION_TEXT, .at = LISTEN(allow_origin)},
    {.name = "allow_host", .type = HZ_OPTION_TEXT, .at = LISTEN(allow_host)},
    {.name = "tiles", .type = HZ_OPTION_TEXT, .at = LISTEN(tiles)},
    {.name = "format", .type = HZ_OPTION_TEXT, .at = LISTEN(format)},
    {.name = "protocol", .type = HZ_OPTION_TEXT, .at = LISTEN(filter.protocol)},
    {.name = "channel", .type = HZ_OPTION_TEXT, .at = LISTEN(filter.channel)},
    {.name = "receiver", .type = HZ_OPTION_TEXT, .at = LISTEN(filter.receiver)},
    {.name = "id", .type = HZ_OPTION_TEXT, .at = LISTEN(filter.id)},
    {.name = "bbox", .type = HZ_OPTION_TEXT, .at = LISTEN(filter.box)},
    {.name = "min_snr", .type = HZ_OPTION_TEXT, .at = LISTEN(filter.min_snr)},
    {.name = "every", .type = HZ_OPTION_TEXT, .at = LISTEN(filter.every)},
    {.name = "tokens", .type = HZ_OPTION_TEXT, .at = LISTEN(tokens)},
    {.name = "allow", .type = HZ_OPTION_TEXT, .at = LISTEN(allow)},
    {.name = "max_per_address",
     .type = HZ_OPTION_COUNT,
     .at = LISTEN(max_per_address),
     .min = 1,
     .max = 100000,
     .fallback = "64"},
    {0},
};

/* The options of a kind, among which are all texts of its struct. */
static const struct hz_option *with_texts(enum hz_section s, const void *item)
{
    return s == HZ_SECTION_LISTEN ? listen_fields : hz_choice_of(s, item).options;
}

int hz_section_init(enum hz_section s, const struct hz_choice *c, void *item)
{
    int rc = hz_options_init(hz_sections[s].options, item), more = 0;
    if (rc == 0 && s == HZ_SECTION_LISTEN)
        rc = hz_options_init(listen_fields, item);
    if (c && c->kind) {
        memcpy((char *)item + hz_sections[s].kind_at, &c->kind, sizeof(void *));
        if (s == HZ_SECTION_LISTEN)
            ((struct hz_conf_listen *)item)->type = ((const struct hz_listen_kind *)c->kind)->type;
        more = hz_options_init(c->options, own(s, item));
    }
    return rc ? rc : more;
}

void hz_section_done(enum hz_section s, void *item)
{
    hz_options_done(with_texts(s, item), own(s, item));
    hz_options_done(hz_sections[s].options, item);
}

int hz_section_own(enum hz_section s, void *item)
{
    int rc = hz_options_own(hz_sections[s].options, item);
    if (rc == 0 && (rc = hz_options_own(with_texts(s, item), own(s, item))) < 0)
        hz_options_done(hz_sections[s].options, item);
    return rc;
}

bool hz_section_same(enum hz_section s, const void *a, const void *b)
{
    struct hz_choice x = hz_choice_of(s, a), y = hz_choice_of(s, b);
    size_t at = hz_sections[s].own_at;
    return x.kind == y.kind && strcmp(a, b) == 0 && hz_options_same(hz_sections[s].options, a, b) &&
           hz_options_same(x.options, (const char *)a + at, (const char *)b + at);
}
