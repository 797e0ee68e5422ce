/* The VDL2 decoder against the simulator's encoder, which shares nothing with it. Captures of
 * another generator and dumpvdl2's model are in tests/e2e/test_vdl2.py. */
#include "proto/vdl2/detect.h"
#include "sim/rng.h"
#include "sim/signal.h"
#include "sim/vdl2.h"
#include "tests/unit/rig.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

extern const struct hz_decoder hz_vdl2_decoder;

enum { RATE = HZ_VDL2_RATE_HZ, N = RATE * 2 };

static float iq[2 * N];

/* A frame of n octets of information from an aircraft, which draws them. */
static size_t make_frame(struct hz_rng *r, size_t n, uint8_t *frame)
{
    const struct hz_sim_vdl2_address to = {4, 0x1144aa, 0}, from = {1, 0xabfdaf, 0};
    static uint8_t information[2048];
    for (size_t i = 0; i < n; i++)
        information[i] = (uint8_t)hz_rng_u32(r);
    return hz_sim_vdl2_frame(&to, &from, 0x44, information, n, frame);
}

/* How a transmission is received. */
struct radio {
    double start, offset_hz, ppm, drift_hz_s;
    int root;
};

/* Adds it to the samples; where it ends. */
static double transmit(const struct hz_sim_vdl2_frames *frames, const struct radio *radio)
{
    struct hz_sim_track track;
    struct hz_span span = {iq, N, 0, RATE};
    struct hz_sim_burst burst = {.start = radio->start,
                                 .power = 0.01,
                                 .offset_hz = radio->offset_hz,
                                 .phase = 0.3,
                                 .clock = 1 + 1e-6 * radio->ppm};
    cr_assert_eq(hz_sim_vdl2_track(frames, radio->root, &track), 0);
    if (radio->drift_hz_s != 0)
        hz_sim_track_drift(&track, radio->drift_hz_s);
    hz_sim_track_add(&track, &burst, &span);
    double end = burst.start + hz_sim_track_samples(&track, &burst, RATE);
    hz_sim_track_done(&track);
    return end;
}

static struct hz_samples samples(void)
{
    return (struct hz_samples){HZ_CF32, iq, N, 0};
}

static void noise(double snr_db)
{
    struct hz_span span = {iq, N, 0, RATE};
    hz_sim_signal_noise(&span, 0.01 / pow(10, snr_db / 10), 25e3, 7);
}

static void expect_raw(const struct rig_message *m, const uint8_t *frame, size_t n)
{
    cr_assert_eq(m->burst.raw_len, n);
    cr_expect_arr_eq(m->burst.raw, frame, n);
}

/* One frame at 20 dB under these conditions, in one piece. */
static void expect_heard(const struct radio *radio, size_t octets)
{
    uint8_t frame[2100];
    struct hz_rng rng;
    struct rig r = {0};
    hz_rng_init(&rng, octets, 1);
    struct hz_sim_vdl2_frames frames = {{frame}, {make_frame(&rng, octets, frame)}, 1};
    noise(20);
    transmit(&frames, radio);
    struct hz_samples all = samples();
    rig_decode(&r, &hz_vdl2_decoder, NULL, &all, 1000);
    cr_assert_eq(r.n, 1, "%zu messages with %zu octets, %g Hz, %g ppm", r.n, octets,
                 radio->offset_hz, radio->ppm);
    expect_raw(&r.message[0], frame, frames.len[0]);
    cr_expect_float_eq((double)r.message[0].burst.offset_hz, radio->offset_hz, 10);
    rig_free(&r);
}

Test(vdl2, lengths_at_which_the_error_correction_changes)
{
    static const size_t octets[] = {0,   1,   15,  16,  17,  18,  52,  53,  54,  55,   200,
                                    230, 236, 238, 239, 240, 241, 300, 480, 500, 1200, 1900};
    for (size_t i = 0; i < sizeof octets / sizeof octets[0]; i++)
        expect_heard(&(struct radio){.start = 5000.3}, octets[i]);
}

Test(vdl2, carriers_clocks_and_pulses)
{
    expect_heard(&(struct radio){.start = 1000.7, .offset_hz = 1500}, 150);
    expect_heard(&(struct radio){.start = 1000.2, .offset_hz = -1500}, 150);
    expect_heard(&(struct radio){.start = 2000, .ppm = 100}, 150);
    expect_heard(&(struct radio){.start = 2000, .ppm = -100}, 1900);
    expect_heard(&(struct radio){.start = 3000, .drift_hz_s = 2000}, 400);
    expect_heard(&(struct radio){.start = 4000, .root = 1, .offset_hz = 700, .ppm = 50}, 400);
}

Test(vdl2, transmissions_in_a_row_however_they_are_cut)
{
    static uint8_t frame[3][600];
    struct hz_rng rng;
    struct rig r = {0};
    size_t len[3];
    hz_rng_init(&rng, 3, 1);
    noise(15);
    for (int i = 0; i < 3; i++)
        len[i] = make_frame(&rng, (size_t)(20 + 150 * i), frame[i]);
    double at = 900;
    for (int i = 0; i < 3; i++) /* the first one alone, then two in one */
        at = 200 + transmit(&(struct hz_sim_vdl2_frames){{frame[i], frame[1]},
                                                         {len[i], len[1]},
                                                         i == 2 ? 2 : 1},
                            &(struct radio){.start = at, .offset_hz = 300.0 * i});
    struct hz_samples all = samples();
    rig_decode(&r, &hz_vdl2_decoder, NULL, &all, 0);
    cr_assert_eq(r.n, 4);
    for (int i = 0; i < 3; i++)
        expect_raw(&r.message[i], frame[i], len[i]);
    expect_raw(&r.message[3], frame[1], len[1]);
    cr_expect_eq(rig_number(&r.message[2], "idx"), 0);
    cr_expect_eq(rig_number(&r.message[3], "idx"), 1);
    cr_expect_eq(r.message[2].burst.sample, r.message[3].burst.sample);
    rig_expect_cuts(&r, &hz_vdl2_decoder, NULL, &all);
    rig_free(&r);
}

/* A stream that breaks in the middle of a transmission, or begins there, costs that one only. */
Test(vdl2, gaps)
{
    uint8_t frame[300];
    struct hz_rng rng;
    struct rig r = {0};
    hz_rng_init(&rng, 4, 1);
    size_t len = make_frame(&rng, 150, frame);
    const struct hz_sim_vdl2_frames frames = {{frame}, {len}, 1};
    noise(20);
    double end = transmit(&frames, &(struct radio){.start = 1000});
    transmit(&frames, &(struct radio){.start = end + 500});
    struct hz_samples all = samples(), first = all, rest = all;
    const size_t half = (size_t)(1000 + end) / 2, hole = 300;
    rig_start(&r, &hz_vdl2_decoder, NULL);
    first.n = half;
    rig_push(&r, &first, 777);
    hz_samples_pass(&rest, half + hole);
    r.decoder->reset(r.state, &r.sink);
    rig_push(&r, &rest, 777);
    rig_finish(&r);
    cr_assert_eq(r.n, 1);
    cr_expect_gt(r.message[0].burst.sample, (uint64_t)end);
    rig_free(&r);
    rig_decode(&r, &hz_vdl2_decoder, NULL, &rest, 777);
    cr_expect_eq(r.n, 1);
    rig_free(&r);
}

Test(vdl2, errors_are_corrected_and_counted)
{
    uint8_t frame[300];
    struct hz_rng rng;
    struct rig r = {0};
    hz_rng_init(&rng, 5, 1);
    size_t len = make_frame(&rng, 200, frame);
    noise(30);
    transmit(&(struct hz_sim_vdl2_frames){{frame}, {len}, 1}, &(struct radio){.start = 1000});
    for (size_t i = 2 * 1700; i < 2 * 1708; i++) /* two symbols in the middle */
        iq[i] = -iq[i];
    struct hz_samples all = samples();
    rig_decode(&r, &hz_vdl2_decoder, NULL, &all, 1000);
    cr_assert_eq(r.n, 1);
    expect_raw(&r.message[0], frame, len);
    cr_expect_gt(rig_number(&r.message[0], "octets_corrected_by_fec"), 0);
    cr_expect_gt(r.message[0].burst.fixed_bits, 0);
    rig_free(&r);
}

/* Not even numbers: what follows is decoded. */
Test(vdl2, samples_of_any_value)
{
    static const float values[] = {NAN, INFINITY, -INFINITY, 1e38f, -1e30f, 1e-42f};
    uint8_t frame[300];
    struct hz_rng rng;
    struct rig r = {0};
    hz_rng_init(&rng, 6, 1);
    size_t len = make_frame(&rng, 200, frame);
    const struct hz_sim_vdl2_frames frames = {{frame}, {len}, 1};
    noise(20);
    double end = transmit(&frames, &(struct radio){.start = 1000});
    for (size_t i = 0; i < 60; i++)
        iq[2 * (size_t)hz_rng_between(&rng, 900, end)] = values[i % 6];
    transmit(&frames, &(struct radio){.start = end + 300});
    struct hz_samples all = samples();
    rig_decode(&r, &hz_vdl2_decoder, NULL, &all, 1000);
    cr_assert_geq(r.n, 1);
    expect_raw(&r.message[r.n - 1], frame, len);
    rig_free(&r);
}

Test(vdl2, nothing_in_noise)
{
    struct rig r = {0};
    struct hz_samples all = samples();
    noise(0);
    rig_decode(&r, &hz_vdl2_decoder, NULL, &all, 1000);
    cr_expect_eq(r.n, 0);
    rig_free(&r);
}

Test(vdl2, other_rates_are_refused)
{
    rig_expect_wrong_rate(&hz_vdl2_decoder, 48000, "vdl2 needs 42000");
}
