/* What a source of samples tells, for fuzzing: blocks are checked, counted and let go. */
#ifndef HZ_FUZZ_DRAIN_H
#define HZ_FUZZ_DRAIN_H

#include "daemon/base/log.h"
#include "daemon/run/kinds.h"
#include "daemon/source/source.h"
#include "proto/registry.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct drain {
    bool started, ended, closed, answered;
    size_t blocks;
    uint64_t samples;
};

static inline void drain_started(void *ctx)
{
    ((struct drain *)ctx)->started = true;
}

static inline void drain_block(void *ctx, struct hz_block *b)
{
    struct drain *d = ctx;
    size_t bytes = b->n * hz_format_bytes(b->format);
    uint8_t sum = 0;
    if (d->ended || bytes > b->cap)
        abort();
    for (size_t i = 0; i < bytes; i++)
        sum ^= b->data[i]; /* every byte is there */
    d->blocks += 1 + (sum & 0);
    d->samples += b->n;
    d->answered = true;
    hz_block_unref(b);
}

static inline void drain_ended(void *ctx, int status, const char *reason)
{
    struct drain *d = ctx;
    if (d->ended || (status != 0 && !*reason))
        abort();
    d->ended = d->answered = true;
}

static inline void drain_tuned(void *ctx, int status, const char *reason)
{
    (void)ctx, (void)status, (void)reason;
}

static inline void drain_closed(void *ctx, int status)
{
    (void)status;
    ((struct drain *)ctx)->closed = true;
}

/* The first receiver of a configuration, which is never freed; NULL: the configuration has an
 * error. */
static inline struct hz_conf_receiver *drain_receiver(const char *text)
{
    static struct hz_registry decoders;
    static struct hz_config c; /* asked for once in a process */
    struct hz_conf_errors errors = {0};
    if (!decoders.list && hz_registry_init(&decoders) < 0)
        abort();
    const struct hz_conf_kinds kinds = hz_kinds_with(&decoders);
    int rc = hz_config_parse(&c, &kinds, "fuzz.conf", text, strlen(text), &errors);
    hz_conf_errors_done(&errors);
    return rc == 0 && c.n_receivers > 0 ? c.receivers[0] : NULL;
}

static const struct hz_source_events drain_events = {
    .started = drain_started, .block = drain_block, .ended = drain_ended, .tuned = drain_tuned};

#endif
