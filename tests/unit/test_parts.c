/* Channels that lie close together have spectra of a part of the band. When that is not enough any
 * more, and when it is again, the band changes in the middle of the stream: samples go on without a
 * break, and squelches open where they would have. */
#include "proto/decoder.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RATE_HZ   1200000.0
#define CENTRE_HZ 160e6
#define NEAR_HZ   25000.0  /* of two channels, to either side of the centre */
#define FAR_HZ    450000.0 /* of a third one */

enum {
    FRESH = 24000, /* samples of a block of the band */
    TURN = 65536,
    TURNS = 48,
    LENGTH = TURN * TURNS,
    DOWN = 100,                          /* to the rate of a channel */
    HEARD = (LENGTH + 2 * FRESH) / DOWN, /* the last block of the band ends later */
    RUNS = 64,
};

#include "channels_rig.h"

/* ---- a decoder that keeps what it hears -------------------------------------------------- */

struct run {
    uint64_t first, end;
};

struct tape {
    float x[2 * HEARD]; /* by sample index */
    struct run run[RUNS];
    size_t n;
    _Atomic uint64_t heard; /* samples up to here were heard */
};

/* Of the channels below, at and above the centre. */
struct tapes {
    struct tape of[3];
};

static struct tapes *tapes; /* where decoders write now */

struct listener {
    struct tape *tape;
    struct run run;
};

static int begin(void *state, const struct hz_setup *setup, char *err, size_t err_len)
{
    struct listener *l = state;
    double offset = setup->freq_hz - CENTRE_HZ;
    (void)err;
    (void)err_len;
    l->tape = &tapes->of[offset < 0 ? 0 : offset < 2 * NEAR_HZ ? 1 : 2];
    return 0;
}

static void push(void *state, const struct hz_samples *s, struct hz_sink *sink)
{
    struct listener *l = state;
    (void)sink;
    if (l->run.end == 0)
        l->run.first = l->run.end = s->first;
    cr_assert_eq(s->first, l->run.end, "a hole in a run");
    cr_assert_leq(s->first + s->n, HEARD);
    memcpy(l->tape->x + 2 * s->first, s->data, s->n * 2 * sizeof(float));
    l->run.end += s->n;
    atomic_store(&l->tape->heard, l->run.end);
}

static void reset(void *state, struct hz_sink *sink)
{
    struct listener *l = state;
    (void)sink;
    if (l->run.end == 0)
        return;
    cr_assert_lt(l->tape->n, RUNS);
    l->tape->run[l->tape->n++] = l->run;
    l->run.end = 0;
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
    .rate_hz = RATE_HZ / DOWN,
    .rate_min_hz = RATE_HZ / DOWN,
    .rate_max_hz = RATE_HZ / DOWN,
    .bandwidth_hz = 6000,
    .hang_s = 0.04f,
    .freqs_hz = freqs_hz,
    .state_size = sizeof(struct listener),
    .init = begin,
    .push = push,
    .reset = reset,
    .flush = reset,
    .done = done,
};

/* ---- what is on the air ----------------------------------------------------------------- */

static uint32_t next(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

struct air {
    uint8_t *iq;
    struct run burst[RUNS]; /* samples of the receiver; burst k is on channel k % 3 */
    size_t n;
};

/* Each channel in turn has a carrier whose frequency swings. The borders of blocks of the band are
 * among those at which one begins. */
static void air_init(struct air *a)
{
    static const double offsets[] = {-NEAR_HZ, NEAR_HZ, FAR_HZ};
    uint32_t seed = 7;
    double phase = 0;
    *a = (struct air){.iq = malloc(2 * LENGTH)};
    for (uint64_t i = 0, until = 0; i < LENGTH; i++) {
        if (i == until) {
            until += 2 * FRESH + (next(&seed) % 2 ? 0 : next(&seed) % FRESH);
            cr_assert_lt(a->n, RUNS);
            a->burst[a->n++] = (struct run){i, until < LENGTH ? until : LENGTH};
        }
        phase += 2 * M_PI * (offsets[(a->n - 1) % 3] + 1500 * sin((double)i * 2e-4)) / RATE_HZ;
        phase -= phase > M_PI ? 2 * M_PI : 0;
        float noise[2];
        for (int k = 0; k < 2; k++)
            noise[k] = ((float)(next(&seed) % 64) + (float)(next(&seed) % 64) - 63) / 4;
        a->iq[2 * i] = (uint8_t)lroundf(127.5f + noise[0] + 8 * (float)cos(phase));
        a->iq[2 * i + 1] = (uint8_t)lroundf(127.5f + noise[1] + 8 * (float)sin(phase));
    }
}

/* ---- what channels hear of it ----------------------------------------------------------- */

struct rig {
    struct channels_rig of;
    const uint8_t *iq;
};

static void rig_start(struct rig *r, const uint8_t *iq, struct tapes *to, int workers, bool live)
{
    memset(to, 0, sizeof *to);
    tapes = to;
    r->iq = iq;
    rig_open(&r->of, workers, live);
}

static void add(struct rig *r, const char *name, double offset_hz, double squelch_db)
{
    struct hz_conf_channel conf;
    hz_conf_channel_init(&conf, name, &listener);
    conf.freq_hz = CENTRE_HZ + offset_hz;
    conf.squelch_db = squelch_db;
    cr_assert_eq(hz_channels_add(&r->of.channels, &conf), 0);
}

/* The turns from `from` up to `to`, in blocks. */
static void feed(struct rig *r, size_t from, size_t to, size_t block)
{
    rig_feed(&r->of, r->iq, from * TURN, to * TURN, block);
}

/* Until a channel has heard its samples up to `end`. */
static void wait_heard(struct rig *r, struct tape *t, uint64_t end)
{
    while (atomic_load(&t->heard) < end)
        uv_run(&r->of.loop, UV_RUN_ONCE);
}

static double spectra_rate(const struct rig *r)
{
    return hz_band_strand_stats(r->of.channels.band).rate_hz;
}

/* Returns how often the band has changed. */
static uint64_t rig_end(struct rig *r)
{
    rig_finish(&r->of);
    uint64_t changes = hz_band_strand_stats(r->of.channels.band).changes;
    rig_close(&r->of);
    return changes;
}

/* What one whole band gives from the start to the end. */
static void hear_whole(const uint8_t *iq, double squelch_db, struct tapes *to)
{
    static struct rig r;
    rig_start(&r, iq, to, 1, false);
    r.of.wants_all = true;
    add(&r, "low", -NEAR_HZ, squelch_db);
    add(&r, "high", NEAR_HZ, squelch_db);
    add(&r, "far", FAR_HZ, squelch_db);
    feed(&r, 0, TURNS, TURN);
    cr_expect_eq(spectra_rate(&r), RATE_HZ);
    cr_expect_eq(rig_end(&r), 0);
}

/* Both have the same samples there, 65 dB under their power at least. (In part: those of the two
 * bands differ by 75 dB of the strongest of the band.) */
static void expect_samples(const struct tape *a, const struct tape *b, struct run of)
{
    double power = 0, error = 0;
    for (uint64_t i = 2 * of.first; i < 2 * of.end; i++) {
        double d = (double)(a->x[i] - b->x[i]);
        power += (double)a->x[i] * (double)a->x[i];
        error += d * d;
    }
    cr_expect(power > 0 && error < 3e-7 * power, "samples %llu to %llu: %.1f dB",
              (unsigned long long)of.first, (unsigned long long)of.end, 10 * log10(error / power));
}

/* The bursts of a channel are heard from their first sample to their last. */
static void expect_bursts(const struct air *a, size_t channel, const struct tape *got,
                          const struct tape *want)
{
    cr_expect_eq(got->n, want->n, "%zu runs, expected %zu", got->n, want->n);
    for (size_t k = channel; k < a->n; k += 3) {
        struct run of = {a->burst[k].first / DOWN, a->burst[k].end / DOWN};
        bool held = false;
        for (size_t i = 0; i < got->n; i++)
            held = held || (got->run[i].first <= of.first && got->run[i].end >= of.end);
        cr_expect(held, "samples %llu to %llu are in no run", (unsigned long long)of.first,
                  (unsigned long long)of.end);
        expect_samples(got, want, of);
    }
}

/* Ways to run a stream. */
static const struct {
    int workers;
    size_t block;
    bool live;
} ways[] = {{1, TURN, false}, {3, 1000, false}, {2, 16384, true}};

/* A third channel far away comes, and goes again. */
Test(parts, a_channel_far_away_changes_the_band_without_a_gap, .timeout = 120)
{
    const uint64_t far_end = 22 * TURN / DOWN;
    static struct tapes want, got;
    struct air a;
    air_init(&a);
    hear_whole(a.iq, 0, &want);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        static struct rig r;
        rig_start(&r, a.iq, &got, ways[i].workers, ways[i].live);
        add(&r, "low", -NEAR_HZ, 0);
        add(&r, "high", NEAR_HZ, 0);
        feed(&r, 0, 12, ways[i].block);
        cr_expect_leq(spectra_rate(&r), RATE_HZ / 4);
        add(&r, "far", FAR_HZ, 0);
        feed(&r, 12, 30, ways[i].block);
        cr_expect_eq(spectra_rate(&r), RATE_HZ);
        wait_heard(&r, &got.of[2],
                   far_end); /* what waits for a channel when it goes is not heard */
        cr_assert_eq(hz_channels_remove(&r.of.channels, "far"), 0);
        feed(&r, 30, TURNS, ways[i].block);
        cr_expect_leq(spectra_rate(&r), RATE_HZ / 4);
        cr_expect_eq(rig_end(&r), 2);
        for (size_t c = 0; c < 2; c++) {
            cr_assert_eq(got.of[c].n, 1, "samples are missing");
            cr_expect_eq(got.of[c].run[0].first, want.of[c].run[0].first);
            cr_expect_eq(got.of[c].run[0].end, want.of[c].run[0].end);
            expect_samples(&got.of[c], &want.of[c], want.of[c].run[0]);
        }
        expect_samples(&got.of[2], &want.of[2], (struct run){16 * TURN / DOWN, far_end});
    }
    free(a.iq);
}

/* Each 220 ms to the whole band or back, while squelches open and close: what opens in the first
 * block of another band is heard from the block before, too. */
Test(parts, squelches_open_as_in_one_band, .timeout = 120)
{
    static struct tapes want, got;
    struct air a;
    air_init(&a);
    hear_whole(a.iq, 9, &want);
    cr_assert_gt(want.of[0].n, 10);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        static struct rig r;
        rig_start(&r, a.iq, &got, ways[i].workers, ways[i].live);
        add(&r, "low", -NEAR_HZ, 9);
        add(&r, "high", NEAR_HZ, 9);
        for (size_t t = 0; t < TURNS; t += 4) {
            r.of.wants_all = !r.of.wants_all;
            feed(&r, t, t + 4, ways[i].block);
        }
        uint64_t changes = rig_end(&r);
        cr_expect_geq(changes, 9, "%llu changes", (unsigned long long)changes);
        for (size_t c = 0; c < 2; c++)
            expect_bursts(&a, c, &got.of[c], &want.of[c]);
    }
    free(a.iq);
}
