#include "proto/pocsag/tones.h"

#include "proto/pocsag/batch.h"
#include "proto/pocsag/sync.h"

#include <math.h>
#include <stddef.h>

enum { BITS = HZ_BCH_BITS };

/* In bit rates: step of the frequencies tried, and range around the search's tone. As a fraction of
 * the deviation: how much farther out a tone may be with soft bits (BT 0.35: 0.9 of the deviation
 * is hidden at 2400 baud, where a bit rate is a large part of it; else 0.5). */
static const double step = 0.12, near_by = 0.48, hidden = 1.2;

static const double two_pi = 6.28318530717958647692;

/* Within a run of equal bits a soft bit reaches its tone. */
static bool in_a_run(int k)
{
    float sign = hz_pocsag_sync_sign(k);
    return k > 0 && k < BITS - 1 && hz_pocsag_sync_sign(k - 1) == sign &&
           hz_pocsag_sync_sign(k + 1) == sign;
}

/* Energy of one bit at a frequency of -angle radians a sample. */
static double energy_of_bit(const float *x, const float *end, double angle)
{
    double c = cos(angle), d = sin(angle), re = 1, im = 0, a = 0, b = 0;
    for (; x < end; x += 2) {
        double next = re * c - im * d;
        a += (double)x[0] * re - (double)x[1] * im;
        b += (double)x[0] * im + (double)x[1] * re;
        im = re * d + im * c;
        re = next;
    }
    return a * a + b * b;
}

/* Energy of the word's bits of one tone at a frequency: of all of them, or of those in runs. */
static double energy(const struct hz_pocsag_tones *t, double hz, float sign, bool runs)
{
    double sum = 0, angle = -two_pi * hz / HZ_POCSAG_RATE_HZ;
    for (int k = 0; k < BITS; k++) {
        if (hz_pocsag_sync_sign(k) != sign || (runs && !in_a_run(k)))
            continue;
        size_t first = (size_t)lrint(t->start + k * t->bit);
        size_t end = (size_t)lrint(t->start + (k + 1) * t->bit);
        sum += energy_of_bit(t->iq + 2 * first, t->iq + 2 * end, angle);
    }
    return sum;
}

/* The frequency of largest energy, in a range of bit rates around a frequency. */
static double find(const struct hz_pocsag_tones *t, double hz, double below, double above,
                   float sign, bool runs)
{
    double step_hz = step * HZ_POCSAG_RATE_HZ / t->bit, most = -1, low = 0, high = 0, before = 0;
    int first = (int)floor(-below / step), last = (int)ceil(above / step), best = first;
    for (int i = first; i <= last; i++) {
        double e = energy(t, hz + i * step_hz, sign, runs);
        if (e > most) {
            most = high = e;
            low = before;
            best = i;
        } else if (i == best + 1) {
            high = e;
        }
        before = e;
    }
    double bend = low + high - 2 * most;
    double off = bend < 0 ? 0.5 * (low - high) / bend : 0;
    return hz + (best + fmax(-1, fmin(1, off))) * step_hz;
}

static void find_both(struct hz_pocsag_tones *t, double out, bool runs)
{
    float sign = t->inverted ? -1 : 1;
    t->low_hz = find(t, t->low_hz, out, near_by, -sign, runs);
    t->high_hz = find(t, t->high_hz, near_by, out, sign, runs);
}

void hz_pocsag_tones_find(struct hz_pocsag_tones *t)
{
    find_both(t, near_by, false);
}

void hz_pocsag_tones_find_soft(struct hz_pocsag_tones *t)
{
    double deviation = (t->high_hz - t->low_hz) / 2;
    find_both(t, near_by + hidden * deviation * t->bit / HZ_POCSAG_RATE_HZ, true);
}
