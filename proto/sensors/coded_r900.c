/* Neptune R900: water meters of North America.
 *
 * A carrier on and off, chips of 30.5 us: a preamble 01 01 …, 32 chips of sync, then 42 digits of
 * four chips, of which two are on: six words. Two digits a, b make a symbol 6 a + b of five bits,
 * 21 in all: 16 of data and five of a Reed-Solomon code over GF(32), x^5 + x^2 + 1, with the roots
 * alpha^29 to alpha^33 of the word of 31 symbols whose others are 0. The 80 bits of data:
 *
 *     id 32, unknown 4, type 4, unknown 3, days without use 3, backflow 2, consumption 24 with
 *     three higher bits behind it, leak 3, leak now 2 */
#include "proto/link/bits.h"
#include "proto/sensors/coded.h"

#include <math.h>
#include <string.h>

enum {
    STEPS = 4, /* per chip */
    SYNC = 48, /* chips that are looked for: the last 16 of the preamble, and the sync word */
    DIGITS = 42,
    SYMBOLS = 21,
    DATA = 16,
    WORD = 31,
    FIRST_ROOT = 29,
    CHECKS = SYMBOLS - DATA,
    CLOCKS = 5, /* that are tried, 0.5 % apart */
    UNSURE = 8, /* symbols that may be changed, one or two of them */
    BYTES = 11, /* 80 bits, and the first of the checks */
};

static const double chip_us = 30.5176, clock_step = 0.005;

static const uint8_t words[6] = {3, 5, 6, 12, 10, 9}; /* the chips of 0 to 5 */

/* ---- Reed-Solomon ------------------------------------------------------------------------ */

static unsigned times_alpha(unsigned x)
{
    return x & 16 ? (x << 1 ^ 37) & 31 : x << 1;
}

/* x alpha^n */
static unsigned times_power(unsigned x, unsigned n)
{
    for (unsigned i = 0; i < n % 31; i++)
        x = times_alpha(x);
    return x;
}

/* All syndromes, five bits each: 0 is a codeword. The code is linear, so those of an error add. */
static uint32_t syndromes(const uint8_t symbol[SYMBOLS])
{
    uint32_t all = 0;
    for (unsigned root = 0; root < CHECKS; root++) {
        unsigned sum = 0;
        for (unsigned i = 0; i < WORD; i++) {
            unsigned s = i < DATA ? symbol[i] : i >= WORD - CHECKS ? symbol[i - WORD + SYMBOLS] : 0;
            sum = times_power(sum, FIRST_ROOT + root) ^ s;
        }
        all = all << 5 | sum;
    }
    return all;
}

/* ---- chips ------------------------------------------------------------------------------- */

struct place {
    double at, chip; /* of the data's first chip; in steps */
    float share;     /* 0 to 1: how much of the levels the pattern explains */
};

/* The pattern has as many ones as zeros, so the level of the noise cancels. */
static struct place find_sync(const float *v, size_t n)
{
    struct place best = {0, STEPS, 0};
    const uint64_t pattern = UINT64_C(0x5555a9666965);
    for (int c = -CLOCKS / 2; c <= CLOCKS / 2; c++) {
        double chip = STEPS * (1 + clock_step * c);
        for (size_t from = 0; (double)from + (SYNC + 4 * DIGITS) * chip < (double)n; from++) {
            float sum = 0, all = 1e-20f;
            for (unsigned k = 0; k < SYNC && (k != 16 || sum > 0.2f * all); k++) {
                float level = v[from + (size_t)lround(k * chip)];
                sum += pattern >> (SYNC - 1 - k) & 1 ? level : -level;
                all += level;
            }
            if (sum / all > best.share)
                best = (struct place){(double)from + SYNC * chip, chip, sum / all};
        }
    }
    return best;
}

/* A symbol and its second best reading, and by how much that is worse. */
struct choice {
    uint8_t symbol, other;
    float cost;
};

/* The four chips of a digit; digits in order of likelihood. */
static void read_digit(const float *v, size_t n, double at, double chip, unsigned order[2],
                       float score[2])
{
    float level[4];
    score[0] = score[1] = -1;
    order[0] = order[1] = 0;
    for (int k = 0; k < 4; k++)
        level[k] = hz_coded_level(v, n, at + k * chip);
    for (unsigned d = 0; d < 6; d++) {
        float sum = 0;
        for (int k = 0; k < 4; k++)
            sum += words[d] >> (3 - k) & 1 ? level[k] : 0;
        int better = sum > score[0] ? 0 : sum > score[1] ? 1 : 2;
        if (better == 0) {
            score[1] = score[0];
            order[1] = order[0];
        }
        if (better < 2) {
            score[better] = sum;
            order[better] = d;
        }
    }
}

static struct choice read_symbol(const float *v, size_t n, double at, double chip)
{
    unsigned a[2], b[2];
    float a_score[2], b_score[2];
    read_digit(v, n, at, chip, a, a_score);
    read_digit(v, n, at + 4 * chip, chip, b, b_score);
    float a_cost = a_score[0] - a_score[1], b_cost = b_score[0] - b_score[1];
    unsigned best = 6 * a[0] + b[0];
    unsigned other = a_cost < b_cost ? 6 * a[1] + b[0] : 6 * a[0] + b[1];
    return (struct choice){(uint8_t)(best & 31), (uint8_t)(other & 31),
                           best > 31 ? 0 : fminf(a_cost, b_cost)};
}

/* With up to two of the least sure symbols read otherwise. How many were; -1: it is no codeword. */
static int correct(const struct choice *c, uint8_t symbol[SYMBOLS])
{
    size_t unsure[UNSURE], n = 0;
    for (size_t i = 0; i < SYMBOLS; i++) {
        symbol[i] = c[i].symbol;
        if (n == UNSURE && c[i].cost >= c[unsure[n - 1]].cost)
            continue;
        size_t at = n < UNSURE ? n++ : n - 1;
        for (; at > 0 && c[unsure[at - 1]].cost > c[i].cost; at--)
            unsure[at] = unsure[at - 1];
        unsure[at] = i;
    }
    if (syndromes(symbol) == 0)
        return 0;
    for (size_t a = 0; a < n; a++) {
        symbol[unsure[a]] = c[unsure[a]].other;
        if (syndromes(symbol) == 0)
            return 1;
        for (size_t b = a + 1; b < n; b++) {
            symbol[unsure[b]] = c[unsure[b]].other;
            if (syndromes(symbol) == 0)
                return 2;
            symbol[unsure[b]] = c[unsure[b]].symbol;
        }
        symbol[unsure[a]] = c[unsure[a]].symbol;
    }
    return -1;
}

static bool r900_hear(const struct hz_coded_ear *ear, struct hz_coded_frame *out)
{
    static const float least_share = 0.35f;
    static const double step_us = 30.5176 / STEPS;
    size_t n = hz_coded_levels(ear, chip_us, step_us);
    struct place p = find_sync(ear->v, n);
    struct choice c[SYMBOLS];
    uint8_t symbol[SYMBOLS], all = 0;
    if (p.share < least_share)
        return false;
    for (int i = 0; i < SYMBOLS; i++)
        c[i] = read_symbol(ear->v, n, p.at + 8 * i * p.chip, p.chip);
    int changed = correct(c, symbol);
    memset(out->bytes, 0, sizeof out->bytes);
    for (size_t i = 0; i < SYMBOLS; i++) {
        all |= symbol[i];
        for (size_t k = 0; k < 5 && 5 * i + k < 8 * BYTES; k++)
            out->bytes[(5 * i + k) / 8] |=
                (uint8_t)((symbol[i] >> (4 - k) & 1) << (7 - (5 * i + k) % 8));
    }
    double sample = step_us * 1e-6 * ear->rate_hz;
    out->n = 10;
    out->fixed_bits = changed;
    out->begin = fmax(p.at - SYNC * p.chip, 0) * sample;
    out->end = (p.at + 4 * DIGITS * p.chip) * sample;
    return changed >= 0 && all != 0;
}

static void r900_fields(const uint8_t *bytes, size_t n, struct hz_json *j)
{
    (void)n;
    hz_json_uint(j, "id", hz_bits(bytes, 1, 32));
    hz_json_uint(j, "unkn1", hz_bits(bytes, 33, 4));
    hz_json_uint(j, "metertype", hz_bits(bytes, 37, 4));
    hz_json_uint(j, "unkn2", hz_bits(bytes, 41, 3));
    hz_json_uint(j, "nouse", hz_bits(bytes, 44, 3));
    hz_json_uint(j, "backflow", hz_bits(bytes, 47, 2));
    hz_json_uint(j, "consumption", hz_bits(bytes, 73, 3) << 24 | hz_bits(bytes, 49, 24));
    hz_json_uint(j, "leak", hz_bits(bytes, 76, 3));
    hz_json_uint(j, "leaknow", hz_bits(bytes, 79, 2));
}

const struct hz_coded hz_coded_r900 = {.model = "Neptune-R900",
                                       .modulation = HZ_WAVE_OOK,
                                       .longest_s = 0.06,
                                       .hear = r900_hear,
                                       .fields = r900_fields};
