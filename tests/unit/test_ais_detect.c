/* The AIS detector against captures of a generator that shares nothing with it (HZ_SHARED, default
 * ../shared) and against the simulator's modulator. */
#include "proto/ais/detect.h"
#include "proto/ais/judge.h"
#include "sim/fsk.h"
#include "sim/hdlc.h"
#include "sim/noise.h"
#include "tests/unit/capture.h"
#include "tests/unit/rig.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RATE = HZ_AIS_RATE_HZ, SECONDS = 12 };

extern const struct hz_decoder hz_ais_decoder;

static struct rig heard, again;

/* Pushes of `cut` samples; 0: of all sizes. The first sample has index `first`. */
static void detect(const float *iq, size_t n, size_t cut, uint64_t first, struct rig *r)
{
    rig_decode(r, &hz_ais_decoder, NULL, &(struct hz_samples){HZ_CF32, iq, n, first}, cut);
}

/* One channel of a capture; NULL where that is not there. */
static float *channel(const char *name, double offset_hz, size_t *n)
{
    struct capture_channel where = {288e3, offset_hz, RATE, 25e3, (size_t)RATE * SECONDS};
    return capture_channel(name, &where, n);
}

/* Holds what was heard against the capture's truth; returns how many of its messages were. */
static size_t compare(const char *name, const struct rig *h, size_t *sent)
{
    char line[4096], hex[2 * HZ_AIS_PAYLOAD_MAX + 1];
    size_t right = 0;
    FILE *f = capture_open(name, "jsonl");
    cr_assert_not_null(f);
    for (*sent = 0; fgets(line, sizeof line, f); ++*sent) {
        const char *want = strstr(line, "\"hex\": \"") + 8;
        double at = capture_number(line, "\"t\": ") * RATE;
        for (size_t i = 0; i < h->n; i++) {
            const struct hz_burst *b = &h->message[i].burst;
            for (size_t k = 0; k < b->raw_len; k++)
                snprintf(hex + 2 * k, 3, "%02X", b->raw[k]);
            if (fabs((double)b->sample - at) > 100 || strncmp(want, hex, 2 * b->raw_len) != 0)
                continue;
            right++;
            cr_expect_float_eq((double)b->sample, at, 3);
            cr_expect_float_eq((double)b->offset_hz, capture_number(line, "\"foff\": "), 20);
            cr_expect_float_eq((double)b->snr_db, capture_number(line, "\"snr\": "), 1.5);
        }
    }
    fclose(f);
    return right;
}

Test(ais_detect, captures_are_heard_as_well_as_they_should, .timeout = 60)
{
    static const struct {
        const char *name;
        double offset_hz;
        size_t least; /* of 100 */
    } captures[] = {{"ais_s1_162M_288k", -25e3, 55},
                    {"ais_s2_162M_288k", -25e3, 80},
                    {"ais_s4_162M_288k", -25e3, 97},
                    {"ais_s10_162M_288k", -25e3, 100},
                    {"ais_s15_162M_288k", 25e3, 100}};
    for (size_t i = 0; i < sizeof captures / sizeof captures[0]; i++) {
        size_t n, sent;
        float *iq = channel(captures[i].name, captures[i].offset_hz, &n);
        if (!iq)
            cr_skip_test("needs ../shared/lab");
        detect(iq, n, 960, 0, &heard);
        size_t right = compare(captures[i].name, &heard, &sent);
        cr_expect_eq(right, heard.n, "false: %s", captures[i].name);
        cr_expect_geq(right * 100, captures[i].least * sent, "%zu of %zu", right, sent);
        free(iq);
    }
}

Test(ais_detect, cuts_and_beginnings_do_not_matter, .timeout = 60)
{
    size_t n;
    float *iq = channel("ais_s2_162M_288k", -25e3, &n);
    if (!iq)
        cr_skip_test("needs ../shared/lab");
    detect(iq, n, n, 1000, &heard);
    static const size_t cuts[] = {0, 7, 480, 4801};
    for (size_t i = 0; i < 4; i++) {
        detect(iq, n, cuts[i], 1000, &again);
        rig_expect_same(&again, &heard);
    }
    free(iq);
}

Test(ais_detect, noise_and_carriers_give_nothing, .timeout = 60)
{
    enum { N = RATE * 20 };
    float *iq = malloc(2 * sizeof *iq * N);
    struct hz_noise noise;
    hz_noise_init(&noise, 9);
    hz_noise_fill(&noise, iq, N, 0.1f);
    detect(iq, N, 960, 0, &heard);
    cr_expect_eq(heard.n, 0);
    for (size_t i = 0; i < N; i++) {
        iq[2 * i] += cosf(0.1f * (float)(i % 6283));
        iq[2 * i + 1] += sinf(0.1f * (float)(i % 6283));
    }
    detect(iq, N, 960, 0, &heard);
    cr_expect_eq(heard.n, 0);
    memset(iq, 0, 2 * sizeof *iq * N);
    detect(iq, N, 960, 0, &heard);
    cr_expect_eq(heard.n, 0);
    for (size_t i = 0; i < HZ_REASONS; i++)
        cr_expect_eq(heard.sink.count[i], 0);
    free(iq);
}

/* The payload of an AIVDM sentence: six bits a character. */
static void unarmour(const char *text, uint8_t *out)
{
    for (unsigned i = 0; text[i]; i++) {
        unsigned six = (unsigned)text[i] - (text[i] < 96 ? 48 : 56);
        for (unsigned k = 0; k < 6; k++) {
            unsigned bit = 6 * i + k;
            uint8_t mask = (uint8_t)(0x80 >> bit % 8);
            out[bit / 8] =
                (uint8_t)(six >> (5 - k) & 1 ? out[bit / 8] | mask : out[bit / 8] & ~mask);
        }
    }
}

/* 2 kHz/s, frames of two slots, either form of the training, and one cut off by the end. */
Test(ais_detect, drifting_long_and_cut_bursts)
{
    enum { N = 4800, WHOLE = 5 };
    static float iq[2 * N * (WHOLE + 1)];
    static const struct hz_sim_fsk gmsk = {9600, 2400, 0.4, 4};
    uint8_t payload[54] = {0}, bit[700];
    float symbols[700];
    struct hz_noise noise;
    hz_noise_init(&noise, 2);
    hz_noise_fill(&noise, iq, N * (WHOLE + 1), 0.2f);
    unarmour("55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp888888888880", payload);
    for (size_t i = 0; i <= WHOLE; i++) {
        struct hz_sim_bits bits = {bit, 0, sizeof bit};
        struct hz_sim_track track;
        hz_sim_bits_put(&bits, 32, i % 2 ? 0x55555555 : 0xaaaaaaaa);
        hz_sim_hdlc_frame(&bits, payload, 53);
        hz_sim_bits_put(&bits, 4, 0);
        hz_sim_nrzi(&bits, symbols);
        cr_assert_eq(hz_sim_fsk(&gmsk, symbols, bits.n, &track), 0);
        for (size_t k = 0; k < track.n; k++)
            track.freq_hz[k] += (float)(2000.0 / 76800 * (double)k);
        hz_sim_track_seal(&track);
        double start = (double)(i * N) + (i == WHOLE ? 3000 : 300);
        struct hz_span span = {iq, N * (WHOLE + 1), 0, RATE};
        hz_sim_track_add(&track, &(struct hz_sim_burst){start, 1, 500.0 * (double)i - 1400, 0, 1},
                         &span);
        hz_sim_track_done(&track);
    }
    detect(iq, N * (WHOLE + 1), 999, 0, &heard);
    cr_assert_eq(heard.n, WHOLE);
    for (size_t i = 0; i < WHOLE; i++) {
        cr_expect_eq(heard.message[i].burst.raw_len, 53);
        cr_expect_eq(memcmp(heard.message[i].burst.raw, payload, 53), 0);
        cr_expect_float_eq((double)heard.message[i].burst.sample, (double)(i * N) + 300, 2);
    }
}

/* Sentences that the AIVDM protocol's description publishes with their contents. */
Test(ais_judge, lengths_and_contents)
{
    uint8_t ship[21] = {0}, yacht[21] = {0};
    unarmour("177KQJ5000G?tO`K>RA1wUbN0TKH", ship);
    unarmour("B52K>;h00Fc>jpUlNV@ikwpUoP06", yacht);
    cr_expect_eq(hz_ais_mmsi(ship), 477553000);
    cr_expect_eq(hz_ais_mmsi(yacht), 338087471);
    cr_expect(hz_ais_plausible(ship, 168));
    cr_expect(hz_ais_plausible(yacht, 168));
    cr_expect_eq(hz_ais_odd(ship, 168), 0);
    cr_expect_eq(hz_ais_odd(ship, 160), HZ_AIS_ODD_LENGTH);
    cr_expect_eq(hz_ais_odd(ship, 172), HZ_AIS_ODD_LENGTH | HZ_AIS_ODD_BITS);
    cr_expect_not(hz_ais_plausible(ship, 160));
    cr_expect_not(hz_ais_plausible(ship, 0));
    ship[0] = 5 << 2; /* static data in 168 bits */
    cr_expect_eq(hz_ais_odd(ship, 168), HZ_AIS_ODD_LENGTH);
    ship[0] = 28 << 2;
    cr_expect_eq(hz_ais_odd(ship, 168), HZ_AIS_ODD_TYPE);
    cr_expect_not(hz_ais_plausible(ship, 168));
    ship[0] = 1 << 2;
    ship[1] = ship[2] = 0; /* 8568: no country's */
    cr_expect_eq(hz_ais_odd(ship, 168), HZ_AIS_ODD_MMSI);
    cr_expect_not(hz_ais_plausible(ship, 168));
    yacht[7] = 0x3f; /* 222 degrees east */
    cr_expect_eq(hz_ais_odd(yacht, 168), 0);
    cr_expect_not(hz_ais_plausible(yacht, 168));
}

/* Bits count from 1, as in the standard. */
static void flip(uint8_t *payload, unsigned bit)
{
    payload[(bit - 1) / 8] ^= (uint8_t)(0x80 >> (bit - 1) % 8);
}

/* Whether it is still plausible with that bit the other way. */
static bool bears(uint8_t *payload, size_t bits, unsigned bit)
{
    flip(payload, bit);
    bool plausible = hz_ais_plausible(payload, bits);
    flip(payload, bit);
    return plausible;
}

/* Published sentences, too: EVER DIADEM to NEW YORK, PROGUY, and the call sign TC6163. */
Test(ais_judge, texts_and_times_of_static_data)
{
    uint8_t ship[54] = {0}, name[21] = {0}, maker[21] = {0};
    unarmour("55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp888888888880", ship);
    unarmour("H42O55i18tMET00000000000000", name);
    unarmour("H42O55lti4hhhilD3nink000?050", maker);
    cr_assert(hz_ais_plausible(ship, 424));
    cr_assert(hz_ais_plausible(name, 160));
    cr_assert(hz_ais_plausible(maker, 168));
    cr_expect(hz_ais_guarded(ship) && hz_ais_guarded(maker));
    cr_expect(hz_ais_long(ship));
    cr_expect_not(hz_ais_long(maker));
    cr_expect_not(bears(ship, 424, 233));         /* a type over 99 */
    cr_expect_not(bears(ship, 424, 284));         /* an hour over 24 */
    cr_expect_not(bears(ship, 424, 424));         /* spare */
    cr_expect_not(bears(ship, 424, 113));         /* % in a name */
    cr_expect(bears(ship, 424, 118));             /* another letter there */
    cr_expect_not(bears(name, 160, 39));          /* part C */
    cr_expect_not(bears(name, 160, 42 + 6 * 15)); /* a letter after the end */
    cr_expect_not(bears(maker, 168, 167));
    ship[0] = 8 << 2;
    cr_expect_not(hz_ais_guarded(ship));
    cr_expect(hz_ais_long(ship));
}

/* What many tries find must also be right in bits that a receiver has no other use for. */
Test(ais_judge, states_of_the_slot)
{
    uint8_t ship[21] = {0}, yacht[21] = {0};
    unarmour("177KQJ5000G?tO`K>RA1wUbN0TKH", ship);
    unarmour("B52K>;h00Fc>jpUlNV@ikwpUoP06", yacht);
    cr_expect(hz_ais_proper(ship, 168));
    cr_expect(hz_ais_proper(yacht, 168));
    flip(yacht, 160); /* a class B unit without such a state says so in fixed bits */
    cr_expect(hz_ais_plausible(yacht, 168));
    cr_expect_not(hz_ais_proper(yacht, 168));
    flip(yacht, 160);
    flip(yacht, 40); /* reserved */
    cr_expect_not(hz_ais_plausible(yacht, 168));
    ship[18] = 0;    /* no manoeuvre, spare bits */
    ship[19] = 0xbf; /* the slot's time-out is 2: its number follows, */
    ship[20] = 0xff; /* of 2250 a minute */
    cr_expect(hz_ais_plausible(ship, 168));
    cr_expect_not(hz_ais_proper(ship, 168));
    flip(ship, 51); /* 51.2 knots */
    cr_expect(hz_ais_plausible(ship, 168));
    flip(ship, 52); /* 76.8 */
    cr_expect_not(hz_ais_plausible(ship, 168));
}
