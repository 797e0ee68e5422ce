/* The ACARS detector against the simulator's modulator, which shares nothing with it: carriers,
 * depths, clocks, parity, cuts, holes, texts of several blocks. */
#include "sim/acars.h"
#include "sim/signal.h"
#include "tests/unit/rig.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

extern const struct hz_decoder hz_acars_decoder;

enum { RATE = 14400, BLOCKS = 3, SECONDS = 4, N = RATE * SECONDS };

static float iq[2 * N];
static uint8_t block[BLOCKS][HZ_SIM_ACARS_BLOCK];
static size_t len[BLOCKS];
static struct rig heard;

struct air {
    double snr_db, offset_hz, clock_ppm, drift_hz_s;
    double depth; /* 0: 0.85 */
    double phase;
    unsigned key; /* 0: 180 */
    unsigned bad_parity, seed;
};

static const double begin_s[BLOCKS] = {0.2, 1.35, 2.5};

static void send(int i, const struct hz_sim_acars *how, const struct air *air)
{
    const struct hz_sim_acars_radio radio = {.depth = air->depth > 0 ? air->depth : 0.85,
                                             .phase = air->phase,
                                             .key = air->key > 0 ? air->key : 180,
                                             .bad_parity = air->bad_parity};
    const struct hz_span span = {iq, N, 0, RATE};
    const struct hz_sim_burst burst = {.start = begin_s[i] * RATE + 0.3 * i,
                                       .power = 0.01,
                                       .offset_hz = air->offset_hz,
                                       .phase = 0.13 * i,
                                       .clock = 1 + 1e-6 * air->clock_ppm};
    struct hz_sim_track track;
    len[i] = hz_sim_acars_block(how, block[i]);
    cr_assert_eq(hz_sim_acars(block[i], len[i], &radio, &track), 0);
    hz_sim_track_drift(&track, air->drift_hz_s);
    hz_sim_track_add(&track, &burst, &span);
    hz_sim_track_done(&track);
}

static void noise(const struct air *air)
{
    hz_sim_signal_noise(&(struct hz_span){iq, N, 0, RATE}, 0.01 / pow(10, air->snr_db / 10), 8330,
                        9 + air->seed);
}

/* Three downlinks of 30, 100 and 215 characters. */
static void receive(const struct air *air)
{
    static const size_t lengths[BLOCKS] = {30, 100, 215};
    struct hz_rng r;
    hz_rng_init(&r, 3 + air->seed, 1);
    memset(iq, 0, sizeof iq);
    noise(air);
    for (int i = 0; i < BLOCKS; i++) {
        char registration[8], text[221] = "M12ALH0400";
        hz_sim_acars_registration(&r, registration);
        for (size_t k = 10; k < lengths[i]; k++)
            text[k] = (char)(' ' + hz_rng_below(&r, 59));
        text[lengths[i]] = '\0';
        send(i, &(struct hz_sim_acars){registration, "80", text, '2', 0, '4', false}, air);
    }
}

static struct hz_samples samples(void)
{
    return (struct hz_samples){HZ_CF32, iq, N, 0};
}

/* How many of the three are decoded; nothing else may be. */
static size_t decode(const struct air *air)
{
    receive(air);
    struct hz_samples in = samples();
    rig_decode(&heard, &hz_acars_decoder, NULL, &in, 4800);
    for (size_t i = 0; i < heard.n; i++) {
        const struct hz_burst *b = &heard.message[i].burst;
        int k = 0;
        while (k < BLOCKS && (b->raw_len != len[k] || memcmp(b->raw, block[k], len[k]) != 0))
            k++;
        cr_assert(k < BLOCKS, "%s", heard.message[i].line);
        cr_expect_float_eq((double)b->offset_hz, air->offset_hz, 15 + 0.6 * fabs(air->drift_hz_s));
        double key_s = (air->key > 0 ? air->key : 180) / 2400.0;
        cr_expect_float_eq((double)b->sample / RATE, begin_s[k] + key_s - 16 / 2400.0, 0.002);
    }
    return heard.n;
}

static void expect_all(const char *what, double value, const struct air *air)
{
    size_t n = decode(air);
    cr_expect_eq(n, BLOCKS, "%s %g: %zu of %d", what, value, n, BLOCKS);
}

Test(acars, blocks_are_decoded_wherever_the_carrier_is)
{
    for (double hz = -2000; hz <= 2000; hz += 500)
        expect_all("carrier", hz, &(struct air){.snr_db = 9, .offset_hz = hz});
}

Test(acars, transmitters_that_are_off_are_decoded)
{
    static const double depth[] = {0.3, 0.5, 1, 1.3}, snr[] = {20, 12, 9, 12};
    static const double ppm[] = {-200, -100, 100, 200}, drift[] = {-100, -50, 50, 100};
    for (int i = 0; i < 4; i++) {
        expect_all("depth", depth[i], &(struct air){.snr_db = snr[i], .depth = depth[i]});
        expect_all("clock", ppm[i], &(struct air){.snr_db = 9, .clock_ppm = ppm[i]});
        expect_all("drift", drift[i], &(struct air){.snr_db = 9, .drift_hz_s = drift[i]});
    }
    for (double phase = 0; phase < 1; phase += 0.125)
        expect_all("phase", phase, &(struct air){.snr_db = 9, .phase = phase});
    expect_all("pre-key", 128, &(struct air){.snr_db = 9, .key = 128});
    expect_all("pre-key", 400, &(struct air){.snr_db = 9, .key = 400});
    expect_all("strong", 60, &(struct air){.snr_db = 60});
}

Test(acars, a_sender_with_other_parity_is_told_as_it_is)
{
    expect_all("parity", 7, &(struct air){.snr_db = 20, .bad_parity = 7});
    cr_expect_eq(rig_number(&heard.message[1], "error"), (double)(len[1] / 7));
}

Test(acars, blocks_are_repaired_near_the_threshold)
{
    size_t n = 0, repaired = 0;
    for (unsigned seed = 0; seed < 6; seed++) {
        n += decode(&(struct air){.snr_db = 5.5, .seed = seed});
        for (size_t i = 0; i < heard.n; i++)
            repaired += heard.message[i].burst.fixed_bits > 0;
    }
    cr_expect_geq(n, 14, "%zu of 18 at 5.5 dB", n);
    cr_expect_geq(repaired, 8);
}

Test(acars, cuts_and_beginnings_do_not_matter)
{
    receive(&(struct air){.snr_db = 6, .offset_hz = 700});
    struct hz_samples in = samples();
    rig_decode(&heard, &hz_acars_decoder, NULL, &in, 4800);
    cr_expect_geq(heard.n, 2);
    rig_expect_cuts(&heard, &hz_acars_decoder, NULL, &in);
}

/* A hole in a block, and a channel that is added in one, cost that block only. */
Test(acars, a_hole_costs_only_the_block_it_is_in)
{
    receive(&(struct air){.snr_db = 15});
    size_t cut = (size_t)(1.6 * RATE), gap = 200;
    struct hz_samples first = {HZ_CF32, iq, cut, 0};
    struct hz_samples second = {HZ_CF32, iq + 2 * (cut + gap), N - cut - gap, cut + gap};
    rig_start(&heard, &hz_acars_decoder, NULL);
    rig_push(&heard, &first, 999);
    rig_push(&heard, &second, 999);
    rig_finish(&heard);
    cr_assert_eq(heard.n, 2);
    cr_expect_arr_eq(heard.message[1].burst.raw, block[2], len[2]);
    rig_decode(&heard, &hz_acars_decoder, NULL, &second, 999);
    cr_expect_eq(heard.n, 1);
}

Test(acars, a_text_of_several_blocks_is_joined)
{
    static const char *const text[BLOCKS] = {"D50AWN4899#DFB7T217,8560,", "D50BWN4899#DFBB737-800,",
                                             "D50CWN4899#DFB260201"};
    memset(iq, 0, sizeof iq);
    noise(&(struct air){.snr_db = 15});
    for (int i = 0; i < BLOCKS; i++)
        send(i, &(struct hz_sim_acars){"N8560Z", "H1", text[i], '2', 0, (char)('2' + i), i < 2},
             &(struct air){0});
    struct hz_samples in = samples();
    rig_decode(&heard, &hz_acars_decoder, NULL, &in, 4800);
    cr_assert_eq(heard.n, 3);
    cr_expect_str_eq(rig_text(&heard.message[0], "assstat"), "in progress");
    cr_expect_str_eq(rig_text(&heard.message[0], "text"), "7T217,8560,");
    cr_expect_str_eq(rig_text(&heard.message[2], "assstat"), "complete");
    cr_expect_str_eq(rig_text(&heard.message[2], "text"), "7T217,8560,B737-800,260201");
    cr_expect_str_eq(rig_text(&heard.message[2], "block_text"), "260201");
    cr_expect_str_eq(rig_text(&heard.message[2], "sublabel"), "DF");
    cr_expect_str_eq(heard.message[2].about.id, "N8560Z");
}

Test(acars, a_position_is_that_of_its_message)
{
    memset(iq, 0, sizeof iq);
    send(0,
         &(struct hz_sim_acars){"N758US", "H1", "F95AAA2380POSN34261W108337,TMALE,000013,301,,",
                                '2', 0, '0', false},
         &(struct air){0});
    send(1,
         &(struct hz_sim_acars){"\0", "SQ", "02XAABQKABQ13502N10637WV136975/ARINC", '2', 0, 0,
                                false},
         &(struct air){0});
    struct hz_samples in = samples();
    rig_decode(&heard, &hz_acars_decoder, NULL, &in, 4800);
    cr_assert_eq(heard.n, 2);
    cr_expect_float_eq(heard.message[0].about.lat, 34 + 26.1 / 60, 1e-9);
    cr_expect_float_eq(rig_number(&heard.message[0], "alt"), 30100, 0);
    cr_expect_str_eq(heard.message[1].about.id, "KABQ");
    cr_expect_float_eq(heard.message[1].about.lon, -(106 + 37.0 / 60), 1e-9);
    cr_expect_null(cJSON_GetObjectItem(heard.message[1].own, "tail"));
}

/* The audio of an AM receiver, of any level and polarity. */
Test(acars, audio_will_do)
{
    static float audio[N];
    static const float gain[] = {1e-3f, 0.2f, -0.2f};
    receive(&(struct air){.snr_db = 25});
    struct hz_setup setup = rig_setup(&hz_acars_decoder);
    setup.audio = true;
    for (size_t g = 0; g < sizeof gain / sizeof gain[0]; g++) {
        for (size_t i = 0; i < N; i++)
            audio[i] = gain[g] * (10 * hypotf(iq[2 * i], iq[2 * i + 1]) - 0.5f);
        struct hz_samples in = {HZ_F32, audio, N, 0};
        rig_decode(&heard, &hz_acars_decoder, &setup, &in, 777);
        cr_expect_eq(heard.n, BLOCKS, "%g: %zu", (double)gain[g], heard.n);
    }
}

Test(acars, noise_and_silence_give_nothing)
{
    memset(iq, 0, sizeof iq);
    struct hz_samples in = samples();
    rig_decode(&heard, &hz_acars_decoder, NULL, &in, 4800);
    cr_expect_eq(heard.n, 0);
    noise(&(struct air){.snr_db = 0});
    rig_decode(&heard, &hz_acars_decoder, NULL, &in, 4800);
    cr_expect_eq(heard.n, 0);
    rig_expect_wrong_rate(&hz_acars_decoder, 12000, "acars");
}
