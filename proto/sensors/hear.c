#include "proto/sensors/hear_own.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A strong burst that fits like that needs no other clock. */
static const float fit_enough = 0.97f;
/* With this fit and cost, of what frames of noise cost, the clock is the right one. */
static const float fit_known = 0.93f, cost_known = 0.1f;
/* More than that says no more of a look: what is stronger is heard over shorter windows, in which a
 * carrier may run further. */
static const float a2_plenty = 25, shorter_most = 4;
static const float fit_pulled = 0.6f;
/* Where no clock makes the best frames fit better, there are none. */
static const float fit_worth = 0.7f;

enum { CLOCKS_TRIED = 9, PEAKS_WORTH = 6 };

int hz_hear_init(struct hz_hear *e)
{
    size_t bytes = HZ_HEAR_STEPS * sizeof(float);
    *e = (struct hz_hear){.v = malloc(bytes), .on = malloc(bytes), .off = malloc(bytes)};
    e->scratch = malloc(2 * bytes + sizeof(float));
    e->clock = malloc(HZ_HEAR_STEPS);
    bool failed = !e->v || !e->on || !e->off || !e->scratch || !e->clock;
    for (int i = 0; i < 4; i++) {
        e->cost[i / 2][i % 2] = malloc(bytes);
        failed |= !e->cost[i / 2][i % 2];
    }
    failed |= hz_dp_init(&e->dp) < 0;
    if (!failed)
        return 0;
    hz_hear_done(e);
    return -ENOMEM;
}

void hz_hear_done(struct hz_hear *e)
{
    free(e->v);
    free(e->on);
    free(e->off);
    free(e->scratch);
    free(e->clock);
    for (int i = 0; i < 4; i++)
        free(e->cost[i / 2][i % 2]);
    hz_dp_done(&e->dp);
    *e = (struct hz_hear){0};
}

/* ---- frames --------------------------------------------------------------------------------- */

/* The best path of n symbols along the forward run at hand. Returns its cost. */
static float trace(struct hz_part *p, int n, bool silence, struct hz_frame *f)
{
    struct hz_dp_costs c = hz_part_dp_costs(p);
    hz_dp_ending(&p->e->dp, p->shape, &c, n, silence);
    float cost = hz_dp_path(&p->e->dp, p->shape, &c, n, f->symbol);
    f->fit = hz_part_fit(p, f, n);
    return cost;
}

/* Decides a frame of n symbols along the forward run at hand. What is strong and fits needs no soft
 * values: all its symbols are equally sure. */
static void finish(struct hz_part *p, const struct hz_sync_peak *peak, int n, bool silence,
                   struct hz_frame *f)
{
    struct hz_dp_costs c = hz_part_dp_costs(p);
    struct hz_dp *dp = &p->e->dp;
    trace(p, n, silence, f);
    f->score = peak->score;
    f->begin = p->grid.first + p->grid.step * (double)((float)dp->path[0] - p->shape->sync_length);
    f->end = p->grid.first + p->grid.step * (double)dp->path[n];
    if (p->level.a2 > HZ_A2_ENOUGH && f->fit > fit_enough) {
        for (int k = 0; k < n; k++)
            f->soft[k] = f->symbol[k] ? p->level.mean.on : -p->level.mean.on;
    } else {
        hz_dp_backward(dp, p->shape, &c, n, f->soft, p->work);
    }
    hz_frame_decide(p->shape->wave, hz_wave_symbol_before(p->shape->wave), f, n);
}

/* Of the lengths that a frame may have, the one after which it ends. */
static int best_length(struct hz_part *p, int least, int most)
{
    struct hz_dp_costs c = hz_part_dp_costs(p);
    float best = INFINITY;
    int n = most;
    for (int k = least; k <= most; k++) {
        float cost = hz_dp_ending(&p->e->dp, p->shape, &c, k, true);
        if (cost < best) {
            best = cost;
            n = k;
        }
    }
    return n;
}

/* By how much the symbols along the path of a frame are longer than they should be: the slope of a
 * line through the differences. */
static float drift_of(const struct hz_part *p, const struct hz_frame *f, int n)
{
    const struct hz_shape *s = p->shape;
    double at = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
    for (int k = 0; k <= n; k++) {
        double y = p->e->dp.path[k] - p->e->dp.path[0] - at;
        sx += at;
        sy += y;
        sxx += at * at;
        sxy += at * y;
        at += k < n ? (double)s->exact[f->symbol[k]] : 0;
    }
    double m = n + 1, below = m * sxx - sx * sx;
    double slope = below > 0 ? (m * sxy - sx * sy) / below : 0;
    return (float)fmax(-0.02, fmin(0.02, slope));
}

/* The clocks that are worth trying, the likeliest first. A sync of n chips tells the clock within
 * 0.3 / n; one gap, in which any silence fits, does not. */
static int clocks_to_try(const struct hz_part *p, size_t n_peaks, int symbols, int *out)
{
    const struct hz_shape *s = p->shape;
    float votes[HZ_SYNC_CLOCKS] = {0};
    if (!s->sync_certain) {
        for (int i = 0; i < 7; i++)
            out[i] = HZ_SYNC_CLOCKS / 2 + (i & 1 ? -1 : 1) * 2 * ((i + 1) / 2);
        return 7;
    }
    for (size_t i = 0; i < n_peaks; i++) /* those beside the highest are mostly its own echoes */
        votes[p->e->peaks[i].clock] += powf(p->e->peaks[i].score, 8);
    int best = p->e->peaks[0].clock;
    for (int c = 0; c < HZ_SYNC_CLOCKS; c++)
        best = votes[c] > votes[best] ? c : best;
    float chip = s->chip_us / s->step_us, frame = fmaxf(s->exact[0], s->exact[1]) / chip;
    frame *= (float)symbols;
    int range = (int)ceilf(30 * chip / fmaxf(s->sync_length, chip));
    range = range > 4 ? 4 : range;
    int step = frame < 125 && range > 1 ? 2 : 1, count = 0;
    for (int i = 0; i <= range; i += step) {
        if (best + i < HZ_SYNC_CLOCKS)
            out[count++] = best + i;
        if (i > 0 && best - i >= 0)
            out[count++] = best - i;
    }
    return count;
}

/* What the cheapest frames at the first peaks cost at this clock. *drift: how much longer the
 * symbols of the cheapest are, as a fraction, than this clock says. */
static float cost_at(struct hz_part *p, float clock, size_t n_peaks, int symbols, float *drift,
                     float *fit)
{
    enum { CHEAPEST = 3 };
    float cost[CHEAPEST];
    size_t n = 0, tried = p->shape->sync_certain ? 3 : 8;
    hz_part_costs(p, clock);
    struct hz_dp_costs c = hz_part_dp_costs(p);
    for (size_t k = 0; k < n_peaks && k < tried; k++) {
        const struct hz_sync_peak *peak = &p->e->peaks[k];
        struct hz_frame *f = &p->e->frames.frame[0];
        int start = hz_part_start(p, peak, clock);
        if (p->shape->sync_certain && peak->score < 0.8f * p->e->peaks[0].score)
            break;
        if (hz_dp_forward(&p->e->dp, p->shape, &c, start, symbols, p->work) < symbols)
            continue;
        float now = trace(p, symbols, false, f);
        if (n == 0 || now < cost[0]) {
            *drift = drift_of(p, f, symbols);
            *fit = f->fit;
        }
        size_t at = n < CHEAPEST ? n++ : CHEAPEST;
        for (; at > 0 && cost[at - 1] > now; at--) {
            if (at < CHEAPEST)
                cost[at] = cost[at - 1];
        }
        if (at < CHEAPEST)
            cost[at] = now;
    }
    float sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += cost[i];
    if (p->shape->sync_certain && n > 0)
        return cost[0];
    return n > 0 ? sum / (float)n : INFINITY;
}

/* Whether frames that fit and cost so much are at the right clock. Symbols of one level fit at any
 * clock: there all have to be compared. */
static bool is_clear(const struct hz_part *p, float cost, float fit, int symbols)
{
    float weight = fminf(p->shape->symbol[0][0].weight, p->shape->symbol[0][1].weight);
    float usual = 0.25f * (p->level.mean.on + p->level.mean.off) * weight * (float)symbols;
    bool levels = p->shape->symbol[0][0].n == 1 && p->shape->symbol[0][1].n == 1;
    return !levels && fit > fit_known && cost < cost_known * usual;
}

/* The clock at which the first peaks are cheapest. */
static float choose_clock(struct hz_part *p, size_t n_peaks, int symbols, float *best_fit)
{
    int tried[CLOCKS_TRIED] = {0};
    int count = clocks_to_try(p, n_peaks, symbols, tried);
    float best = hz_sync_clock(tried[0]), least = INFINITY, best_drift = 0;
    /* symbols of other lengths at another clock may be the same */
    const struct hz_shape *first = &p->classes->list[p->family].shape;
    float scale =
        (p->shape->exact[0] * p->shape->step_us + p->shape->exact[1] * p->shape->step_us) /
        (first->exact[0] * first->step_us + first->exact[1] * first->step_us);
    float known = p->h->clock[p->family] / scale;
    for (int i = known > 0 ? -1 : 0; i < count; i++) {
        float drift = 0, fit = 0, clock = i < 0 ? known : hz_sync_clock(tried[i]);
        float cost = cost_at(p, clock, n_peaks, symbols, &drift, &fit);
        if (cost < least) {
            least = cost;
            best = clock;
            best_drift = drift;
        }
        *best_fit = fmaxf(*best_fit, fit);
        if (is_clear(p, cost, fit, symbols) && p->level.a2 > HZ_A2_ENOUGH)
            break;
        if (i < 0 && fit > fit_known)
            break;
    }
    float finer = best * (1 + best_drift), none;
    if (least < INFINITY && fabsf(best_drift) > 0.0005f &&
        cost_at(p, finer, n_peaks, symbols, &none, &none) < least)
        best = finer;
    if (is_clear(p, least, *best_fit, symbols))
        p->h->clock[p->family] = best * scale;
    return best;
}

/* All frames of `least` to `most` symbols. */
static void collect(struct hz_part *p, size_t n_peaks, int least, int most)
{
    struct hz_frames *frames = &p->e->frames;
    struct hz_dp_costs c = hz_part_dp_costs(p);
    frames->symbols = most;
    frames->n = 0;
    float best = 0;
    for (size_t i = 0; i < n_peaks; i++) {
        int start = hz_part_start(p, &p->e->peaks[i], p->clock);
        int n = hz_dp_forward(&p->e->dp, p->shape, &c, start, most, p->work);
        if (n < least || (least == most && n < most))
            continue;
        int ends = least < most ? best_length(p, least, n) : n;
        struct hz_frame *f = &frames->frame[frames->n];
        finish(p, &p->e->peaks[i], ends, least < most, f);
        for (int k = ends; k < most; k++) {
            f->soft[k] = 0;
            f->symbol[k] = 0;
        }
        best = fmaxf(best, f->fit);
        if (f->fit > 0.3f)
            frames->n++;
        if (i + 1 >= PEAKS_WORTH && best < fit_worth)
            return; /* frames of this length do not fit here */
    }
}

/* Looks for frames, and chooses the clock at which they fit: *fit says how well. Returns the number
 * of places. */
static size_t find_frames(struct hz_part *p, const struct hz_class *k, float *clock, float *fit)
{
    struct hz_hear *e = p->e;
    hz_part_stream(p, 1);
    p->clock = 0;
    struct hz_sync_memory m = {.sum = e->scratch,
                               .best = e->scratch + HZ_HEAR_STEPS / 2,
                               .coarse = e->scratch + HZ_HEAR_STEPS,
                               .before = e->scratch + HZ_HEAR_STEPS + HZ_HEAR_STEPS / 2,
                               .clock = e->clock};
    size_t n = hz_sync_search(p->shape, &p->level, e->v, p->grid.n, &m, e->peaks, p->work);
    const struct hz_wave *first = &p->classes->set->list[k->member[0]].wave;
    size_t frames = (size_t)first->sent;
    if (frames > 0 && n > 2 * frames + 6)
        n = 2 * frames + 6;
    *fit = 0;
    if (n > 0)
        *clock = choose_clock(p, n, first->bits_max, fit);
    return n;
}

static size_t hear_part(struct hz_part *p, const struct hz_class *k, struct hz_reading *out,
                        size_t room)
{
    struct hz_hear *e = p->e;
    const struct hz_sensor *list = p->classes->set->list;
    float chosen = 1, fit;
    p->shorter = 1;
    p->ends = false;
    size_t n = find_frames(p, k, &chosen, &fit);
    /* a carrier that is pulled while it is keyed leaves long windows */
    if (!p->h->lower && p->level.a2 > 2 * a2_plenty && fit >= fit_pulled && fit < fit_known) {
        p->shorter = fminf(p->level.a2 / a2_plenty, shorter_most);
        p->level.a2 = 0;
        n = find_frames(p, k, &chosen, &fit);
    }
    if (n == 0 || fit < fit_worth)
        return 0;
    p->ends = true;
    hz_part_costs(p, chosen);
    e->frames.a2 = p->level.a2;
    size_t found = 0;
    for (size_t i = 0; i < k->n; i++) {
        const struct hz_wave *w = &list[k->member[i]].wave;
        const struct hz_wave *before = i > 0 ? &list[k->member[i - 1]].wave : NULL;
        if (!before || before->bits_max != w->bits_max || before->bits_min != w->bits_min)
            collect(p, n, w->bits_min, w->bits_max);
        found +=
            hz_frames_read(&e->frames, &list[k->member[i]], out + found, room - found, p->work);
    }
    for (size_t i = 0; i < found; i++)
        out[i].a2 = p->level.a2 / (float)p->grid.window;
    return found;
}

size_t hz_hear(struct hz_hear *e, const struct hz_classes *c, const struct hz_class *k,
               const struct hz_hearing *h, struct hz_reading *out, size_t room, uint64_t *work)
{
    double step = (double)k->shape.step_us * 1e-6 * h->rate_hz;
    size_t longest = (size_t)(step * (HZ_HEAR_STEPS - 1) * 0.94), found = 0;
    const struct hz_sensor *list = c->set->list;
    double symbol = (double)fmaxf(k->shape.exact[0], k->shape.exact[1]);
    double frame = (symbol * list[k->member[k->n - 1]].wave.bits_max +
                    (double)k->shape.sync_length + (double)k->shape.end_length) *
                   step * 1.06;
    for (size_t from = h->from; from < h->to;) {
        size_t to = h->to - from > longest ? from + longest : h->to;
        struct hz_part p = {.e = e,
                            .classes = c,
                            .shape = &k->shape,
                            .h = h,
                            .family = k->family,
                            .from = from,
                            .to = to,

                            .work = work};
        found += hear_part(&p, k, out + found, room - found);
        if (to == h->to)
            break;
        from = (double)(to - from) > 2 * frame ? to - (size_t)frame : to;
    }
    return found;
}
