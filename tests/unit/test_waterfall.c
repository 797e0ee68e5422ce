#include "dsp/glance.h"
#include "sim/signal.h"

#include <complex.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RATE 240000.0

static struct hz_span span_new(size_t n)
{
    struct hz_span s = {.rate_hz = RATE, .n = n, .iq = calloc(2 * n, sizeof(float))};
    cr_assert(s.iq);
    return s;
}

static void add_tone(const struct hz_span *s, double hz, double amplitude, size_t from, size_t to)
{
    for (size_t i = from; i < to && i < s->n; i++) {
        double complex v = amplitude * cexp(2 * M_PI * I * fmod(hz * (double)i / RATE, 1));
        s->iq[2 * i] += (float)creal(v);
        s->iq[2 * i + 1] += (float)cimag(v);
    }
}

static struct hz_samples samples_of(const struct hz_span *s)
{
    return (struct hz_samples){.format = HZ_CF32, .data = s->iq, .n = s->n};
}

/* The rows of a span, from spectra of dsp/band.h or, with `glance`, without them. Each row is the
 * peak of `hold` of them. Levels go to db[rows][n]; returns the number of rows. */
static size_t rows_of(const struct hz_span *s, bool glance, size_t hold, size_t n, double from,
                      double to, double *db, size_t rows_max)
{
    char err[200];
    uint8_t level[8192];
    struct hz_samples in = samples_of(s);
    struct hz_waterfall *w = hz_waterfall_new(n, from, to);
    struct hz_band *band = hz_band_new(RATE, err, sizeof err);
    struct hz_glance *g = hz_glance_new(RATE, 40, (uint64_t)RATE / 20);
    struct hz_spectrum x;
    cr_assert_eq(hz_spectrum_init(&x, band), 0);
    float *powers = calloc(x.n + 1, sizeof *powers);
    size_t rows = 0, held = 0;
    struct hz_glimpse seen;
    while (rows < rows_max &&
           (glance ? hz_glance_push(g, &in, &seen) : hz_band_push(band, &in, &x))) {
        if (!glance) {
            hz_spectrum_powers(&x, -(long)(x.n / 2), x.n + 1, powers);
            seen.n = 1;
            seen.powers[0] = (struct hz_powers){
                .power = powers, .n = x.n + 1, .from_hz = -RATE / 2 - 20, .bin_hz = 40};
            if (x.block == 0)
                continue; /* its first quarter is before the samples */
        }
        for (size_t i = 0; i < seen.n; i++)
            hz_waterfall_add(w, &seen.powers[i]);
        if (++held < hold)
            continue;
        held = 0;
        float min = hz_waterfall_take(w, level);
        for (size_t i = 0; i < n; i++)
            db[rows * n + i] = (double)min + level[i] * (double)HZ_WATERFALL_STEP_DB;
        rows++;
    }
    free(powers);
    hz_spectrum_done(&x);
    hz_glance_free(g);
    hz_band_free(band);
    hz_waterfall_free(w);
    return rows;
}

Test(waterfall, a_tone_shows_its_power_in_its_bin_at_any_resolution)
{
    static const size_t bins[] = {16, 100, 256, 1000, 1024};
    double db[1024];
    struct hz_span s = span_new((size_t)RATE / 10);
    add_tone(&s, -50030, 0.1, 0, s.n); /* -20 dBFS */
    for (int glance = 0; glance < 2; glance++) {
        for (size_t k = 0; k < sizeof bins / sizeof *bins; k++) {
            const size_t n = bins[k], at = (size_t)((-50030 + RATE / 2) / RATE * (double)n);
            cr_assert_eq(rows_of(&s, glance, 1, n, -RATE / 2, RATE / 2, db, 1), 1);
            double edge = fabs(remainder(-50030 + RATE / 2, RATE / (double)n));
            cr_expect_gt(edge, 60, "the tone is not in two bins");
            cr_expect_float_eq(db[at], -20, 0.5, "%zu bins: %.1f", n, db[at]);
            for (size_t i = 0; i < n; i++)
                cr_expect(i == at || db[i] < -40, "%zu bins: %zu has %.1f", n, i, db[i]);
        }
    }
    free(s.iq);
}

Test(waterfall, noise_shows_its_density_times_the_width)
{
    static const size_t bins[] = {16, 100, 1024, 6000};
    static double db[40 * 6000];
    struct hz_span s = span_new((size_t)RATE);
    hz_sim_signal_noise(&s, 0.01, RATE, 7); /* -20 dBFS over the band */
    for (int glance = 0; glance < 2; glance++) {
        for (size_t k = 0; k < sizeof bins / sizeof *bins; k++) {
            const size_t n = bins[k], rows = rows_of(&s, glance, 1, n, -RATE / 2, RATE / 2, db, 15);
            double mean = 0;
            for (size_t i = 0; i < rows * n; i++)
                mean += pow(10, db[i] / 10) / (double)(rows * n);
            mean = 10 * log10(mean);
            cr_assert_geq(rows, 15);
            cr_expect_float_eq(mean, -20 - 10 * log10((double)n), 0.5, "%zu bins: %.2f", n, mean);
        }
    }
    free(s.iq);
}

/* Two tones 200 Hz apart are one in the whole band, and two in a zoom. */
Test(waterfall, a_zoom_has_true_resolution)
{
    double db[100];
    struct hz_span s = span_new((size_t)RATE / 10);
    add_tone(&s, 30000, 0.1, 0, s.n);
    add_tone(&s, 30200, 0.05, 0, s.n);
    for (int glance = 0; glance < 2; glance++) {
        /* 4 kHz in 100 bins of 40 Hz, each around a bin of the transform */
        cr_assert_eq(rows_of(&s, glance, 1, 100, 28020, 32020, db, 1), 1);
        cr_expect_float_eq(db[49], -20 - 1.76, 0.5, "%.1f", db[49]);
        cr_expect_float_eq(db[54], -26 - 1.76, 0.5, "%.1f", db[54]);
        for (size_t i = 51; i < 53; i++)
            cr_expect_lt(db[i], -60, "%zu: %.1f", i, db[i]);
    }
    free(s.iq);
}

Test(waterfall, peaks_are_held_over_all_spectra_of_a_row)
{
    double db[100];
    struct hz_span s = span_new((size_t)RATE);
    hz_sim_signal_noise(&s, 1e-6, RATE, 3);
    /* 20 ms of a tone: a slot of AIS is 26.7 ms long */
    add_tone(&s, 61200, 0.1, (size_t)(0.5 * RATE), (size_t)(0.52 * RATE));
    cr_assert_eq(rows_of(&s, false, 40, 100, -RATE / 2, RATE / 2, db, 1), 1);
    cr_expect_gt(db[75], -20 - 4, "%.1f", db[75]);
    cr_expect_lt(db[50], -70);
    free(s.iq);
}

/* A burst of 0.6 ms, that is 144 samples here as one of 0.06 ms in a band of 2.4 MHz, shows with
 * the density that it has while it lasts: spread over the band, as the noise is. */
Test(waterfall, a_glance_shows_bursts_that_are_far_shorter_than_a_row)
{
    double db[2 * 100];
    struct hz_span s = span_new((size_t)RATE / 5);
    hz_sim_signal_noise(&s, 1e-6, RATE, 3);
    struct hz_span burst = {.rate_hz = RATE, .n = 256, .iq = s.iq + 2 * 17000};
    hz_sim_signal_noise(&burst, 1e-2, RATE, 4);
    cr_assert_eq(rows_of(&s, true, 1, 100, -RATE / 2, RATE / 2, db, 2), 2);
    double mean = 0, quiet = 0;
    for (size_t i = 0; i < 100; i++) {
        quiet += pow(10, db[i] / 10) / 100;
        mean += pow(10, db[100 + i] / 10) / 100;
    }
    cr_expect_float_eq(10 * log10(quiet), -60 - 20, 0.7);
    cr_expect_float_eq(10 * log10(mean), -20 - 20, 1.5, "%.1f", 10 * log10(mean));
    free(s.iq);
}

/* Any blocks and any period give the same, and a gap begins anew. */
Test(waterfall, a_glance_does_not_depend_on_the_length_of_blocks)
{
    struct hz_span s = span_new((size_t)RATE / 2);
    hz_sim_signal_noise(&s, 1e-2, RATE, 5);
    float *first = NULL;
    static const size_t lengths[] = {120000, 7001, 48};
    for (size_t k = 0; k < 3; k++) {
        struct hz_glance *g = hz_glance_new(RATE, 40, 4800); /* less than a transform */
        size_t seen = 0;
        for (size_t at = 0; at < s.n; at += lengths[k]) {
            struct hz_samples in = {.format = HZ_CF32,
                                    .data = s.iq + 2 * at,
                                    .n = at + lengths[k] < s.n ? lengths[k] : s.n - at,
                                    .first = at};
            struct hz_glimpse x;
            while (hz_glance_push(g, &in, &x)) {
                cr_expect_eq(x.end, 6000 + 4800 * seen);
                if (++seen < 20)
                    continue;
                if (!first) {
                    first = calloc(x.powers[0].n, sizeof *first);
                    memcpy(first, x.powers[0].power, x.powers[0].n * sizeof *first);
                }
                cr_expect_eq(memcmp(first, x.powers[0].power, x.powers[0].n * sizeof *first) != 0,
                             seen != 20);
            }
        }
        cr_expect_eq(seen, 24);
        struct hz_samples in = samples_of(&s);
        struct hz_glimpse x;
        in.first = 1000000;
        cr_assert(hz_glance_push(g, &in, &x));
        cr_expect_eq(x.begin, 1000000);
        cr_expect_eq(x.end, 1006000);
        hz_glance_free(g);
    }
    free(first);
    free(s.iq);
}

Test(waterfall, nothing_clips)
{
    uint8_t level[4];
    float power[4] = {1e-18f, 1e-13f, 1e-16f, 0};
    struct hz_powers p = {.power = power, .n = 4, .from_hz = 0, .bin_hz = 40};
    struct hz_waterfall *w = hz_waterfall_new(4, 0, 160);
    hz_waterfall_add(w, &p);
    float min = hz_waterfall_take(w, level);
    cr_expect_float_eq(min, -180, 1e-6);
    cr_expect(level[0] == 0 && level[1] == 100 && level[2] == 40 && level[3] == 0);
    power[0] = 1e3f; /* +30 dBFS beside -130: the loud one counts */
    hz_waterfall_add(w, &p);
    min = hz_waterfall_take(w, level);
    cr_expect_float_eq(min + level[0] * 0.5f, 30, 0.3);
    cr_expect(level[1] == 0);
    /* the row was begun anew; what the powers do not cover has none */
    power[0] = 1e-3f;
    p = (struct hz_powers){.power = power, .n = 2, .from_hz = 40, .bin_hz = 40};
    hz_waterfall_add(w, &p);
    min = hz_waterfall_take(w, level);
    cr_expect_float_eq(min, -130, 1e-6);
    cr_expect(level[0] == 0 && level[1] == 200 && level[2] == 0 && level[3] == 0);
    hz_waterfall_free(w);
}
