#include "daemon/receive/spectra.h"

#include <stdlib.h>

struct hz_spectra_pool {
    bool closed; /* the pool goes with the last batch */
    void (*on_free)(void *ctx);
    void *ctx;
    struct hz_spectra *idle[HZ_SPECTRA_MAX];
    size_t n_idle, n, limit;
};

struct hz_spectra_pool *hz_spectra_pool_new(size_t limit, void (*on_free)(void *ctx), void *ctx)
{
    struct hz_spectra_pool *p = calloc(1, sizeof *p);
    if (p)
        *p = (struct hz_spectra_pool){.on_free = on_free, .ctx = ctx, .limit = limit};
    return p;
}

static void batch_free(struct hz_spectra *s)
{
    for (size_t i = 0; i < s->cap; i++)
        hz_spectrum_done(&s->x[i]);
    free(s->x);
    free(s->events);
    free(s->gates);
    free(s->marks);
    free(s);
}

void hz_spectra_pool_close(struct hz_spectra_pool *p)
{
    p->closed = true;
    for (; p->n_idle > 0; p->n--)
        batch_free(p->idle[--p->n_idle]);
    if (p->n == 0)
        free(p);
}

struct hz_spectra *hz_spectra_take(struct hz_spectra_pool *p)
{
    struct hz_spectra *s = NULL;
    if (p->n_idle > 0) {
        s = p->idle[--p->n_idle];
    } else if (p->n < p->limit) {
        s = calloc(1, sizeof *s);
        p->n += s != NULL;
    }
    if (s)
        *s = (struct hz_spectra){
            .refs = 1,
            .pool = p,
            .x = s->x,
            .cap = s->cap,
            .events = s->events,
            .gates = s->gates,
            .marks = s->marks,
            .gates_cap = s->gates_cap,
            .marks_cap = s->marks_cap,
        };
    return s;
}

void hz_spectra_reserve(struct hz_spectra *s, size_t n)
{
    if (n <= s->cap)
        return;
    struct hz_spectrum *more = realloc(s->x, n * sizeof *more);
    if (!more)
        return;
    s->x = more;
    struct hz_hunt_event *events = realloc(s->events, n * HZ_HUNT_EVENTS_MAX * sizeof *s->events);
    if (!events)
        return;
    s->events = events;
    while (s->cap < n)
        s->x[s->cap++] = (struct hz_spectrum){0};
}

/* Memory for a spectrum of the band: that of earlier, or other. */
static bool fits(struct hz_spectrum *x, const struct hz_band *band)
{
    if (x->bins && x->n == hz_band_bins(band))
        return true;
    hz_spectrum_done(x);
    return hz_spectrum_init(x, band) == 0;
}

struct hz_spectrum *hz_spectra_next(struct hz_spectra *s)
{
    struct hz_spectrum *x = s->n < s->cap ? &s->x[s->n] : NULL;
    return x && fits(x, s->band->band) ? x : NULL;
}

struct hz_spectra *hz_spectra_ref(struct hz_spectra *s)
{
    s->refs++;
    return s;
}

void hz_spectra_unref(struct hz_spectra *s)
{
    if (!s || --s->refs > 0)
        return;
    struct hz_spectra_pool *p = s->pool;
    for (size_t k = 0; k < s->n_gates; k++)
        hz_spectra_gate_unref(s->gates[k]);
    s->n_gates = 0;
    hz_spectrum_done(&s->before);
    hz_shared_band_unref(s->band);
    s->band = NULL;
    if (!p->closed) {
        p->idle[p->n_idle++] = s;
        p->on_free(p->ctx);
        return;
    }
    batch_free(s);
    if (--p->n == 0)
        free(p);
}

/* ---- gates ------------------------------------------------------------------------------ */

struct hz_spectra_gate *hz_spectra_gate_ref(struct hz_spectra_gate *g)
{
    g->refs++;
    return g;
}

void hz_spectra_gate_unref(struct hz_spectra_gate *g)
{
    if (!g || --g->refs > 0)
        return;
    hz_spectra_gate_unref(g->first);
    hz_shared_band_unref(g->band);
    free(g);
}

static bool room_for_gates(struct hz_spectra *s, size_t n)
{
    if (n > s->gates_cap) {
        struct hz_spectra_gate **more = realloc(s->gates, 2 * n * sizeof(struct hz_spectra_gate *));
        if (!more)
            return false;
        s->gates = more;
        s->gates_cap = 2 * n;
    }
    if (n * s->cap > s->marks_cap) {
        struct hz_mark *more = realloc(s->marks, 2 * n * s->cap * sizeof *more);
        if (!more)
            return false;
        s->marks = more;
        s->marks_cap = 2 * n * s->cap;
    }
    return true;
}

void hz_spectra_add_gate(struct hz_spectra *s, struct hz_spectra_gate *g)
{
    if (room_for_gates(s, s->n_gates + 1))
        s->gates[s->n_gates++] = hz_spectra_gate_ref(g);
}

void hz_spectra_measure(struct hz_spectra *s, size_t i)
{
    for (size_t k = 0; k < s->n_gates; k++)
        s->marks[k * s->cap + i].power = hz_bins_power(&s->gates[k]->gate.bins, &s->x[i]);
}

void hz_spectra_step(struct hz_spectra *s, size_t i)
{
    for (size_t k = 0; k < s->n_gates; k++) {
        struct hz_spectra_gate *g = s->gates[k]->first ? s->gates[k]->first : s->gates[k];
        struct hz_mark *m = &s->marks[k * s->cap + i];
        *m = hz_gate_step(&g->gate, &s->x[i], m->power);
    }
}

const struct hz_mark *hz_spectra_marks(const struct hz_spectra *s, uint64_t channel, size_t *at)
{
    while (*at < s->n_gates && s->gates[*at]->channel < channel)
        ++*at;
    return *at < s->n_gates && s->gates[*at]->channel == channel ? &s->marks[*at * s->cap] : NULL;
}
