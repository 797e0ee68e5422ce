#include "proto/adsb/burst.h"

#include "dsp/lanes.h"

#include <math.h>

/* A frame that is accepted for its address alone has no bit whose reliability is below this
 * fraction of the mean. */
static const float least_sure = 0.1f;

/* Limits of the energy in the preamble's gaps, over the mean energy difference of a bit's halves,
 * and of the distance to a known format. 995 of 1000 bursts that give a frame in dense traffic are
 * below both. */
static const float most_in_gaps = 0.8f, most_format = 0.6f;

/* The limit of the distance to a known format after soft decisions. */
static const float most_soft_format = 0.4f;

/* Least coherence of the phase of a steady carrier from bit to bit. */
static const float least_hold = 0.67f;

/* Least contrast: the energy difference of the halves of bits over all energy. Noise has 0.5,
 * bursts at 5 dB have 0.62. Least evenness: squared mean over mean square of these differences.
 * Bursts at 5 dB have 0.6, stray pulses 0.1 to 0.4. */
static const float least_contrast = 0.6f, least_even = 0.5f;

/* Number of timings for which a repair is tried. */
enum { REPAIRED = 3 };

/* Number of shifts of the timings, until the best one is not at the edge. */
enum { ROUNDS = 2 };

/* The energy of the first half of each bit minus that of the second. */
static void halves(const struct hz_adsb_burst *b, const struct hz_adsb_shape *s, int bits,
                   float *more)
{
    const uint16_t *chip = s->chip + HZ_ADSB_LEAD;
    const float *e = b->window.energy + b->step;
    for (int k = 0; k < bits; k += 4, chip += 8)
        hz_four_store(more + k, hz_adsb_four_halves(e, chip) - hz_adsb_four_halves(e, chip + 1));
}

/* Decides the bits by energy, which is sufficient for most bursts. */
static enum hz_reason try_energy(struct hz_adsb_burst *b, const struct hz_adsb_shape *s,
                                 struct hz_adsb_judge *j)
{
    float more[HZ_MODES_LONG_BITS];
    halves(b, s, HZ_MODES_LONG_BITS, more);
    hz_adsb_soft_bytes(more, HZ_MODES_LONG_BITS, b->frame.byte);
    b->frame.bits = HZ_MODES_LONG_BITS;
    return hz_adsb_judge_plain(j, &b->frame);
}

/* The mean of |sure| of a multiple of four bits. */
static float mean_of(const float *sure, int bits)
{
    hz_four sum = {0};
    for (int k = 0; k < bits; k += 4)
        sum += hz_four_abs(hz_four_load(sure + k));
    return hz_four_sum(sum) / (float)bits;
}

/* Whether all bits are reliable. A reply with doubtful bits might give a trusted address by chance.
 */
static bool all_sure(const float *sure, float mean, int bits)
{
    for (int k = 0; k < bits; k++)
        if (fabsf(sure[k]) < least_sure * mean)
            return false;
    return true;
}

/* Tries Comm-D, by energy only. It begins with 110, as one in eight fragments of other frames does,
 * and real Comm-D frames are too rare to justify more work. */
static enum hz_reason try_comm_d(struct hz_adsb_burst *b, const struct hz_adsb_shape *s,
                                 struct hz_adsb_judge *j, const struct hz_adsb_envelope *envelope)
{
    enum { SOME = 40, ALL = HZ_MODES_LONG_BITS };
    float more[ALL];
    halves(b, s, SOME, more);
    if (!(more[0] > 0 && more[1] > 0 && more[2] < 0 && all_sure(more, mean_of(more, SOME), SOME)))
        return HZ_NO_PREAMBLE;
    hz_adsb_window_rest(&b->window, s, envelope);
    halves(b, s, ALL, more);
    if (!all_sure(more, mean_of(more, ALL), ALL))
        return HZ_NO_PREAMBLE;
    hz_adsb_soft_bytes(more, ALL, b->frame.byte);
    b->frame.bits = ALL;
    return hz_adsb_judge_overlaid(j, &b->frame);
}

/* The length of the frame by the energy in the second half of a long one: 112 or 56; 0 when there
 * is so much that a stronger burst begins there. */
static int burst_bits(const struct hz_adsb_burst *b, const struct hz_adsb_shape *s)
{
    const uint16_t *chip = s->chip + HZ_ADSB_LEAD;
    const float *e = b->window.energy + b->step;
    /* Four sums of each half, so that none waits for the one before. */
    hz_four first = {0}, second = {0};
    for (int k = 0; k < HZ_MODES_LONG_BITS; k += 4) {
        const uint16_t *c = chip + k, *d = c + HZ_MODES_LONG_BITS;
        first += (hz_four){e[c[0]], e[c[1]], e[c[2]], e[c[3]]};
        second += (hz_four){e[d[0]], e[d[1]], e[d[2]], e[d[3]]};
    }
    const float half[2] = {hz_four_sum(first), hz_four_sum(second)};
    if (half[1] > 2.5f * half[0])
        return 0;
    return half[1] > 0.7f * half[0] ? HZ_MODES_LONG_BITS : HZ_MODES_SHORT_BITS;
}

/* Distance of the first five bits to the nearest common format: the smallest sum of |sure| of bits
 * to flip, in units of the mean. */
static float format_distance(const float *sure, float mean)
{
    /* DF 0, 4, 5, 11, 16, 17, 18, 20 and 21, whose bits are the columns, and the last one again. */
    enum { KNOWN = 12 };
    static const float one[5][KNOWN] = {{0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1},
                                        {0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0},
                                        {0, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 1},
                                        {0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0},
                                        {0, 0, 1, 1, 0, 1, 0, 0, 1, 1, 1, 1}};
    float sum[KNOWN] = {0}, least = INFINITY;
    for (int k = 0; k < 5; k++) {
        /* What a 0 costs there, and how much more a 1: one of them costs nothing. */
        const float zero = sure[k] > 0 ? sure[k] : 0, more = -sure[k];
        for (int f = 0; f < KNOWN; f++)
            sum[f] += zero + one[k][f] * more;
    }
    for (int f = 0; f < KNOWN; f++)
        least = sum[f] < least ? sum[f] : least;
    return least / mean;
}

/* A quick rejection by energy: no common format, or energy in the gaps of the preamble. */
static bool hopeless(const struct hz_adsb_burst *b, const struct hz_adsb_shape *s)
{
    static const int gaps[] = {4, 5, 11, 12, 13, 14};
    enum { SOME = 40, GAPS = sizeof(gaps) / sizeof(*gaps) };
    float more[SOME], gap = 0;
    halves(b, s, SOME, more);
    const float mean = mean_of(more, SOME);
    for (int k = 0; k < GAPS; k++)
        gap += b->window.energy[b->step + s->chip[gaps[k]]] / GAPS;
    return gap > most_in_gaps * mean || format_distance(more, mean) > most_format;
}

/* The soft decisions of one timing. */
struct lane {
    int step;
    float mean;
    float sure[HZ_MODES_LONG_BITS];
};

/* Takes the soft decisions apart by timing, in the given order. */
static void take_lanes(const struct hz_adsb_soft *s, const int order[HZ_ADSB_LANES],
                       struct lane lane[HZ_ADSB_LANES])
{
    float *to[HZ_ADSB_LANES];
    for (int l = 0; l < HZ_ADSB_LANES; l++) {
        lane[l].step = s->step + order[l];
        lane[l].mean = s->mean[order[l]];
        to[order[l]] = lane[l].sure;
    }
    for (int k = 0; k < s->bits; k += 4) {
        const hz_four a = hz_four_load(s->sure[k]), b = hz_four_load(s->sure[k + 1]),
                      c = hz_four_load(s->sure[k + 2]), d = hz_four_load(s->sure[k + 3]);
        const hz_four ab = __builtin_shufflevector(a, b, 0, 4, 1, 5),
                      cd = __builtin_shufflevector(c, d, 0, 4, 1, 5),
                      ab2 = __builtin_shufflevector(a, b, 2, 6, 3, 7),
                      cd2 = __builtin_shufflevector(c, d, 2, 6, 3, 7);
        hz_four_store(to[0] + k, __builtin_shufflevector(ab, cd, 0, 1, 4, 5));
        hz_four_store(to[1] + k, __builtin_shufflevector(ab, cd, 2, 3, 6, 7));
        hz_four_store(to[2] + k, __builtin_shufflevector(ab2, cd2, 0, 1, 4, 5));
        hz_four_store(to[3] + k, __builtin_shufflevector(ab2, cd2, 2, 3, 6, 7));
    }
}

/* Sorts the lanes by fit, best first. */
static void by_fit(const struct hz_adsb_soft *s, int order[HZ_ADSB_LANES])
{
    for (int k = 0; k < HZ_ADSB_LANES; k++) {
        int at = k;
        for (; at > 0 && s->fit[k] > s->fit[order[at - 1]]; at--)
            order[at] = order[at - 1];
        order[at] = k;
    }
}

/* Soft decisions at the timings around b->step, and their order by fit. False: the carrier is not
 * coherent over the reach. */
static bool settle(const struct hz_adsb_burst *b, const struct hz_adsb_shape *s,
                   struct hz_adsb_soft *soft, int order[HZ_ADSB_LANES])
{
    soft->step = b->step - 1;
    for (int round = 0; round < ROUNDS; round++) {
        if (!hz_adsb_soft_detect(&b->window, s, soft))
            return false;
        by_fit(soft, order);
        if (order[0] > 0 && order[0] < HZ_ADSB_LANES - 1)
            break;
        if (round + 1 < ROUNDS)
            soft->step += order[0] == 0 ? -2 : 2;
    }
    return true;
}

/* Whether each bit has a pulse in one half only, whatever the phase of the carrier is. */
static bool all_pulses(const struct hz_adsb_burst *b, const struct hz_adsb_shape *s, int bits)
{
    float more[HZ_MODES_LONG_BITS], differ = 0, squares = 0, all = 0;
    const uint16_t *chip = s->chip + HZ_ADSB_LEAD;
    const float *e = b->window.energy + b->step;
    halves(b, s, bits, more);
    for (int k = 0; k < bits; k++) {
        differ += fabsf(more[k]);
        squares += more[k] * more[k];
        all += e[chip[2 * k]] + e[chip[2 * k + 1]];
    }
    return differ > least_contrast * all && differ * differ > least_even * (float)bits * squares;
}

/* The carrier that the window has removed, in radians per us. */
static float taken_off(const struct hz_adsb_window *w, const struct hz_adsb_shape *s)
{
    return w->omega * s->rate_hz * 1e-6f;
}

/* Soft decisions with a steady carrier or, if that fails, with one that wanders. */
static bool detect(struct hz_adsb_burst *b, const struct hz_adsb_shape *s,
                   struct hz_adsb_soft *soft, int order[HZ_ADSB_LANES])
{
    soft->hold = hz_adsb_soft_carrier(&b->window, s, b->step, soft->bits, &soft->omega);
    soft->reach = HZ_ADSB_STEADY;
    b->omega = soft->omega + taken_off(&b->window, s);
    if (soft->hold >= least_hold && settle(b, s, soft, order))
        return true;
    b->omega = NAN;
    soft->reach = HZ_ADSB_WANDERING;
    return all_pulses(b, s, soft->bits) && settle(b, s, soft, order);
}

static void take_bits(struct hz_adsb_burst *b, const struct lane *from, int bits)
{
    b->step = from->step;
    b->frame.bits = bits;
    hz_adsb_soft_bytes(from->sure, bits, b->frame.byte);
}

/* Keeps the frame if it is complete and only doubted. */
static void note_doubt(struct hz_adsb_burst *b)
{
    if (b->frame.doubt != HZ_ADSB_CREDIBLE && b->n_doubted < HZ_ADSB_READINGS)
        b->doubted[b->n_doubted++] = (struct hz_adsb_reading){b->frame, b->step};
}

static enum hz_reason try_soft(struct hz_adsb_burst *b, const struct hz_adsb_shape *s,
                               struct hz_adsb_judge *j)
{
    struct hz_adsb_soft soft = {.bits = burst_bits(b, s)};
    struct lane lane[HZ_ADSB_LANES];
    int order[HZ_ADSB_LANES];
    if (soft.bits == 0 || !detect(b, s, &soft, order))
        return HZ_NO_PREAMBLE;
    take_lanes(&soft, order, lane);
    for (int k = 0; k < HZ_ADSB_LANES; k++) {
        if (k == 0 && format_distance(lane->sure, lane->mean) > most_soft_format)
            return HZ_NO_PREAMBLE;
        take_bits(b, lane + k, soft.bits);
        if (hz_adsb_judge_plain(j, &b->frame) == HZ_MESSAGE)
            return HZ_MESSAGE;
        if (k == 0 && all_sure(lane->sure, lane->mean, soft.bits) &&
            hz_adsb_judge_overlaid(j, &b->frame) == HZ_MESSAGE)
            return HZ_MESSAGE;
        note_doubt(b);
    }
    enum hz_reason why = HZ_BAD_CRC;
    for (int k = 0; k < REPAIRED; k++) {
        take_bits(b, lane + k, soft.bits);
        enum hz_reason now = hz_adsb_judge_repair(j, &b->frame, lane[k].sure, lane[k].mean);
        if (now == HZ_MESSAGE)
            return now;
        why = now == HZ_SANITY ? now : why;
        note_doubt(b);
    }
    return why;
}

enum hz_reason hz_adsb_burst_try(struct hz_adsb_burst *burst, const struct hz_adsb_shape *s,
                                 struct hz_adsb_judge *j, const struct hz_adsb_envelope *b,
                                 const struct hz_adsb_candidate *c, struct hz_adsb_credit *credit)
{
    struct hz_adsb_window *w = &burst->window;
    burst->n_doubted = 0;
    burst->step = hz_adsb_window_open(w, s, b, c);
    if (hopeless(burst, s)) {
        enum hz_reason why = try_comm_d(burst, s, j, b);
        if (why != HZ_MESSAGE)
            return why;
    } else {
        hz_adsb_window_rest(w, s, b);
        if (try_energy(burst, s, j) != HZ_MESSAGE)
            return hz_adsb_credit_pay(credit, HZ_ADSB_COST_SOFT) ? try_soft(burst, s, j) : HZ_SHED;
    }
    if (hz_adsb_soft_carrier(w, s, burst->step, burst->frame.bits, &burst->omega) < least_hold)
        burst->omega = NAN;
    burst->omega += taken_off(w, s);
    return HZ_MESSAGE;
}

enum hz_reason hz_adsb_burst_headless(struct hz_adsb_burst *b, const struct hz_adsb_shape *s,
                                      struct hz_adsb_judge *j)
{
    struct hz_adsb_soft soft = {.bits = burst_bits(b, s)};
    const int bits = soft.bits;
    b->n_doubted = 0;
    struct lane lane[HZ_ADSB_LANES];
    int order[HZ_ADSB_LANES];
    if (bits == 0 || !detect(b, s, &soft, order))
        return HZ_NO_PREAMBLE;
    take_lanes(&soft, order, lane);
    for (int k = 0; k < REPAIRED; k++) {
        take_bits(b, lane + k, bits);
        const int heard = b->frame.byte[0], format = bits == HZ_MODES_LONG_BITS ? 17 : 11;
        b->frame.byte[0] = (uint8_t)(format << 3 | (heard & 7));
        if (hz_adsb_judge_plain(j, &b->frame) == HZ_MESSAGE ||
            hz_adsb_judge_repair(j, &b->frame, lane[k].sure, lane[k].mean) == HZ_MESSAGE) {
            b->frame.corrected += __builtin_popcount((unsigned)(heard >> 3 ^ format));
            return HZ_MESSAGE;
        }
    }
    return HZ_BAD_CRC;
}
