/* What the air and the receiver do to Mode S, on squitters of the simulator's modulator. */
#include "proto/adsb/crc.h"
#include "proto/registry.h"
#include "sim/modes_burst.h"
#include "sim/modes_frame.h"
#include "sim/noise.h"
#include "tests/unit/rig.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SQUITTERS = 100, EACH = 1200, SQUITTER_SAMPLES = SQUITTERS * EACH };

/* A squitter every 500 us, each of another aircraft, without noise; room for some frames more. */
struct squitters {
    float iq[2 * SQUITTER_SAMPLES], noise[2 * SQUITTER_SAMPLES];
    uint8_t frame[SQUITTERS + 2][14];
    size_t sent, found, others;
    double offset_hz;
    struct hz_noise source;
    struct hz_sim_modes modulator;
};

static const float squitter_sigma = 0.02f; /* of the noise to come */

static void send(struct squitters *s, const uint8_t frame[14], double start, double snr_db,
                 double offset_hz)
{
    const double noise = 2 * squitter_sigma * squitter_sigma * 2.0 / 2.4; /* in 2 MHz */
    struct hz_span span = {s->iq, SQUITTER_SAMPLES, 0, 2.4e6};
    struct hz_sim_burst burst = {
        .start = start, .power = noise * pow(10, snr_db / 10), .offset_hz = offset_hz, .clock = 1};
    hz_sim_modes_add(&s->modulator, frame, 14, &burst, &span);
}

static uint32_t address_of(unsigned k)
{
    return 0x400000 + 77 * k;
}

/* Carriers from offset_hz upwards, 1 kHz apart. */
static struct squitters *squitters_at(double snr_db, double offset_hz)
{
    struct squitters *s = calloc(1, sizeof(*s));
    hz_noise_init(&s->source, 20);
    hz_sim_modes_init(&s->modulator, 2.4e6);
    for (unsigned k = 0; k < SQUITTERS; k++) {
        struct hz_sim_flight f = {.address = address_of(k), .category = "A3"};
        uint8_t me[7], *frame = s->frame[s->sent++];
        snprintf(f.callsign, sizeof(f.callsign), "TEST%u", k);
        hz_sim_me_identity(&f, me);
        hz_sim_squitter(&f, 17, me, frame);
        send(s, frame, k * EACH + 100 + k / 7.0, snr_db, offset_hz + 1e3 * k);
    }
    s->offset_hz = offset_hz;
    return s;
}

static struct squitters *squitters_new(double snr_db)
{
    return squitters_at(snr_db, 0);
}

/* Counts a message as one of those sent, whose carrier it tells, or as something else. */
static void count(struct squitters *s, const struct hz_burst *burst)
{
    bool sent = false;
    for (size_t k = 0; k < s->sent && burst->raw_len == sizeof(*s->frame); k++)
        if (memcmp(burst->raw, s->frame[k], sizeof(*s->frame)) == 0) {
            sent = true;
            if (k < SQUITTERS && s->offset_hz != 0)
                cr_expect_float_eq(burst->offset_hz, s->offset_hz + 1e3 * (double)k, 20e3,
                                   "%g for %g", burst->offset_hz, s->offset_hz + 1e3 * (double)k);
        }
    s->found += sent;
    s->others += !sent;
}

/* Adds noise and decodes: how many of what was sent is found. Nothing else may be; frees them. */
static size_t squitters_heard(struct squitters *s)
{
    struct rig r = {0};
    const struct hz_samples in = {HZ_CF32, s->iq, SQUITTER_SAMPLES, 0};
    hz_noise_fill(&s->source, s->noise, SQUITTER_SAMPLES, squitter_sigma);
    for (size_t k = 0; k < 2 * SQUITTER_SAMPLES; k++)
        s->iq[k] += s->noise[k];
    rig_decode(&r, hz_decoder_find("adsb"), NULL, &in, in.n);
    for (size_t i = 0; i < r.n; i++)
        count(s, &r.message[i].burst);
    rig_free(&r);
    const size_t heard = s->found;
    cr_expect_eq(s->others, 0, "%zu", s->others);
    free(s);
    return heard;
}

/* Comm-D, whose parity carries the address: heard of aircraft that squitter, and of no other. */
Test(adsb_air, comm_d_of_known_aircraft)
{
    struct squitters *s = squitters_new(20);
    const uint32_t from[] = {address_of(0), address_of(1), 0x123456};
    for (unsigned k = 0; k < 3; k++) {
        uint8_t frame[14] = {(uint8_t)(0xc0 | k), 0xde, 0xad, 0xbe, 0xef, 1, 2, 3, 4, 5, 6};
        const uint32_t parity = hz_modes_residual(frame, sizeof(frame)) ^ from[k];
        for (int n = 0; n < 3; n++)
            frame[11 + n] = (uint8_t)(parity >> (16 - 8 * n));
        send(s, frame, (k + 2) * EACH + 700, 20, 0);
        if (k < 2)
            memcpy(s->frame[s->sent++], frame, sizeof(frame));
    }
    cr_expect_eq(squitters_heard(s), SQUITTERS + 2);
}

/* The phase walks so that no eight bits share one. A decoder by energy alone finds 9 in 10. */
Test(adsb_air, a_carrier_that_wanders_is_no_hindrance)
{
    struct squitters *s = squitters_new(10);
    double phase = 0, step = sqrt(2 * 3.14159265 * 50e3 / 2.4e6);
    hz_noise_fill(&s->source, s->noise, SQUITTER_SAMPLES, (float)step);
    for (size_t k = 0; k < SQUITTER_SAMPLES; k++) {
        const float i = s->iq[2 * k], q = s->iq[2 * k + 1];
        const float c = (float)cos(phase), d = (float)sin(phase);
        s->iq[2 * k] = i * c - q * d;
        s->iq[2 * k + 1] = i * d + q * c;
        phase += s->noise[2 * k];
    }
    cr_expect_geq(squitters_heard(s), 98);
}

/* As strong as the noise, which without it has nearly all heard at this SNR. */
/* ICAO Annex 10 volume IV, 3.1.2.1.1 allows a transponder 1 MHz. Filters for 1090 MHz alone hear
 * none of these. */
Test(adsb_air, a_carrier_1_MHz_off_is_heard_and_measured)
{
    cr_expect_geq(squitters_heard(squitters_at(12, 0.9e6)), 98);
    cr_expect_geq(squitters_heard(squitters_at(12, -1e6)), 98);
    cr_expect_geq(squitters_heard(squitters_at(9, -0.5e6)), 98);
}

Test(adsb_air, dc_is_taken_off)
{
    struct squitters *s = squitters_new(7);
    for (size_t k = 0; k < SQUITTER_SAMPLES; k++) {
        s->iq[2 * k] += squitter_sigma;
        s->iq[2 * k + 1] -= squitter_sigma;
    }
    cr_expect_geq(squitters_heard(s), 98);
}

/* One in the data of each burst, 30 dB above the noise. */
Test(adsb_air, impulses_spoil_little)
{
    struct squitters *s = squitters_new(9);
    for (size_t k = 0; k < SQUITTERS; k++)
        s->iq[2 * (k * EACH + 150 + 2 * k)] += 31 * 1.4f * squitter_sigma;
    cr_expect_geq(squitters_heard(s), 95);
}
