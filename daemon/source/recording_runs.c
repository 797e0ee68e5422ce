/* Makes the runs of samples in a file from the metadata of a recording. SigMF captures follow each
 * other, each after an optional header (SigMF 1.2, "Captures Array": header_bytes, trailing_bytes
 * of non-conforming datasets). If the time of a capture is later than the samples before it
 * explain, samples are missing there. */
#include "daemon/source/recording_parse.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Largest error of a receiver's crystal: smaller differences of time are not a gap. Cheap dongles
 * are specified with 100 ppm. */
static const double CRYSTAL = 100e-6;

/* A longer gap means another recording: it begins a new epoch. */
static const double HOLE_MAX_S = 100.0 * 365 * 86400;

void hz_recording_warn(struct hz_recording *r, const char *format, ...)
{
    size_t n = strlen(r->warning);
    va_list args;
    if (n > 0)
        n += (size_t)snprintf(r->warning + n, sizeof r->warning - n, "; ");
    if (n >= sizeof r->warning)
        return;
    va_start(args, format);
    vsnprintf(r->warning + n, sizeof r->warning - n, format, args);
    va_end(args);
}

/* ---- number of bytes of samples --------------------------------------------------------- */

/* Returns the number, and warns of anomalies. */
static uint64_t measure(struct hz_recording *r, const struct hz_recording_meta *t, uint64_t size)
{
    uint64_t one = hz_format_bytes(r->format);
    uint64_t none = t->offset + t->trailing_bytes;
    uint64_t there = size > none ? size - none : 0;
    bool open_end = t->bytes == UINT64_MAX || (t->bytes == 0 && there > 0);
    uint64_t bytes = !open_end && t->bytes < there ? t->bytes : there;
    uint64_t headers = 0;
    for (size_t i = 0; i < t->n_captures; i++)
        headers += t->captures[i].header_bytes;
    if (!open_end && t->bytes > there)
        hz_recording_warn(r,
                          "cut short: %" PRIu64 " of %" PRIu64 " bytes of samples are there "
                          "and used",
                          bytes - bytes % one, t->bytes);
    else if (t->bytes == 0)
        hz_recording_warn(r,
                          "its head says 0 bytes of samples: all %" PRIu64 " that are there are "
                          "used",
                          bytes - bytes % one);
    else if (headers <= bytes && (bytes - headers) % one)
        hz_recording_warn(r, "the last %" PRIu64 " byte%s no whole sample of %s and not used",
                          (bytes - headers) % one, (bytes - headers) % one == 1 ? " is" : "s are",
                          hz_format_name(r->format));
    return bytes;
}

/* ---- captures --------------------------------------------------------------------------- */

struct maker {
    struct hz_recording *r;
    const struct hz_recording_meta *t;
    uint64_t one;       /* bytes per sample */
    uint64_t bytes;     /* in the file, from t->offset on */
    struct hz_run *run; /* the next one */
    /* the last stated time, and the number of samples since then, missing ones included */
    int64_t stated_utc_ns, resolution_ns; /* INT64_MIN: none */
    uint64_t since;
    uint64_t global,
        there; /* of the capture before: its index in the stream, and number of samples */
};

static int by_sample(const void *a, const void *b)
{
    const struct hz_capture *x = a, *y = b;
    if (x->sample != y->sample)
        return x->sample < y->sample ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static int64_t later(const struct maker *m, int64_t utc_ns, uint64_t samples)
{
    return utc_ns + (int64_t)llround((double)samples / m->r->rate_hz * 1e9);
}

/* The gap between a capture and the samples before it: by its index in the stream if both have one,
 * else by its time. */
static void find_hole(struct maker *m, const struct hz_capture *c)
{
    struct hz_run *run = m->run;
    if (c->global != UINT64_MAX && m->global != UINT64_MAX && c->global >= m->global + m->there) {
        run->lost = c->global - m->global - m->there;
    } else if (c->utc_ns != INT64_MIN && m->stated_utc_ns != INT64_MIN) {
        double off = (double)(c->utc_ns - later(m, m->stated_utc_ns, m->since)) / 1e9;
        double sure = (double)(c->resolution_ns + m->resolution_ns) / 1e9 +
                      (1 + CRYSTAL * (double)m->since) / m->r->rate_hz;
        if (off > sure && off < HOLE_MAX_S)
            run->lost = (uint64_t)llround(off * m->r->rate_hz);
        run->retuned = run->retuned || off < -sure || off >= HOLE_MAX_S;
        if (off < -sure)
            hz_recording_warn(m->r,
                              "the time of its capture at sample %" PRIu64 " is %.3f s "
                              "before the end of what precedes it",
                              c->sample, -off);
    }
    if ((double)run->lost / m->r->rate_hz >= HOLE_MAX_S) {
        run->lost = 0;
        run->retuned = true;
    }
}

/* Adds a run of n samples from byte `at` on. */
static void add_run(struct maker *m, uint64_t at, uint64_t n, const struct hz_capture *c)
{
    struct hz_run *run = m->run;
    const struct hz_run *before = m->run > m->r->runs ? m->run - 1 : NULL;
    *run = (struct hz_run){.offset = m->t->offset + at, .bytes = n * m->one, .utc_ns = c->utc_ns};
    run->centre_hz = isnan(c->centre_hz) ? 0 : c->centre_hz;
    run->retuned = before && fabs(run->centre_hz - before->centre_hz) >= 0.5;
    if (before)
        find_hole(m, c);
    m->since += run->lost;
    if (c->utc_ns != INT64_MIN) {
        m->stated_utc_ns = c->utc_ns;
        m->resolution_ns = c->resolution_ns;
        m->since = 0;
    } else if (run->retuned) {
        run->utc_ns = later(m, m->stated_utc_ns == INT64_MIN ? 0 : m->stated_utc_ns, m->since);
    }
    m->since += n;
    m->global = c->global;
    m->there = n;
    m->run++;
}

/* Sets the missing centres of captures: that of the one before, or of the next one that has one. An
 * option overrides all. */
static void complete_centres(struct hz_capture *c, size_t n, const struct hz_recording_meta *t)
{
    double centre = t->centre_hz;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(c[i].centre_hz)) {
            centre = c[i].centre_hz;
            break;
        }
    }
    for (size_t i = 0; i < n; i++) {
        centre = isnan(c[i].centre_hz) ? centre : c[i].centre_hz;
        c[i].centre_hz = t->asked_centre_hz > 0 ? t->asked_centre_hz : centre;
    }
}

/* The time of the first sample, counted back from the first capture with a time. An option sets it
 * and shifts all times. */
static void complete_times(struct hz_capture *c, size_t n, const struct hz_recording_meta *t,
                           double rate_hz)
{
    int64_t start = t->start_utc_ns;
    size_t first = 0;
    while (first < n && c[first].utc_ns == INT64_MIN)
        first++;
    if (first < n)
        start = c[first].utc_ns -
                (int64_t)llround((double)(c[first].sample - c[0].sample) / rate_hz * 1e9);
    for (size_t i = first; i < n && t->asked_utc_ns != INT64_MIN; i++) {
        if (c[i].utc_ns != INT64_MIN)
            c[i].utc_ns += t->asked_utc_ns - start;
    }
    c[0].resolution_ns = first < n ? c[first].resolution_ns : 0;
    c[0].utc_ns = t->asked_utc_ns != INT64_MIN ? t->asked_utc_ns : start;
}

/* The captures in order, with one for the samples before the first. NULL: no memory. */
static struct hz_capture *sorted(const struct hz_recording_meta *t, size_t *n)
{
    const struct hz_capture none = {.centre_hz = NAN, .utc_ns = INT64_MIN, .global = UINT64_MAX};
    struct hz_capture *c = calloc(t->n_captures + 1, sizeof *c);
    if (!c)
        return NULL;
    *n = t->n_captures;
    if (*n > 0)
        memcpy(c, t->captures, *n * sizeof *c);
    qsort(c, *n, sizeof *c, by_sample);
    if (*n == 0 || c[0].sample > 0) {
        memmove(c + 1, c, *n * sizeof *c);
        c[0] = none;
        (*n)++;
    }
    return c;
}

/* Passes the properties of a capture without samples to the next one, where that has none. */
static void pass_on(const struct hz_capture *c, struct hz_capture *next)
{
    if (next->utc_ns == INT64_MIN) {
        next->utc_ns = c->utc_ns;
        next->resolution_ns = c->resolution_ns;
    }
    if (next->global == UINT64_MAX)
        next->global = c->global;
}

static void make_all(struct maker *m, struct hz_capture *c, size_t n)
{
    uint64_t headers = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t first = c[i].sample, next = i + 1 < n ? c[i + 1].sample : UINT64_MAX;
        headers += c[i].header_bytes;
        /* in samples, so that no sum overflows */
        uint64_t whole = m->bytes > headers ? (m->bytes - headers) / m->one : 0;
        if (first >= whole) {
            if (next > first)
                hz_recording_warn(m->r,
                                  "its capture at sample %" PRIu64 " lies behind the end of "
                                  "the %" PRIu64 " that are there",
                                  first, whole);
            return;
        }
        uint64_t samples = (next < whole ? next : whole) - first;
        if (samples == 0)
            pass_on(&c[i], &c[i + 1]);
        else
            add_run(m, first * m->one + headers, samples, &c[i]);
    }
}

/* Merges runs that directly continue the one before. */
static size_t join(struct hz_run *runs, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        struct hz_run *last = kept > 0 ? &runs[kept - 1] : NULL;
        if (last && !runs[i].retuned && runs[i].lost == 0 && runs[i].utc_ns == INT64_MIN &&
            last->offset + last->bytes == runs[i].offset)
            last->bytes += runs[i].bytes;
        else
            runs[kept++] = runs[i];
    }
    return kept;
}

int hz_runs_make(struct hz_recording *r, const struct hz_recording_meta *t, uint64_t size,
                 char *err, size_t err_len)
{
    size_t n;
    struct maker m = {.r = r, .t = t, .stated_utc_ns = INT64_MIN, .global = UINT64_MAX};
    m.one = hz_format_bytes(r->format);
    struct hz_capture *c = sorted(t, &n);
    r->runs = c ? calloc(n, sizeof *r->runs) : NULL;
    if (!r->runs) {
        free(c);
        snprintf(err, err_len, "no memory");
        return -ENOMEM;
    }
    complete_centres(c, n, t);
    complete_times(c, n, t, r->rate_hz);
    m.bytes = measure(r, t, size);
    m.run = r->runs;
    make_all(&m, c, n);
    free(c);
    r->n_runs = join(r->runs, (size_t)(m.run - r->runs));
    r->bytes = 0;
    for (size_t i = 0; i < r->n_runs; i++)
        r->bytes += r->runs[i].bytes;
    if (r->n_runs == 0) {
        snprintf(err, err_len, "holds no whole sample: expected at least %" PRIu64 " bytes of %s",
                 t->offset + m.one, hz_format_name(r->format));
        return -EBADMSG;
    }
    r->centre_hz = r->runs[0].centre_hz;
    r->start_utc_ns = r->runs[0].utc_ns == INT64_MIN ? 0 : r->runs[0].utc_ns;
    return 0;
}
