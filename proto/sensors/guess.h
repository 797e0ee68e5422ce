/* The best guess of how a burst's bits are coded, from its lengths alone, and the bits of its rows
 * by that guess. Pure; any thread. */
#ifndef HZ_PROTO_SENSORS_GUESS_H
#define HZ_PROTO_SENSORS_GUESS_H

#include "proto/sensors/pulses.h"

enum hz_coding {
    HZ_CODING_NONE,       /* no coding that is known here explains the lengths */
    HZ_CODING_PPM,        /* pulses are equal; a short gap is 0, a long one 1 */
    HZ_CODING_PWM,        /* a short pulse is 1, a long one 0 */
    HZ_CODING_MANCHESTER, /* on then off is 1, off then on is 0. (A differential code has the same
                           * lengths: its bits are whether neighbours of these differ.) */
    HZ_CODING_NRZ,        /* on for one unit is 1, off 0 */
    HZ_CODING_RZ,         /* a pulse and a gap of one unit are 1, two units of off 0 */
    HZ_CODING_PIWM,       /* each length, on or off, is a bit: short 1, long 0 */
    HZ_CODINGS
};

/* "none", "ppm", "pwm", "manchester", "nrz", "rz", "piwm". */
const char *hz_coding_name(enum hz_coding coding);

enum { HZ_GUESS_BITS = HZ_PULSES_MAX };

/* The bits of one row: bit[from] … bit[from + n - 1]. */
struct hz_guess_row {
    size_t from, n;
    size_t row;     /* of the burst */
    size_t skipped; /* lengths of the row before those that the bits were read from */
    size_t used;    /* lengths that they were read from */
};

struct hz_guess {
    enum hz_coding coding;
    /* Durations of a bit as in wave.h, microseconds: means of what was received. */
    float zero[2], one[2];
    size_t n_zero, n_one;
    float unit_us;    /* of Manchester, NRZ, RZ: the unit; else 0 */
    float stretch_us; /* pulses are longer than their unit by this, gaps shorter */
    float share;      /* of the lengths that the coding explains, 0 to 1 */
    uint8_t bit[HZ_GUESS_BITS];
    struct hz_guess_row row[HZ_PULSE_ROWS]; /* rows of 4 bits and more */
    size_t n_rows;
};

void hz_guess_make(struct hz_guess *g, const struct hz_pulses *p);

/* The row that is equal to most others, by which a burst is known; the longest of those that are
 * alone. Its place in `row`, and in *repeats how many there are. n_rows: there is none. */
size_t hz_guess_common(const struct hz_guess *g, unsigned *repeats);

/* "{36}9a1c8f8c0": the number of bits, then hex digits, the last one filled with zeros. Cut where
 * it does not fit. */
void hz_bits_text(char *out, size_t len, const uint8_t *bit, size_t n);

#endif
