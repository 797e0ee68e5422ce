#include "proto/sensors/shape.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    SPANS_MAX = 512,       /* durations of sync, chips and preamble together */
    SYNC_SYMBOLS_MAX = 24, /* of preamble and known: more makes the search dear, and not surer */
    SYNC_CHIPS_MAX = 64,
    GAP_LOOKS = 10,    /* of a long gap of the sync */
    SYMBOL_LOOKS = 24, /* of one duration of a symbol */
};

/* 300 us: over longer windows the carriers of cheap transmitters, which drift by 20 kHz a second
 * and more while they are keyed, turn by half a cycle. */
static const float coherent_us = 300;

/* That a long gap counts at most: it is mostly silence, and so is all else. */
static const float gap_weight = 5;

static const float alike = 0.07f; /* durations that one shape stands for */

/* A list of durations under way, neighbours of one sign made one. */
struct spans {
    float us[SPANS_MAX];
    size_t n;
};

static void append(struct spans *s, float us)
{
    if (us == 0)
        return;
    if (s->n > 0 && (s->us[s->n - 1] > 0) == (us > 0))
        s->us[s->n - 1] += us;
    else if (s->n < SPANS_MAX)
        s->us[s->n++] = us;
}

static void append_all(struct spans *s, const struct hz_spans *more)
{
    for (size_t i = 0; i < more->n; i++)
        append(s, more->us[i]);
}

static float total(const struct hz_spans *s)
{
    float sum = 0;
    for (size_t i = 0; i < s->n; i++)
        sum += fabsf(s->us[i]);
    return sum;
}

/* ---- looks ---------------------------------------------------------------------------------- */

static int add_look(struct hz_looks *l, float at, float weight)
{
    if (l->n % 32 == 0) {
        struct hz_look *list = realloc(l->list, (l->n + 32) * sizeof *list);
        if (!list)
            return -ENOMEM;
        l->list = list;
    }
    l->list[l->n++] = (struct hz_look){at, weight};
    l->weight += fabsf(weight);
    return 0;
}

/* Looks at one duration that begins at `at_us`. */
static int look_at(struct hz_looks *l, const struct hz_shape *s, float at_us, float us, int most,
                   bool capped)
{
    float length = fabsf(us), sign = us > 0 ? 1 : -1;
    int n = (int)lrintf(length / s->window_us);
    n = n < 1 ? 1 : n;
    float weight = length / s->window_us / (float)n;
    if (n > most) {
        weight *= (float)n / (float)most;
        n = most;
    }
    if (capped && weight * (float)n > gap_weight)
        weight = gap_weight / (float)n;
    for (int i = 0; i < n; i++) {
        float middle = at_us + length * ((float)i + 0.5f) / (float)n;
        if (add_look(l, middle / s->step_us, sign * weight) < 0)
            return -ENOMEM;
    }
    return 0;
}

static int looks_of(struct hz_looks *l, const struct hz_shape *s, const float *us, size_t n,
                    float at_us, int most, bool capped)
{
    for (size_t i = 0; i < n; i++) {
        if (look_at(l, s, at_us, us[i], most, capped) < 0)
            return -ENOMEM;
        at_us += fabsf(us[i]);
    }
    return 0;
}

/* ---- the grid ------------------------------------------------------------------------------- */

static float shortest(const struct hz_spans *s, float so_far)
{
    for (size_t i = 0; i < s->n; i++)
        so_far = fminf(so_far, fabsf(s->us[i]));
    return so_far;
}

/* The step between an eighth, about, of the chip at which both symbols have nearly whole lengths.
 */
static float best_step(float chip, float zero, float one)
{
    float best = chip / 8, least = INFINITY;
    for (float part = 7; part <= 9.01f; part += 0.02f) {
        float step = chip / part, z = zero / step, o = one / step;
        float error = fabsf(z - rintf(z)) + fabsf(o - rintf(o)) + 0.01f * fabsf(part - 8);
        if (error < least) {
            least = error;
            best = step;
        }
    }
    return best;
}

static void lay_grid(struct hz_shape *s)
{
    const struct hz_wave *w = s->wave;
    s->chip_us = shortest(&w->one, shortest(&w->zero, INFINITY));
    s->window_us = s->chip_us / ceilf(s->chip_us / coherent_us);
    float zero = total(&w->zero), one = total(&w->one);
    s->step_us = best_step(s->chip_us, zero, one);
    s->exact[0] = zero / s->step_us;
    s->exact[1] = one / s->step_us;
    for (int b = 0; b < 2; b++) {
        s->length[b] = (int)lrintf(s->exact[b]);
        s->freedom[b] = fmaxf(0.03f * s->exact[b], 0.25f);
    }
    s->variable = s->length[0] != s->length[1];
}

/* ---- what comes before the data ------------------------------------------------------------- */

static void append_bits(struct spans *s, const struct hz_wave *w, const struct hz_bitrow *row,
                        size_t from, size_t end)
{
    for (size_t i = from; i < end; i++)
        append_all(s, row->bit[i] ? &w->one : &w->zero);
}

/* The part that zero and one begin with alike: us above 0 on, 0: there is none. */
static float common_begin(const struct hz_wave *w)
{
    float zero = w->zero.us[0], one = w->one.us[0];
    if ((zero > 0) != (one > 0) || w->code == HZ_WAVE_PIWM)
        return 0;
    return copysignf(fminf(fabsf(zero), fabsf(one)), zero);
}

/* Where no sync is declared, the frame follows silence: that before the transmission, or the end
 * of the frame before. */
static void silence(struct spans *s, const struct hz_wave *w, float chip_us)
{
    const struct hz_spans *end = w->gap.n > 0 ? &w->gap : &w->tail;
    float last = end->n > 0 ? end->us[end->n - 1] : 0;
    if (last > -6 * chip_us)
        last = -10 * chip_us;
    if (last < -24 * chip_us) /* more would tell no more, and the burst may begin within it */
        last = -24 * chip_us;
    append(s, last);
}

/* The longest silence of a sync that is long enough for looks that stand apart. */
static size_t longest_pause(const struct hz_shape *s, const struct spans *spans)
{
    size_t best = spans->n;
    float longest = GAP_LOOKS * s->window_us;
    for (size_t i = 0; i < spans->n; i++) {
        if (spans->us[i] < -longest) {
            longest = -spans->us[i];
            best = i;
        }
    }
    return best;
}

static int make_search(struct hz_shape *s, const struct spans *spans, const struct spans *behind,
                       float length)
{
    size_t pause = longest_pause(s, spans);
    float at = -length;
    for (size_t i = 0; i < spans->n; i++) {
        float us = fabsf(spans->us[i]);
        if (i == pause) {
            s->pause_from = (at + 0.5f * s->window_us) / s->step_us;
            s->pause_to = (at + us - 0.5f * s->window_us) / s->step_us;
            s->pause_weight = gap_weight / (s->pause_to - s->pause_from);
        } else if (look_at(&s->search, s, at, spans->us[i], GAP_LOOKS, true) < 0) {
            return -ENOMEM;
        }
        at += us;
    }
    return looks_of(&s->search, s, behind->us, behind->n, 0, GAP_LOOKS, true);
}

static int make_sync(struct hz_shape *s)
{
    const struct hz_wave *w = s->wave;
    struct spans *spans = calloc(2, sizeof *spans), *behind = spans + 1;
    if (!spans)
        return -ENOMEM;
    for (size_t i = w->chips.n > SYNC_CHIPS_MAX ? w->chips.n - SYNC_CHIPS_MAX : 0; i < w->chips.n;
         i++)
        append(spans, w->chips.bit[i] ? (float)w->chip_us : -(float)w->chip_us);
    append_all(spans, &w->sync);
    size_t pre = w->preamble.n;
    append_bits(spans, w, &w->preamble, pre > SYNC_SYMBOLS_MAX ? pre - SYNC_SYMBOLS_MAX : 0, pre);
    bool declared = spans->n > 0;
    if (!declared && w->modulation == HZ_WAVE_OOK)
        silence(spans, w, s->chip_us);
    size_t known = w->known.n > SYNC_SYMBOLS_MAX ? SYNC_SYMBOLS_MAX : w->known.n;
    if (known > 0 && w->code != HZ_WAVE_PIWM)
        append_bits(behind, w, &w->known, 0, known);
    else
        append(behind, common_begin(w));
    float length = 0;
    for (size_t i = 0; i < spans->n; i++)
        length += fabsf(spans->us[i]);
    s->sync_length = length / s->step_us;
    int err = looks_of(&s->sync, s, spans->us, spans->n, -length, GAP_LOOKS, true);
    if (err == 0)
        err = looks_of(&s->sync, s, behind->us, behind->n, 0, GAP_LOOKS, true);
    if (err == 0)
        err = make_search(s, spans, behind, length);
    s->sync_certain = spans->n + behind->n >= 7;
    s->start_slack = s->sync_certain ? 3 : 8;
    free(spans);
    return err;
}

/* What follows the last symbol: that it was the last is half of what tells a frame from a part of a
 * longer one, and with pulses of one length the pulse behind closes the last gap. */
static int make_end(struct hz_shape *s)
{
    const struct hz_wave *w = s->wave;
    if (w->tail.n > 0 && w->gap.n > 0 && (w->tail.us[0] > 0) != (w->gap.us[0] > 0))
        return 0; /* the last frame ends otherwise than those before */
    struct spans *spans = calloc(1, sizeof *spans);
    if (!spans)
        return -ENOMEM;
    if (w->tail.n > 0)
        append_all(spans, &w->tail);
    else if (w->gap.n > 0)
        append_all(spans, &w->gap);
    else if (w->modulation == HZ_WAVE_OOK && w->sync.n > 0 && w->zero.us[w->zero.n - 1] < 0 &&
             w->sync.us[0] > 0 && w->zero.us[0] > 0 &&
             fabsf(w->zero.us[0] - w->one.us[0]) <= alike * w->zero.us[0])
        append(spans, fminf(w->sync.us[0], w->zero.us[0]));
    if (spans->n > 3)
        spans->n = 3;
    float length = 0;
    for (size_t i = 0; i < spans->n; i++)
        length += fabsf(spans->us[i]);
    s->end_length = length / s->step_us;
    int err = looks_of(&s->end, s, spans->us, spans->n, 0, GAP_LOOKS, true);
    free(spans);
    return err;
}

static int make_symbols(struct hz_shape *s)
{
    for (int parity = 0; parity < 2; parity++) {
        for (int bit = 0; bit < 2; bit++) {
            const struct hz_spans *spans = bit ? &s->wave->one : &s->wave->zero;
            struct hz_looks *l = &s->symbol[parity][bit];
            if (looks_of(l, s, spans->us, spans->n, 0, SYMBOL_LOOKS, false) < 0)
                return -ENOMEM;
            for (size_t i = 0; parity == 1 && s->wave->code == HZ_WAVE_PIWM && i < l->n; i++)
                l->list[i].weight = -l->list[i].weight;
        }
    }
    return 0;
}

int hz_shape_init(struct hz_shape *s, const struct hz_wave *wave)
{
    *s = (struct hz_shape){.wave = wave};
    lay_grid(s);
    if (make_symbols(s) == 0 && make_sync(s) == 0 && make_end(s) == 0)
        return 0;
    hz_shape_done(s);
    return -ENOMEM;
}

void hz_shape_done(struct hz_shape *s)
{
    for (int i = 0; i < 4; i++)
        free(s->symbol[i / 2][i % 2].list);
    free(s->sync.list);
    free(s->search.list);
    free(s->end.list);
    *s = (struct hz_shape){0};
}

/* ---- equal ones ----------------------------------------------------------------------------- */

static bool spans_fit(const struct hz_spans *a, const struct hz_spans *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++) {
        if (fabsf(a->us[i] - b->us[i]) > alike * fminf(fabsf(a->us[i]), fabsf(b->us[i])))
            return false;
    }
    return true;
}

/* Rows of which the last symbols, those that are searched, are alike. */
static bool rows_fit(const struct hz_bitrow *a, const struct hz_bitrow *b, size_t searched)
{
    size_t n = a->n < searched ? a->n : searched, m = b->n < searched ? b->n : searched;
    return n == m && (n == 0 || memcmp(a->bit + a->n - n, b->bit + b->n - n, n) == 0);
}

/* What ends a frame: of two tones it is of little use, else its first duration is enough. */
static bool ends_fit(const struct hz_wave *a, const struct hz_wave *b)
{
    const struct hz_spans *x = a->tail.n > 0 ? &a->tail : &a->gap;
    const struct hz_spans *y = b->tail.n > 0 ? &b->tail : &b->gap;
    if (a->modulation == HZ_WAVE_FSK)
        return true;
    struct hz_spans first = {x->us, x->n > 0}, second = {y->us, y->n > 0};
    return spans_fit(&first, &second);
}

bool hz_shape_symbols_fit(const struct hz_shape *s, const struct hz_wave *wave)
{
    const struct hz_wave *w = s->wave;
    return w->modulation == wave->modulation && w->code == wave->code &&
           spans_fit(&w->zero, &wave->zero) && spans_fit(&w->one, &wave->one);
}

bool hz_shape_fits(const struct hz_shape *s, const struct hz_wave *wave)
{
    const struct hz_wave *w = s->wave;
    return hz_shape_symbols_fit(s, wave) && spans_fit(&w->sync, &wave->sync) && ends_fit(w, wave) &&
           rows_fit(&w->preamble, &wave->preamble, SYNC_SYMBOLS_MAX) &&
           rows_fit(&w->known, &wave->known, SYNC_SYMBOLS_MAX) &&
           rows_fit(&w->chips, &wave->chips, SYNC_CHIPS_MAX) &&
           fabs(w->chip_us - wave->chip_us) <= (double)alike * w->chip_us;
}
