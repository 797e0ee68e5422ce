/* Voltcraft Energy Count 3000, and the same under other names: plugs that measure what is drawn.
 *
 * Two tones, chips of 50 us. A change of tone is a 0, none a 1 (NRZI); the bits are scrambled with
 * x^17 + x^12 + 1; below that is HDLC: flags, stuffed zeros, bytes with the lowest bit first, the
 * check sequence of X.25. A frame has 41 bytes, told in nibbles from the first:
 *
 *     ?IIII TTTT 0000 OOOO EEEEEEE 0000000 PPPP MMMM 222222 … ttt 00000 eeee ooo RR F 0
 *
 * I id; T, t seconds in all (low, high); O, o seconds with a load; E, e energy in Ws (low, high);
 * P, M power now and at most, 0.1 W; 2 a second energy; R resets; F flags. */
#include "proto/link/hdlc.h"
#include "proto/sensors/coded.h"

#include <math.h>
#include <string.h>

enum {
    BYTES = 41,
    STEPS = 8,    /* per chip */
    CLOCKS = 17,  /* that are tried, 0.1 % apart */
    CHIPS = 3200, /* at most */
    UNSURE = 10,  /* chips that may be changed, one or two of them */
    DIGITS = 2 * BYTES
};

static const double chip_us = 50, clock_step = 0.001;

/* ---- chips ------------------------------------------------------------------------------- */

struct line {
    double late, chip; /* in steps */
};

/* Timing and clock: where the chips' levels are furthest from 0 in the whole burst. */
static struct line find_line(const float *v, size_t n)
{
    struct line best = {0, STEPS};
    float most = -1;
    for (int c = -CLOCKS / 2; c <= CLOCKS / 2; c++) {
        double chip = STEPS * (1 + clock_step * c);
        for (int late = 0; late < STEPS; late++) {
            float sum = 0;
            for (double at = late; at < (double)n - 1; at += chip)
                sum += fabsf(hz_coded_level(v, n, at));
            if (sum > most) {
                most = sum;
                best = (struct line){late, chip};
            }
        }
    }
    return best;
}

/* A frame in the chips; *last: the chip behind it. */
static bool find_frame(const uint8_t *chip, size_t n, uint8_t out[BYTES], size_t *last)
{
    uint8_t bytes[BYTES + 8];
    struct hz_hdlc hdlc;
    uint32_t held = 0; /* scrambled bits, the newest lowest */
    hz_hdlc_begin(&hdlc, bytes, sizeof bytes);
    for (size_t k = 1; k < n; k++) {
        unsigned bit = chip[k] == chip[k - 1];
        unsigned clear = (bit ^ (held >> 11) ^ (held >> 16)) & 1;
        held = held << 1 | bit;
        if (hz_hdlc_put(&hdlc, clear) != BYTES || hz_hdlc_crc(bytes, BYTES) != HZ_HDLC_GOOD)
            continue;
        memcpy(out, bytes, BYTES);
        *last = k;
        return true;
    }
    return false;
}

/* The chips whose levels are nearest to 0, nearest first. */
static size_t least_sure(const float *level, size_t n, size_t out[UNSURE])
{
    size_t count = 0;
    for (size_t k = 0; k < n; k++) {
        float size = fabsf(level[k]);
        if (count == UNSURE && size >= fabsf(level[out[count - 1]]))
            continue;
        size_t at = count < UNSURE ? count++ : count - 1;
        for (; at > 0 && fabsf(level[out[at - 1]]) > size; at--)
            out[at] = out[at - 1];
        out[at] = k;
    }
    return count;
}

/* With one or two of the least sure chips changed. Returns how many were, or 0. */
static int repair(uint8_t *chip, const float *level, size_t n, uint8_t out[BYTES], size_t *last)
{
    size_t unsure[UNSURE], count = least_sure(level, n, unsure);
    for (size_t a = 0; a < count; a++) {
        chip[unsure[a]] ^= 1;
        if (find_frame(chip, n, out, last))
            return 1;
        for (size_t b = a + 1; b < count && b < UNSURE / 2; b++) {
            chip[unsure[b]] ^= 1;
            if (find_frame(chip, n, out, last))
                return 2;
            chip[unsure[b]] ^= 1;
        }
        chip[unsure[a]] ^= 1;
    }
    return 0;
}

/* ---- fields ------------------------------------------------------------------------------ */

static uint64_t digits(const uint8_t *bytes, unsigned first, unsigned n)
{
    uint64_t v = 0;
    for (unsigned i = first; i < first + n; i++)
        v = v << 4 | (bytes[i / 2] >> (i % 2 ? 0 : 4) & 15);
    return v;
}

static bool plausible(const uint8_t *bytes)
{
    return digits(bytes, 9, 4) == 0 && digits(bytes, 17, 7) == 0 && digits(bytes, 62, 5) == 0 &&
           digits(bytes, 77, 1) == 0;
}

static bool ec3k_hear(const struct hz_coded_ear *ear, struct hz_coded_frame *out)
{
    static const double step_us = 50.0 / STEPS;
    uint8_t chip[CHIPS] = {0};
    float *level = ear->scratch;
    size_t last = 0, n = hz_coded_levels(ear, chip_us * 0.9, step_us), chips = 0;
    struct line l = find_line(ear->v, n);
    for (double at = l.late; at < (double)n - 1 && chips < CHIPS; at += l.chip, chips++) {
        level[chips] = hz_coded_level(ear->v, n, at);
        chip[chips] = level[chips] > 0;
    }
    out->fixed_bits = 0;
    if (!find_frame(chip, chips, out->bytes, &last)) {
        out->fixed_bits = repair(chip, level, chips, out->bytes, &last);
        if (out->fixed_bits == 0)
            return false;
    }
    double sample = step_us * 1e-6 * ear->rate_hz, length = 8 * (BYTES + 2);
    out->n = BYTES;
    out->end = (l.late + (double)(last + 1) * l.chip) * sample;
    out->begin = fmax(out->end - length * l.chip * sample, 0);
    return plausible(out->bytes);
}

static void ec3k_fields(const uint8_t *bytes, size_t n, struct hz_json *j)
{
    const double joules = 3.6e6; /* in a kWh */
    (void)n;
    hz_json_uint(j, "id", digits(bytes, 1, 4));
    hz_json_decimals(j, "power", (double)digits(bytes, 31, 4) * 0.1, 1);
    uint64_t energy = digits(bytes, 67, 4) << 28 | digits(bytes, 24, 7);
    hz_json_decimals(j, "energy", (double)energy / joules, 6);
    hz_json_decimals(j, "energy2", (double)digits(bytes, 39, 6) / joules, 6);
    hz_json_uint(j, "time_total", digits(bytes, 59, 3) << 16 | digits(bytes, 5, 4));
    hz_json_uint(j, "time_on", digits(bytes, 71, 3) << 16 | digits(bytes, 13, 4));
    hz_json_decimals(j, "power_max", (double)digits(bytes, 35, 4) * 0.1, 1);
    hz_json_uint(j, "reset_counter", digits(bytes, 74, 2));
    hz_json_uint(j, "flags", digits(bytes, 76, 1));
}

const struct hz_coded hz_coded_ec3k = {.model = "Voltcraft-EC3k",
                                       .modulation = HZ_WAVE_FSK,
                                       .longest_s = 0.15,
                                       .hear = ec3k_hear,
                                       .fields = ec3k_fields};
