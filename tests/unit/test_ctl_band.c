/* hertzctl why: what it sees in pictures of a band whose contents are known. */
#include "ctl/band.h"

#include <criterion/criterion.h>
#include <math.h>

enum { BINS = 4000, PICTURES = 8 };
#define FROM   160e6
#define TO     162e6
#define BIN_HZ ((TO - FROM) / BINS)

struct picture {
    float level[BINS];
};

/* Noise of -60 dBFS a bin, within 1 dB. */
static void noise(struct picture *p, unsigned *seed, float dbfs)
{
    for (int i = 0; i < BINS; i++) {
        *seed = *seed * 1103515245 + 12345;
        p->level[i] = dbfs + (float)(*seed >> 16 & 0x7fff) / 32768 * 2 - 1;
    }
}

static void signal_at(struct picture *p, double freq_hz, double width_hz, float dbfs)
{
    int low = (int)lround((freq_hz - width_hz / 2 - FROM) / BIN_HZ);
    int n = (int)fmax(round(width_hz / BIN_HZ), 1);
    for (int i = low; i < low + n; i++)
        p->level[i] = dbfs;
}

static void add(struct hz_ctl_band *b, const struct picture *p)
{
    cr_assert_eq(hz_ctl_band_add(b, FROM, TO, p->level, BINS), 0);
}

/* So many pictures of noise, those of `with` with a signal in them. */
static struct hz_ctl_band band(int with, double freq_hz, double width_hz, float dbfs)
{
    struct hz_ctl_band b = {0};
    struct picture p;
    unsigned seed = 1;
    for (int i = 0; i < PICTURES; i++) {
        noise(&p, &seed, -60);
        if (i < with)
            signal_at(&p, freq_hz, width_hz, dbfs);
        add(&b, &p);
    }
    hz_ctl_band_end(&b);
    return b;
}

Test(ctl_band, noise)
{
    struct hz_ctl_band b = band(0, 0, 0, 0);
    struct hz_ctl_seen s;
    double hz[4];
    float dbfs;
    cr_expect_float_eq(b.floor, -60.2, 0.1); /* the level that 40 % do not exceed */
    cr_expect_lt(hz_ctl_band_loudest(&b, &dbfs), 1.5);
    cr_expect_lt(hz_ctl_band_moved(&b), 0.2);
    cr_expect_lt(hz_ctl_band_uneven(&b, &hz[0], &hz[1]), 0.5);
    cr_expect_not(hz_ctl_band_products(&b, hz, hz + 2));
    cr_assert(hz_ctl_band_channel(&b, 160.5e6, 25e3, 16e3, &s));
    cr_expect_lt(s.over_db, 1);
    cr_expect_eq(s.busy, 0);
    cr_expect(isnan(s.offset_hz));
    cr_expect_not(hz_ctl_band_channel(&b, 170e6, 25e3, 16e3, &s));
    hz_ctl_band_done(&b);
}

Test(ctl_band, a_transmission)
{
    struct hz_ctl_band b = band(2, 160.503e6, 10e3, -40);
    struct hz_ctl_seen s;
    cr_assert(hz_ctl_band_channel(&b, 160.5e6, 25e3, 16e3, &s));
    cr_expect_float_eq(s.over_db, 16.2, 0.5); /* 20 dB in 10 of 25 kHz */
    cr_expect_lt(s.always_db, 1);
    cr_expect_float_eq(s.busy, 0.25, 0.01);
    cr_expect_float_eq(s.width_hz, 10e3, BIN_HZ);
    cr_expect_float_eq(s.offset_hz, 3000, BIN_HZ);
    /* the same from a channel that it is not in */
    cr_assert(hz_ctl_band_channel(&b, 160.483e6, 25e3, 16e3, &s));
    cr_expect_lt(s.over_db, 1);
    cr_expect_float_eq(s.offset_hz, 20e3, BIN_HZ);
    cr_assert(hz_ctl_band_channel(&b, 160.4e6, 25e3, 16e3, &s));
    cr_expect(isnan(s.offset_hz));
    hz_ctl_band_done(&b);
}

Test(ctl_band, a_bare_carrier)
{
    struct hz_ctl_band b = band(PICTURES, 160.7e6, 500, -30);
    struct hz_ctl_seen s;
    cr_assert(hz_ctl_band_channel(&b, 160.7e6, 25e3, 16e3, &s));
    cr_expect_eq(s.busy, 1);
    cr_expect_gt(s.always_db, 10);
    cr_expect_leq(s.width_hz, 2 * BIN_HZ);
    hz_ctl_band_done(&b);
}

Test(ctl_band, an_overloaded_receiver)
{
    struct hz_ctl_band b = {0};
    struct picture p;
    unsigned seed = 1;
    double carrier[2], product[2];
    for (int i = 0; i < PICTURES; i++) {
        noise(&p, &seed, i % 2 ? -60 : -52);
        if (i % 2 == 0) {
            signal_at(&p, 160.4e6, 500, -12);
            signal_at(&p, 160.5e6, 500, -14);
            signal_at(&p, 160.3e6, 500, -40);
            signal_at(&p, 160.6e6, 500, -40);
        }
        add(&b, &p);
    }
    hz_ctl_band_end(&b);
    cr_assert(hz_ctl_band_products(&b, carrier, product));
    cr_expect_float_eq(carrier[0], 160.4e6, BIN_HZ);
    cr_expect_float_eq(carrier[1], 160.5e6, BIN_HZ);
    cr_expect_float_eq(product[0], 160.3e6, 2 * BIN_HZ);
    cr_expect_float_eq(product[1], 160.6e6, 2 * BIN_HZ);
    cr_expect_float_eq(hz_ctl_band_moved(&b), 8, 0.3);
    hz_ctl_band_done(&b);
}

Test(ctl_band, an_uneven_band)
{
    struct hz_ctl_band b = {0};
    struct picture p;
    unsigned seed = 1;
    double best, worst;
    noise(&p, &seed, -60);
    for (int i = BINS / 2; i < BINS; i++)
        p.level[i] -= 12;
    add(&b, &p);
    hz_ctl_band_end(&b);
    cr_expect_float_eq(hz_ctl_band_uneven(&b, &best, &worst), 12, 0.5);
    cr_expect(best < 161e6 && worst > 161e6);
    hz_ctl_band_done(&b);
    /* a wide station is no slope */
    b = band(PICTURES, 160.6e6, 180e3, -35);
    cr_expect_lt(hz_ctl_band_uneven(&b, &best, &worst), 0.5);
    hz_ctl_band_done(&b);
}

Test(ctl_band, pictures_of_another_band_are_left_out)
{
    struct hz_ctl_band b = {0};
    struct picture p;
    unsigned seed = 1;
    noise(&p, &seed, -60);
    add(&b, &p);
    cr_expect_eq(hz_ctl_band_add(&b, FROM + 1e6, TO + 1e6, p.level, BINS), 0);
    cr_expect_eq(hz_ctl_band_add(&b, FROM, TO, p.level, BINS / 2), 0);
    cr_expect_eq(hz_ctl_band_add(&b, FROM, TO, p.level, 0), 0);
    cr_expect_eq(b.pictures, 1);
    hz_ctl_band_done(&b);
}
