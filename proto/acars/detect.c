#include "proto/acars/detect.h"

#include "proto/acars/describe.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    HOP = HZ_ACARS_LOOK_STEP,
    BEFORE = HZ_ACARS_MEAN + 8,
    /* Where the sync ends that follows a pre-key seen in the hop, from the hop's first sample. */
    SYNC_FROM = 440,
    SYNC_TO = 1020,
    EDGE = 4 * HZ_ACARS_BIT,
    SYNC = SYNC_TO + HZ_ACARS_PULSE + 1, /* samples in which it is looked for */
    LONGEST = SYNC + HZ_ACARS_BITS * HZ_ACARS_BIT + 32,
    BEHIND = LONGEST + HZ_ACARS_MEAN,
    ROOM = BEFORE + 16 * HOP + BEHIND,
};

/* A sync explains so much of the audio's energy; noise does by 1 in 10^14. At 3 dB it is 0.4. */
static const float least_sync = 0.2f;

int hz_acars_detect_init(struct hz_acars_detect *d, bool audio)
{
    const struct hz_hops_shape shape = {
        .width = 2, .hop = HOP, .before = BEFORE, .behind = BEHIND, .room = ROOM};
    d->sums = malloc(2 * (LONGEST + 2 * HZ_ACARS_MEAN + 1) * sizeof *d->sums);
    d->audio = malloc(LONGEST * sizeof *d->audio);
    d->clean = malloc(2 * (LONGEST + 2 * HZ_ACARS_MEAN) * sizeof *d->clean);
    d->z = malloc(4 * (size_t)HZ_ACARS_BITS * sizeof *d->z);
    d->soft = malloc(HZ_ACARS_BITS * sizeof *d->soft);
    d->phased = audio ? malloc(2 * (size_t)HOP * sizeof *d->phased) : NULL;
    if (hz_hops_init(&d->hops, &shape) != 0 || hz_acars_gate_init(&d->gate) != 0 || !d->sums ||
        !d->audio || !d->clean || !d->z || !d->soft || (audio && !d->phased)) {
        hz_acars_detect_done(d);
        return -ENOMEM;
    }
    return 0;
}

void hz_acars_detect_done(struct hz_acars_detect *d)
{
    hz_hops_done(&d->hops);
    hz_acars_gate_done(&d->gate);
    free(d->sums);
    free(d->audio);
    free(d->clean);
    free(d->z);
    free(d->soft);
    free(d->phased);
    d->sums = NULL;
    d->audio = d->clean = d->z = d->soft = d->phased = NULL;
}

/* Writes the block that began at the start, `at` samples behind the hop's begin. */
static void tell(struct hz_acars_detect *d, const struct hz_acars_found *found,
                 const struct hz_acars_start *start, double freq, struct hz_sink *sink)
{
    struct hz_acars_block block;
    uint8_t raw[HZ_ACARS_BYTES];
    uint64_t at = d->hops.next + start->at - BEFORE; /* the stream's own index */
    uint64_t bits = 8 * (found->len + HZ_ACARS_TAIL);
    if (hz_acars_parse(found->bytes, found->len, &block) != (int)found->len) {
        hz_sink_refuse(sink, HZ_SANITY);
        return;
    }
    for (size_t i = 0; i < found->len; i++)
        raw[i] = found->bytes[i] & 0x7f;
    struct hz_burst burst = {.sample = at - (HZ_ACARS_KNOWN - 1) * HZ_ACARS_BIT,
                             .end = at + bits * HZ_ACARS_BIT,
                             .rssi_dbfs = NAN,
                             .noise_dbfs = NAN,
                             .snr_db = NAN,
                             .offset_hz = (float)(freq * HZ_ACARS_RATE_HZ),
                             .fixed_bits = found->fixed,
                             .raw = raw,
                             .raw_len = found->len};
    struct hz_acars_joined joined =
        hz_acars_join_block(&d->join, &block, (int64_t)(at * 1000 / HZ_ACARS_RATE_HZ));
    hz_acars_describe(&block, &joined, found, hz_sink_begin(sink, &burst));
    hz_sink_end(sink);
}

/* Decodes the block behind a sync, in one way after the other. Returns the sample, from the hop's
 * begin, up to which it reaches. */
static size_t decode(struct hz_acars_detect *d, const float *iq, double freq,
                     const struct hz_acars_start *sync, struct hz_sink *sink)
{
    struct hz_acars_found found;
    enum hz_acars_verdict verdict = HZ_ACARS_NO_END;
    hz_acars_blank(iq, LONGEST, d->sums, d->clean);
    for (enum hz_acars_way way = 0; way < HZ_ACARS_WAYS; way++) {
        hz_acars_audio(d->clean, LONGEST, freq, way, d->sums, d->audio);
        struct hz_acars_start start = *sync;
        if (way != HZ_ACARS_STEADY)
            start = hz_acars_sync(d->audio, sync->at - 3, sync->at + 4, d->z);
        hz_acars_bits(d->audio, LONGEST, &start, HZ_ACARS_BITS, d->z, d->soft);
        enum hz_acars_verdict now =
            hz_acars_repair(d->soft, HZ_ACARS_BITS, way != HZ_ACARS_ENVELOPE, &found);
        if (now == HZ_ACARS_FOUND) {
            tell(d, &found, &start, freq, sink);
            return start.at + 8 * (found.len + HZ_ACARS_TAIL) * HZ_ACARS_BIT;
        }
        verdict = now == HZ_ACARS_BAD_CRC ? now : verdict;
    }
    const uint64_t at = d->hops.next + sync->at - BEFORE, shortest = 13 * 8; /* bits of a block */
    if (verdict == HZ_ACARS_BAD_CRC)
        hz_sink_fail(sink, at, at + shortest * HZ_ACARS_BIT);
    else
        hz_sink_refuse(sink, HZ_TOO_SHORT);
    return sync->at + HZ_ACARS_BIT;
}

/* Works on one hop: all samples that a block may need whose pre-key is in it are in memory. */
static void hop(struct hz_acars_detect *d, struct hz_sink *sink)
{
    const float *iq = hz_hops_at(&d->hops, d->hops.next);
    double freq;
    uint64_t from = d->hops.next + SYNC_FROM;
    from = from < d->after ? d->after : from;
    if (from < d->hops.next + SYNC_TO && hz_acars_gate_open(&d->gate, iq, &freq)) {
        hz_acars_blank(iq, SYNC, d->sums, d->clean);
        hz_acars_audio(d->clean, SYNC, freq, HZ_ACARS_STEADY, d->sums, d->audio);
        struct hz_acars_start sync =
            hz_acars_sync(d->audio, (size_t)(from - d->hops.next), SYNC_TO, d->z);
        /* the next hop sees what is behind the end better */
        if (sync.fraction > least_sync && sync.at + EDGE < SYNC_TO)
            d->after = d->hops.next + decode(d, iq, freq, &sync, sink);
    }
    d->hops.next += HOP;
}

static void push(struct hz_acars_detect *d, struct hz_samples in, struct hz_sink *sink)
{
    if (in.n > 0 && !hz_hops_continue(&d->hops, &in)) {
        hz_acars_detect_flush(d, sink);
        hz_hops_begin(&d->hops, in.first);
        d->after = 0;
    }
    while (hz_hops_push(&d->hops, &in))
        hop(d, sink);
}

void hz_acars_detect_push(struct hz_acars_detect *d, const struct hz_samples *samples,
                          struct hz_sink *sink)
{
    const float *audio = samples->data;
    if (!d->phased) {
        push(d, *samples, sink);
        return;
    }
    /* audio as what a carrier at 0 Hz is modulated with: any level will do */
    for (size_t i = 0; i < samples->n; i += HOP) {
        size_t n = samples->n - i < HOP ? samples->n - i : HOP;
        for (size_t k = 0; k < n; k++) {
            d->phased[2 * k] = 1 + audio[i + k];
            d->phased[2 * k + 1] = 0;
        }
        push(d, (struct hz_samples){HZ_CF32, d->phased, n, samples->first + i}, sink);
    }
}

void hz_acars_detect_flush(struct hz_acars_detect *d, struct hz_sink *sink)
{
    if (d->hops.held == 0)
        return;
    uint64_t end = hz_hops_end(&d->hops) + BEFORE;
    while (hz_hops_drain(&d->hops, end))
        hop(d, sink);
    d->hops.held = 0;
}
