/* The signal maker against what each keying is by its definition, measured on the samples. */
#include "sim/signal.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { RATE = 48000, N = 8000, BAUD = 600, SYMBOL = RATE / BAUD, FIRST = 1000 };

static const double two_pi = 2 * 3.14159265358979323846;
static float iq[2 * N];
static const uint8_t bits[] = {1, 0, 0, 1, 1, 1, 0, 1, 0, 0};
enum { BITS = sizeof bits };

static void add(const struct hz_sim_signal *s, double offset_hz)
{
    struct hz_span span = {iq, N, 0, RATE};
    struct hz_sim_burst burst = {FIRST, 0.25, offset_hz, 0.1, 1};
    memset(iq, 0, sizeof iq);
    double end = hz_sim_signal_add(s, &burst, &span);
    cr_assert_float_eq(end, FIRST + (double)s->n * SYMBOL, 1e-6);
}

static double power(size_t i)
{
    return (double)(iq[2 * i] * iq[2 * i] + iq[2 * i + 1] * iq[2 * i + 1]);
}

/* Cycles from sample a to sample b, -0.5 to 0.5. */
static double turned(size_t a, size_t b)
{
    double re = (double)(iq[2 * a] * iq[2 * b] + iq[2 * a + 1] * iq[2 * b + 1]);
    double im = (double)(iq[2 * a] * iq[2 * b + 1] - iq[2 * a + 1] * iq[2 * b]);
    return atan2(im, re) / two_pi;
}

static size_t middle(size_t symbol)
{
    return FIRST + symbol * SYMBOL + SYMBOL / 2;
}

Test(sim_signal, fsk_is_at_its_frequency_in_each_symbol)
{
    static const uint8_t four[] = {0, 3, 1, 2, 2, 0};
    add(
        &(struct hz_sim_signal){
            .keying = HZ_SIM_FSK, .symbol = bits, .n = BITS, .baud = BAUD, .deviation_hz = 2000},
        500);
    for (size_t i = 0; i < BITS; i++) {
        cr_expect_float_eq(turned(middle(i), middle(i) + 1) * RATE, bits[i] ? 2500 : -1500, 1);
        cr_expect_float_eq(power(middle(i)), 0.25, 1e-4, "%zu: %g", i, power(middle(i)));
    }
    cr_expect_eq(power(FIRST - 1), 0);
    cr_expect_eq(power(FIRST + BITS * SYMBOL + 1), 0);
    add(&(struct hz_sim_signal){.keying = HZ_SIM_FSK,
                                .symbol = four,
                                .n = 6,
                                .levels = 4,
                                .baud = BAUD,
                                .deviation_hz = 3000},
        0);
    for (size_t i = 0; i < 6; i++)
        cr_expect_float_eq(turned(middle(i), middle(i) + 1) * RATE, 2000.0 * four[i] - 3000, 1);
}

/* The frequency swings by the deviation, as often as the tone has it. */
Test(sim_signal, afsk_has_the_tone_of_each_symbol)
{
    static const double tones[] = {1200, 1800, 0};
    static const uint8_t symbols[] = {0, 1, 2, 1};
    add(&(struct hz_sim_signal){.keying = HZ_SIM_AFSK,
                                .symbol = symbols,
                                .n = 4,
                                .levels = 3,
                                .baud = BAUD,
                                .deviation_hz = 2500,
                                .tone_hz = tones},
        0);
    for (size_t i = 0; i < 4; i++) {
        double most = 0, re = 0, im = 0;
        for (size_t k = FIRST + i * SYMBOL; k < FIRST + (i + 1) * SYMBOL - 1; k++) {
            double hz = turned(k, k + 1) * RATE;
            double at = two_pi * tones[symbols[i]] * (double)k / RATE;
            most = fmax(most, fabs(hz));
            re += hz * cos(at) / SYMBOL * 2;
            im += hz * sin(at) / SYMBOL * 2;
        }
        cr_expect_float_eq(most, symbols[i] == 2 ? 0 : 2500, 60, "%zu: %g", i, most);
        if (symbols[i] != 2)
            cr_expect_float_eq(hypot(re, im), 2500, 100, "%zu: %g", i, hypot(re, im));
    }
}

Test(sim_signal, ook_is_there_in_ones_alone)
{
    size_t ones = 0;
    double energy = 0;
    add(&(struct hz_sim_signal){.keying = HZ_SIM_OOK, .symbol = bits, .n = BITS, .baud = BAUD}, 0);
    for (size_t i = 0; i < BITS; i++)
        ones += bits[i];
    for (size_t i = 0; i < BITS; i++)
        cr_expect_float_eq(power(middle(i)), bits[i] * 0.25 * BITS / (double)ones, 0.02, "%g",
                           power(middle(i)));
    for (size_t i = 0; i < N; i++)
        energy += power(i);
    cr_expect_float_eq(energy / (BITS * SYMBOL), 0.25, 0.005);
}

Test(sim_signal, psk_turns_by_what_symbols_differ)
{
    static const uint8_t symbols[] = {0, 3, 1, 1, 2, 0, 3, 2};
    add(
        &(struct hz_sim_signal){
            .keying = HZ_SIM_PSK, .symbol = symbols, .n = 8, .levels = 4, .baud = BAUD},
        0);
    for (size_t i = 1; i < 8; i++) {
        double cycles = (symbols[i] - symbols[i - 1]) / 4.0;
        double off = turned(middle(i - 1), middle(i)) - cycles;
        cr_expect_float_eq(off - floor(off + 0.5), 0, 1e-3, "%zu: %g", i, off);
    }
}

Test(sim_signal, noise_has_its_power_in_its_bandwidth)
{
    struct hz_span span = {iq, N, 0, RATE};
    double sum = 0;
    hz_sim_signal_noise(&span, 0.01, 12000, 5);
    for (size_t i = 0; i < N; i++)
        sum += power(i) / N;
    cr_expect_float_eq(sum, 0.04, 0.002);
}
