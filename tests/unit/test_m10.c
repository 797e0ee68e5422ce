/* The M10 decoder against an encoder of its own. Contents are held by tests/golden (m10_405M_48k).
 */
#include "proto/m10/detect.h"
#include "proto/m10/frame.h"
#include "sim/rng.h"
#include "sim/signal.h"
#include "tests/unit/rig.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

extern const struct hz_decoder hz_m10_decoder;

enum {
    RATE = HZ_M10_RATE_HZ,
    FRAMES = 6,
    SECONDS = FRAMES,
    N = RATE * SECONDS,
    M10_N = 101,
    M20_N = 70
};

static float iq[2 * N];

struct air {
    double snr_db, offset_hz, ppm, deviation_hz; /* SNR in 25 kHz */
    bool inverted, m20;
    size_t n; /* octets of an M10's frame; 0: the usual */
};

/* The check by its definition over bits: octet by octet, each bit of the new octet by itself. */
static void put_check(uint8_t *f, size_t n)
{
    unsigned high = 0, low = 0;
    for (size_t i = 0; i < n - 2; i++) {
        unsigned b = (f[i] >> 1 | f[i] << 7) & 0xff, all = (high << 8 | low) >> 7 & 0xff, fresh = 0;
        for (unsigned k = 0; k < 8; k++) {
            unsigned two = k < 6 ? (b >> (k + 2) & 1) ^ (all >> (k + 2) & 1) : 0;
            unsigned kept = k < 6    ? low >> k & 1
                            : k == 6 ? (unsigned)__builtin_parity(low & 0x15)
                                     : (unsigned)__builtin_parity(low & 0x2a);
            fresh |= ((b >> k & 1) ^ (all >> k & 1) ^ two ^ kept) << k;
        }
        high = low;
        low = fresh;
    }
    f[n - 2] = (uint8_t)high;
    f[n - 1] = (uint8_t)low;
}

static void put(uint8_t *p, unsigned octets, uint32_t v)
{
    for (unsigned i = 0; i < octets; i++)
        p[i] = (uint8_t)(v >> 8 * (octets - 1 - i));
}

/* Frame k: 47.5 degrees north, 8.25 east, 1000 m and k. */
static size_t make_frame(const struct air *air, unsigned k, uint8_t *f)
{
    size_t n = air->m20 ? M20_N : air->n ? air->n : M10_N;
    struct hz_rng r;
    hz_rng_init(&r, 100 + k, 1);
    for (size_t i = 0; i < n; i++)
        f[i] = (uint8_t)hz_rng_u32(&r);
    f[0] = (uint8_t)(n - 1);
    f[1] = air->m20 ? HZ_M20 : HZ_M10;
    if (air->m20) {
        put(f + 8, 3, 100000 + 100 * k);
        put(f + 0x1c, 4, 47500000);
        put(f + 0x20, 4, 8250000);
    } else {
        put(f + 0x0e, 4, (uint32_t)llround(47.5 / 360 * 4294967296.0));
        put(f + 0x12, 4, (uint32_t)llround(8.25 / 360 * 4294967296.0));
        put(f + 0x16, 4, 1000000 + 1000 * k);
    }
    put_check(f, n);
    return n;
}

/* The half-bits of a frame with its header, and 32 before. */
static size_t put_frame(const uint8_t *f, size_t octets, bool inverted, uint8_t *half)
{
    static const char header[] = "10011001100110010110011001100110"
                                 "10011001100110010100110010011001";
    size_t n = 0;
    unsigned last = 1;
    for (; header[n]; n++)
        half[n] = (header[n] == '1') != inverted;
    for (size_t i = 0; i < 8 * octets; i++) {
        last ^= !(f[i / 8] >> (7 - i % 8) & 1);
        half[n++] = (last == 0) != inverted;
        half[n++] = (last == 1) != inverted;
    }
    return n;
}

/* A frame each second. */
static struct hz_samples receive(const struct air *air)
{
    static uint8_t half[64 + 16 * HZ_M10_OCTETS];
    struct hz_span span = {iq, N, 0, RATE};
    memset(iq, 0, sizeof iq);
    hz_sim_signal_noise(&span, 0.01 / pow(10, air->snr_db / 10), 25000, 5);
    for (unsigned k = 0; k < FRAMES; k++) {
        uint8_t f[HZ_M10_OCTETS];
        size_t n = put_frame(f, make_frame(air, k, f), air->inverted, half);
        struct hz_sim_signal s = {.keying = HZ_SIM_FSK,
                                  .symbol = half,
                                  .n = n,
                                  .baud = air->m20 ? 9600 : 9615,
                                  .deviation_hz = air->deviation_hz > 0 ? air->deviation_hz : 4500,
                                  .bt = 1,
                                  .ramp = 2};
        struct hz_sim_burst burst = {.start = k * (double)RATE + 2000.3,
                                     .power = 0.01,
                                     .offset_hz = air->offset_hz,
                                     .clock = 1 + air->ppm * 1e-6};
        hz_sim_signal_add(&s, &burst, &span);
    }
    return (struct hz_samples){HZ_CF32, iq, N, 0};
}

static void expect_flight(const struct rig *r, const struct air *air)
{
    cr_assert_eq(r->n, FRAMES, "%zu messages", r->n);
    for (size_t i = 0; i < r->n; i++) {
        const struct rig_message *m = &r->message[i];
        cr_expect_str_eq(rig_text(m, "type"), air->m20 ? "M20" : "M10");
        cr_expect_float_eq(rig_number(m, "lat"), 47.5, 1e-6);
        cr_expect_float_eq(rig_number(m, "lon"), 8.25, 1e-6);
        cr_expect_float_eq(rig_number(m, "alt"), 1000.0 + (double)i, 1e-6);
        cr_expect_float_eq((double)m->burst.offset_hz, air->offset_hz, 150);
    }
}

static void expect_heard(const struct air *air)
{
    static struct rig r;
    struct hz_samples in = receive(air);
    rig_decode(&r, &hz_m10_decoder, NULL, &in, 4800);
    expect_flight(&r, air);
    rig_free(&r);
}

Test(m10, a_flight_is_told_at_both_polarities_and_any_carrier)
{
    for (int i = 0; i < 4; i++) {
        struct air air = {.snr_db = 16,
                          .offset_hz = -2800 + 1800.0 * i,
                          .ppm = i % 2 ? 150 : -150,
                          .inverted = i % 2,
                          .m20 = i > 1};
        expect_heard(&air);
    }
}

Test(m10, deviations_from_3_to_6_kHz_are_heard)
{
    static const double deviations[] = {3400, 4000, 5000, 6000};
    for (size_t i = 0; i < sizeof deviations / sizeof *deviations; i++)
        expect_heard(&(struct air){.snr_db = 16, .deviation_hz = deviations[i]});
}

Test(m10, frames_of_other_lengths_are_told)
{
    expect_heard(&(struct air){.snr_db = 16, .n = 0x76 + 1});
    expect_heard(&(struct air){.snr_db = 16, .n = HZ_M10_OCTETS});
}

Test(m10, cuts_and_beginnings_do_not_matter)
{
    static struct rig r;
    struct air air = {.snr_db = 12, .offset_hz = 300};
    struct hz_samples in = receive(&air);
    rig_decode(&r, &hz_m10_decoder, NULL, &in, 4800);
    expect_flight(&r, &air);
    rig_expect_cuts(&r, &hz_m10_decoder, NULL, &in);
    rig_free(&r);
}

Test(m10, noise_gives_nothing)
{
    static struct rig r;
    struct air air = {.snr_db = -40};
    struct hz_samples in = receive(&air);
    rig_decode(&r, &hz_m10_decoder, NULL, &in, 4800);
    cr_expect_eq(r.n, 0);
    rig_free(&r);
}

/* ---- frames from soft half-bits ---- */

static void soft_of(const struct air *air, float *soft)
{
    static uint8_t half[64 + 16 * HZ_M10_OCTETS];
    uint8_t f[HZ_M10_OCTETS];
    size_t n = put_frame(f, make_frame(air, 0, f), false, half);
    for (size_t i = 0; i < 16 * HZ_M10_OCTETS; i++)
        soft[i] = 64 + i < n && half[64 + i] ? 1 : -1;
}

Test(m10, two_weak_bits_are_repaired_and_three_are_not)
{
    float soft[16 * HZ_M10_OCTETS];
    struct hz_m10_frame f;
    struct air air = {.n = 0};
    static const size_t wrong[] = {300, 777, 1300};
    for (unsigned count = 0; count <= 3; count++) {
        soft_of(&air, soft);
        for (unsigned i = 0; i < count; i++)
            for (unsigned k = 0; k < 2; k++)
                soft[2 * (wrong[i] / 2) + k] *= -0.1f;
        cr_expect_eq(hz_m10_read(soft, HZ_M10_OCTETS, &f), count < 3, "%u", count);
        cr_expect(count == 3 || (f.fixed == count && f.n == M10_N));
    }
}

Test(m10, an_unknown_type_or_length_is_no_frame)
{
    float soft[16 * HZ_M10_OCTETS];
    struct hz_m10_frame f;
    struct air air = {.n = 40}; /* shorter than any */
    soft_of(&air, soft);
    cr_expect_not(hz_m10_read(soft, HZ_M10_OCTETS, &f));
    soft_of(&(struct air){.n = 0}, soft);
    cr_expect_not(hz_m10_read(soft, 80, &f)); /* it goes on behind the end */
}
