#include "dsp/band.h"
#include "dsp/slice.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static float noise(uint64_t n)
{
    n = (n + 7) * 0x9e3779b97f4a7c15u;
    n ^= n >> 29;
    n *= 0xbf58476d1ce4e5b9u;
    return (float)(n >> 40) / (1 << 24) - 0.5f;
}

struct run {
    struct hz_band *band;
    struct hz_spectrum x;
    struct hz_slice *slice;
    uint64_t blocks[64];
    size_t n;
    float *out; /* channel samples by position */
};

/* Blocks of 1600 samples at 80 kHz; a channel at 16 kHz: 320 a block. All positions are times
 * `scale`: at 30, 2.4 MHz, of which the band is a part only. */
#define RATE 80000
static uint64_t scale = 1;

static bool same(const struct run *a, const struct run *b)
{
    for (size_t i = 0; i < 64 * 2 * 320; i++)
        if (a->out[i] != b->out[i]) /* 0 and -0 are the same */
            return false;
    return true;
}

static void start(struct run *r)
{
    char err[200];
    memset(r, 0, sizeof *r);
    r->band = scale == 1 ? hz_band_new(RATE, err, sizeof err)
                         : hz_band_new_part(RATE * (double)scale, 0, 25000, err, sizeof err);
    cr_assert(r->band && (scale == 1 || hz_band_rate(r->band) < 1e6));
    r->slice = hz_slice_new(r->band, 12345, 16000, 12500, err, sizeof err);
    cr_assert(r->slice, "%s", err);
    cr_assert_eq(hz_spectrum_init(&r->x, r->band), 0);
    r->out = calloc(64 * 2 * 320, sizeof *r->out);
}

static void stop(struct run *r)
{
    hz_slice_free(r->slice);
    hz_spectrum_done(&r->x);
    hz_band_free(r->band);
    free(r->out);
}

static void note(struct run *r)
{
    struct hz_samples y = hz_slice_run(r->slice, &r->x);
    cr_assert_lt(r->n, 64);
    r->blocks[r->n++] = r->x.block;
    cr_assert_leq(y.first + y.n, 64 * 320);
    memcpy(r->out + 2 * y.first, y.data, 2 * y.n * sizeof *r->out);
}

/* Samples from..to of the noise, or zeros. */
static void push(struct run *r, uint64_t from, uint64_t to, bool zero)
{
    from *= scale;
    to *= scale;
    float *in = calloc((size_t)(2 * (to - from)), sizeof *in);
    for (uint64_t i = 2 * from; i < 2 * to && !zero; i++)
        in[i - 2 * from] = noise(i);
    struct hz_samples s = {HZ_CF32, in, (size_t)(to - from), from};
    while (hz_band_push(r->band, &s, &r->x))
        note(r);
    cr_expect_eq(s.n, 0);
    cr_expect_eq(s.first, to);
    free(in);
}

static void check_gaps(void)
{
    static const uint64_t gaps[][2] = {{1000, 1003},  {1500, 1700},  {3200, 4800},
                                       {3199, 20001}, {3300, 16000}, {0, 12345}};
    for (size_t g = 0; g < sizeof gaps / sizeof *gaps; g++) {
        struct run left_out, zeros;
        start(&left_out);
        start(&zeros);
        if (gaps[g][0]) {
            push(&left_out, 0, gaps[g][0], false);
            push(&zeros, 0, gaps[g][0], false);
        }
        push(&zeros, gaps[g][0], gaps[g][1], true);
        push(&left_out, gaps[g][1], 32000, false);
        push(&zeros, gaps[g][1], 32000, false);
        cr_expect_eq(zeros.n, scale == 1 ? 20 : 19, "a part waits for its filter");
        cr_expect(same(&left_out, &zeros), "gap %zu", g);
        if (gaps[g][1] - gaps[g][0] > 5000)
            cr_expect_lt(left_out.n, 19, "blocks of zeros were transformed: %zu", left_out.n);
        stop(&left_out);
        stop(&zeros);
    }
}

Test(band, counts_missing_samples_as_zeros)
{
    check_gaps();
}

Test(band, counts_missing_samples_as_zeros_in_a_part)
{
    scale = 30;
    check_gaps();
}

static void check_twice(void)
{
    struct run twice, once;
    start(&twice);
    start(&once);
    push(&twice, 0, 5000, false);
    push(&twice, 3000, 4000, false);
    push(&twice, 4000, 8000, false);
    push(&once, 0, 8000, false);
    cr_expect(same(&twice, &once));
    stop(&twice);
    stop(&once);
}

Test(band, passes_over_samples_it_has)
{
    check_twice();
    scale = 30;
    check_twice();
}

static void check_flush(void)
{
    struct run flushed, zeros;
    start(&flushed);
    start(&zeros);
    push(&flushed, 0, 4790, false); /* ends in the part that the next block overlaps */
    while (hz_band_flush(flushed.band, &flushed.x))
        note(&flushed);
    push(&zeros, 0, 4790, false);
    push(&zeros, 4790, 16000, true);
    cr_expect_eq(flushed.n, 4);
    cr_expect(same(&flushed, &zeros));
    cr_expect_not(hz_band_flush(flushed.band, &flushed.x));
    hz_band_reset(flushed.band);
    flushed.n = 0;
    push(&flushed, 0, 1600, false);
    cr_expect_eq(flushed.blocks[0], 0, "a new epoch counts from 0");
    stop(&flushed);
    stop(&zeros);
}

/* Wherever the stream ends, the last block that comes holds some of it. */
static void check_ends(void)
{
    for (uint64_t n = 2700; n < 4400; n++) {
        struct run r;
        start(&r);
        float energy = 0;
        push(&r, 0, n, false);
        while (hz_band_flush(r.band, &r.x)) {
            note(&r);
            energy = 0;
            for (size_t i = 0; i < hz_band_bins(r.band); i++)
                energy += fabsf(r.x.bins[2 * i]) + fabsf(r.x.bins[2 * i + 1]);
        }
        cr_assert_gt(energy, 0, "the last block behind %llu samples is empty",
                     (unsigned long long)n);
        stop(&r);
    }
}

Test(band, ends_with_the_block_that_holds_the_last_sample)
{
    check_ends();
}

Test(band, flushes_what_was_pushed)
{
    check_flush();
    scale = 30;
    check_flush();
}

Test(band, measures_its_noise)
{
    struct run r;
    start(&r);
    push(&r, 0, 8000, false);
    /* uniform noise of +-0.5 in both parts: power 1/6 over all bins */
    double db = 10 * log10((double)r.x.noise * (double)r.x.n * 6);
    cr_expect_lt(fabs(db), 1, "%+.2f dB", db);
    stop(&r);
    scale = 30;
    start(&r);
    push(&r, 0, 8000, false);
    /* the same power in each of the 60000 bins of the whole */
    db = 10 * log10((double)r.x.noise * 60000 * 6);
    cr_expect_lt(fabs(db), 1, "%+.2f dB in a part", db);
    stop(&r);
}

/* The search for the median of the powers must end, be they infinite or hardly over 0. */
Test(band, comes_through_any_level, .timeout = 10)
{
    for (int e = -46; e <= 40; e++) {
        float level = e == 40 ? NAN : powf(10, (float)e); /* 0 … infinite */
        struct run r;
        start(&r);
        float in[2 * 8000];
        for (size_t k = 0; k < sizeof in / sizeof *in; k++)
            in[k] = level * noise(k);
        struct hz_samples s = {HZ_CF32, in, 8000, 0};
        while (hz_band_push(r.band, &s, &r.x))
            note(&r);
        cr_expect_eq(r.n, 5, "1e%d", e);
        stop(&r);
    }
}

Test(band, leaves_channels_alone_while_others_come_and_go)
{
    struct run alone, among;
    start(&alone);
    start(&among);
    push(&alone, 0, 32000, false);
    for (uint64_t i = 0; i < 1000; i++) {
        char err[200];
        double rate = 200 * (double)(60 + i % 4 * 30);
        struct hz_slice *s =
            hz_slice_new(among.band, (double)i * 13 - 6000, rate, 5000, err, sizeof err);
        cr_assert(s, "%s", err);
        push(&among, i * 32, i * 32 + 32, false);
        hz_slice_run(s, &among.x);
        hz_bins_power(hz_slice_bins(s), &among.x);
        hz_slice_free(s);
    }
    cr_expect(same(&alone, &among));
    stop(&alone);
    stop(&among);
}

Test(band, refuses_rates)
{
    char err[200];
    static const double rates[] = {0, -200, 100, 2400100, 2400000.5, NAN, INFINITY, 200 * 10007.0};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        err[0] = 0;
        cr_expect_null(hz_band_new(rates[i], err, sizeof err));

        cr_expect(strstr(err, "expected"), "%g: %s", rates[i], err);
    }
}

Test(band, refuses_parts_outside)
{
    char err[200];
    static const double parts[][2] = {{-1300000, 0}, {0, 1200001}, {5, 5}, {7, 3}, {NAN, 5}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        err[0] = 0;
        cr_expect_null(hz_band_new_part(2400000, parts[i][0], parts[i][1], err, sizeof err));
        cr_expect(strstr(err, "expected within +-1200000 Hz"), "%zu: %s", i, err);
    }
}
