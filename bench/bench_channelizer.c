/* Cost of the channelizer in CPU time per sample of the band, with noise at 2.4 Msps as cu8. */
#include "dsp/band.h"
#include "dsp/fft.h"
#include "dsp/slice.h"
#include "dsp/squelch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define RATE   2400000.0
#define BLOCKS 100
#define RUNS   5
#define MOST   256

struct bench {
    struct hz_band *band;
    struct hz_spectrum spectrum;
    struct hz_slice *slices[MOST];
    struct hz_squelch squelch[MOST];
    size_t n;
    uint8_t *raw; /* a few blocks of noise, over and over */
    uint64_t first;
};

static double cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

static void channels(struct bench *b, size_t n, double rate_hz, double width_hz, bool open)
{
    char err[200];
    for (size_t i = 0; i < b->n; i++)
        hz_slice_free(b->slices[i]);
    b->n = n;
    for (size_t i = 0; i < n; i++) {
        double offset = ((double)i + 0.5) / (double)n * 2200000 - 1100000;
        b->slices[i] = hz_slice_new(b->band, offset, rate_hz, width_hz, err, sizeof err);
        if (!b->slices[i]) {
            fprintf(stderr, "%s\n", err);
            exit(1);
        }
        /* noise must not open it by chance: 3 dB */
        hz_squelch_init(&b->squelch[i], hz_slice_bins(b->slices[i])->n, 3, 2, open);
    }
}

static void block(struct bench *b)
{
    for (size_t c = 0; c < b->n; c++) {
        struct hz_slice *s = b->slices[c];
        float power = hz_bins_power(hz_slice_bins(s), &b->spectrum);
        float noise = b->spectrum.noise * (float)hz_slice_bins(s)->n;
        if (hz_squelch_push(&b->squelch[c], b->spectrum.block, power, noise))
            hz_slice_run(s, &b->spectrum);
    }
}

/* ns per sample of the band: the best of some runs. */
static double run(struct bench *b)
{
    double best = INFINITY;
    size_t fresh = (size_t)(RATE / HZ_BAND_BLOCKS_HZ);
    for (int r = 0; r < RUNS; r++) {
        double start = cpu_ns();
        for (size_t i = 0; i < BLOCKS; i++) {
            struct hz_samples in = {HZ_CU8, b->raw + (i % 8) * 2 * fresh, fresh, b->first};
            b->first += fresh;
            while (hz_band_push(b->band, &in, &b->spectrum))
                block(b);
        }
        best = fmin(best, (cpu_ns() - start) / (BLOCKS * (double)fresh));
    }
    return best;
}

/* n open channels of 25 kHz side by side, in a part of the band. */
static void part(struct bench *b, size_t n)
{
    char err[200];
    b->first = 0;
    b->band = hz_band_new_part(RATE, -25000, 25000, err, sizeof err);
    if (!b->band || hz_spectrum_init(&b->spectrum, b->band)) {
        fprintf(stderr, "%s\n", err);
        exit(1);
    }
    for (b->n = 0; b->n < n; b->n++) {
        double offset = b->n ? -12500 : 12500;
        b->slices[b->n] = hz_slice_new(b->band, offset, 48000, 25000, err, sizeof err);
        hz_squelch_init(&b->squelch[b->n], hz_slice_bins(b->slices[b->n])->n, 3, 2, true);
    }
    printf("  %zu of 25 kHz at 48 kHz, open, in a part %8.3f  (brought to %.0f Hz)\n", n, run(b),
           hz_band_rate(b->band));
    for (size_t i = 0; i < n; i++)
        hz_slice_free(b->slices[i]);
    b->n = 0;
    hz_spectrum_done(&b->spectrum);
    hz_band_free(b->band);
}

int main(void)
{
    char err[200];
    struct bench b = {.band = hz_band_new(RATE, err, sizeof err)};
    if (!b.band || hz_spectrum_init(&b.spectrum, b.band) ||
        !(b.raw = malloc(16 * hz_band_fresh(b.band)))) {
        fprintf(stderr, "out of memory: %s\n", err);
        return 1;
    }
    for (size_t i = 0; i < 16 * hz_band_fresh(b.band); i++)
        b.raw[i] = (uint8_t)(120 + rand() % 16);

    double none = run(&b);
    printf("2.4 Msps cu8, wide transforms by %s, ns per sample of the band\n",
           hz_fft_wide_library(hz_band_bins(b.band)));
    printf("  the band alone                       %8.3f\n", none);
    static const struct {
        const char *what;
        size_t n;
        double rate_hz, width_hz;
        bool open;
    } cases[] = {
        {"16 of 12.5 kHz, squelched", 16, 16000, 12500, false},
        {"16 of 25 kHz at 48 kHz, squelched", 16, 48000, 25000, false},
        {"16 of 25 kHz at 48 kHz, open", 16, 48000, 25000, true},
        {"256 of 12.5 kHz at 16 kHz, open", 256, 16000, 12500, true},
        {"1 of 200 kHz at 240 kHz, open", 1, 240000, 200000, true},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        channels(&b, cases[c].n, cases[c].rate_hz, cases[c].width_hz, cases[c].open);
        double ns = run(&b);
        printf("  %-36s %8.3f  each %.4f  %.1f %% of a core\n", cases[c].what, ns,
               (ns - none) / (double)cases[c].n, ns * RATE * 1e-7);
    }
    channels(&b, 0, 0, 0, false);
    hz_spectrum_done(&b.spectrum);
    hz_band_free(b.band);
    for (size_t n = 1; n <= 2; n++)
        part(&b, n);
    free(b.raw);
    return 0;
}
