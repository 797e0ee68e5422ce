/* AX.25 frames in the levels of a modem: of any length, of any contents where they were received
 * whole, and not out of noise. */
#include "proto/packet/bell202/detect.h"
#include "proto/packet/g3ruh/detect.h"
#include "sim/hdlc.h"
#include "sim/noise.h"
#include "sim/packet.h"
#include "sim/rng.h"
#include "tests/unit/rig.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BITS = 1 << 16, BIT = 20, MOST = 64 };

/* What was found; the sink counts what was refused. */
struct heard {
    struct hz_sink sink;
    size_t n;
    struct {
        uint8_t bytes[HZ_AX25_FRAME_MAX];
        size_t len;
        double start;
    } of[MOST];
};
static struct heard heard;

static void found(void *ctx, const struct hz_ax25_frame *f, struct hz_sink *sink)
{
    struct heard *h = ctx;
    (void)sink;
    cr_expect_eq(f->fixed, 0);
    cr_assert_lt(h->n, MOST);
    cr_assert_leq(f->len, sizeof h->of[0].bytes);
    memcpy(h->of[h->n].bytes, f->bytes, f->len);
    h->of[h->n].len = f->len;
    h->of[h->n++].start = f->start;
}

/* The bits as levels of a signal of this strength in all parts, chunk by chunk. */
static void read_bits(const struct hz_sim_bits *bits, bool scrambled, float strength)
{
    static struct hz_ax25_frames f;
    static float symbol[BITS];
    const struct hz_ax25_frames_setup setup = {
        .bit_samples = BIT, .scrambled = scrambled, .found = found, .ctx = &heard};
    long credit = 0;
    memset(&heard, 0, sizeof heard);
    hz_sim_nrzi(bits, symbol);
    hz_ax25_frames_init(&f, &setup);
    for (size_t at = 0; at + HZ_AX25_CHUNK <= bits->n; at += HZ_AX25_CHUNK) {
        struct hz_ax25_chunk c = {.start = (double)at * BIT, .signal = 1, .noise = 0.1f};
        for (size_t i = 0; i < HZ_AX25_CHUNK; i++)
            c.level[i] = symbol[at + i] > 0;
        for (size_t p = 0; p < HZ_AX25_CHUNK / HZ_AX25_PART; p++)
            c.part[p] = strength;
        hz_ax25_frames_push(&f, &c, &credit, &heard.sink);
    }
    hz_ax25_frames_end(&f, &credit, &heard.sink);
}

static uint8_t bit[BITS];

static void flags(struct hz_sim_bits *b, int n)
{
    while (n-- > 0)
        hz_sim_bits_put(b, 8, 0x7e);
}

/* A UI frame with len bytes of information. */
static size_t ui_frame(uint8_t *frame, size_t len)
{
    static const uint8_t head[] = {0x9c, 0x62, 0x86, 0x82, 0x98, 0x98, 0xe0, 0x9c,
                                   0x60, 0x86, 0x82, 0x98, 0x98, 0x63, 0x03, 0xf0};
    memcpy(frame, head, sizeof head);
    for (size_t i = 0; i < len; i++)
        frame[sizeof head + i] = (uint8_t)(i * i + len);
    return sizeof head + len;
}

Test(ax25_frames, of_any_length)
{
    static const size_t lengths[] = {0, 1, 256, 390, 512, 777, 1024, 1500, 2000, HZ_AX25_INFO_MAX};
    for (int scrambled = 0; scrambled < 2; scrambled++) {
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
            uint8_t frame[HZ_AX25_FRAME_MAX];
            struct hz_sim_bits b = {bit, 0, BITS};
            size_t len = ui_frame(frame, lengths[i]);
            flags(&b, 30);
            hz_sim_hdlc_frame(&b, frame, len);
            size_t second = b.n - 8;
            hz_sim_hdlc_frame(&b, frame, len);
            flags(&b, 40);
            if (scrambled)
                hz_sim_scramble_g3ruh(&b);
            read_bits(&b, scrambled, 1);
            cr_assert_eq(heard.n, 2, "%zu", lengths[i]);
            for (size_t k = 0; k < 2; k++) {
                cr_expect_eq(heard.of[k].len, len);
                cr_expect_arr_eq(heard.of[k].bytes, frame, len);
            }
            cr_expect_float_eq(heard.of[0].start, 30 * 8 * BIT, BIT);
            cr_expect_float_eq(heard.of[1].start, (double)(second + 8) * BIT, BIT);
            cr_expect_eq(heard.sink.count[HZ_BAD_CRC], 0);
        }
    }
}

/* Longer than any is sent: given up, and what follows is read. */
Test(ax25_frames, none_is_longer_than_can_be)
{
    static uint8_t frame[HZ_AX25_FRAME_MAX + 1];
    struct hz_sim_bits b = {bit, 0, BITS};
    ui_frame(frame, sizeof frame - 16);
    flags(&b, 30);
    hz_sim_hdlc_frame(&b, frame, sizeof frame);
    size_t len = ui_frame(frame, 9);
    hz_sim_hdlc_frame(&b, frame, len);
    flags(&b, 40);
    read_bits(&b, false, 1);
    cr_assert_eq(heard.n, 1);
    cr_expect_eq(heard.of[0].len, len);
}

/* A long frame with a wrong bit is one that failed. */
Test(ax25_frames, a_long_one_that_is_wrong_is_counted)
{
    static uint8_t frame[HZ_AX25_FRAME_MAX];
    struct hz_sim_bits b = {bit, 0, BITS};
    flags(&b, 30);
    hz_sim_hdlc_frame(&b, frame, ui_frame(frame, 1000));
    flags(&b, 40);
    bit[4000] ^= 1;
    read_bits(&b, false, 1);
    cr_expect_eq(heard.n, 0);
    cr_expect_eq(heard.sink.count[HZ_BAD_CRC], 1);
}

/* No form of AX.25: no end bit, control characters in an address, nothing behind the addresses. */
static const struct {
    uint8_t bytes[20];
    size_t len;
} odd[] = {
    {{0x82, 0x82, 0x82, 0x82, 0x82, 0x82, 0xe0, 0x84, 0x84, 0x84, 0x84, 0x84, 0x84, 0x60, 0, 2},
     16},
    {{2, 4, 6, 8, 10, 12, 0xe0, 0x84, 0x84, 0x84, 0x84, 0x84, 0x84, 0x61, 3, 0xf0, 1, 2}, 18},
    {{0x82, 0x82, 0x82, 0x82, 0x82, 0x82, 0xe0, 0x84, 0x84, 0x84, 0x84, 0x84, 0x84, 0x61, 3}, 15},
    {{0x00, 0x05, 0x8b, 0x2c, 0x30, 0x00, 0x01, 0x03}, 8}, /* FlexNet's compressed header */
    {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20}, 20},
};

static const struct around {
    int zeros;      /* ahead of the flags, in eights */
    int before;     /* flags, the frame's own included */
    bool behind;    /* an ordinary frame, its closing flag being the odd one's opening flag */
    bool earlier;   /* ordinary frame, then 40 bits of something else */
    float strength; /* of the signal */
    bool told;
} places[] = {{0, 2, false, false, -1, true}, {2, 1, false, false, -1, true},
              {0, 1, true, false, -1, true},  {0, 1, false, true, 1, true},
              {0, 1, false, true, -1, false}, {0, 1, false, false, 1, false},
              {1, 1, false, false, 1, false}};

Test(ax25_frames, odd_ones_where_something_was_sent)
{
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        cr_expect_not(hz_ax25_plausible(odd[i].bytes, odd[i].len, false));
        for (size_t k = 0; k < sizeof places / sizeof *places; k++) {
            uint8_t frame[64];
            struct hz_sim_bits b = {bit, 0, BITS};
            hz_sim_bits_put(&b, 32, 0x33333333);
            if (places[k].behind || places[k].earlier)
                hz_sim_hdlc_frame(&b, frame, ui_frame(frame, 20));
            if (places[k].earlier)
                hz_sim_bits_put(&b, 20, 0x33333);
            if (places[k].behind)
                b.n -= 8;
            for (int n = 0; n < places[k].zeros; n++)
                hz_sim_bits_put(&b, 8, 0);
            flags(&b, places[k].before - 1);
            hz_sim_hdlc_frame(&b, odd[i].bytes, odd[i].len);
            for (int n = 0; n < 100; n++)
                hz_sim_bits_put(&b, 8, 0x33);
            read_bits(&b, false, places[k].strength);
            size_t ordinary = places[k].behind || places[k].earlier;
            cr_expect_eq(heard.n, ordinary + places[k].told, "%zu, %zu: %zu", i, k, heard.n);
            cr_expect_eq(heard.sink.count[HZ_SANITY], !places[k].told);
        }
    }
}

/* The check passes 0000 as well, and other short ones that idle bits make. */
Test(ax25_frames, none_is_shorter_than_can_be)
{
    static const uint8_t bytes[7] = {0};
    for (size_t len = 0; len <= 8; len++) {
        struct hz_sim_bits b = {bit, 0, BITS};
        uint8_t frame[8] = {1, 2, 3, 4, 5, 6, 7, 8};
        flags(&b, 30);
        hz_sim_hdlc_frame(&b, len == 8 ? frame : bytes, len);
        flags(&b, 40);
        read_bits(&b, false, 1);
        cr_expect_eq(heard.n, len == 8);
    }
}

/* What the check passes of noise: any bytes between single flags, noise around. Told are those few
 * that noise set behind two flags in a row. */
Test(ax25_frames, noise_that_passes_the_check_is_none, .timeout = 60)
{
    enum { FRAMES = 5000 };
    struct hz_rng r;
    size_t told = 0, passed = 0;
    hz_rng_init(&r, 4, 4);
    for (size_t sent = 0; sent < FRAMES;) {
        struct hz_sim_bits b = {bit, 0, BITS};
        while (b.n < BITS - 2000) {
            uint8_t frame[60];
            size_t len = 15 + hz_rng_below(&r, 45);
            for (size_t i = 0; i < len; i++)
                frame[i] = (uint8_t)hz_rng_below(&r, 256);
            for (unsigned i = 20 + hz_rng_below(&r, 60); i > 0; i--)
                hz_sim_bits_put(&b, 8, hz_rng_below(&r, 256));
            hz_sim_hdlc_frame(&b, frame, len);
            sent++;
        }
        read_bits(&b, false, -1);
        told += heard.n;
        passed += (size_t)heard.sink.count[HZ_SANITY];
    }
    cr_expect_gt(passed, FRAMES * 95 / 100, "%zu", passed);
    cr_expect_lt(told, FRAMES / 50, "%zu", told);
}

/* 1,600 bytes on the air at 15 dB: the detectors stay with it to its end. */
static void on_the_air(bool tones)
{
    uint8_t frame[HZ_AX25_FRAME_MAX];
    double rate = tones ? 24e3 : 48e3;
    struct hz_sim_packet packet = {frame, ui_frame(frame, 1600), 60, 2};
    const struct hz_sim_fsk fsk = {9600, 3000, 0.5, 8};
    struct hz_sim_track track;
    struct hz_noise noise;
    cr_assert_eq(tones ? hz_sim_packet_bell202(&packet, 3000, 1, &track)
                       : hz_sim_packet_g3ruh(&packet, &fsk, &track),
                 0);
    struct hz_sim_burst burst = {4000.3, 1, 200, 0.2, 1};
    size_t n = 8000 + (size_t)hz_sim_track_samples(&track, &burst, rate);
    float *iq = malloc(2 * sizeof *iq * n);
    hz_noise_init(&noise, 3);
    hz_noise_fill(&noise, iq, n, 0.175f);
    hz_sim_track_add(&track, &burst, &(struct hz_span){iq, n, 0, rate});
    hz_sim_track_done(&track);
    struct rig r = {0};
    struct hz_samples all = {HZ_CF32, iq, n, 0};
    rig_begin(&r, tones ? "aprs" : "ax25-9600", rate);
    if (tones) {
        struct hz_bell202_detect *d = calloc(1, sizeof *d);
        cr_assert_eq(hz_bell202_detect_init(d, 400), 0);
        hz_ax25_follow_push(&d->follow, &all, &r.sink);
        hz_ax25_follow_flush(&d->follow, &r.sink);
        hz_bell202_detect_done(d);
        free(d);
    } else {
        struct hz_g3ruh_detect *d = calloc(1, sizeof *d);
        cr_assert_eq(hz_g3ruh_detect_init(d, 600), 0);
        hz_ax25_follow_push(&d->follow, &all, &r.sink);
        hz_ax25_follow_flush(&d->follow, &r.sink);
        hz_g3ruh_detect_done(d);
        free(d);
    }
    rig_end(&r);
    cr_expect_eq(r.n, 2, "%zu", r.n);
    for (size_t i = 0; i < r.n; i++) {
        cr_expect_eq(r.message[i].burst.fixed_bits, 0);
        cr_expect_arr_eq(r.message[i].burst.raw, frame, packet.len);
    }
    cr_expect_eq(r.sink.count[HZ_SHED], 0);
    rig_free(&r);
    free(iq);
}

Test(ax25_frames, long_ones_on_the_air, .timeout = 60)
{
    on_the_air(true);
    on_the_air(false);
}
