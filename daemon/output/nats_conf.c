#include "daemon/output/nats_conf.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

void hz_nats_station(const struct hz_conf_nats *c, char token[HZ_NATS_STATION_MAX + 1])
{
    char host[256] = "";
    if (!*c->station && gethostname(host, sizeof host - 1) != 0)
        snprintf(host, sizeof host, "hertzd");
    hz_nats_token(*c->station ? c->station : host, token, HZ_NATS_STATION_MAX + 1);
}

static void make_target(struct hz_conf_nats *o)
{
    char servers[160], station[HZ_NATS_STATION_MAX + 1];
    hz_nats_target(o->nats.url, servers, sizeof servers);
    hz_nats_station(o, station);
    snprintf(o->target, sizeof o->target, "%s hertzd.%s", servers, station);
}

static void check_spool(const struct hz_check *c, const struct hz_conf_nats *o)
{
    const struct hz_config *config = hz_check_config(c);
    for (size_t i = 0; *o->spool && i < hz_check_index(c); i++) {
        const struct hz_conf_nats *other = (const struct hz_conf_nats *)config->outputs[i];
        if (other->link.output.kind == o->link.output.kind && other->spool &&
            strcmp(other->spool, o->spool) == 0)
            hz_check_error(c, "spool", "spool = '%s' is that of [output %s]; each needs its own",
                           o->spool, other->link.output.name);
    }
    if (!*o->spool && hz_check_gave(c, "spool_max"))
        hz_check_error(c, "spool_max", "spool_max without spool; expected spool = FOLDER too");
}

static void nats_check(const struct hz_check *c, void *item)
{
    struct hz_conf_nats *o = item;
    char token[256];
    hz_link_check(c, item);
    hz_nats_check(c, &o->nats);
    hz_nats_token(o->stream, token, sizeof token);
    if (!*o->stream || strcmp(token, o->stream) != 0)
        hz_check_error(c, "stream", "stream = '%s'; expected letters, digits, - and _", o->stream);
    if (hz_check_gave(c, "station")) {
        hz_nats_token(o->station, token, sizeof token);
        if (strcmp(token, o->station) != 0 || strlen(token) > HZ_NATS_STATION_MAX)
            hz_check_error(c, "station",
                           "station = '%s'; expected letters, digits, - and _, %d at most",
                           o->station, HZ_NATS_STATION_MAX);
    }
    check_spool(c, o);
    make_target(o);
}

static const char *nats_target(const struct hz_conf_output *section)
{
    return ((const struct hz_conf_nats *)section)->target;
}

static const struct hz_option options[] = {
    HZ_NATS_KEYS(struct hz_conf_nats, nats),
    {.name = "stream",
     .type = HZ_OPTION_TEXT,
     .at = offsetof(struct hz_conf_nats, stream),
     .fallback = "hertzd",
     .help = "the JetStream stream that takes the messages"},
    {.name = "station",
     .type = HZ_OPTION_TEXT,
     .at = offsetof(struct hz_conf_nats, station),
     .example = "roof",
     .help = "this station, in the subjects hertzd.STATION.PROTOCOL.BUCKET; default: the host's "
             "name"},
    {.name = "create",
     .type = HZ_OPTION_YES,
     .at = offsetof(struct hz_conf_nats, create),
     .fallback = "no",
     .help = "make the stream if it is missing, with the next three keys; an existing one is left "
             "as it is"},
    {.name = "replicas",
     .type = HZ_OPTION_COUNT,
     .at = offsetof(struct hz_conf_nats, replicas),
     .min = 1,
     .max = 5,
     .fallback = "1",
     .help = "of the stream that is made: servers of the cluster that keep a copy"},
    {.name = "max_bytes",
     .type = HZ_OPTION_PARSED,
     .at = offsetof(struct hz_conf_nats, max_bytes),
     .parse = hz_parse_quota,
     .size = sizeof(uint64_t),
     .expected = "1M to 1000T",
     .example = "10G",
     .help = "of the stream that is made: its oldest messages are deleted above it; default: no "
             "limit"},
    {.name = "duplicates",
     .type = HZ_OPTION_PARSED,
     .at = offsetof(struct hz_conf_nats, duplicates_s),
     .parse = hz_parse_history_time,
     .size = sizeof(uint64_t),
     .expected = "1s to 7d with the unit s, m, h or d, as in 2m",
     .fallback = "2m",
     .help = "of the stream that is made: for how long it recognises what it has already"},
    {.name = "spool",
     .type = HZ_OPTION_TEXT,
     .at = offsetof(struct hz_conf_nats, spool),
     .example = "/var/lib/hertzd/nats",
     .help = "a folder for what cannot be sent now; default: none, then it waits in memory "
             "(`history`)"},
    {.name = "spool_max",
     .type = HZ_OPTION_PARSED,
     .at = offsetof(struct hz_conf_nats, spool_bytes),
     .parse = hz_parse_quota,
     .size = sizeof(uint64_t),
     .expected = "1M to 1000T",
     .fallback = "256M",
     .help = "of disk that it may take; above it the oldest messages are dropped and counted"},
    HZ_KEY_FORMAT,
    HZ_KEY_KIND,
    HZ_KEY_MAX_AGE,
    {0},
};

const struct hz_output_kind hz_output_nats = {
    .kind = {.name = "nats",
             .title = "messages into a stream of NATS JetStream",
             .options = options,
             .size = sizeof(struct hz_conf_nats),
             .check = nats_check},
    .target = nats_target,
    .carrier = &hz_nats_carrier,
};
