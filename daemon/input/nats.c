/* `type = nats`: the messages of many stations, from a stream of JetStream (hub.h). */
#include "daemon/input/hub.h"
#include "daemon/input/input.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 64, WORD_MAX = 32 };

struct hz_conf_nats_input {
    struct hz_conf_input input;
    struct hz_nats_conf nats;
    char *stream, *durable;
    uint64_t buckets; /* a bit each */
    uint64_t hold_ms, apart_ms;
};

/* ---- values ---- */

/* "0-31,40" */
static int parse_buckets(const char *text, void *field)
{
    uint64_t set = 0;
    for (const char *p = text;;) {
        char *end;
        unsigned long first = strtoul(p, &end, 10), last = first;
        if (end == p || *p < '0' || *p > '9')
            return -EINVAL;
        if (*end == '-') {
            p = end + 1;
            last = strtoul(p, &end, 10);
            if (end == p || *p < '0' || *p > '9')
                return -EINVAL;
        }
        if (last < first || last >= BUCKETS)
            return -EINVAL;
        for (; first <= last; first++)
            set |= (uint64_t)1 << first;
        if (*end == '\0')
            break;
        if (*end != ',')
            return -EINVAL;
        p = end + 1;
        p += strspn(p, " ");
    }
    memcpy(field, &set, sizeof set);
    return 0;
}

/* "1s", "250ms"; up to a minute. */
static int parse_short_time(const char *text, void *field)
{
    char *end;
    double value = strtod(text, &end);
    double unit = strcmp(end, "s") == 0 ? 1000 : strcmp(end, "ms") == 0 ? 1 : 0;
    uint64_t ms = unit > 0 && value >= 0 && value <= 60000 ? (uint64_t)(value * unit + 0.5) : 0;
    if (ms < 1 || ms > 60000 || *text < '0' || *text > '9')
        return -EINVAL;
    memcpy(field, &ms, sizeof ms);
    return 0;
}

/* Copies are looked for in steps of a quarter of a second. */
static int parse_clocks(const char *text, void *field)
{
    uint64_t ms;
    if (parse_short_time(text, &ms) != 0 || ms > 2000)
        return -EINVAL;
    memcpy(field, &ms, sizeof ms);
    return 0;
}

static bool is_word(const char *text)
{
    size_t n = strlen(text);
    return n > 0 && n <= WORD_MAX &&
           strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == n;
}

static void check(const struct hz_check *c, void *item)
{
    const struct hz_conf_nats_input *i = item;
    const struct hz_config *config = hz_check_config(c);
    hz_nats_check(c, &i->nats);
    if (!is_word(i->stream))
        hz_check_error(c, "stream", "stream = '%s': expected 1 to %d letters, digits, '-' and '_'",
                       i->stream, WORD_MAX);
    if (!is_word(i->durable))
        hz_check_error(c, "durable",
                       "durable = '%s': expected 1 to %d letters, digits, '-' and '_'", i->durable,
                       WORD_MAX);
    for (size_t k = 0; k < hz_check_index(c); k++) {
        const struct hz_conf_nats_input *other =
            (const struct hz_conf_nats_input *)config->inputs[k];
        if (other->input.kind == i->input.kind && strcmp(other->stream, i->stream) == 0 &&
            strcmp(other->durable, i->durable) == 0)
            hz_check_error(c, "durable", "[input %s] takes stream '%s' with durable '%s' already",
                           other->input.name, i->stream, i->durable);
    }
}

/* ---- the kind ---- */

static const char *target(const struct hz_conf_input *conf)
{
    return ((const struct hz_conf_nats_input *)conf)->stream;
}

static void *open_hub(const struct hz_input_env *env, const struct hz_conf_input *conf)
{
    const struct hz_conf_nats_input *i = (const struct hz_conf_nats_input *)conf;
    struct hz_hub_env hub = {env->loop, env->bus, env->fold, env->decoders};
    struct hz_hub_conf c = {.nats = &i->nats,
                            .stream = i->stream,
                            .durable = i->durable,
                            .buckets = i->buckets,
                            .hold_ms = i->hold_ms,
                            .apart_ns = (int64_t)i->apart_ms * 1000000};
    return hz_hub_new(&hub, &c, i->input.name);
}

static void close_hub(void *state, void (*closed)(void *ctx), void *ctx)
{
    hz_hub_close(state, closed, ctx);
}

static void status(void *state, cJSON *item)
{
    hz_hub_status(state, item);
}

/* clang-format off */
#define AT(field) .at = offsetof(struct hz_conf_nats_input, field)
static const struct hz_option options[] = {
    HZ_NATS_KEYS(struct hz_conf_nats_input, nats),
    {.name = "stream", .type = HZ_OPTION_TEXT, AT(stream), .fallback = "hertzd",
     .help = "the stream that holds the messages of all stations"},
    {.name = "durable", .type = HZ_OPTION_TEXT, AT(durable), .fallback = "hub",
     .help = "name under which the servers remember what was taken; hubs of one name share the buckets"},
    {.name = "buckets", .type = HZ_OPTION_PARSED, AT(buckets), .parse = parse_buckets,
     .size = sizeof(uint64_t), .expected = "numbers from 0 to 63 as in 0-31,40", .fallback = "0-63",
     .help = "those that this hub may take"},
    {.name = "hold", .type = HZ_OPTION_PARSED, AT(hold_ms), .parse = parse_short_time,
     .size = sizeof(uint64_t), .expected = "1ms to 60s, as in 1s or 250ms", .fallback = "1s",
     .help = "how long a message waits for the copies of other stations"},
    {.name = "clocks", .type = HZ_OPTION_PARSED, AT(apart_ms), .parse = parse_clocks,
     .size = sizeof(uint64_t), .expected = "1ms to 2s, as in 100ms", .fallback = "100ms",
     .help = "by how much the clocks of two stations may differ for copies of one transmission"},
    {0},
};
/* clang-format on */

const struct hz_input_kind hz_input_nats = {
    .kind = {.name = "nats",
             .title = "messages of many stations, from JetStream",
             .options = options,
             .size = sizeof(struct hz_conf_nats_input),
             .check = check},
    .ops = {.target = target, .open = open_hub, .close = close_hub, .status = status},
};
