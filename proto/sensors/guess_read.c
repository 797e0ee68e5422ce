#include "proto/sensors/guess_read.h"

#include <math.h>
#include <string.h>

enum { UNITS_MAX = 20 }; /* units of one length of NRZ */

/* Which of the two a length is; -1: neither. */
static int which(const struct hz_guess_pair *p, float us)
{
    us = fabsf(us);
    for (size_t i = 0; i < p->n; i++) {
        if (us > p->c[i].low * 0.88f - 8 && us < p->c[i].high * 1.12f + 8)
            return (int)i;
    }
    return -1;
}

/* A pulse with its gap, which is missing at the end of a row, or before its beginning. */
static int pulse_bit(const struct hz_guess_model *m, const float *us, size_t i, size_t n)
{
    int on = us[i] > 0 ? which(&m->on, us[i]) : -1, off = -1;
    bool none = m->gap_first ? i == 0 : i + 1 == n;
    if (on < 0)
        return -1;
    if (!none && (off = which(&m->off, us[m->gap_first ? i - 1 : i + 1])) < 0)
        return -1;
    if (m->coding == HZ_CODING_PPM)
        return none ? -1 : off;
    if (m->by_gap && !none && off == on)
        return -1;
    return on == 0;
}

/* The longest run of lengths that are symbols: of pulses with gaps. */
static struct hz_guess_row read_pulses(const struct hz_guess_model *m, const float *us, size_t n,
                                       uint8_t *bit)
{
    struct hz_guess_row best = {0};
    uint8_t now[HZ_PULSES_MAX];
    size_t from = 0, bits = 0;
    bool ppm = m->coding == HZ_CODING_PPM;
    for (size_t i = us[0] < 0; i <= n + 1; i += 2) {
        int b = i < n ? pulse_bit(m, us, i, n) : -1;
        if (b >= 0) {
            from = bits == 0 ? i : from;
            now[bits++] = (uint8_t)b;
            continue;
        }
        if (bits > best.n) {
            memcpy(bit, now, bits);
            /* the pulse that ends the last gap of PPM belongs to it */
            size_t used = 2 * bits + (ppm && i < n);
            best = (struct hz_guess_row){
                .n = bits, .skipped = from, .used = from + used < n ? used : n - from};
        }
        bits = 0;
    }
    return best;
}

static struct hz_guess_row read_each(const struct hz_guess_model *m, const float *us, size_t n,
                                     uint8_t *bit)
{
    struct hz_guess_row best = {0};
    uint8_t now[HZ_PULSES_MAX];
    size_t from = 0, bits = 0;
    for (size_t i = 0; i <= n; i++) {
        int c = i < n ? which(us[i] > 0 ? &m->on : &m->off, us[i]) : -1;
        if (c >= 0) {
            from = bits == 0 ? i : from;
            now[bits++] = c == 0;
            continue;
        }
        if (bits > best.n) {
            memcpy(bit, now, bits);
            best = (struct hz_guess_row){.n = bits, .skipped = from, .used = bits};
        }
        bits = 0;
    }
    return best;
}

unsigned hz_guess_units(const struct hz_guess_model *m, float us)
{
    float length = fabsf(us) - (us > 0 ? m->stretch : -m->stretch), k = roundf(length / m->unit);
    float off = fabsf(length / m->unit - k);
    return k < 1 || k > UNITS_MAX || off > 0.3f ? 0 : (unsigned)k;
}

/* The longest run of lengths of at most `most` whole units each, as one bit a unit. */
static struct hz_guess_row read_units(const struct hz_guess_model *m, const float *us, size_t n,
                                      unsigned most, uint8_t *bit)
{
    struct hz_guess_row best = {0};
    uint8_t now[HZ_GUESS_BITS];
    size_t from = 0, lengths = 0, bits = 0;
    for (size_t i = 0; i <= n; i++) {
        unsigned k = i < n ? hz_guess_units(m, us[i]) : 0;
        if (k > 0 && k <= most && bits + k <= HZ_GUESS_BITS) {
            from = lengths == 0 ? i : from;
            for (unsigned u = 0; u < k; u++)
                now[bits++] = us[i] > 0;
            lengths++;
            continue;
        }
        if (lengths > best.used) {
            memcpy(bit, now, bits);
            best = (struct hz_guess_row){.n = bits, .skipped = from, .used = lengths};
        }
        lengths = bits = 0;
    }
    return best;
}

/* Halves to bits, the first half at `phase`: stops where two halves are equal. Returns the bits of
 * the longest stretch without that, and its first half in *from. */
static size_t longest_pairs(const uint8_t *half, size_t n, size_t phase, size_t *from)
{
    size_t best = 0, bits = 0;
    for (size_t i = phase; i < n + 2; i += 2) {
        if (i + 1 < n && half[i] != half[i + 1]) {
            bits++;
            continue;
        }
        if (bits > best) {
            best = bits;
            *from = i - 2 * bits;
        }
        bits = 0;
    }
    return best;
}

static struct hz_guess_row read_manchester(const struct hz_guess_model *m, const float *us,
                                           size_t n, bool ook, uint8_t *bit)
{
    uint8_t half[HZ_GUESS_BITS + 2];
    struct hz_guess_row r = read_units(m, us, n, 2, half + 1);
    size_t halves = r.n + 2, from[2] = {0}, bits[2];
    /* a half that is off is not seen before a row of OOK, nor behind it */
    half[0] = ook && r.skipped == 0 ? 0 : 2;
    half[halves - 1] = ook && r.skipped + r.used == n ? 0 : 2;
    for (size_t i = 0; i < halves; i += halves - 1) {
        uint8_t next = i == 0 ? half[1] : half[halves - 2];
        if (half[i] == 2)
            half[i] = next; /* no pair */
    }
    for (size_t phase = 0; phase < 2; phase++)
        bits[phase] = longest_pairs(half, halves, phase, &from[phase]);
    size_t phase = bits[1] > bits[0];
    double share = r.n > 0 ? fmin(1, 2 * (double)bits[phase] / (double)r.n) : 0;
    r.n = bits[phase];
    r.used = (size_t)((double)r.used * share);
    for (size_t i = 0; i < r.n; i++)
        bit[i] = half[from[phase] + 2 * i];
    return r;
}

struct hz_guess_row hz_guess_read(const struct hz_guess_model *m, const float *us, size_t n,
                                  bool ook, uint8_t *bit)
{
    switch (m->coding) {
    case HZ_CODING_PPM:
    case HZ_CODING_PWM:
        return read_pulses(m, us, n, bit);
    case HZ_CODING_MANCHESTER:
        return read_manchester(m, us, n, ook, bit);
    case HZ_CODING_NRZ:
    case HZ_CODING_RZ:
        return read_units(m, us, n, UNITS_MAX, bit);
    case HZ_CODING_PIWM:
        return read_each(m, us, n, bit);
    default:
        return (struct hz_guess_row){0};
    }
}
