/* The variants of the inner loops for different processors: all give the same bits. */
#include "proto/adsb/demod.h"
#include "proto/adsb/ledger.h"
#include "sim/scene.h"
#include "tests/unit/capture.h"
#include "tests/unit/rig.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct bytes {
    uint8_t *data;
    size_t n;
};

/* Marsaglia's xorshift: repeatable, and good enough for noise. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t x = *state;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return *state = x;
}

/* Samples of a scene of the simulator. */
static struct bytes scene(const char *name, double seconds)
{
    struct hz_scene *made;
    cr_assert_eq(hz_scene_new(name, 1, &made), 0);
    size_t n = (size_t)(seconds * hz_scene_about(made)->rate_hz);
    struct bytes b = {malloc(2 * n), 2 * n};
    hz_scene_read(made, b.data, n);
    hz_scene_free(made);
    return b;
}

/* The whole demodulator tells the same bytes with each variant that this machine can run, and at
 * least so many messages. Frees the samples. */
static void expect_agreement(struct bytes iq, double rate_hz, size_t least)
{
    const struct hz_samples in = {HZ_CU8, iq.data, iq.n / 2, 0};
    struct rig first = {0}, r = {0};
    const uint32_t hold = 1000000;
    for (const struct hz_adsb_kernels *const *k = hz_adsb_kernels(); *k; k++) {
        struct rig *to = k == hz_adsb_kernels() ? &first : &r;
        struct hz_adsb_demod *d = calloc(1, sizeof(*d));
        struct hz_adsb_ledger *ledger = calloc(1, sizeof(*ledger));
        struct hz_aircraft_table *aircraft = calloc(1, hz_aircraft_table_size());
        hz_aircraft_table_init(aircraft, NAN, NAN);
        hz_adsb_ledger_init(ledger, (float)rate_hz, hold, aircraft);
        hz_adsb_demod_init(d, (float)rate_hz, *k, hold);
        rig_begin(to, "adsb", rate_hz);
        for (size_t at = 0; at < in.n; d->founds = 0) {
            at += hz_adsb_demod_take(d, &in, at);
            for (size_t f = 0; f < d->founds; f++)
                hz_adsb_ledger_enter(ledger, &d->found[f], &to->sink);
        }
        rig_end(to);
        if (to == &r)
            rig_expect_same(&first, &r);
        free(ledger);
        free(aircraft);
        free(d);
    }
    cr_expect_geq(first.n, least);
    rig_free(&first);
    rig_free(&r);
    free(iq.data);
}

Test(adsb_demod, whole_demodulators_of_all_kernels_agree, .timeout = 60)
{
    expect_agreement(scene("dense", 1), 2.4e6, 500);
}

Test(adsb_demod, of_six_phases_too, .timeout = 60)
{
    FILE *f = capture_open("adsb_s12_1090M_2000k", "cu8");
    if (!f)
        cr_skip_test("no ../shared/lab");
    enum { MOST = 1 << 22 };
    struct bytes iq = {malloc(MOST), 0};
    iq.n = fread(iq.data, 1, MOST, f);
    fclose(f);
    expect_agreement(iq, 2e6, 150);
}

/* Every variant of the loops that this machine can run gives the same bits. */
Test(adsb_demod, kernels_agree)
{
    enum { N = 4096, PLACES = N - HZ_ADSB_SEGMENT };
    static int16_t i[2][N + 8], q[2][N + 8], on[2][N], mid[2][N], score[2][2][N];
    static float z[2][3][5 * N + HZ_ADSB_WIDE], y[2][3][6 * (N / 8) + HZ_ADSB_WIDE], fi[N + 8],
        fq[N + 8];
    static int32_t sum[2][N / HZ_ADSB_SEGMENT], some[2][N / HZ_ADSB_SEGMENT];
    static uint64_t open[2][N / HZ_ADSB_SEGMENT];
    static uint64_t random[2 * N];
    const struct hz_adsb_kernels *const *all = hz_adsb_kernels(), *plain = *all;
    const float taps[HZ_ADSB_TAPS][8] = {{0.2f, 0.9f}, {0.7f, 3.0f}, {-0.1f}, {0.5f, 0.3f}};
    uint64_t seed = 1;
    for (size_t k = 0; k < 2 * N; k++)
        random[k] = next_random(&seed);
    for (const struct hz_adsb_kernels *const *k = all; *k; k++)
        plain = *k;
    for (; *all; all++) {
        uint64_t power[2];
        int32_t nth[2];
        size_t openings = 0, wrong = 0;
        for (int v = 0; v < 2; v++) {
            const struct hz_adsb_kernels *k = v ? *all : plain;
            k->from_s8((const int8_t *)random, i[v], q[v], 100);
            k->from_f32((const float *)random, i[v] + 100, q[v] + 100, 100);
            k->from_s16((const int16_t *)random, i[v] + 200, q[v] + 200, 100);
            k->from_u8((const uint8_t *)random, i[v] + 300, q[v] + 300, N - 300 + 8);
            k->shift(i[v], q[v], 300, -200, N);
            k->sums(i[v] + 64, 2 * HZ_ADSB_SEGMENT, some[v], N / HZ_ADSB_SEGMENT / 2 - 1);
            k->summed(i[v] + 1, q[v] + 1, on[v], mid[v], sum[v], N / HZ_ADSB_SEGMENT);
            nth[v] = k->nth(sum[v], N / HZ_ADSB_SEGMENT, N / HZ_ADSB_SEGMENT / 3);
            k->magnitudes(i[v] + 4, q[v] + 4, on[v] + 3, mid[v] + 3, 100);
            const struct hz_adsb_places at[2] = {
                {.pulse = {on[v], mid[v] + 2, on[v] + 8, mid[v] + 10},
                 .gap = {on[v] + 4, on[v] + 6, mid[v] + 12, on[v], on[v] + 15, mid[v]},
                 .earlier = {on[v] + 1, on[v] + 3, mid[v] + 5, mid[v] + 7}},
                {.pulse = {mid[v], on[v] + 3, mid[v] + 8, on[v] + 11},
                 .gap = {mid[v] + 4, mid[v] + 6, on[v] + 13, mid[v], mid[v] + 15, on[v] + 1},
                 .earlier = {mid[v] + 1, mid[v] + 3, on[v] + 6, on[v] + 8}}};
            k->gate(at, 4000, 2500, score[v][0], score[v][1], open[v], PLACES / HZ_ADSB_SEGMENT);
            for (size_t n = 0; n < PLACES; n++) {
                const bool is = open[v][n / HZ_ADSB_SEGMENT] >> n % HZ_ADSB_SEGMENT & 1;
                openings += is;
                if (open[v][n / HZ_ADSB_SEGMENT] != 0 || n < HZ_ADSB_SEGMENT ||
                    open[v][n / HZ_ADSB_SEGMENT - 1] != 0)
                    wrong += is != (score[v][0][n] != 0 || score[v][1][n] != 0);
            }
            for (size_t n = 0; n < N + 8; n++) {
                fi[n] = i[v][n];
                fq[n] = q[v][n];
            }
            struct hz_adsb_matched f = {0};
            hz_adsb_matched_init(&f, k->variant, 5, taps);
            hz_adsb_matched(&f, fi, fq, z[v][0], z[v][1], z[v][2], N);
            for (int p = 0; p < 3; p++)
                memset(z[v][p] + 5 * N, 0, HZ_ADSB_WIDE * sizeof(float));
            hz_adsb_matched_init(&f, k->variant, 6, taps);
            hz_adsb_matched(&f, fi, fq, y[v][0], y[v][1], y[v][2], N / 8);
            for (int p = 0; p < 3; p++)
                memset(y[v][p] + 6 * (N / 8), 0, HZ_ADSB_WIDE * sizeof(float));
            power[v] = k->power(i[v], q[v], N);
        }
        const char *name = (*all)->name;
        cr_expect(memcmp(i[0], i[1], sizeof(*i)) == 0, "%s", name);
        cr_expect(memcmp(q[0], q[1], sizeof(*q)) == 0, "%s", name);
        cr_expect(memcmp(on[0], on[1], sizeof(*on)) == 0, "%s", name);
        cr_expect(memcmp(mid[0], mid[1], sizeof(*mid)) == 0, "%s", name);
        cr_expect(memcmp(sum[0], sum[1], sizeof(*sum)) == 0, "%s", name);
        cr_expect(memcmp(score[0], score[1], sizeof(*score)) == 0, "%s", name);
        cr_expect(openings > 2 * PLACES / 100 && openings < 2 * PLACES / 2, "%zu", openings);
        cr_expect_eq(wrong, 0, "%s", name);
        cr_expect(memcmp(open[0], open[1], sizeof(*open)) == 0, "%s", name);
        cr_expect(memcmp(z[0], z[1], sizeof(*z)) == 0, "%s", name);
        cr_expect(memcmp(y[0], y[1], sizeof(*y)) == 0, "%s", name);
        cr_expect(memcmp(some[0], some[1], sizeof(*some)) == 0, "%s", name);
        cr_expect_eq(nth[0], nth[1], "%s", name);
        cr_expect_eq(power[0], power[1], "%s", name);
    }
}
