/* Cost of the spectra alone, in CPU time per sample of the receiver: the whole band at the usual
 * rates, and parts of it, with noise as cu8. */
#include "dsp/band.h"
#include "dsp/fft.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BLOCKS 64 /* of 20 ms */
#define HELD   8  /* blocks of noise, over and over */
#define RUNS   9

static double cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

static void measure(double rate_hz, double low_hz, double high_hz, const char *what)
{
    char err[200];
    struct hz_spectrum x;
    struct hz_band *band = hz_band_new_part(rate_hz, low_hz, high_hz, err, sizeof err);
    size_t n = (size_t)(rate_hz / HZ_BAND_BLOCKS_HZ);
    uint8_t *raw = malloc(2 * n * HELD);
    if (!band || !raw || hz_spectrum_init(&x, band)) {
        fprintf(stderr, "no band: %s\n", err);
        exit(1);
    }
    for (size_t i = 0; i < 2 * n * HELD; i++)
        raw[i] = (uint8_t)(120 + rand() % 16);
    double best = INFINITY;
    uint64_t first = 0;
    for (int r = 0; r < RUNS; r++) {
        double start = cpu_ns();
        for (size_t i = 0; i < BLOCKS; i++, first += n) {
            struct hz_samples in = {HZ_CU8, raw + i % HELD * 2 * n, n, first};
            while (hz_band_push(band, &in, &x))
                continue;
        }
        best = fmin(best, (cpu_ns() - start) / (BLOCKS * (double)n));
    }
    printf("  %5.0f ksps, %-34s %8.3f  (%zu points by %s, %.0f ksps)\n", rate_hz / 1000, what, best,
           hz_band_bins(band), hz_fft_wide_library(hz_band_bins(band)), hz_band_rate(band) / 1000);
    hz_spectrum_done(&x);
    hz_band_free(band);
    free(raw);
}

int main(void)
{
    static const double rates[] = {250000,  1000000, 1024000, 1200000, 1536000,
                                   1800000, 2000000, 2048000, 2400000, 3200000};
    printf("spectra of cu8, ns per sample of the receiver\n");
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
        measure(rates[i], -rates[i] / 2, rates[i] / 2, "all of it");
    measure(1536000, -62500, 62500, "a part: both AIS channels");
    measure(1536000, 87500, 212500, "a part: the same, 150 kHz off");
    measure(2400000, -25000, 25000, "a part: 50 kHz");
    measure(2400000, 305000, 355000, "a part: 50 kHz, 330 kHz off");
    measure(2400000, -200000, 200000, "a part: 400 kHz");
    return 0;
}
