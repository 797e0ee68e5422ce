/* Lengths of pulses and gaps: which belong together, and where a row ends. */
#include "proto/sensors/pulses.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST = 8 /* lengths of a burst, and pulses of a row that repeats */ };

static const float glitch_us = 12; /* shorter than anything that is sent: ERT's chips are 30 */

static int by_size(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Whether the next longer length begins a class of its own. Lengths of one class differ by the
 * edges, some 20 us, and by the transmitter's clock; classes are a quarter apart or more. */
static bool apart(const struct hz_pulse_class *c, float next)
{
    return next > c->us * 1.3f + 8 || (next > c->high * 1.12f + 16 && next > c->us * 1.15f);
}

size_t hz_pulse_classes(float *us, size_t n, struct hz_pulse_class *out, size_t max)
{
    struct hz_pulse_class c = {0};
    size_t classes = 0;
    double sum = 0;
    qsort(us, n, sizeof *us, by_size);
    for (size_t i = 0; i <= n; i++) {
        if (c.n > 0 && (i == n || apart(&c, us[i]))) {
            if (classes < max) {
                out[classes++] = c;
            } else { /* the rarest goes: the longest of them */
                size_t least = max - 1;
                for (size_t k = max; k-- > 0;)
                    least = out[k].n < out[least].n ? k : least;
                if (out[least].n < c.n) {
                    memmove(out + least, out + least + 1, (max - 1 - least) * sizeof *out);
                    out[max - 1] = c;
                }
            }
            c = (struct hz_pulse_class){0};
            sum = 0;
        }
        if (i == n)
            break;
        sum += (double)us[i];
        c.low = c.n == 0 ? us[i] : c.low;
        c.high = us[i];
        c.us = (float)(sum / ++c.n);
    }
    return classes;
}

/* ---- rows ------------------------------------------------------------------------------- */

/* Appends a length; one that continues the last makes it longer. */
static size_t append(float *us, size_t n, float length)
{
    if (n > 0 && (us[n - 1] > 0) == (length > 0)) {
        us[n - 1] += length;
        return n;
    }
    us[n] = length;
    return n + 1;
}

/* Without what is too short to have been sent, and without silence before and behind. A length of 0
 * stands before a silence, and is kept. */
static size_t clean(float *out, const float *us, size_t n)
{
    size_t m = 0, base = 0;
    for (size_t i = 0; i < n; i++) {
        if (us[i] == 0 && i + 1 < n) {
            out[m] = 0;
            out[m + 1] = us[++i];
            m += 2;
            base = m;
        } else if (fabsf(us[i]) >= glitch_us || (m == base && us[i] > 0)) {
            m = base + append(out + base, m - base, us[i]);
        } else if (m > base) {
            out[m - 1] += out[m - 1] > 0 ? fabsf(us[i]) : -fabsf(us[i]);
        }
    }
    return m;
}

/* Cuts at silences of that length; of a transmission of tones only where one is marked. False:
 * there is no room for more rows. */
static bool cut_rows(struct hz_pulses *p, float silence_us)
{
    bool fsk = p->modulation == HZ_WAVE_FSK, room = true;
    size_t from = 0;
    float before = 0;
    p->n_rows = 0;
    for (size_t i = 0; i <= p->n; i++) {
        bool mark = fsk && i < p->n && p->us[i] == 0;
        if (i < p->n && !(fsk ? mark : p->us[i] <= -silence_us))
            continue;
        if (i > from && p->n_rows < HZ_PULSE_ROWS)
            p->row[p->n_rows++] = (struct hz_pulse_row){from, i - from, before};
        else
            room = room && i <= from;
        i += mark;
        before = i < p->n ? -p->us[i] : 0;
        from = i + 1;
    }
    return room;
}

/* The share of all lengths that lie in rows of the commonest length; 0: no row is like another. */
static double sameness(const struct hz_pulses *p)
{
    size_t all = 0, best = 0;
    for (size_t i = 0; i < p->n_rows; i++) {
        size_t same = 0, n = p->row[i].n;
        all += n;
        for (size_t k = 0; k < p->n_rows; k++)
            same += p->row[k].n == n;
        if (same >= 2 && n >= 2 * LEAST - 1 && same * n > best)
            best = same * n;
    }
    return all > 0 ? (double)best / (double)all : 0;
}

/* The shortest silence that cuts into rows of equal length; else the best of them; else what is
 * long against everything else. */
static float row_silence(struct hz_pulses *p)
{
    float gaps[HZ_PULSES_MAX], best_us = INFINITY;
    struct hz_pulse_class c[HZ_PULSE_CLASSES];
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++) {
        if (p->us[i] < 0)
            gaps[n++] = -p->us[i];
    }
    size_t classes = hz_pulse_classes(gaps, n, c, HZ_PULSE_CLASSES);
    double best = 0.5;
    for (size_t i = classes; i-- > 1;) {
        float silence = (c[i - 1].high + c[i].low) / 2;
        cut_rows(p, silence);
        double same = sameness(p);
        if (same > best || (same >= 0.75 && same >= best - 0.1)) {
            best = same > best ? same : best;
            best_us = silence;
        }
    }
    /* nothing repeats: a gap ten times as long as the common ones is no symbol */
    float common = n > 0 ? gaps[n / 2] : 0, high = n > 0 ? gaps[n * 9 / 10] : 0;
    float never = fmaxf(10 * common, fmaxf(3 * high, 2000));
    return best_us < never ? best_us : never;
}

void hz_pulses_classify(struct hz_pulses *p)
{
    float on[HZ_PULSES_MAX], off[HZ_PULSES_MAX];
    size_t n_on = 0, n_off = 0;
    for (size_t r = 0; r < p->n_rows; r++) {
        const float *us = p->us + p->row[r].from;
        for (size_t i = 0; i < p->row[r].n; i++) {
            if (us[i] > 0)
                on[n_on++] = us[i];
            else
                off[n_off++] = -us[i];
        }
    }
    p->n_on = hz_pulse_classes(on, n_on, p->on, HZ_PULSE_CLASSES);
    p->n_off = hz_pulse_classes(off, n_off, p->off, HZ_PULSE_CLASSES);
}

bool hz_pulses_sort(struct hz_pulses *p, const float *us, size_t n)
{
    p->cut = p->cut || n > HZ_PULSES_MAX;
    p->n = clean(p->us, us, n < HZ_PULSES_MAX ? n : HZ_PULSES_MAX);
    p->n_rows = p->n_on = p->n_off = 0;
    if (p->modulation == HZ_WAVE_OOK) { /* silence at both ends is no length of the burst */
        if (p->n > 0 && p->us[0] < 0)
            memmove(p->us, p->us + 1, --p->n * sizeof *p->us);
        p->n -= p->n > 0 && p->us[p->n - 1] < 0;
    }
    if (p->n < LEAST)
        return false;
    if (!cut_rows(p, p->modulation == HZ_WAVE_OOK ? row_silence(p) : 0))
        p->cut = true;
    hz_pulses_classify(p);
    return p->n_rows > 0;
}
