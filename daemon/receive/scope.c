#include "daemon/receive/scope_own.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- all of them ------------------------------------------------------------------------ */

struct hz_scopes *hz_scopes_new(struct hz_jobs *jobs)
{
    struct hz_scopes *s = calloc(1, sizeof *s);
    if (s)
        s->jobs = jobs;
    return s;
}

void hz_scopes_free(struct hz_scopes *s)
{
    while (s && s->first) {
        struct hz_scope *scope = s->first;
        s->first = scope->next;
        hz_strand_close(&scope->strand, NULL, NULL);
    }
    free(s);
}

static struct hz_scope *by_name(const struct hz_scopes *all, const char *name)
{
    struct hz_scope *s = all->first;
    while (s && strcmp(s->name, name) != 0)
        s = s->next;
    return s;
}

static void list_names(const struct hz_scopes *all, char *out, size_t size)
{
    size_t used = 0;
    *out = '\0';
    for (const struct hz_scope *s = all->first; s && used < size; s = s->next) {
        if (s->owner)
            used += (size_t)snprintf(out + used, size - used, "%s%s", used ? ", " : "", s->name);
    }
}

struct hz_scope *hz_scopes_find(const struct hz_scopes *all, const char *name, char *err,
                                size_t err_len)
{
    struct hz_scope *found = NULL;
    size_t n = 0;
    char names[160];
    for (struct hz_scope *s = all->first; s; s = s->next) {
        if (!s->owner || (name && strcmp(s->name, name) != 0))
            continue;
        found = s;
        n++;
    }
    if (n == 1)
        return found;
    list_names(all, names, sizeof names);
    if (name)
        snprintf(err, err_len, "unknown receiver \"%.31s\": expected %s", name,
                 *names ? names : "none: there are no receivers");
    else
        snprintf(err, err_len, "receiver: expected one of %s",
                 *names ? names : "none: there are no receivers");
    return NULL;
}

const char *hz_scope_name(const struct hz_scope *s)
{
    return s->name;
}

const struct hz_scope_stats *hz_scope_stats(const struct hz_scope *s)
{
    return &s->stats;
}

void hz_scope_viewers(struct hz_scope *s, int more, uint64_t dropped)
{
    s->stats.viewers += (size_t)more; /* a negative one wraps around */
    s->stats.dropped += dropped;
}

/* Frees a scope that nobody has. One that is inside a call remains until it is used again, or until
 * the end. */
static void close_if_unused(struct hz_scope *s)
{
    if (s->owner || s->views || s->inside)
        return;
    struct hz_scope **p = &s->all->first;
    while (*p != s)
        p = &(*p)->next;
    *p = s->next;
    hz_strand_close(&s->strand, NULL, NULL);
}

/* ---- the receiver ----------------------------------------------------------------------- */

struct hz_scope *hz_scope_attach(struct hz_scopes *all, const char *name, const void *owner,
                                 bool live)
{
    struct hz_scope *s = by_name(all, name);
    if (!s && (s = calloc(1, sizeof *s))) {
        s->all = all;
        snprintf(s->name, sizeof s->name, "%s", name);
        s->strand = (struct hz_strand){.jobs = all->jobs,
                                       .ops = &hz_scope_strand_ops,
                                       .owner = s,
                                       .rank = INT64_MIN, /* lowest: messages come first */
                                       .limit = HZ_STRAND_INBOX_MAX - 1};
        struct hz_scope **end = &all->first;
        while (*end)
            end = &(*end)->next;
        *end = s;
    }
    if (!s)
        return NULL;
    s->owner = owner;
    s->live = live;
    return s;
}

void hz_scope_detach(struct hz_scope *s, const void *owner)
{
    if (s->owner != owner)
        return;
    s->owner = NULL;
    close_if_unused(s);
}

void hz_scope_band(struct hz_scope *s, const void *owner, double rate_hz, double centre_hz)
{
    if (s->owner != owner)
        return;
    s->rate_hz = rate_hz;
    s->centre_hz = centre_hz;
}

/* Whether the scope is too far behind. Once it was, it catches up before it takes more. */
static bool skips(struct hz_scope *s, size_t limit)
{
    if (s->strand.count < limit)
        return false;
    s->broken = true;
    s->stats.skipped++;
    return true;
}

void hz_scope_spectra(struct hz_scope *s, const void *owner, struct hz_spectra *spectra)
{
    if (s->owner != owner || !s->views || skips(s, HZ_SCOPE_BATCHES))
        return;
    hz_strand_push(&s->strand, (struct hz_piece){.spectra = hz_spectra_ref(spectra),
                                                 .stamp = spectra->stamp,
                                                 .reset = s->broken || spectra->lost > 0});
    s->broken = false;
}

void hz_scope_block(struct hz_scope *s, const void *owner, struct hz_block *b,
                    struct hz_stamp stamp)
{
    if (s->owner != owner || !s->views || !hz_format_is_iq(b->format) ||
        skips(s, s->live ? HZ_SCOPE_PIECES : HZ_SCOPE_REPLAYED))
        return;
    s->waiting += b->n;
    hz_strand_push(&s->strand, (struct hz_piece){.block = hz_block_ref(b),
                                                 .stamp = stamp,
                                                 .reset = s->broken || b->gap_before > 0});
    s->broken = false;
}

/* ---- views ------------------------------------------------------------------------------ */

static struct hz_view_grant grant_of(const struct hz_scope *s, const struct hz_view_want *want)
{
    struct hz_view_grant g = {.fps = want->fps, .bins = want->bins};
    if (s->rate_hz == 0)
        return g;
    double low = s->centre_hz - s->rate_hz / 2, high = s->centre_hz + s->rate_hz / 2;
    g.from_hz = isnan(want->from_hz) || want->from_hz < low ? low : want->from_hz;
    g.to_hz = isnan(want->to_hz) || want->to_hz > high ? high : want->to_hz;
    double finest = floor((g.to_hz - g.from_hz) / HZ_BAND_BIN_HZ + 1e-6);
    if (finest < 1)
        g.bins = 0;
    else if (finest < (double)g.bins)
        g.bins = (size_t)finest;
    return g;
}

static bool same_grant(const struct hz_view_grant *a, const struct hz_view_grant *b)
{
    return a->from_hz == b->from_hz && a->to_hz == b->to_hz && a->bins == b->bins;
}

static void drop_rows(struct hz_view *v)
{
    hz_waterfall_free(v->waterfall);
    free(v->levels);
    v->waterfall = NULL;
    v->levels = NULL;
    v->begun = false;
}

void hz_scope_grant(struct hz_scope *s)
{
    for (struct hz_view *v = s->views, *next; v; v = next) {
        next = v->next; /* the view may be closed in `changed` */
        struct hz_view_grant g = grant_of(s, &v->want);
        bool same = same_grant(&g, &v->grant);
        v->grant = g;
        if (!same)
            drop_rows(v);
        if (!v->waterfall && g.bins > 0) {
            double centre = s->job_centre_hz;
            v->waterfall = hz_waterfall_new(g.bins, g.from_hz - centre, g.to_hz - centre);
            v->levels = malloc(HZ_VIEW_ROWS_MAX * g.bins);
            if (!v->waterfall || !v->levels)
                drop_rows(v); /* tried again with the next job */
        }
        if (!same && v->events)
            v->events->changed(v->ctx);
    }
}

int hz_view_open(struct hz_view **view, struct hz_scope *s, const struct hz_view_want *want,
                 const struct hz_view_events *events, void *ctx, char *err, size_t err_len)
{
    if (s->stats.views == HZ_SCOPE_VIEWS_MAX) {
        snprintf(err, err_len, "spectrum of %s: it has %d different views, the most at a time",
                 s->name, HZ_SCOPE_VIEWS_MAX);
        return -EMFILE;
    }
    struct hz_view *v = calloc(1, sizeof *v);
    if (!v) {
        snprintf(err, err_len, "no memory");
        return -ENOMEM;
    }
    v->scope = s;
    v->want = *want;
    v->grant = grant_of(s, want);
    v->events = events;
    v->ctx = ctx;
    v->next = s->views;
    s->views = v;
    s->stats.views++;
    *view = v;
    return 0;
}

static bool same_edge(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

void *hz_view_alike(const struct hz_scope *s, const struct hz_view_want *want)
{
    for (const struct hz_view *v = s->views; v; v = v->next) {
        if (v->want.bins == want->bins && v->want.fps == want->fps &&
            same_edge(v->want.from_hz, want->from_hz) && same_edge(v->want.to_hz, want->to_hz))
            return v->ctx;
    }
    return NULL;
}

struct hz_scope *hz_view_scope(const struct hz_view *v)
{
    return v->scope;
}

struct hz_view_grant hz_view_grant(const struct hz_view *v)
{
    return v->grant;
}

void hz_view_free(struct hz_view *v)
{
    drop_rows(v);
    free(v);
}

void hz_view_close(struct hz_view *v)
{
    struct hz_scope *s = v->scope;
    struct hz_view **p = &s->views;
    while (*p != v)
        p = &(*p)->next;
    *p = v->next;
    s->stats.views--;
    v->events = NULL;
    if (!v->working)
        hz_view_free(v);
    if (!s->views && !s->strand.busy && !s->inside)
        hz_scope_rest(s);
    close_if_unused(s);
}
