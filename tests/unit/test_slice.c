#include "dsp/slice.h"

#include <complex.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Input that is a function of the sample's index. */
typedef double complex (*signal_fn)(uint64_t n, const double *arg);

/* args: hz, rate */
static double complex tone(uint64_t n, const double *arg)
{
    return 0.5 * cexp(2 * M_PI * I * fmod(arg[0] * (double)n / arg[1], 1));
}

static double complex white(uint64_t n, const double *arg)
{
    (void)arg;
    uint64_t z = (n + 1) * 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    return (double)(z & 0xffff) / 65536 - 0.5 + I * ((double)(z >> 16 & 0xffff) / 65536 - 0.5);
}

static double complex impulse(uint64_t n, const double *arg)
{
    return n == (uint64_t)arg[0] ? 100 : 0;
}

/* Non-zero: the band is that part around the channel only. */
static double part_hz;

/* The channel's samples of `count` input samples, pushed `step` at a time; returns how many. The
 * first sample is checked to be 0 and all to be consecutive. */
static size_t channel(double rate, double offset, double out_rate, double width, signal_fn f,
                      const double *arg, size_t count, size_t step, float *out, size_t cap)
{
    char err[200];
    struct hz_band *band =
        part_hz > 0 ? hz_band_new_part(rate, fmax(offset - part_hz / 2, -rate / 2),
                                       fmin(offset + part_hz / 2, rate / 2), err, sizeof err)
                    : hz_band_new(rate, err, sizeof err);
    cr_assert(band, "%s", err);
    cr_assert(part_hz == 0 || hz_band_rate(band) < rate);
    struct hz_slice *slice = hz_slice_new(band, offset, out_rate, width, err, sizeof err);
    cr_assert(slice, "%s", err);
    struct hz_spectrum x;
    cr_assert_eq(hz_spectrum_init(&x, band), 0);
    float *in = malloc(2 * step * sizeof *in);
    size_t have = 0;
    for (size_t at = 0; at < count; at += step) {
        size_t n = count - at < step ? count - at : step;
        for (size_t i = 0; i < n; i++) {
            double complex v = f(at + i, arg);
            in[2 * i] = (float)creal(v);
            in[2 * i + 1] = (float)cimag(v);
        }
        struct hz_samples run = {HZ_CF32, in, n, at};
        while (hz_band_push(band, &run, &x)) {
            struct hz_samples y = hz_slice_run(slice, &x);
            cr_assert_eq(y.first, have);
            cr_assert_leq(have + y.n, cap);
            memcpy(out + 2 * have, y.data, 2 * y.n * sizeof *out);
            have += y.n;
        }
    }
    free(in);
    hz_spectrum_done(&x);
    hz_slice_free(slice);
    hz_band_free(band);
    return have;
}

static double complex at(const float *x, size_t i)
{
    return (double)x[2 * i] + I * (double)x[2 * i + 1];
}

static double bessel_i0(double x)
{
    double sum = 0;
    for (int i = 0; i < 2000; i++)
        sum += exp(x * cos(M_PI * (i + 0.5) / 2000)) / 2000;
    return sum;
}

/* A mixer and a Kaiser-windowed sinc of `half` seconds to each side, evaluated in double precision
 * at the instant of one channel sample. */
static double complex direct(size_t m, double rate, double offset, double out_rate, double cutoff,
                             double half, signal_fn f, const double *arg)
{
    double t = (double)m / out_rate, beta = 0.1102 * (80 - 8.7), norm = bessel_i0(beta);
    double complex sum = 0;
    for (uint64_t n = (uint64_t)ceil((t - half) * rate); (double)n <= (t + half) * rate; n++) {
        double u = (double)n / rate - t, v = u / half;
        double sinc = u == 0 ? 2 * cutoff : sin(2 * M_PI * cutoff * u) / (M_PI * u);
        double w = bessel_i0(beta * sqrt(fmax(0, 1 - v * v))) / norm;
        sum += f(n, arg) * cexp(-2 * M_PI * I * fmod(offset * (double)n / rate, 1)) * sinc * w;
    }
    return sum / rate;
}

Test(slice, equals_a_direct_mixer_and_filter)
{
    static const struct {
        double rate, offset, out_rate, width;
    } cases[] = {{240000, 31234.5, 48000, 25000},
                 {240000, -88888, 12400, 8330},
                 {288000, 0, 24000, 12500},
                 {200000, 95000, 12200, 10000},
                 {250000, -17, 50000, 40000}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        double rate = cases[c].rate, fo = cases[c].out_rate;
        size_t count = (size_t)(rate / 5), cap = (size_t)(fo / 5);
        float *out = malloc(2 * cap * sizeof *out);
        size_t n =
            channel(rate, cases[c].offset, fo, cases[c].width, white, NULL, count, 7777, out, cap);
        /* the same filter: half of the taps' span to each side, -6 dB half a transition out */
        size_t taps = (size_t)fo / 200 % 2 ? (size_t)fo / 200 : (size_t)fo / 200 + 1;
        double half = (double)(taps - 1) / 2 / fo;
        double cutoff = cases[c].width / 2 + (80 - 7.95) / (14.36 * 2 * half) / 2;
        double error = 0, power = 0;
        for (size_t m = n / 2; m < n / 2 + 12; m++) {
            double complex want = direct(m, rate, cases[c].offset, fo, cutoff, half, white, NULL);
            error += pow(cabs(at(out, m) - want), 2);
            power += pow(cabs(want), 2);
        }
        double db = 10 * log10(error / power);
        cr_expect_lt(db, -70, "case %zu: residual %.1f dB", c, db);
        free(out);
    }
}

Test(slice, keeps_level_and_frequency_of_any_tone)
{
    static const double rates[] = {2400000, 2048000, 288000, 280000};
    for (size_t r = 0; r < 4; r++)
        for (int i = 0; i < 12; i++) {
            double rate = rates[r], reach = rate / 2 - 6250;
            double offset = i == 0   ? reach
                            : i == 1 ? -reach
                                     : reach * 2 * creal(white((uint64_t)i, NULL));
            double off_tone = 12000 * cimag(white((uint64_t)(i + 100), NULL));
            double arg[2] = {offset + off_tone, rate}, fo = i % 2 ? 16000 : 24000;
            size_t count = (size_t)rate / 2;
            float *out = malloc(2 * 12000 * sizeof *out);
            size_t n = channel(rate, offset, fo, 12500, tone, arg, count, count, out, 12000);
            /* what is left after mixing with the true frequency stands still */
            double complex head = 0, tail = 0;
            size_t from = 200, half = (n - from) / 2;
            for (size_t m = 0; m < half; m++) {
                head += at(out, from + m) *
                        cexp(-2 * M_PI * I * fmod(off_tone * (double)(from + m) / fo, 1));
                tail += at(out, from + half + m) *
                        cexp(-2 * M_PI * I * fmod(off_tone * (double)(from + half + m) / fo, 1));
            }
            double db = 20 * log10(cabs(head) / (double)half / 0.5);
            double hz = carg(tail / head) / (2 * M_PI) * fo / (double)half;
            cr_expect_lt(fabs(db), 0.2, "%g Hz in %g: level %+.3f dB", arg[0], rate, db);
            cr_expect_lt(fabs(hz), 0.01, "%g Hz in %g: %+.4f Hz off", arg[0], rate, hz);
            cr_expect_lt(fabs(carg(head)), 0.01, "phase %g", carg(head));
            free(out);
        }
}

/* The largest output of a tone after the start has died away, in dB against its level. */
static double leak_db(double rate, double offset, double fo, double width, double hz)
{
    double arg[2] = {hz, rate}, worst = 1e-9;
    size_t cap = (size_t)(fo / 10);
    float *out = malloc(2 * cap * sizeof *out);
    size_t n = channel(rate, offset, fo, width, tone, arg, (size_t)rate / 10, 50000, out, cap);
    for (size_t m = cap / 5; m < n; m++)
        worst = fmax(worst, cabs(at(out, m)));
    free(out);
    return 20 * log10(worst / 0.5);
}

Test(slice, rejects_what_is_outside)
{
    double rate = 240000, offset = 40321, fo = 16000, width = 12500;
    double edge = width / 2 + 1010;
    for (double d = edge; d < rate - edge; d += 571.3) {
        double hz = offset + d > rate / 2 ? offset + d - rate : offset + d;
        double db = leak_db(rate, offset, fo, width, hz);
        cr_expect_lt(db, -70, "tone %+g Hz from the channel: %.1f dB", d, db);
    }
    /* images: the mirror at the centre, and what would fold at the channel's rate */
    cr_expect_lt(leak_db(rate, offset, fo, width, -offset), -70);
    cr_expect_lt(leak_db(rate, offset, fo, width, offset + fo + 100), -70);
    cr_expect_lt(leak_db(rate, offset, fo, width, offset - fo / 2), -70);
}

Test(slice, is_flat_inside)
{
    for (double d = -6250; d <= 6250; d += 437.7) {
        double db = leak_db(240000, -33333, 16000, 12500, -33333 + d);
        cr_expect_lt(fabs(db), 0.05, "tone at %+g Hz: %+.3f dB", d, db);
    }
}

Test(slice, puts_an_impulse_where_it_was)
{
    static const double rates[][2] = {
        {240000, 48000}, {240000, 12200}, {288000, 24000}, {250000, 31400}};
    for (size_t r = 0; r < 4; r++)
        for (size_t k = 0; k < 8; k++) {
            double rate = rates[r][0], fo = rates[r][1], arg[1] = {(double)(3 + k * 1777)};
            float out[2 * 4800];
            size_t n =
                channel(rate, 20000, fo, 10000, impulse, arg, (size_t)rate / 10, 999, out, 4800);
            size_t peak = 0;
            for (size_t m = 0; m < n; m++)
                if (cabs(at(out, m)) > cabs(at(out, peak)))
                    peak = m;
            double want = arg[0] * fo / rate;
            cr_expect_leq(fabs((double)peak - want), 0.5 + 1e-9, "%g of %g -> %g: %zu, not %g",
                          arg[0], rate, fo, peak, want);
        }
}

Test(slice, is_the_same_for_any_push)
{
    static const size_t steps[] = {1, 4799, 4800, 4801, 24001};
    float *want = malloc(2 * 9600 * sizeof *want), *got = malloc(2 * 9600 * sizeof *got);
    size_t n = channel(240000, -54321.7, 48000, 25000, white, NULL, 48000, 48000, want, 9600);
    cr_assert_gt(n, 9000);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        cr_assert_eq(
            channel(240000, -54321.7, 48000, 25000, white, NULL, 48000, steps[i], got, 9600), n);
        cr_expect_eq(memcmp(want, got, 2 * n * sizeof *want), 0, "pushes of %zu", steps[i]);
    }
    free(want);
    free(got);
}

Test(slice, measures_the_power_of_its_width)
{
    char err[200];
    struct hz_band *band = hz_band_new(240000, err, sizeof err);
    struct hz_spectrum x;
    hz_spectrum_init(&x, band);
    struct hz_slice *s = hz_slice_new(band, 30007, 24000, 12500, err, sizeof err);
    struct hz_slice *wraps = hz_slice_new(band, -100, 24000, 12500, err, sizeof err);
    float in[2 * 4800];
    struct {
        double hz, want_db, tolerance;
    } cases[] = {{30007 + 6000, -6.02, 0.01}, {30007 - 6012, -6.02, 0.01}, {-5000, -6.02, 0.01}};
    for (size_t c = 0; c < 3; c++) {
        double arg[2] = {cases[c].hz, 240000};
        for (uint64_t b = 0; b < 2; b++) {
            for (size_t i = 0; i < 4800; i++) {
                double complex v = tone(b * 4800 + i, arg);
                in[2 * i] = (float)creal(v);
                in[2 * i + 1] = (float)cimag(v);
            }
            struct hz_samples run = {HZ_CF32, in, 4800, b * 4800};
            cr_assert(hz_band_push(band, &run, &x));
        }
        struct hz_slice *mine = c == 2 ? wraps : s, *other = c == 2 ? s : wraps;
        cr_expect_float_eq(10 * log10((double)hz_bins_power(hz_slice_bins(mine), &x)),
                           cases[c].want_db, cases[c].tolerance);
        cr_expect_lt(10 * log10((double)hz_bins_power(hz_slice_bins(other), &x)), -90);
        hz_band_reset(band);
    }
    hz_slice_free(s);
    hz_slice_free(wraps);
    hz_spectrum_done(&x);
    hz_band_free(band);
}

Test(slice, refuses_what_cannot_be)
{
    static const struct {
        double offset, rate, width;
        const char *says;
    } cases[] = {
        {0, 48100, 25000, "rate 48100 Hz: expected a multiple of 200 Hz up to 2400000 Hz"},
        {0, 2400200, 25000, "rate 2400200 Hz: expected a multiple of 200 Hz up to 2400000 Hz"},
        {0, 25000, 25000, "rate 25000 Hz: expected at least 27200 Hz for a bandwidth of 25000 Hz"},
        {0, 200, 50, "rate 200 Hz: expected at least"},
        {0, 48000, 0, "bandwidth 0 Hz: expected more than 0"},
        {0, 48000, NAN, "bandwidth nan Hz"},
        {0, 48000, 2400000, "bandwidth 2400000 Hz: expected more than 0 and less than 2400000 Hz"},
        {1190000, 48000, 25000,
         "25000 Hz wide at +1190000 Hz from the centre: expected within -1200000 to +1200000 Hz"},
        {NAN, 48000, 25000, "25000 Hz wide at"},
    };
    char err[200];
    struct hz_band *band = hz_band_new(2400000, err, sizeof err);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        cr_assert_null(
            hz_slice_new(band, cases[c].offset, cases[c].rate, cases[c].width, err, sizeof err));
        cr_expect(strstr(err, cases[c].says) == err, "case %zu says: %s", c, err);
    }
    hz_band_free(band);
    band = hz_band_new_part(2400000, 1150000, 1180000, err, sizeof err);
    cr_assert_null(hz_slice_new(band, 1190000, 48000, 25000, err, sizeof err));
    cr_expect(strstr(err, "to +1200000 Hz"), "a part at the edge says: %s", err);
    cr_assert_null(hz_slice_new(band, 1050000, 48000, 25000, err, sizeof err));
    hz_band_free(band);
}

/* A part of the band is the same to its channels as the whole: sample by sample, phase included. */
Test(slice, is_the_same_in_a_part_of_the_band)
{
    static const struct {
        double rate, offset, fo, width;
    } cases[] = {{2400000, -375000, 48000, 25000},
                 {2400000, 1180012.3, 24000, 12500},
                 {1536000, 25000, 48000, 25000},
                 {2048000, -1000013, 16000, 12500},
                 {2400000, 300001, 200000, 150000}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        double rate = cases[c].rate, fo = cases[c].fo;
        size_t count = (size_t)(rate / 5), cap = (size_t)(fo / 5);
        float *whole = malloc(2 * cap * sizeof *whole), *part = malloc(2 * cap * sizeof *part);
        part_hz = 0;
        size_t n = channel(rate, cases[c].offset, fo, cases[c].width, white, NULL, count, 65536,
                           whole, cap);
        part_hz = cases[c].width;
        size_t m = channel(rate, cases[c].offset, fo, cases[c].width, white, NULL, count, 12345,
                           part, cap);
        cr_expect(m <= n && m + (size_t)(fo / 50) >= n);
        double error = 0, power = 0;
        for (size_t i = 0; i < m; i++) {
            error += pow(cabs(at(whole, i) - at(part, i)), 2);
            power += pow(cabs(at(whole, i)), 2);
        }
        double db = 10 * log10(error / power);
        cr_expect_lt(db, -65, "case %zu: residual %.1f dB in white noise", c, db);
        part_hz = 0;
        free(whole);
        free(part);
    }
}

Test(slice, rejects_what_folds_into_a_part)
{
    part_hz = 12500;
    for (double hz = -1195000; hz < 1200000; hz += 23456) {
        if (fabs(hz - 200000) < 7300)
            continue;
        double db = leak_db(2400000, 200000, 16000, 12500, hz);
        cr_expect_lt(db, -70, "tone at %+g Hz: %.1f dB", hz, db);
    }
    part_hz = 0;
}

Test(slice, is_the_same_for_any_push_in_a_part)
{
    static const size_t steps[] = {1, 2047, 2049, 48000, 100001};
    float *want = malloc(2 * 9600 * sizeof *want), *got = malloc(2 * 9600 * sizeof *got);
    part_hz = 25000;
    size_t n = channel(2400000, 54321.7, 48000, 25000, white, NULL, 240000, 240000, want, 9600);
    cr_assert_gt(n, 2800);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        cr_assert_eq(
            channel(2400000, 54321.7, 48000, 25000, white, NULL, 240000, steps[i], got, 9600), n);
        cr_expect_eq(memcmp(want, got, 2 * n * sizeof *want), 0, "pushes of %zu", steps[i]);
    }
    part_hz = 0;
    free(want);
    free(got);
}

/* A slice that is moved is the one that would be made there. */
Test(slice, moves_for_nothing)
{
    char err[200];
    struct hz_band *band = hz_band_new(240000, err, sizeof err);
    struct hz_spectrum x;
    cr_assert(band && hz_spectrum_init(&x, band) == 0);
    for (size_t i = 0; i < 2 * x.n; i++)
        x.bins[i] = (float)((i * 7919) % 1000) - 500;
    x.block = 7;
    struct hz_slice *moved = hz_slice_new(band, -31000, 24000, 16000, err, sizeof err);
    struct hz_slice *made = hz_slice_new(band, 52040, 24000, 16000, err, sizeof err);
    cr_assert(moved && made);
    cr_expect_not(hz_slice_move(moved, band, 52050, 24000, 16000), "another filter");
    cr_expect_not(hz_slice_move(moved, band, 116000, 24000, 16000), "outside");
    cr_expect_not(hz_slice_move(moved, band, 52040, 24000, 15000), "another width");
    cr_assert(hz_slice_move(moved, band, 52040, 24000, 16000));
    struct hz_samples a = hz_slice_run(moved, &x), b = hz_slice_run(made, &x);
    cr_assert_eq(a.n, b.n);
    cr_expect_arr_eq(a.data, b.data, a.n * hz_format_bytes(HZ_CF32));
    cr_expect_eq(hz_slice_bins(moved)->n, hz_slice_bins(made)->n);
    cr_expect_eq(hz_bins_power(hz_slice_bins(moved), &x), hz_bins_power(hz_slice_bins(made), &x));
    hz_slice_free(moved);
    hz_slice_free(made);
    hz_spectrum_done(&x);
    hz_band_free(band);
}

/* A tone through a slice that is shifted by so many Hz with block 5, or 5 and 8: each sample is
 * turned against the one before by its frequency, also where the slice was shifted. */
static void expect_no_step(double offset, double shift_hz)
{
    enum { RATE = 240000, OUT = 48000, BLOCK = OUT / HZ_BAND_BLOCKS_HZ, BLOCKS = 12 };
    char err[200];
    double hz = offset + 700, arg[] = {hz, RATE}, moved = 0;
    struct hz_band *band = hz_band_new(RATE, err, sizeof err);
    struct hz_slice *slice = hz_slice_new(band, offset, OUT, 15000, err, sizeof err);
    cr_assert(band && slice, "%s", err);
    struct hz_spectrum x;
    cr_assert_eq(hz_spectrum_init(&x, band), 0);
    static float in[2 * RATE * BLOCKS / HZ_BAND_BLOCKS_HZ];
    size_t n = sizeof in / sizeof *in / 2;
    for (size_t i = 0; i < n; i++) {
        double complex v = tone(i, arg);
        in[2 * i] = (float)creal(v);
        in[2 * i + 1] = (float)cimag(v);
    }
    struct hz_samples run = {HZ_CF32, in, n, 0};
    double complex last = 0;
    while (hz_band_push(band, &run, &x)) {
        double before = moved;
        if (x.block == 5 || x.block == 8) {
            moved += x.block == 5 ? shift_hz : -2 * shift_hz;
            cr_assert(hz_slice_shift(slice, band, offset + moved, x.block));
        }
        struct hz_samples y = hz_slice_run(slice, &x);
        for (size_t i = 0; i < y.n; i++) {
            double complex now = at(y.data, i);
            double expected = 2 * M_PI * (700 - (i == 0 ? before : moved)) / OUT;
            if (x.block > 1) {
                double wrong = carg(now / last * cexp(-I * expected));
                cr_assert(fabs(wrong) < 1e-3, "block %d, sample %zu: %g", (int)x.block, i, wrong);
            }
            last = now;
        }
    }
    cr_assert_not(hz_slice_shift(slice, band, offset + 50, 20)); /* another filter */
    hz_spectrum_done(&x);
    hz_slice_free(slice);
    hz_band_free(band);
}

Test(slice, is_shifted_without_a_step)
{
    expect_no_step(40000, 40);
    expect_no_step(-35013, 120);
    expect_no_step(10, -400); /* over the middle of the band */
    expect_no_step(-90, 2000);
}
