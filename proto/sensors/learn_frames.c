#include "proto/sensors/learn_frames.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROWS_MAX = 2048,    /* of all bursts */
    PATTERN_LEAST = 6,  /* bits of a preamble that tell where a frame begins */
    PREAMBLE_BITS = 14, /* of it that a declaration asks for */
    BITS_LEAST = 8,
};

/* Bits of a row that may be a frame. */
struct row {
    size_t burst, in_burst; /* in_burst: which row of the guess */
    const uint8_t *bit;
    size_t n;
    size_t pattern; /* bits at its beginning that are its preamble's pattern */
};

struct rows {
    struct row row[ROWS_MAX];
    size_t n;
};

static bool free_running(const struct hz_learn *l)
{
    return l->coding == HZ_CODING_MANCHESTER || l->coding == HZ_CODING_NRZ;
}

/* ---- frames that run into each other ---------------------------------------------------- */

/* After how many bits the row begins again; 0: it does not. */
static size_t period_of(const uint8_t *bit, size_t n)
{
    for (size_t p = 16; 2 * p <= n; p++) {
        size_t same = 0, ones = 0;
        for (size_t i = 0; i + p < n; i++) {
            same += bit[i] == bit[i + p];
            ones += bit[i];
        }
        if (same >= n - p && ones * 8 > n - p && ones * 8 < 7 * (n - p))
            return p;
    }
    return 0;
}

/* Where the longest run of equal bits begins within the period, the row being a circle of it. */
static size_t longest_run(const uint8_t *bit, size_t p, size_t *length)
{
    size_t best = 0;
    *length = 0;
    for (size_t from = 0; from < p; from++) {
        size_t run = 1;
        while (run < p && bit[(from + run) % p] == bit[from])
            run++;
        if (run > *length) {
            *length = run;
            best = from;
        }
    }
    return best;
}

static void add_row(struct rows *all, size_t burst, size_t in_burst, const uint8_t *bit, size_t n)
{
    if (n >= BITS_LEAST && n <= HZ_LEARN_BITS && all->n < ROWS_MAX)
        all->row[all->n++] = (struct row){burst, in_burst, bit, n, 0};
}

static void add_rows(struct rows *all, const struct hz_learn *l, size_t burst)
{
    const struct hz_guess *g = &l->burst[burst].guess;
    for (size_t r = 0; r < g->n_rows; r++) {
        const uint8_t *bit = g->bit + g->row[r].from;
        size_t n = g->row[r].n, run, period = free_running(l) ? period_of(bit, n) : 0;
        if (period == 0) {
            add_row(all, burst, r, bit, n);
            continue;
        }
        size_t from = longest_run(bit, period, &run);
        if (from > 0 && from + period > n) /* not one whole frame behind it */
            continue;
        for (; from + period <= n; from += period)
            add_row(all, burst, r, bit + from, period);
    }
}

/* ---- where they begin ------------------------------------------------------------------- */

/* Bits at the beginning that are all equal, or that alternate: whichever goes on for longer. */
static size_t pattern_of(const uint8_t *bit, size_t n)
{
    size_t equal = 1, turns = 1;
    while (equal < n && bit[equal] == bit[0])
        equal++;
    while (turns < n && bit[turns] != bit[turns - 1])
        turns++;
    return equal > turns ? equal : turns;
}

/* Rows of free running codes are laid on each other by the end of their pattern; what is missing of
 * the first bits does not matter then. Returns the bits of the pattern that all have. */
static size_t align(struct rows *all)
{
    size_t least = HZ_LEARN_BITS, with = 0;
    for (size_t i = 0; i < all->n; i++) {
        struct row *r = &all->row[i];
        r->pattern = pattern_of(r->bit, r->n);
        with += r->pattern >= PATTERN_LEAST;
    }
    if (2 * with < all->n)
        return 0;
    size_t kept = 0;
    for (size_t i = 0; i < all->n; i++) {
        struct row r = all->row[i];
        if (r.pattern < PATTERN_LEAST || r.pattern + BITS_LEAST > r.n)
            continue;
        least = r.pattern < least ? r.pattern : least;
        all->row[kept++] = r;
    }
    all->n = kept;
    least = least < PREAMBLE_BITS ? least : PREAMBLE_BITS;
    for (size_t i = 0; i < all->n; i++) {
        struct row *r = &all->row[i];
        r->bit += r->pattern - least;
        r->n -= r->pattern - least;
    }
    return all->n > 0 ? least : 0;
}

/* ---- how long they are ------------------------------------------------------------------ */

static int by_length(const void *a, const void *b)
{
    size_t x = ((const struct row *)a)->n, y = ((const struct row *)b)->n;
    return (x > y) - (x < y);
}

/* The commonest length; where none is, that which three of four rows have. */
static size_t length_of(const struct rows *all, bool cut)
{
    static const size_t none = 0;
    size_t best = 0, most = 0;
    for (size_t i = 0; i < all->n; i++) {
        size_t same = 0;
        for (size_t k = 0; k < all->n; k++)
            same += all->row[k].n == all->row[i].n;
        if (same > most || (same == most && all->row[i].n > best)) {
            most = same;
            best = all->row[i].n;
        }
    }
    if (!cut || 2 * most > all->n || all->n == 0)
        return all->n > 0 ? best : none;
    struct row *sorted = malloc(all->n * sizeof *sorted);
    if (!sorted)
        return best;
    memcpy(sorted, all->row, all->n * sizeof *sorted);
    qsort(sorted, all->n, sizeof *sorted, by_length);
    best = sorted[all->n / 4].n;
    free(sorted);
    return best;
}

/* Of RZ, whose last zeros are silence. */
static size_t longest(const struct rows *all)
{
    size_t n = 0;
    for (size_t i = 0; i < all->n; i++)
        n = all->row[i].n > n ? all->row[i].n : n;
    return n;
}

/* ---- rows to frames --------------------------------------------------------------------- */

static void add_frame(struct hz_learn *l, const struct row *r, size_t skip)
{
    uint8_t bit[HZ_LEARN_BITS] = {0}; /* where the row is short, silence was its last bits */
    size_t n = r->n - skip < l->bits ? r->n - skip : l->bits;
    memcpy(bit, r->bit + skip, n);
    for (size_t i = l->n_frames; i-- > 0 && l->frame[i].burst == r->burst;) {
        if (memcmp(l->frame[i].bit, bit, l->bits) == 0) {
            l->frame[i].rows++;
            return;
        }
    }
    if (l->n_frames == HZ_LEARN_FRAMES)
        return;
    struct hz_learn_frame *f = &l->frame[l->n_frames++];
    *f = (struct hz_learn_frame){.rows = 1, .burst = r->burst};
    memcpy(f->bit, bit, l->bits);
}

/* Where some rows of a burst are equal, those that are alone are damaged. */
static void drop_damaged(struct hz_learn *l)
{
    size_t kept = 0;
    for (size_t i = 0; i < l->n_frames; i++) {
        unsigned most = 0;
        for (size_t k = 0; k < l->n_frames; k++) {
            if (l->frame[k].burst == l->frame[i].burst && l->frame[k].rows > most)
                most = l->frame[k].rows;
        }
        /* before `kept` all are looked at already */
        if (l->frame[i].rows > 1 || most < 3)
            l->frame[kept++] = l->frame[i];
    }
    l->n_frames = kept;
}

/* Behind a frame of a code that runs freely the receiver reads on: equal bits to the end, in all
 * frames, of which a byte may be its own. */
static void drop_end(struct hz_learn *l)
{
    size_t end = l->bits;
    for (bool same = true; same && end > 0; end -= same) {
        for (size_t i = 0; i < l->n_frames; i++)
            same = same && l->frame[i].bit[end - 1] == l->frame[0].bit[l->bits - 1];
    }
    if (l->bits - end > 8 && end > BITS_LEAST)
        l->bits = end;
}

static unsigned most_rows(const struct hz_learn *l, size_t burst)
{
    unsigned most = 0;
    for (size_t i = 0; i < l->n_frames; i++) {
        if (l->frame[i].burst == burst && l->frame[i].rows > most)
            most = l->frame[i].rows;
    }
    return most;
}

/* Rows and equal rows of a burst: those that half of the bursts have at least. */
static void count_rows(struct hz_learn *l, const struct rows *all)
{
    for (l->repeats = 1; l->repeats < HZ_PULSE_ROWS; l->repeats++) {
        size_t with = 0;
        for (size_t b = 0; b < l->n_bursts; b++)
            with += l->burst[b].used && most_rows(l, b) > l->repeats;
        if (2 * with < l->n_used)
            break;
    }
    l->rows = (unsigned)((all->n + l->n_used / 2) / l->n_used);
    l->rows = l->rows > l->repeats ? l->rows : l->repeats;
}

/* ---- sync and tail ---------------------------------------------------------------------- */

/* The silence before most rows; 0: there is none. */
static float usual_silence(const struct hz_learn *l, const struct rows *all)
{
    float us[ROWS_MAX + 1];
    size_t n = 0, most = 0;
    struct hz_pulse_class c[HZ_PULSE_CLASSES];
    for (size_t i = 0; i < all->n; i++) {
        const struct hz_learn_burst *b = &l->burst[all->row[i].burst];
        us[n] = b->pulses.row[b->guess.row[all->row[i].in_burst].row].before_us;
        n += us[n] > 0 && us[n] < 60000; /* longer: between transmissions */
    }
    size_t classes = hz_pulse_classes(us, n, c, HZ_PULSE_CLASSES);
    for (size_t i = 1; i < classes; i++)
        most = c[i].n > c[most].n ? i : most;
    return classes > 0 ? c[most].us : 0;
}

/* The durations in front of one row: of short rows before it, and of those of its own lengths that
 * are no bits. Returns how many. */
static size_t sync_of(const struct hz_learn_burst *b, const struct hz_guess_row *g, float *out)
{
    const struct hz_pulses *p = &b->pulses;
    size_t first = g->row, n = 0;
    float usual = p->row[g->row].before_us;
    while (first > 0 && p->row[first - 1].n <= 3 && usual > 0 &&
           p->row[first].before_us < 1.3f * usual)
        first--;
    for (size_t r = first; r <= g->row; r++) {
        size_t lengths = r < g->row ? p->row[r].n : g->skipped;
        for (size_t i = 0; i < lengths && n < HZ_LEARN_SPANS; i++)
            out[n++] = p->us[p->row[r].from + i];
        if (r < g->row && n < HZ_LEARN_SPANS)
            out[n++] = -p->row[r + 1].before_us;
    }
    return n;
}

/* The sync that most rows have, as the mean of theirs. */
static bool common_sync(struct hz_learn *l, const struct rows *all)
{
    size_t count[HZ_LEARN_SPANS + 1] = {0}, best = 0, with = 0;
    float us[HZ_LEARN_SPANS];
    double sum[HZ_LEARN_SPANS] = {0};
    for (size_t i = 0; i < all->n; i++) {
        const struct hz_learn_burst *b = &l->burst[all->row[i].burst];
        count[sync_of(b, &b->guess.row[all->row[i].in_burst], us)]++;
    }
    for (size_t i = 1; i <= HZ_LEARN_SPANS; i++)
        best = count[i] > count[best] || best == 0 ? i : best;
    if (2 * count[best] < all->n)
        return false;
    for (size_t i = 0; i < all->n; i++) {
        const struct hz_learn_burst *b = &l->burst[all->row[i].burst];
        if (sync_of(b, &b->guess.row[all->row[i].in_burst], us) != best)
            continue;
        for (size_t k = 0; k < best; k++)
            sum[k] += (double)us[k];
        with++;
    }
    for (size_t k = 0; k < best; k++)
        l->sync[k] = (float)(sum[k] / (double)with);
    l->n_sync = best;
    return true;
}

/* A last short pulse that is the same in all rows stands before the silence, and is no bit where
 * without it the bits are a multiple of four. */
static bool ends_with_pulse(const struct hz_learn *l)
{
    if (l->coding != HZ_CODING_PWM || l->zero[0] < 0 || l->bits % 4 != 1)
        return false;
    for (size_t i = 0; i < l->n_frames; i++) {
        if (!l->frame[i].bit[l->bits - 1])
            return false;
    }
    return true;
}

/* Where the gap of a bit is before its pulse, the first pulse has none: where it is the same in all
 * rows it is no bit. */
static bool begins_with_pulse(struct hz_learn *l)
{
    bool same = l->coding == HZ_CODING_PWM && l->zero[0] < 0;
    for (size_t i = 0; i < l->n_frames; i++)
        same = same && l->frame[i].bit[0] == l->frame[0].bit[0];
    for (size_t i = 0; same && i < l->n_frames; i++)
        memmove(l->frame[i].bit, l->frame[i].bit + 1, l->bits - 1);
    l->bits -= same;
    return same;
}

static void find_sync(struct hz_learn *l, const struct rows *all)
{
    float first_pulse = l->n_frames > 0 && l->frame[0].bit[0] ? l->one[1] : l->zero[1];
    bool begins = begins_with_pulse(l);
    float silence = usual_silence(l, all), longest = 0;
    bool pulse = ends_with_pulse(l), ppm = l->coding == HZ_CODING_PPM;
    for (size_t i = 0; i < 2; i++)
        longest = fmaxf(longest, fmaxf(fabsf(l->zero[i]), fabsf(l->one[i])));
    if (pulse)
        l->bits--;
    l->tail_us = ppm ? l->zero[0] : pulse ? l->one[0] : 0;
    if ((free_running(l) && l->n_preamble >= PATTERN_LEAST) || common_sync(l, all))
        return;
    if (l->tail_us > 0 && silence > 0)
        l->sync[l->n_sync++] = l->tail_us;
    l->sync[l->n_sync++] = -(silence > 0 ? silence : 5 * longest);
    if (begins)
        l->sync[l->n_sync++] = first_pulse;
}

void hz_learn_frames(struct hz_learn *l)
{
    struct rows *all = calloc(1, sizeof *all);
    if (!all)
        return;
    l->n_frames = l->n_sync = l->n_preamble = 0;
    for (size_t i = 0; i < l->n_bursts; i++) {
        if (l->burst[i].used)
            add_rows(all, l, i);
    }
    size_t skip = free_running(l) ? align(all) : 0, kept = 0;
    size_t length = l->coding == HZ_CODING_RZ ? longest(all) : length_of(all, free_running(l));
    for (size_t i = 0; i < all->n; i++) {
        bool fits = free_running(l)             ? all->row[i].n >= length
                    : l->coding == HZ_CODING_RZ ? all->row[i].n + 8 >= length
                                                : all->row[i].n == length;
        if (fits)
            all->row[kept++] = all->row[i];
    }
    all->n = kept;
    if (kept > 0 && length > skip + BITS_LEAST) {
        l->bits = length - skip;
        l->n_preamble = skip;
        memcpy(l->preamble, all->row[0].bit, skip);
        for (size_t i = 0; i < all->n; i++)
            add_frame(l, &all->row[i], skip);
        drop_damaged(l);
        if (free_running(l))
            drop_end(l);
        count_rows(l, all);
        find_sync(l, all);
    }
    free(all);
}
