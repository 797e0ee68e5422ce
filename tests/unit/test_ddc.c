/* What a narrow channel's down-converter runs: from the block before the one that opens its
 * squelch. */
#include "dsp/gate.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RATE 240000.0 /* 4800 samples a block */

enum { BLOCK = 4800, BLOCKS = 40, BEGIN = 20 };

struct heard {
    uint64_t first,
        next; /* samples of the channel, at 48 kHz: 960 a block, less the delay of its filter */
    unsigned runs, breaks;
};

static void on_samples(void *ctx, const struct hz_samples *s)
{
    struct heard *h = ctx;
    if (h->runs == h->breaks) {
        h->first = s->first;
        h->runs++;
    }
    h->next = s->first + s->n;
}

static void on_break(void *ctx)
{
    ((struct heard *)ctx)->breaks++;
}

static float noise(uint64_t n)
{
    n = (n + 7) * 0x9e3779b97f4a7c15u;
    n ^= n >> 29;
    n *= 0xbf58476d1ce4e5b9u;
    return (float)(n >> 40) / (1 << 24) - 0.5f;
}

/* A carrier from block BEGIN on; the spectra of the blocks from `missing` on up to there were lost.
 */
static struct heard run(int missing)
{
    char err[200];
    struct heard heard = {0};
    struct hz_band *band = hz_band_new(RATE, err, sizeof err);
    struct hz_ddc_config how = {.offset_hz = 30000,
                                .rate_hz = 48000,
                                .bandwidth_hz = 12500,
                                .squelch_db = 6,
                                .hang_s = 0.1f};
    struct hz_ddc ddc;
    struct hz_gate gate;
    struct hz_ddc_output to = {&heard, on_samples, on_break};
    struct hz_spectrum x[2];
    cr_assert_eq(hz_ddc_init(&ddc, band, &how, NULL, err, sizeof err), 0, "%s", err);
    cr_assert_eq(hz_gate_init(&gate, band, &how, err, sizeof err), 0, "%s", err);
    cr_assert_eq(hz_spectrum_init(&x[0], band), 0);
    cr_assert_eq(hz_spectrum_init(&x[1], band), 0);
    float *in = malloc(2 * BLOCK * sizeof *in);
    const struct hz_spectrum *before = NULL;
    int count = 0;
    for (int b = 0; b < BLOCKS; b++) {
        for (uint64_t i = 0; i < BLOCK; i++) {
            uint64_t n = (uint64_t)b * BLOCK + i;
            double turns = fmod(30000.0 * (double)n / RATE, 1);
            float a = b >= BEGIN ? 0.5f : 0;
            in[2 * i] = 0.01f * noise(2 * n) + a * (float)cos(2 * M_PI * turns);
            in[2 * i + 1] = 0.01f * noise(2 * n + 1) + a * (float)sin(2 * M_PI * turns);
        }
        struct hz_samples s = {HZ_CF32, in, BLOCK, (uint64_t)b * BLOCK};
        while (hz_band_push(band, &s, &x[count % 2])) {
            if (missing && b >= missing && b < BEGIN)
                continue;
            struct hz_mark mark =
                hz_gate_step(&gate, &x[count % 2], hz_bins_power(&gate.bins, &x[count % 2]));
            hz_ddc_push(&ddc, before, &x[count % 2], &mark, &to);
            before = &x[count++ % 2];
        }
    }
    free(in);
    hz_ddc_done(&ddc);
    hz_spectrum_done(&x[0]);
    hz_spectrum_done(&x[1]);
    hz_band_free(band);
    return heard;
}

Test(ddc, begins_with_the_block_before_the_one_that_opens)
{
    struct heard h = run(0);
    cr_expect_eq(h.runs, 1, "%u runs", h.runs);
    cr_expect_eq(h.breaks, 0);
    cr_expect_eq((h.first + 480) / 960, BEGIN - 1, "begins in block %llu",
                 (unsigned long long)(h.first + 480) / 960);
    cr_expect_geq(h.next, (BLOCKS - 1) * 960u);
}

Test(ddc, does_not_run_a_block_that_is_not_the_one_before)
{
    struct heard h = run(BEGIN - 3);
    cr_expect_eq(h.runs, 1);
    cr_expect_eq(h.breaks, 0);
    cr_expect_eq((h.first + 480) / 960, BEGIN, "begins in block %llu",
                 (unsigned long long)(h.first + 480) / 960);
}
