/* Channels with a squelch: the band strand steps their gates, and a channel has jobs only while it
 * is heard. What its decoder gets is what the down-converter gives that is fed by itself, sample by
 * sample, and it holds each burst that was sent. */
#include "proto/decoder.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RATE_HZ   1200000.0
#define CENTRE_HZ 160e6
#define STEP_HZ   9000.0 /* between channels */

enum {
    FRESH = 24000, /* samples a block of the band */
    TURN = 65536,  /* samples of a turn in these tests: 2.7 blocks of the band */
    TURNS = 40,
    LENGTH = TURN * TURNS,
    MOST = 128, /* channels */
    BURSTS = 60,
    RUNS = 600,
};

#include "channels_rig.h"

/* ---- what is on the air ----------------------------------------------------------------- */

struct burst {
    int channel;
    uint64_t first, end; /* samples */
};

struct air {
    uint8_t *iq; /* cu8 */
    struct burst burst[BURSTS];
};

static double offset_hz(int channel)
{
    return (channel - MOST / 2 + 0.5) * STEP_HZ;
}

static uint32_t next(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static void add_carrier(float *x, const struct burst *b)
{
    double step = 2 * M_PI * offset_hz(b->channel) / RATE_HZ;
    for (uint64_t i = b->first; i < b->end; i++) {
        x[2 * i] += 6 * cosf((float)fmod(step * (double)i, 2 * M_PI));
        x[2 * i + 1] += 6 * sinf((float)fmod(step * (double)i, 2 * M_PI));
    }
}

/* Bursts of 30 to 150 ms, five at a time, each on another channel. A third begins with a
 * block of the band, a third one sample before that. */
static void air_init(struct air *a)
{
    uint32_t seed = 5;
    float *x = calloc(2 * LENGTH, sizeof *x);
    *a = (struct air){.iq = malloc(2 * LENGTH)};
    for (int k = 0; k < BURSTS; k++) {
        uint64_t first = (uint64_t)(8 + k * 3 / 2) * FRESH;
        first += k % 3 == 0 ? 0 : k % 3 == 1 ? FRESH - 1 : next(&seed) % FRESH;
        a->burst[k] = (struct burst){.channel = k * 37 % MOST,
                                     .first = first,
                                     .end = first + FRESH * 3 / 2 + next(&seed) % (6 * FRESH)};
        cr_assert_lt(a->burst[k].end, LENGTH);
        add_carrier(x, &a->burst[k]);
    }
    for (size_t i = 0; i < 2 * (size_t)LENGTH; i++) {
        float noise = (float)(next(&seed) % 64) - 32 + (float)(next(&seed) % 64) - 32;
        a->iq[i] = (uint8_t)fminf(fmaxf(roundf(127.5f + x[i] + noise / 4), 0), 255);
    }
    free(x);
}

/* ---- a decoder that tells what it is given ----------------------------------------------- */

/* A run of samples without a break. */
struct heard {
    uint64_t channel, first, end, hash;
};

static void hear(struct heard *h, const struct hz_samples *s)
{
    const uint8_t *x = s->data;
    if (h->end == 0) {
        h->first = s->first;
        h->hash = 14695981039346656037u;
    }
    for (size_t i = 0; i < s->n * hz_format_bytes(s->format); i++)
        h->hash = (h->hash ^ x[i]) * 1099511628211u;
    h->end = s->first + s->n;
}

static int begin(void *state, const struct hz_setup *setup, char *err, size_t err_len)
{
    (void)err;
    (void)err_len;
    ((struct heard *)state)->channel = (uint64_t)llround(setup->freq_hz);
    return 0;
}

static void push(void *state, const struct hz_samples *s, struct hz_sink *sink)
{
    (void)sink;
    hear(state, s);
}

static void reset(void *state, struct hz_sink *sink)
{
    struct heard *h = state;
    struct hz_burst b = {.sample = h->first,
                         .end = h->end,
                         .offset_hz = NAN,
                         .raw = (const uint8_t *)h,
                         .raw_len = sizeof *h};
    if (h->end == 0)
        return;
    hz_sink_begin(sink, &b);
    hz_sink_end(sink);
    h->end = 0;
}

static void done(void *state)
{
    (void)state;
}

static const double freqs_hz[] = {160e6, 0};
static const struct hz_decoder listener = {
    .name = "listener",
    .title = "",
    .input = HZ_INPUT_BASEBAND,
    .rate_hz = 12000,
    .rate_min_hz = 12000,
    .rate_max_hz = 12000,
    .bandwidth_hz = 6000,
    .squelch_db = 9,
    .hang_s = 0.04f,
    .freqs_hz = freqs_hz,
    .state_size = sizeof(struct heard),
    .init = begin,
    .push = push,
    .reset = reset,
    .flush = reset,
    .done = done,
};

/* ---- what is to be heard: each channel by itself ----------------------------------------- */

struct log {
    struct heard run[RUNS];
    size_t n;
    float level_dbfs, noise_dbfs; /* at the end, of one channel */
};

static void log_run(struct log *l, const struct heard *h)
{
    cr_assert_lt(l->n, RUNS);
    l->run[l->n++] = *h;
}

struct alone {
    struct log *log;
    struct heard heard;
};

static void on_samples(void *ctx, const struct hz_samples *s)
{
    hear(&((struct alone *)ctx)->heard, s);
}

static void on_break(void *ctx)
{
    struct alone *a = ctx;
    if (a->heard.end != 0)
        log_run(a->log, &a->heard);
    a->heard.end = 0;
}

static struct hz_ddc_config how_of(int channel)
{
    return (struct hz_ddc_config){.offset_hz = offset_hz(channel),
                                  .rate_hz = listener.rate_hz,
                                  .bandwidth_hz = listener.bandwidth_hz,
                                  .squelch_db = listener.squelch_db,
                                  .hang_s = listener.hang_s};
}

/* From the first block of the band that begins at `from` or later. */
static void listen_alone(const struct air *a, int channel, uint64_t from, struct log *l)
{
    char err[200];
    struct hz_band *band = hz_band_new(RATE_HZ, err, sizeof err);
    struct hz_ddc_config how = how_of(channel);
    struct hz_gate gate;
    struct hz_ddc ddc;
    struct hz_spectrum x[2];
    struct alone alone = {.log = l,
                          .heard.channel = (uint64_t)llround(CENTRE_HZ + offset_hz(channel))};
    struct hz_ddc_output to = {&alone, on_samples, on_break};
    struct hz_samples in = {HZ_CU8, a->iq, LENGTH, 0};
    const struct hz_spectrum *before = NULL;
    cr_assert_eq(hz_gate_init(&gate, band, &how, err, sizeof err), 0, "%s", err);
    cr_assert_eq(hz_ddc_init(&ddc, band, &how, NULL, err, sizeof err), 0, "%s", err);
    cr_assert_eq(hz_spectrum_init(&x[0], band) | hz_spectrum_init(&x[1], band), 0);
    for (int i = 0; hz_band_push(band, &in, &x[i]) || hz_band_flush(band, &x[i]); i = !i) {
        if (x[i].block * FRESH < from)
            continue;
        struct hz_mark m = hz_gate_step(&gate, &x[i], hz_bins_power(&gate.bins, &x[i]));
        hz_ddc_push(&ddc, before, &x[i], &m, &to);
        l->level_dbfs = m.power_db;
        l->noise_dbfs = m.noise_db;
        before = &x[i];
    }
    on_break(&alone);
    hz_ddc_done(&ddc);
    hz_spectrum_done(&x[0]);
    hz_spectrum_done(&x[1]);
    hz_band_free(band);
}

/* ---- what the channels of a receiver hear ------------------------------------------------ */

struct rig {
    struct channels_rig of;
    struct log log;
};

static void on_frame(void *ctx, const struct hz_frame *f)
{
    struct rig *r = ctx;
    struct heard h;
    cr_assert_eq(f->rec.raw_len, sizeof h);
    memcpy(&h, f->rec.raw, sizeof h);
    log_run(&r->log, &h);
}

static void rig_start(struct rig *r, int workers, bool live)
{
    r->log = (struct log){0};
    rig_open(&r->of, workers, live);
    r->of.wants_all = true; /* so that levels are those of listen_alone, to the bit */
    hz_bus_tap(r->of.bus, on_frame, r);
}

static void add(struct rig *r, int channel)
{
    struct hz_conf_channel conf;
    char name[HZ_NAME_MAX + 1];
    snprintf(name, sizeof name, "c%d", channel);
    hz_conf_channel_init(&conf, name, &listener);
    conf.freq_hz = CENTRE_HZ + offset_hz(channel);
    cr_assert_eq(hz_channels_add(&r->of.channels, &conf), 0);
}

static int by_channel(const void *a, const void *b)
{
    const struct heard *x = a, *y = b;
    if (x->channel != y->channel)
        return x->channel < y->channel ? -1 : 1;
    return x->first < y->first ? -1 : x->first > y->first;
}

static void expect_same(struct log *got, struct log *want, const char *what)
{
    qsort(got->run, got->n, sizeof *got->run, by_channel);
    qsort(want->run, want->n, sizeof *want->run, by_channel);
    cr_expect_eq(got->n, want->n, "%s: %zu runs, expected %zu", what, got->n, want->n);
    for (size_t i = 0; i < got->n && i < want->n; i++) {
        const struct heard *g = &got->run[i], *w = &want->run[i];
        cr_assert(memcmp(g, w, sizeof *g) == 0,
                  "%s: %llu Hz heard samples %llu to %llu, expected %llu Hz, %llu to %llu", what,
                  (unsigned long long)g->channel, (unsigned long long)g->first,
                  (unsigned long long)g->end, (unsigned long long)w->channel,
                  (unsigned long long)w->first, (unsigned long long)w->end);
    }
}

/* Each burst lies in a run of its channel, which begins in the two blocks of the band before that
 * of its first sample, or with that one. */
static void expect_bursts(const struct air *a, const struct log *l, int step)
{
    double down = RATE_HZ / listener.rate_hz;
    for (int k = 0; k < BURSTS; k++) {
        const struct burst *b = &a->burst[k];
        bool held = b->channel % step != 0;
        for (size_t i = 0; i < l->n && !held; i++)
            held = l->run[i].channel == (uint64_t)llround(CENTRE_HZ + offset_hz(b->channel)) &&
                   (double)l->run[i].first * down <= (double)b->first &&
                   (double)l->run[i].first * down >= (double)b->first - 3 * FRESH &&
                   (double)l->run[i].end * down >= (double)b->end;
        cr_expect(held, "the burst of samples %llu to %llu is in no run of channel %d",
                  (unsigned long long)b->first, (unsigned long long)b->end, b->channel);
    }
}

/* Of all bursts, some open a gate in the first block of a batch, with the block before it in the
 * batch before, which the channel was done with. */
Test(gates, what_opens_is_heard_whatever_the_workers_and_blocks, .timeout = 120)
{
    static const struct {
        int workers, step;
        size_t block;
        bool live;
    } runs[] = {{1, 1, TURN, false},
                {3, 1, 10007, false},
                {2, 1, 1000, false},
                {2, 1, 16384, true},
                {1, 4, TURN, false}};
    struct air a;
    static struct log all, quarter;
    air_init(&a);
    for (int c = 0; c < MOST; c++) {
        listen_alone(&a, c, 0, &all);
        if (c % 4 == 0)
            listen_alone(&a, c, 0, &quarter);
    }
    expect_bursts(&a, &all, 1);
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        static struct rig r;
        char what[60];
        snprintf(what, sizeof what, "%d workers, blocks of %zu%s", runs[i].workers, runs[i].block,
                 runs[i].live ? ", live" : "");
        rig_start(&r, runs[i].workers, runs[i].live);
        for (int c = 0; c < MOST; c += runs[i].step)
            add(&r, c);
        rig_feed(&r.of, a.iq, 0, LENGTH, runs[i].block);
        rig_finish(&r.of);
        expect_same(&r.log, runs[i].step == 1 ? &all : &quarter, what);
        rig_close(&r.of);
    }
    free(a.iq);
}

/* The status of a channel that never had a job is that of its gate, in each batch. */
Test(gates, a_closed_channel_knows_its_level, .timeout = 60)
{
    struct air a;
    static struct rig r;
    static struct log alone;
    const int quiet = 100 * 37 % MOST; /* that of a burst after the last */
    air_init(&a);
    listen_alone(&a, quiet, 0, &alone);
    cr_assert_eq(alone.n, 0);
    rig_start(&r, 2, false);
    add(&r, quiet);
    rig_feed(&r.of, a.iq, 0, LENGTH / 2, TURN);
    rig_settle(&r.of);
    struct hz_channel_stats half = hz_channel_stats(r.of.channels.list[0]);
    cr_expect_eq(half.samples, LENGTH / 2);
    cr_expect_lt(half.level_dbfs, -20);
    cr_expect_lt(half.noise_dbfs, -20);
    rig_feed(&r.of, a.iq, LENGTH / 2, LENGTH, TURN);
    rig_finish(&r.of);
    struct hz_channel_stats s = hz_channel_stats(r.of.channels.list[0]);
    cr_expect_eq(s.samples, LENGTH);
    cr_expect_eq(s.cpu_ns, 0, "it had a job");
    cr_expect_eq(s.level_dbfs, alone.level_dbfs, "%g, expected %g", (double)s.level_dbfs,
                 (double)alone.level_dbfs);
    cr_expect_eq(s.noise_dbfs, alone.noise_dbfs);
    cr_expect_neq(s.level_dbfs, half.level_dbfs, "it is not measured any more");
    cr_expect_not(s.open);
    rig_close(&r.of);
    free(a.iq);
}

/* A channel comes in the midst of a burst, and hears the rest of it; another one goes in the midst
 * of its own. Nobody else notices. */
Test(gates, channels_come_and_go_in_mid_burst, .timeout = 60)
{
    struct air a;
    static struct rig r;
    static struct log others;
    air_init(&a);
    const struct burst *b = &a.burst[20], *gone = &a.burst[40];
    uint64_t comes = (b->first + b->end) / 2 / TURN * TURN,
             goes = (gone->first + gone->end) / 2 / TURN * TURN;
    cr_assert(comes > b->first && goes > gone->first, "the bursts are no test");
    for (int c = 0; c < MOST; c++) {
        if (c != b->channel && c != gone->channel)
            listen_alone(&a, c, 0, &others);
    }
    rig_start(&r, 2, false);
    for (int c = 0; c < MOST; c++) {
        if (c != b->channel)
            add(&r, c);
    }
    rig_feed(&r.of, a.iq, 0, comes, TURN);
    rig_settle(&r.of);
    add(&r, b->channel);
    rig_feed(&r.of, a.iq, comes, goes, TURN);
    rig_settle(&r.of);
    char name[HZ_NAME_MAX + 1];
    snprintf(name, sizeof name, "c%d", gone->channel);
    cr_assert_eq(hz_channels_remove(&r.of.channels, name), 0);
    rig_feed(&r.of, a.iq, goes, LENGTH, TURN);
    rig_finish(&r.of);

    struct log late = {0}, rest = {0};
    for (size_t i = 0; i < r.log.n; i++) {
        bool of_late = r.log.run[i].channel == (uint64_t)llround(CENTRE_HZ + offset_hz(b->channel));
        if (r.log.run[i].channel != (uint64_t)llround(CENTRE_HZ + offset_hz(gone->channel)))
            log_run(of_late ? &late : &rest, &r.log.run[i]);
    }
    expect_same(&rest, &others, "the others");
    cr_assert_geq(late.n, 1, "it did not hear the rest of the burst");
    double down = RATE_HZ / listener.rate_hz;
    cr_expect_leq((double)late.run[0].first * down, (double)comes + FRESH);
    cr_expect_geq((double)late.run[0].end * down, (double)b->end);
    rig_close(&r.of);
    free(a.iq);
}
