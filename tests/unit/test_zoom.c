/* Samples of 8 bits are zoomed by whole numbers, all others by floats: the results agree, and no
 * cut of the input matters. */
#include "dsp/decimate.h"
#include "dsp/thin.h"
#include "dsp/zoom.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define N 200000

static void noise(uint8_t *x, size_t n)
{
    uint32_t s = 1;
    for (size_t i = 0; i < n; i++) {
        s = s * 1664525 + 1013904223;
        x[i] = (uint8_t)(s >> 24);
    }
}

/* Zooms samples in pieces of `step` bytes; those from `gap` on, `lost` of them, are left out. The
 * outputs by position; returns the end of the last one. */
static size_t zoomed(double rate, double middle, double reach, unsigned down, enum hz_format format,
                     const void *x, size_t step, size_t gap, size_t lost, float *out)
{
    struct hz_zoom *z = hz_zoom_new(rate, middle, reach, down);
    cr_assert(z);
    size_t end = 0, size = hz_format_bytes(format);
    for (size_t at = 0; at <= N;) {
        if (at == gap)
            at += lost;
        size_t n = at < gap && at + step > gap ? gap - at : step;
        n = at + n > N ? N - at : n;
        struct hz_samples in = {format, (const char *)x + at * size, n, at};
        do {
            struct hz_samples y = n ? hz_zoom_push(z, &in) : hz_zoom_flush(z);
            if (y.n == 0 && n == 0)
                break;
            memcpy(out + 2 * y.first, y.data, 2 * y.n * sizeof *out);
            end = y.n > 0 ? (size_t)y.first + y.n : end;
        } while (n == 0 || in.n > 0 || hz_zoom_waits(z));
        at += n ? n : N;
    }
    hz_zoom_free(z);
    return end;
}

Test(zoom, bytes_are_as_floats_and_cuts_do_not_matter)
{
    static const struct {
        double rate, middle, reach;
        unsigned down;
    } cases[] = {{1536000, 0, 64500, 8},         {2400000, 330000, 50000, 12},
                 {2400000, -1170000, 50000, 12}, {2048000, 100040, 50000, 16},
                 {2400200, 30000, 50000, 11},    {1024000, -400, 60000, 5},
                 {2400000, 100000, 202000, 4}};
    uint8_t *x = malloc(2 * N);
    float *wide = malloc(2 * N * sizeof *wide);
    for (size_t c = 0; c < 2 * sizeof cases / sizeof *cases; c++) {
        double rate = cases[c / 2].rate, middle = cases[c / 2].middle, reach = cases[c / 2].reach;
        unsigned down = cases[c / 2].down;
        enum hz_format format = c % 2 ? HZ_CS8 : HZ_CU8;
        size_t room = N / down + 100;
        float *bytes = calloc(2 * room, sizeof *bytes), *floats = calloc(2 * room, sizeof *floats);
        float *pieces = calloc(2 * room, sizeof *pieces);
        noise(x, 2 * N);
        for (size_t i = 0; i < 2 * N; i++)
            wide[i] = c % 2 ? (float)(int8_t)x[i] / 128 : ((float)x[i] - 127.5f) / 127.5f;
        size_t gap = 50001, lost = 30007;
        size_t n = zoomed(rate, middle, reach, down, format, x, N, gap, lost, bytes);
        size_t m = zoomed(rate, middle, reach, down, HZ_CF32, wide, 12345, gap, lost, floats);
        size_t k = zoomed(rate, middle, reach, down, format, x, 1009, gap, lost, pieces);
        cr_expect(n == m && n == k && n >= N / down, "case %zu: %zu %zu %zu outputs", c, n, m, k);
        double error = 0, power = 0;
        for (size_t i = 0; i < 2 * n; i++) {
            cr_assert(bytes[i] == pieces[i], "case %zu: %zu depends on the pieces", c, i);
            error += pow((double)bytes[i] - (double)floats[i], 2);
            power += pow((double)floats[i], 2);
        }
        double db = 10 * log10(error / power);
        cr_expect_lt(db, -80, "case %zu: bytes and floats differ by %.1f dB", c, db);
        free(bytes);
        free(floats);
        free(pieces);
    }
    free(x);
    free(wide);
}

/* Whatever the machine has for it, the sums are exact: with complex taps, and with real ones, for
 * which there is a way of its own. */
Test(zoom, whole_numbers_are_exact)
{
    static const size_t taps[] = {1, 4, 27, 101, 1, 4, 27, 101};
    for (size_t c = 0; c < sizeof taps / sizeof *taps; c++) {
        bool real = c >= 4;
        size_t n = 53, most = 4 * n + taps[c] + 16;
        double *re = calloc(2 * taps[c], sizeof *re), *im = re + taps[c];
        int16_t *x = calloc(2 * most, sizeof *x);
        float *y = calloc(2 * (n + 16), sizeof *y), full;
        uint8_t *bytes = malloc(2 * most);
        noise(bytes, 2 * most);
        for (size_t i = 0; i < taps[c]; i++) {
            re[i] = cos((double)i);
            im[i] = real ? 0 : sin(1.7 * (double)i) + 0.1;
        }
        struct hz_thin t;
        cr_assert_eq(hz_thin_init(&t, re, im, taps[c], most), 0);
        cr_expect_eq(t.real, real);
        hz_thin_convert(HZ_CU8, bytes, most, x, &full);
        cr_expect_eq(x[1], 2 * bytes[1] - 255);
        hz_thin_run(&t, x, n, full, y);
        for (size_t k = 0; k < n; k++) {
            int64_t a = 0, b = 0;
            for (size_t i = 0; i < t.taps; i++) {
                const int16_t *s = x + 2 * (4 * k + i);
                int64_t tap_re = t.re[real ? i : 2 * i], tap_im = real ? 0 : t.im[2 * i];
                a += s[0] * tap_re - s[1] * tap_im;
                b += s[0] * tap_im + s[1] * tap_re;
            }
            cr_expect_eq(y[2 * k], (float)a * (t.scale / full));
            cr_expect_eq(y[2 * k + 1], (float)b * (t.scale / full));
        }
        hz_thin_done(&t);
        free(re);
        free(x);
        free(y);
        free(bytes);
    }
}

/* Any rate, any number of outputs, and taps of which some are 0. */
Test(zoom, last_step_is_the_sum_of_its_taps)
{
    enum { TAPS = 37, MOST = 300, ROOM = 16 };
    static float x[2 * (MOST + 8)], y[2 * (MOST + ROOM)];
    double h[TAPS];
    uint32_t s = 7;
    for (size_t i = 0; i < sizeof x / sizeof *x; i++) {
        s = s * 1664525 + 1013904223;
        x[i] = (float)(s >> 8) / 16777216 - 0.5f;
    }
    for (size_t i = 0; i < TAPS; i++)
        h[i] = i % 3 == 1 ? 1e-17 : cos((double)i);
    for (unsigned down = 2; down <= 7; down++) {
        struct hz_decimate d;
        cr_assert_eq(hz_decimate_init(&d, h, TAPS, down, MOST), 0);
        cr_expect_eq(d.n, TAPS - TAPS / 3);
        for (size_t n = 1; (n - 1) * down + TAPS <= MOST; n += 5) {
            hz_decimate_run(&d, x, n, y);
            for (size_t k = 0; k < n; k++) {
                double re = 0, im = 0;
                for (size_t i = 0; i < TAPS; i++) {
                    re += h[i] * (double)x[2 * (k * down + i)];
                    im += h[i] * (double)x[2 * (k * down + i) + 1];
                }
                cr_expect_float_eq((double)y[2 * k], re, 1e-5);
                cr_expect_float_eq((double)y[2 * k + 1], im, 1e-5);
            }
        }
        hz_decimate_done(&d);
    }
}
