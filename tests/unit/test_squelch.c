#include "dsp/squelch.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define BINS 313 /* 12.5 kHz */

static uint64_t seed;

static float uniform(void)
{
    seed += 0x9e3779b97f4a7c15u;
    uint64_t z = seed;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (float)((z ^ (z >> 31)) >> 40) / (1 << 24) - 0.5f;
}

/* Real samples through a real band: noise of power 1/6 at 240 kHz, and `amplitude` of a tone at
 * +50 kHz from sample `from` on for `length`, once in every `period`. */
struct air {
    struct hz_band *band;
    struct hz_spectrum x;
    struct hz_slice *slice;
    struct hz_squelch squelch;
    uint64_t n, from, length, period;
    float amplitude, gain;
};

static void air_init(struct air *a, float width, float open_db)
{
    char err[200];
    *a = (struct air){.band = hz_band_new(240000, err, sizeof err), .period = 1, .gain = 1};
    a->slice = hz_slice_new(a->band, 50000, 48000, width, err, sizeof err);
    cr_assert(a->slice, "%s", err);
    cr_assert_eq(hz_spectrum_init(&a->x, a->band), 0);
    hz_squelch_init(&a->squelch, hz_slice_bins(a->slice)->n, open_db, 2, false);
    seed = 42;
}

static void air_done(struct air *a)
{
    hz_slice_free(a->slice);
    hz_spectrum_done(&a->x);
    hz_band_free(a->band);
}

static enum hz_squelch_state air_block(struct air *a)
{
    float in[2 * 4800];
    for (size_t i = 0; i < 4800; i++, a->n++) {
        float s = a->n % a->period - a->from < a->length ? a->amplitude : 0;
        float phase = (float)(a->n * 5 % 24) * (float)(2 * M_PI / 24); /* 50 kHz */
        in[2 * i] = a->gain * (uniform() + s * cosf(phase));
        in[2 * i + 1] = a->gain * (uniform() + s * sinf(phase));
    }
    struct hz_samples run = {HZ_CF32, in, 4800, a->n - 4800};
    cr_assert(hz_band_push(a->band, &run, &a->x));
    return hz_squelch_push(&a->squelch, a->x.block, hz_bins_power(hz_slice_bins(a->slice), &a->x),
                           a->x.noise * (float)hz_slice_bins(a->slice)->n);
}

Test(squelch, stays_shut_on_noise)
{
    static const float widths[] = {6000, 12500, 25000};
    for (size_t w = 0; w < 3; w++) {
        struct air a;
        air_init(&a, widths[w], 0);
        int open = 0;
        for (int i = 0; i < 2000; i++)
            open += air_block(&a) != HZ_SQUELCH_CLOSED;
        cr_expect_leq(open, 8, "%g Hz: open in %d of 2000 blocks", widths[w], open);
        cr_expect_lt(fabsf(a.squelch.power_db - a.squelch.noise_db), 1);
        air_done(&a);
    }
}

Test(squelch, loses_no_head_of_a_weak_burst)
{
    /* bursts of 27 ms at 0 dB in 25 kHz, each beginning elsewhere in a block */
    struct air a;
    air_init(&a, 25000, 0);
    a.period = 4800 * 20 + 331;
    a.from = 4800 * 10;
    a.length = 6480;
    a.amplitude = sqrtf(25000.0f / 240000 / 6);
    for (int i = 0; i < 5; i++)
        air_block(&a);
    int heard = 0, bursts = 0;
    uint64_t last_open = 0;
    for (int i = 5; i < 20 * 60; i++) {
        enum hz_squelch_state s = air_block(&a);
        uint64_t begin = (a.n - 1) / a.period * a.period + a.from;
        if (s == HZ_SQUELCH_OPENS)
            last_open = (a.x.block - 1) * 4800;
        /* the block in which the burst ends */
        if (a.n - 4800 < begin + a.length && a.n >= begin + a.length) {
            bursts++;
            heard += a.squelch.open && last_open <= begin;
        }
    }
    cr_expect_gt(bursts, 50);
    cr_expect_eq(heard, bursts, "%d of %d bursts whole", heard, bursts);
    air_done(&a);
}

Test(squelch, follows_the_gain)
{
    struct air a;
    air_init(&a, 12500, 0);
    int open = 0;
    for (int i = 0; i < 400; i++) {
        a.gain = i / 100 % 2 ? 4 : 1;
        open += air_block(&a) != HZ_SQUELCH_CLOSED;
    }
    cr_expect_leq(open, 4, "open in %d blocks", open);
    air_done(&a);
}

Test(squelch, measures_level_and_noise)
{
    struct air a;
    air_init(&a, 12500, 6);
    for (int i = 0; i < 100; i++)
        air_block(&a);
    float noise = 10 * log10f(12500.0f / 240000 / 6);
    cr_expect_lt(fabsf(a.squelch.noise_db - noise), 0.5, "%g", a.squelch.noise_db);
    a.length = 1;
    a.amplitude = 0.5f;
    air_block(&a);
    cr_expect_eq(air_block(&a), HZ_SQUELCH_OPEN);
    cr_expect_lt(fabsf(a.squelch.power_db + 6.02f), 0.5, "%g", a.squelch.power_db);
    cr_expect_lt(fabsf(a.squelch.noise_db - noise), 0.5, "%g", a.squelch.noise_db);
    air_done(&a);
}

static float power(float db)
{
    return powf(10, db / 10);
}

Test(squelch, opens_hangs_and_closes)
{
    struct hz_squelch q;
    hz_squelch_init(&q, BINS, 6, 2, false);
    static const struct {
        float over;
        enum hz_squelch_state want;
    } steps[] = {
        {0, HZ_SQUELCH_CLOSED}, {5, HZ_SQUELCH_CLOSED}, {9, HZ_SQUELCH_OPENS},
        {4, HZ_SQUELCH_OPEN},   {0, HZ_SQUELCH_OPEN},   {0, HZ_SQUELCH_OPEN},
        {4, HZ_SQUELCH_OPEN},   {0, HZ_SQUELCH_OPEN},   {0, HZ_SQUELCH_OPEN},
        {0, HZ_SQUELCH_CLOSES}, {0, HZ_SQUELCH_CLOSED}, {9, HZ_SQUELCH_OPENS},
    };
    uint64_t block = 7;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        cr_expect_eq(hz_squelch_push(&q, block++, power(steps[i].over - 50), power(-50)),
                     steps[i].want, "step %zu", i);
    cr_expect_eq(hz_squelch_push(&q, block + 5, power(-41), power(-50)), HZ_SQUELCH_CLOSES,
                 "a gap");
    cr_expect_eq(hz_squelch_push(&q, block + 5, power(-41), power(-50)), HZ_SQUELCH_OPENS);
}

Test(squelch, keeps_a_carrier_that_was_there_first)
{
    struct hz_squelch q;
    hz_squelch_init(&q, BINS, 6, 2, false);
    cr_expect_eq(hz_squelch_push(&q, 0, power(-35), power(-50)), HZ_SQUELCH_OPENS);
    for (uint64_t b = 1; b < 50 * 600; b++)
        cr_assert_eq(hz_squelch_push(&q, b, power(-35), power(-50)), HZ_SQUELCH_OPEN, "block %zu",
                     (size_t)b);
}

Test(squelch, finds_a_floor_over_the_band_s)
{
    struct hz_squelch q;
    hz_squelch_init(&q, BINS, 0, 2, false);
    uint64_t b = 0;
    while (hz_squelch_push(&q, b++, power(-47), power(-50)) != HZ_SQUELCH_CLOSES)
        cr_assert_lt(b, 50 * 15);
    for (; b < 50 * 20; b++)
        hz_squelch_push(&q, b, power(-47), power(-50));
    cr_expect_not(q.open);
    cr_expect_lt(fabsf(q.noise_db + 47), 0.3f, "%g", q.noise_db);
}

Test(squelch, can_be_left_open)
{
    struct hz_squelch q;
    hz_squelch_init(&q, BINS, 6, 2, true);
    cr_expect_eq(hz_squelch_push(&q, 0, power(-50), power(-50)), HZ_SQUELCH_OPENS);
    for (uint64_t b = 1; b < 100; b++)
        cr_expect_eq(hz_squelch_push(&q, b, power(-50), power(-50)), HZ_SQUELCH_OPEN);
}

#define SCENE_HZ     162.4e6
#define SCENE_RATE   2400000.0
#define SCENE_BLOCKS 160

static FILE *open_scene(const char *ending)
{
    const char *shared = getenv("HZ_SHARED");
    char path[512];
    snprintf(path, sizeof path, "%s/lab/scene_162.4M_2400k.%s", shared ? shared : "../shared",
             ending);
    FILE *f = fopen(path, "rb");
    if (!f)
        cr_skip_test("needs ../shared: %s", path);
    return f;
}

/* The blocks of the scene that a channel runs. */
static size_t run_scene(double offset, double width, bool ran[SCENE_BLOCKS])
{
    char err[200];
    struct hz_band *band = hz_band_new(SCENE_RATE, err, sizeof err);
    struct hz_slice *slice =
        hz_slice_new(band, offset, hz_slice_rate_min(width), width, err, sizeof err);
    struct hz_spectrum x;
    struct hz_squelch q;
    cr_assert(slice && !hz_spectrum_init(&x, band), "%s", err);
    hz_squelch_init(&q, hz_slice_bins(slice)->n, 0, 2, false);
    FILE *f = open_scene("cu8");
    static uint8_t raw[96000];
    uint64_t first = 0;
    size_t n, count = 0;
    while ((n = fread(raw, 2, 48000, f)) > 0) {
        struct hz_samples in = {HZ_CU8, raw, n, first};
        first += n;
        while (hz_band_push(band, &in, &x)) {
            float noise = x.noise * (float)hz_slice_bins(slice)->n;
            enum hz_squelch_state s =
                hz_squelch_push(&q, x.block, hz_bins_power(hz_slice_bins(slice), &x), noise);
            cr_assert_lt(x.block, SCENE_BLOCKS);
            if (s == HZ_SQUELCH_OPENS && x.block > 0)
                ran[x.block - 1] = true;
            ran[x.block] = s == HZ_SQUELCH_OPENS || s == HZ_SQUELCH_OPEN;
        }
    }
    for (size_t b = 0; b < SCENE_BLOCKS; b++)
        count += ran[b];
    fclose(f);
    hz_spectrum_done(&x);
    hz_slice_free(slice);
    hz_band_free(band);
    return count;
}

/* Every block that holds a part of a burst of that channel is run. */
static int check_bursts(double freq, const bool ran[SCENE_BLOCKS])
{
    FILE *f = open_scene("jsonl");
    static char text[8192];
    int bursts = 0;
    while (fgets(text, sizeof text, f)) {
        cJSON *o = cJSON_Parse(text);
        cr_assert(o);
        double t = cJSON_GetObjectItem(o, "t")->valuedouble;
        double end = cJSON_GetObjectItem(o, "end")->valuedouble;
        if (cJSON_GetObjectItem(o, "freq")->valuedouble == freq) {
            for (int b = (int)(t * 50); b <= (int)(end * 50 - 1e-6); b++)
                cr_expect(ran[b], "%g MHz: burst of %g to %g s not run in block %d", freq / 1e6, t,
                          end, b);
            bursts++;
        }
        cJSON_Delete(o);
    }
    fclose(f);
    return bursts;
}

Test(squelch, runs_every_burst_of_a_band_and_nothing_else)
{
    static const struct {
        double freq, width;
    } channels[] = {{161.5e6, 25000}, {161.725e6, 8330}, {161.975e6, 25000}, {162.025e6, 25000},
                    {162.4e6, 12500}, {162.75e6, 12500}, {163.0e6, 12500},   {163.2e6, 25000}};
    int bursts = 0;
    for (size_t c = 0; c < sizeof channels / sizeof *channels; c++) {
        bool ran[SCENE_BLOCKS] = {false};
        run_scene(channels[c].freq - SCENE_HZ, channels[c].width, ran);
        bursts += check_bursts(channels[c].freq, ran);
    }
    cr_expect_eq(bursts, 107);
    static const double empty[] = {161.3e6, 161.6e6, 162.2e6, 163.4e6};
    for (size_t c = 0; c < sizeof empty / sizeof *empty; c++) {
        bool ran[SCENE_BLOCKS] = {false};
        size_t n = run_scene(empty[c] - SCENE_HZ, 25000, ran);
        cr_expect_leq(n, 3, "%g MHz, where nobody sends: %zu blocks", empty[c] / 1e6, n);
    }
}
