/* The RS41 detector against the simulator's modulator: carriers, clocks, deviations, cuts. */
#include "proto/rs41/frame.h"
#include "tests/unit/sonde.h"

#include <criterion/criterion.h>
#include <math.h>

enum { RATE = HZ_RS41_RATE_HZ, FRAMES = 3, N = RATE * FRAMES + RATE / 2 };

static float iq[2 * N];
static uint8_t frame[FRAMES][HZ_SIM_SONDE_FRAME];
static struct rig heard;

static struct hz_samples samples(uint64_t first)
{
    return (struct hz_samples){HZ_CF32, iq, N, first};
}

/* Three frames, a second apart; the first header begins at sample 0.27 RATE. */
static void receive(const struct sonde_air *air)
{
    const struct hz_span span = {iq, N, 0, RATE};
    struct hz_sim_sonde sonde;
    struct hz_rng r;
    hz_rng_init(&r, 5 + air->seed, 1);
    hz_sim_sonde_init(&sonde, &r, 53, 9, 5000);
    sonde_noise(air, &span);
    for (int i = 0; i < FRAMES; i++) {
        unsigned preamble = air->preamble > 0 ? air->preamble : HZ_SIM_SONDE_PREAMBLE;
        hz_sim_sonde_step(&sonde);
        hz_sim_sonde_frame(&sonde, frame[i]);
        sonde_send(frame[i], HZ_SIM_SONDE_FRAME, (0.27 + i) * RATE - 5.0 * preamble, air, &span);
    }
}

/* How many of the three are decoded; nothing else may be. */
static size_t decode(const struct sonde_air *air)
{
    struct hz_samples in;
    size_t right = 0;
    receive(air);
    in = samples(0);
    rig_decode(&heard, &hz_rs41_decoder, NULL, &in, 4800);
    for (size_t i = 0; i < heard.n; i++) {
        const struct hz_burst *b = &heard.message[i].burst;
        cr_assert_eq(b->raw_len, HZ_SIM_SONDE_FRAME);
        int k = (int)lround((double)b->sample / RATE - 0.27);
        cr_assert(k >= 0 && k < FRAMES);
        cr_expect_arr_eq(b->raw, frame[k], HZ_SIM_SONDE_FRAME);
        cr_expect_float_eq((double)b->sample, (0.27 + k) * RATE, 3);
        right++;
    }
    return right;
}

static void expect_all(const char *what, double value, const struct sonde_air *air)
{
    size_t n = decode(air);
    cr_expect_eq(n, FRAMES, "%s %g: %zu of %d", what, value, n, FRAMES);
}

Test(rs41_detect, frames_are_decoded_wherever_the_carrier_is)
{
    for (double hz = -3400; hz <= 3400; hz += 850) {
        expect_all("carrier", hz, &(struct sonde_air){.snr_db = 6, .offset_hz = hz});
        for (size_t i = 0; i < heard.n; i++)
            cr_expect_float_eq((double)heard.message[i].burst.offset_hz, hz, 20);
    }
}

Test(rs41_detect, transmitters_that_are_off_are_decoded)
{
    static const double ppm[] = {-1500, -300, 300, 1500}, deviation[] = {1500, 1800, 3200, 4000},
                        bt[] = {0.3, 1, 5}, drift[] = {-1500, 1500};
    for (int i = 0; i < 4; i++) {
        expect_all("clock", ppm[i], &(struct sonde_air){.snr_db = 6, .clock_ppm = ppm[i]});
        expect_all("deviation", deviation[i],
                   &(struct sonde_air){.snr_db = 10, .deviation_hz = deviation[i]});
    }
    for (int i = 0; i < 3; i++)
        expect_all("BT", bt[i], &(struct sonde_air){.snr_db = 8, .bt = bt[i]});
    for (int i = 0; i < 2; i++)
        expect_all("drift", drift[i], &(struct sonde_air){.snr_db = 6, .drift_hz_s = drift[i]});
}

Test(rs41_detect, a_short_preamble_and_a_transmitter_that_goes_on_do_not_matter)
{
    expect_all("preamble", 16, &(struct sonde_air){.snr_db = 8, .preamble = 16});
    expect_all("tail", 64, &(struct sonde_air){.snr_db = 8, .tail = 64});
}

Test(rs41_detect, frames_are_repaired_near_the_threshold)
{
    size_t n = 0;
    for (uint64_t seed = 0; seed < 4; seed++)
        n += decode(&(struct sonde_air){.snr_db = 3, .seed = seed});
    cr_expect_geq(n, 11, "%zu of 12 at 3 dB", n);
}

Test(rs41_detect, cuts_and_beginnings_do_not_matter)
{
    struct hz_samples in;
    receive(&(struct sonde_air){.snr_db = 2.5});
    in = samples(0);
    rig_decode(&heard, &hz_rs41_decoder, NULL, &in, 4800);
    cr_expect_geq(heard.n, 1);
    rig_expect_cuts(&heard, &hz_rs41_decoder, NULL, &in);
}

Test(rs41_detect, a_hole_costs_only_the_frame_it_is_in)
{
    receive(&(struct sonde_air){.snr_db = 12});
    struct hz_samples first = {HZ_CF32, iq, RATE * 3 / 2, 0};
    struct hz_samples second = {HZ_CF32, iq + 2 * (RATE * 3 / 2 + 100), N - RATE * 3 / 2 - 100,
                                RATE * 3 / 2 + 100};
    rig_start(&heard, &hz_rs41_decoder, NULL);
    rig_push(&heard, &first, 999);
    rig_push(&heard, &second, 999); /* not continuous: the decoder notices */
    rig_finish(&heard);
    cr_assert_eq(heard.n, 2);
    cr_expect_arr_eq(heard.message[0].burst.raw, frame[0], HZ_SIM_SONDE_FRAME);
    cr_expect_arr_eq(heard.message[1].burst.raw, frame[2], HZ_SIM_SONDE_FRAME);
}

Test(rs41_detect, a_stream_may_begin_in_the_preamble_and_end_with_the_frame)
{
    receive(&(struct sonde_air){.snr_db = 12});
    size_t from = (size_t)(0.27 * RATE) - 5 * 40, to = (size_t)(0.27 * RATE) + 5 * 8 * 320;
    struct hz_samples in = {HZ_CF32, iq + 2 * from, to - from, 777};
    rig_decode(&heard, &hz_rs41_decoder, NULL, &in, 100);
    cr_assert_eq(heard.n, 1);
    cr_expect_arr_eq(heard.message[0].burst.raw, frame[0], HZ_SIM_SONDE_FRAME);
}

/* Blocks of text from instruments behind those of a standard frame. */
Test(rs41_detect, extended_frames_are_decoded)
{
    static uint8_t long_frame[HZ_RS41_EXTENDED];
    static const char *const said[] = {"0105A4F0", "0501C0FFEE"};
    struct hz_span span = {iq, N, 0, RATE};
    struct sonde_air air = {.snr_db = 4};
    struct hz_rs rs;
    receive(&air);
    memcpy(long_frame, frame[0], 0x12b);
    long_frame[HZ_RS41_TYPE] = 0xf0;
    size_t at = 0x12b;
    for (int i = 0; i < 2; i++) {
        size_t n = 1 + strlen(said[i]);
        long_frame[at] = HZ_RS41_XDATA;
        long_frame[at + 1] = (uint8_t)n;
        long_frame[at + 2] = (uint8_t)i;
        memcpy(long_frame + at + 3, said[i], n - 1);
        unsigned crc = hz_rs41_crc(long_frame + at + 2, n);
        long_frame[at + 2 + n] = (uint8_t)crc;
        long_frame[at + 3 + n] = (uint8_t)(crc >> 8);
        at += n + 4;
    }
    hz_rs41_code(&rs);
    for (unsigned w = 0; w < HZ_RS41_WORDS; w++) {
        uint8_t word[HZ_RS_ORDER];
        size_t len = hz_rs41_word_len(HZ_RS41_EXTENDED);
        for (size_t i = 0; i < len; i++)
            word[i] = long_frame[hz_rs41_word_at(w, i)];
        hz_rs_encode(&rs, word, len);
        for (size_t i = 0; i < len; i++)
            long_frame[hz_rs41_word_at(w, i)] = word[i];
    }
    sonde_noise(&air, &span);
    sonde_send(long_frame, sizeof long_frame, 1000, &air, &span);
    struct hz_samples in = samples(0);
    rig_decode(&heard, &hz_rs41_decoder, NULL, &in, 4800);
    cr_assert_eq(heard.n, 1);
    cr_assert_eq(heard.message[0].burst.raw_len, HZ_RS41_EXTENDED);
    cr_expect_arr_eq(heard.message[0].burst.raw, long_frame, HZ_RS41_EXTENDED);
    cr_expect_str_eq(rig_text(&heard.message[0], "aux"), "0105A4F0#0501C0FFEE");
}

/* What a discriminator makes of it, in either polarity, with hum. */
Test(rs41_detect, audio_is_decoded_in_both_polarities)
{
    static float audio[N];
    receive(&(struct sonde_air){.snr_db = 14, .offset_hz = 500});
    struct hz_setup setup = rig_setup(&hz_rs41_decoder);
    setup.audio = true;
    for (int sign = -1; sign <= 1; sign += 2) {
        for (size_t i = 1; i < N; i++) {
            const float *y = iq + 2 * i;
            float angle = atan2f(y[1] * y[-2] - y[0] * y[-1], y[0] * y[-2] + y[1] * y[-1]);
            audio[i] = (float)sign * 0.1f * angle + 0.004f * sinf((float)i * 0.0131f);
        }
        struct hz_samples in = {HZ_F32, audio, N, 0};
        rig_decode(&heard, &hz_rs41_decoder, &setup, &in, 480);
        cr_expect_eq(heard.n, FRAMES, "polarity %d: %zu", sign, heard.n);
        for (size_t i = 0; i < heard.n && i < FRAMES; i++)
            cr_expect_arr_eq(heard.message[i].burst.raw, frame[i], HZ_SIM_SONDE_FRAME);
    }
    struct hz_samples in = {HZ_F32, audio, N, 0};
    rig_expect_cuts(&heard, &hz_rs41_decoder, &setup, &in);
}

Test(rs41_detect, noise_and_carriers_give_nothing, .timeout = 60)
{
    enum { LONG = RATE * 60 };
    float *x = malloc(2 * sizeof *x * LONG);
    struct hz_span span = {x, LONG, 0, RATE};
    memset(x, 0, 2 * sizeof *x * LONG);
    hz_sim_signal_noise(&span, 0.01, 12500, 9);
    struct hz_samples in = {HZ_CF32, x, LONG, 0};
    rig_decode(&heard, &hz_rs41_decoder, NULL, &in, 4800);
    cr_expect_eq(heard.n, 0);
    for (size_t i = 0; i < LONG; i++)
        x[2 * i] += 1;
    rig_decode(&heard, &hz_rs41_decoder, NULL, &in, 4800);
    cr_expect_eq(heard.n, 0);
    memset(x, 0, 2 * sizeof *x * LONG);
    rig_decode(&heard, &hz_rs41_decoder, NULL, &in, 4800);
    cr_expect_eq(heard.n, 0);
    free(x);
}
