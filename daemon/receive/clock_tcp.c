/* The sample clock of a stream over TCP. TCP delays and loses nothing, but the server drops samples
 * that wait too long in its queue, without reporting it. Model: slack = line + delay + lost
 * samples. The delay is never negative and may change at any time; the number of lost samples only
 * grows.
 *
 * The line is the highest one below all floors of the last eight minutes: the edge of their convex
 * hull at the mean time (S. Moon, P. Skelly and D. Towsley, Estimation and removal of clock skew
 * from network delay measurements, INFOCOM 1999). So times refer to the smallest delay of that
 * period.
 *
 * A loss differs from delay in three cases only:
 * - the server was blocked, then delivered faster than the rate, so its queue is empty, but all
 *   samples stay much later than before;
 * - all samples stay later by more than the delay of a network rises without a catch-up;
 * - they are later than the longest queue of a server explains.
 * The first two need ten seconds of constant lateness, because the lateness of a queue that fills
 * or drains changes. Smaller losses are taken for delay: times are then wrong by that much, but no
 * false loss is reported. */
#include "daemon/receive/clock_parts.h"

#include <math.h>
#include <string.h>

static const double slope_error = 5e-6; /* mean height of the floors above a line whose slope is
                                          believed, in parts of its length */
static const double flat_s = 0.02; /* equally late: a network's jitter; draining at 1.002 of the
                                      rate or more is not */
static const double stalled_rise_s = 0.25; /* a way by satellite has that much more than others */
static const double plain_rise_s = 1;      /* no way has; a full queue of a modem seldom */
static const double catch_up_s = 0.25;     /* what shows that the server had been held up */
/* rtl_tcp keeps 500 transfers of 256 KiB by default (rtl_tcp.c of librtlsdr: llbuf_num), of 2 bytes
 * a sample. No other server is known to keep more. */
static const double longest_queue = 500.0 * 262144 / 2;
static const double pace_error = 5e-3; /* far more than any crystal's */
enum {
    LEVEL_WINDOWS = 8,  /* 10 s */
    PACE_WINDOWS = 6,   /* 7.5 s */
    ENTRY_WINDOWS = 16, /* at most: 20 s */
    SLOPE_FLOORS = 3
};

/* ---- the line --------------------------------------------------------------------------- */

/* The less late of two floors, for the present slope. */
static struct hz_clock_point lower(const struct hz_clock *c, struct hz_clock_point a,
                                   struct hz_clock_point b)
{
    return a.slack - hz_clock_line(c, a.t_s) < b.slack - hz_clock_line(c, b.t_s) ? a : b;
}

/* Adds a floor. At first each floor stands for one window. When the list is full, pairs are merged,
 * until each stands for 20 s; after that the oldest is dropped. */
static void make_room(struct hz_clock *c)
{
    if (c->n_floors < HZ_CLOCK_WINDOWS)
        return;
    if (c->tcp.per_entry >= ENTRY_WINDOWS) {
        memmove(c->floors, c->floors + 1, (HZ_CLOCK_WINDOWS - 1) * sizeof *c->floors);
        c->n_floors--;
        return;
    }
    for (size_t i = 0; i < HZ_CLOCK_WINDOWS / 2; i++)
        c->floors[i] = lower(c, c->floors[2 * i], c->floors[2 * i + 1]);
    c->n_floors = HZ_CLOCK_WINDOWS / 2;
    c->tcp.per_entry *= 2;
}

static void add_floor(struct hz_clock *c, struct hz_clock_point p)
{
    struct hz_clock_tcp *n = &c->tcp;
    if (n->per_entry == 0)
        n->per_entry = 1;
    if (c->n_floors == 0 || n->in_entry >= n->per_entry) {
        make_room(c);
        c->floors[c->n_floors++] = p;
        n->in_entry = 0;
    } else {
        c->floors[c->n_floors - 1] = lower(c, p, c->floors[c->n_floors - 1]);
    }
    n->in_entry++;
}

static double rise(struct hz_clock_point a, struct hz_clock_point b)
{
    return (b.slack - a.slack) / (b.t_s - a.t_s);
}

/* Slope of the edge of the floors' lower hull above the time t. */
static double hull_slope(const struct hz_clock *c, double t)
{
    struct hz_clock_point h[HZ_CLOCK_WINDOWS];
    size_t n = 0;
    for (size_t i = 0; i < c->n_floors; i++) {
        while (n >= 2 && rise(h[n - 2], h[n - 1]) >= rise(h[n - 1], c->floors[i]))
            n--;
        h[n++] = c->floors[i];
    }
    for (size_t i = 0; i + 1 < n; i++) {
        if (h[i + 1].t_s >= t)
            return rise(h[i], h[i + 1]);
    }
    return 0;
}

/* The line of that slope through the lowest of the floors, with the mean height of them above it.
 */
static void lay(struct hz_clock *c, double slope, double t)
{
    double height = 0;
    c->slope = slope;
    c->base_t = t;
    c->base = INFINITY;
    for (size_t i = 0; i < c->n_floors; i++)
        c->base = fmin(c->base, c->floors[i].slack - slope * (c->floors[i].t_s - t));
    for (size_t i = 0; i < c->n_floors; i++)
        height += c->floors[i].slack - hz_clock_line(c, c->floors[i].t_s);
    c->spread = height / (double)c->n_floors;
}

/* If the floors are too far from any line, the last valid slope is kept. */
static void fit(struct hz_clock *c)
{
    double t = 0, span = c->floors[c->n_floors - 1].t_s - c->floors[0].t_s;
    for (size_t i = 0; i < c->n_floors; i++)
        t += c->floors[i].t_s / (double)c->n_floors;
    double slope = hull_slope(c, t);
    lay(c, slope, t);
    c->tcp.knows_slope = c->n_floors >= SLOPE_FLOORS &&
                         fabs(slope) <= HZ_CLOCK_PPM_MAX * 1e-6 * c->rate_hz &&
                         c->spread <= slope_error * c->rate_hz * span;
    if (c->tcp.knows_slope)
        c->tcp.slope = slope;
    else
        lay(c, c->tcp.slope, t);
}

bool hz_clock_tcp_knows_slope(const struct hz_clock *c)
{
    return c->tcp.knows_slope;
}

/* ---- the rate --------------------------------------------------------------------------- */

/* Updates the rate of arrival. If every window is earlier than all before, the delay is not just
 * shrinking: samples arrive faster than their rate. If every window is later, they arrive slower.
 */
static void watch_pace(struct hz_clock *c, struct hz_clock_point p, double late)
{
    struct hz_clock_tcp *n = &c->tcp;
    double moved = late - n->late, limit = pace_error * c->rate_hz * (p.t_s - n->last.t_s);
    enum hz_clock_pace now = HZ_CLOCK_ON_TIME;
    if (moved > limit)
        now = HZ_CLOCK_SLOW;
    else if (moved < -limit && late < 0)
        now = HZ_CLOCK_FAST;
    if (now != n->trend) {
        n->trend = now;
        n->trend_windows = 0;
        n->trend_from = n->last;
    }
    n->last = p;
    if (++n->trend_windows < PACE_WINDOWS)
        return;
    n->pace = now;
    n->received_hz = (double)(p.end - n->trend_from.end) / fmax(p.t_s - n->trend_from.t_s, 1e-3);
}

/* ---- lateness --------------------------------------------------------------------------- */

void hz_clock_tcp_block(struct hz_clock *c, struct hz_clock_point p)
{
    struct hz_clock_tcp *n = &c->tcp;
    double late = c->n_floors ? p.slack - hz_clock_line(c, p.t_s) : 0;
    n->peak[0] = fmax(n->peak[0], late);
    if (late <= n->usual + flat_s * c->rate_hz)
        n->on_time = p;
}

/* Tracks whether the windows stay equally late, and the peak of lateness before that. */
static void follow_level(struct hz_clock *c, double late)
{
    struct hz_clock_tcp *n = &c->tcp;
    double low = fmin(n->low, late), high = fmax(n->high, late), flat = flat_s * c->rate_hz;
    if (n->level > 0 && high - low <= flat) {
        n->level++;
        n->low = low;
        n->high = high;
    } else {
        n->level = 1;
        n->low = n->high = late;
    }
    if (n->level <= 2)
        n->level_peak = fmax(n->peak[0], n->peak[1]);
    /* a stall may begin and end in a window that had blocks in time before it */
    n->peak[1] = late <= n->usual + flat ? n->peak[0] : fmax(n->peak[0], n->peak[1]);
    n->peak[0] = 0;
}

/* The number of samples that are certainly lost; 0: none. A constant lateness that is not a loss
 * becomes the usual delay. */
static double lost(struct hz_clock *c, double late)
{
    struct hz_clock_tcp *n = &c->tcp;
    double over = late - n->usual - longest_queue;
    if (over >= plain_rise_s * c->rate_hz)
        return over;
    if (n->level < LEVEL_WINDOWS)
        return 0;
    double more = n->low - n->usual;
    bool held_up = n->level_peak - n->high >= catch_up_s * c->rate_hz;
    if (more >= (held_up ? stalled_rise_s : plain_rise_s) * c->rate_hz)
        return more;
    n->usual = n->low;
    return 0;
}

/* After a loss was counted, corrects everything noted since, as if it had been counted then. */
static void raise_counts(struct hz_clock *c, double size)
{
    struct hz_clock_tcp *n = &c->tcp;
    for (size_t i = 0; i < c->n_floors; i++) {
        if (c->floors[i].slack - hz_clock_line(c, c->floors[i].t_s) >= size)
            c->floors[i].slack -= size;
    }
    n->low -= size;
    n->high -= size;
    n->late -= size;
    n->level_peak = n->peak[0] = n->peak[1] = 0;
    n->trend_windows = 0;
    n->trend_from = n->last;
    n->trend_from.end += (uint64_t)llround(size);
    fit(c);
}

bool hz_clock_tcp_window(struct hz_clock *c, struct hz_clock_loss *loss)
{
    struct hz_clock_point p = c->least;
    if (c->n_floors > 0)
        watch_pace(c, p, p.slack - hz_clock_line(c, p.t_s));
    else
        c->tcp.last = p;
    add_floor(c, p);
    fit(c);
    double late = fmax(0, p.slack - hz_clock_line(c, p.t_s));
    c->tcp.late = late;
    follow_level(c, late);
    double size = lost(c, late);
    if (size < 1)
        return false;
    *loss = (struct hz_clock_loss){.sample = c->tcp.on_time.end,
                                   .samples = (uint64_t)llround(size),
                                   .sigma = c->tcp.high - c->tcp.low + 1};
    raise_counts(c, size);
    return true;
}
