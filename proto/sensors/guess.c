#include "proto/sensors/guess.h"
#include "proto/sensors/guess_read.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    SHORTEST = 7,   /* lengths of a row that is looked at */
    BITS_LEAST = 4, /* bits of a row that is told */
};

static const float whole = 0.9f;      /* share of the lengths by which a coding is taken at once */
static const float explained = 0.75f; /* share that the best must explain */

const char *hz_coding_name(enum hz_coding coding)
{
    static const char *const names[HZ_CODINGS] = {"none", "ppm", "pwm", "manchester",
                                                  "nrz",  "rz",  "piwm"};
    return names[coding];
}

/* ---- the two lengths that matter -------------------------------------------------------- */

static struct hz_guess_pair commonest(const struct hz_pulse_class *c, size_t n)
{
    struct hz_guess_pair p = {.n = 0};
    size_t first = 0, second = n;
    for (size_t i = 1; i < n; i++)
        first = c[i].n > c[first].n ? i : first;
    for (size_t i = 0; i < n; i++) {
        if (i != first && (second == n || c[i].n > c[second].n))
            second = i;
    }
    if (n == 0)
        return p;
    p.c[p.n++] = c[first];
    if (second < n) {
        p.c[p.n++] = c[second];
        if (p.c[1].us < p.c[0].us) {
            struct hz_pulse_class swap = p.c[0];
            p.c[0] = p.c[1];
            p.c[1] = swap;
        }
    }
    return p;
}

/* ---- the models that a burst suggests --------------------------------------------------- */

static bool two(const struct hz_guess_pair *p)
{
    return p->n == 2 && p->c[1].us > 1.4f * p->c[0].us && p->c[0].n > 1 && p->c[1].n > 1;
}

/* The unit: from the shortest class of pulses and of gaps that is not rare. A receiver stretches
 * pulses as much as it shortens gaps. */
static bool find_unit(struct hz_guess_model *m, const struct hz_pulses *p)
{
    float shortest[2] = {0};
    for (int s = 0; s < 2; s++) {
        const struct hz_pulse_class *c = s ? p->on : p->off;
        size_t n = s ? p->n_on : p->n_off;
        unsigned all = 0;
        for (size_t i = 0; i < n; i++)
            all += c[i].n;
        for (size_t i = 0; i < n && shortest[s] == 0; i++) /* exact: not set yet */
            shortest[s] = c[i].n * 12 >= all ? c[i].us : 0;
    }
    if (shortest[0] <= 0 || shortest[1] <= 0)
        return false;
    m->unit = (shortest[0] + shortest[1]) / 2;
    m->stretch = (shortest[1] - shortest[0]) / 2;
    if (fabsf(m->stretch) > 0.3f * m->unit) { /* the shorter one alone: the other is no unit */
        m->unit = fminf(shortest[0], shortest[1]);
        m->stretch = 0;
    }
    /* all lengths together tell it better */
    double length = 0, count = 0, n_on = 0;
    for (size_t i = 0; i < p->n; i++) {
        unsigned k = hz_guess_units(m, p->us[i]);
        if (k == 0 || k > 4)
            continue;
        length += (double)fabsf(p->us[i]);
        count += k;
        n_on += p->us[i] > 0;
    }
    if (count > 0 && n_on > 0)
        m->unit = (float)(length / count);
    return true;
}

static struct hz_guess_pair commoner(const struct hz_guess_pair *p)
{
    return (struct hz_guess_pair){{p->c[p->n > 1 && p->c[1].n > p->c[0].n]}, 1};
}

static size_t suggest(struct hz_guess_model *out, const struct hz_pulses *p)
{
    struct hz_guess_model m = {.on = commonest(p->on, p->n_on), .off = commonest(p->off, p->n_off)};
    size_t n = 0;
    bool counts = find_unit(&m, p);
    if (m.on.n == 0 || m.off.n == 0)
        return 0;
    if (two(&m.off)) {
        struct hz_guess_model ppm = m;
        ppm.coding = HZ_CODING_PPM;
        ppm.on = commoner(&m.on);
        /* whatever the pulse: it says nothing */
        ppm.on.c[0].low *= 0.75f;
        ppm.on.c[0].high *= 1.25f;
        out[n++] = ppm;
    }
    if (two(&m.on)) {
        struct hz_guess_model pwm = m;
        pwm.coding = HZ_CODING_PWM;
        pwm.by_gap = two(&m.off);
        if (pwm.by_gap)
            out[n++] = pwm;
        pwm.gap_first = true;
        if (pwm.by_gap)
            out[n++] = pwm;
        pwm.by_gap = pwm.gap_first = false;
        pwm.off = commoner(&m.off);
        out[n++] = pwm;
    }
    if (counts) {
        m.coding = HZ_CODING_MANCHESTER;
        out[n++] = m;
    }
    if (two(&m.on) && two(&m.off)) {
        m.coding = HZ_CODING_PIWM;
        out[n++] = m;
    }
    if (counts) {
        m.coding = HZ_CODING_NRZ;
        out[n++] = m;
    }
    return n;
}

/* ---- reading a burst with a model ------------------------------------------------------- */

/* Part of a row: lengths [from, until) of it. */
struct part {
    const struct hz_pulses *p;
    size_t row, from, until;
};

/* Adds the longest run of bits in the part, and those before and behind it, in order of time: what
 * no symbol explains stands between frames. Returns the lengths that were bits. */
static size_t read_part(struct hz_guess *g, const struct hz_guess_model *m, struct part t,
                        size_t like)
{
    uint8_t bit[HZ_GUESS_BITS];
    const float *us = t.p->us + t.p->row[t.row].from + t.from;
    if (t.until < t.from + SHORTEST || g->n_rows == HZ_PULSE_ROWS)
        return 0;
    struct hz_guess_row r =
        hz_guess_read(m, us, t.until - t.from, t.p->modulation == HZ_WAVE_OOK, bit);
    size_t used = r.used,
           bits = g->n_rows > 0 ? g->row[g->n_rows - 1].from + g->row[g->n_rows - 1].n : 0;
    bool pieces = m->coding == HZ_CODING_PPM || m->coding == HZ_CODING_PWM;
    if (like > 0 && (r.n + 1 < like || r.n > like + 1))
        return 0;
    if (r.n < BITS_LEAST)
        return used;
    r.row = t.row;
    r.skipped += t.from;
    if (pieces) {
        struct part before = {t.p, t.row, t.from, r.skipped};
        used += read_part(g, m, before, r.n);
        bits = g->n_rows > 0 ? g->row[g->n_rows - 1].from + g->row[g->n_rows - 1].n : 0;
    }
    if (bits + r.n > HZ_GUESS_BITS || g->n_rows == HZ_PULSE_ROWS)
        return used;
    r.from = bits;
    memcpy(g->bit + bits, bit, r.n);
    g->row[g->n_rows++] = r;
    if (pieces) {
        struct part behind = {t.p, t.row, r.skipped + r.used, t.until};
        used += read_part(g, m, behind, r.n);
    }
    return used;
}

static void read_burst(struct hz_guess *g, const struct hz_pulses *p,
                       const struct hz_guess_model *m)
{
    double used = 0, all = 0;
    g->n_rows = 0;
    for (size_t i = 0; i < p->n_rows; i++) {
        struct part all_of_it = {p, i, 0, p->row[i].n};
        if (all_of_it.until < SHORTEST)
            continue;
        all += (double)all_of_it.until;
        used += (double)read_part(g, m, all_of_it, 0);
    }
    g->coding = m->coding;
    g->share = all > 0 ? (float)(used / all) : 0;
    g->unit_us = m->unit;
    g->stretch_us = m->stretch;
}

/* The units of a row behind a long pulse at its beginning, and its gap of one unit. */
static size_t behind_sync(const uint8_t *bit, size_t n)
{
    size_t ones = 0;
    while (ones < n && bit[ones])
        ones++;
    return ones > 3 && ones + 1 < n ? ones + 1 : 0;
}

/* Whether every second unit is off in all rows: a pulse never fills two. */
static bool returns_to_zero(const struct hz_guess *g)
{
    size_t ones = 0;
    for (size_t r = 0; r < g->n_rows; r++) {
        const uint8_t *bit = g->bit + g->row[r].from;
        size_t from = behind_sync(bit, g->row[r].n);
        for (size_t i = from; i + 1 < g->row[r].n; i++) {
            if (bit[i] && (bit[i + 1] || ((i - from) & 1)))
                return false;
            ones += bit[i];
        }
    }
    return ones > 4;
}

static void halve(struct hz_guess *g)
{
    for (size_t r = 0; r < g->n_rows; r++) {
        struct hz_guess_row *row = &g->row[r];
        size_t from = behind_sync(g->bit + row->from, row->n);
        if (from > 0) {
            row->skipped += 2;
            row->used -= 2;
        }
        row->from += from;
        row->n = (row->n - from + 1) / 2;
        for (size_t i = 0; i < row->n; i++)
            g->bit[row->from + i] = g->bit[row->from + 2 * i];
    }
    g->coding = HZ_CODING_RZ;
}

static void set(float *out, size_t *n, float first, float second)
{
    out[0] = first;
    out[1] = second;
    *n = 1 + (second != 0); /* exact: 0 is given as such */
}

static void name_durations(struct hz_guess *g, const struct hz_guess_model *m)
{
    float s = m->on.c[0].us, l = m->on.n > 1 ? m->on.c[1].us : 0;
    float gs = m->off.c[0].us, gl = m->off.n > 1 ? m->off.c[1].us : gs, u = m->unit;
    switch (g->coding) {
    case HZ_CODING_PPM:
        set(g->zero, &g->n_zero, s, -gs);
        set(g->one, &g->n_one, s, -gl);
        break;
    case HZ_CODING_PWM:
        set(g->zero, &g->n_zero, m->gap_first ? -gs : l, m->gap_first ? l : -gs);
        set(g->one, &g->n_one, m->gap_first ? -gl : s, m->gap_first ? s : -gl);
        break;
    case HZ_CODING_MANCHESTER:
        set(g->zero, &g->n_zero, -u, u);
        set(g->one, &g->n_one, u, -u);
        break;
    case HZ_CODING_RZ:
        set(g->zero, &g->n_zero, -2 * u, 0);
        set(g->one, &g->n_one, u, -u);
        break;
    case HZ_CODING_PIWM:
        set(g->zero, &g->n_zero, (l + gl) / 2, 0);
        set(g->one, &g->n_one, (s + gs) / 2, 0);
        break;
    default:
        set(g->zero, &g->n_zero, -u, 0);
        set(g->one, &g->n_one, u, 0);
        break;
    }
}

void hz_guess_make(struct hz_guess *g, const struct hz_pulses *p)
{
    struct hz_guess_model m[HZ_CODINGS + 2];
    size_t n = suggest(m, p), best = n;
    float share = explained;
    *g = (struct hz_guess){0};
    for (size_t i = 0; i < n && share < whole; i++) {
        read_burst(g, p, &m[i]);
        if (g->n_rows > 0 && g->share >= share) {
            share = g->share;
            best = i;
        }
    }
    *g = (struct hz_guess){0};
    if (best == n)
        return;
    read_burst(g, p, &m[best]);
    if (g->coding == HZ_CODING_NRZ && returns_to_zero(g))
        halve(g);
    name_durations(g, &m[best]);
    if (g->coding == HZ_CODING_PPM || g->coding == HZ_CODING_PWM || g->coding == HZ_CODING_PIWM)
        g->unit_us = g->stretch_us = 0;
}

size_t hz_guess_common(const struct hz_guess *g, unsigned *repeats)
{
    size_t best = g->n_rows;
    *repeats = 0;
    for (size_t i = 0; i < g->n_rows; i++) {
        unsigned same = 0;
        for (size_t k = 0; k < g->n_rows; k++)
            same += g->row[k].n == g->row[i].n &&
                    memcmp(g->bit + g->row[k].from, g->bit + g->row[i].from, g->row[i].n) == 0;
        if (same > *repeats || (same == *repeats && g->row[i].n > g->row[best].n)) {
            *repeats = same;
            best = i;
        }
    }
    return best;
}

void hz_bits_text(char *out, size_t len, const uint8_t *bit, size_t n)
{
    size_t at = (size_t)snprintf(out, len, "{%zu}", n);
    for (size_t i = 0; i < n && at + 1 < len; i += 4) {
        unsigned v = 0;
        for (size_t k = i; k < i + 4; k++)
            v = 2 * v + (k < n ? bit[k] : 0);
        out[at++] = "0123456789abcdef"[v];
    }
    if (at < len)
        out[at] = '\0';
    else if (len > 0)
        out[len - 1] = '\0';
}
