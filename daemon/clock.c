#include "daemon/clock.h"

#include <math.h>
#include <string.h>

static const double window_s = 1.25;   /* a loss is certain after three at most: within 4 s */
static const double utc_step_s = 0.05; /* more than NTP slews within a window: the clock was set */
static const double first_limit_s = 3e-3; /* what a loss must exceed while the slope is unknown */
static const double limit_s = 1e-3;       /* and later; far above the spread of the floors */
enum { SLOPE_WINDOWS = 3 };

void hz_clock_start(struct hz_clock *c, double rate_hz)
{
    uint64_t steps = c->utc_steps;
    memset(c, 0, sizeof *c);
    c->rate_hz = rate_hz;
    c->utc_steps = steps;
    c->least.slack = INFINITY;
}

static double line_at(const struct hz_clock *c, double t_s)
{
    return c->base + c->slope * (t_s - c->base_t);
}

/* Least squares through the floors; flat while there are too few to tell. */
static void fit(struct hz_clock *c)
{
    double n = (double)c->n_floors, st = 0, sy = 0, stt = 0, sty = 0, rest = 0;
    for (size_t i = 0; i < c->n_floors; i++) {
        st += c->floors[i].t_s;
        sy += c->floors[i].slack;
    }
    c->base_t = st / n;
    c->base = sy / n;
    for (size_t i = 0; i < c->n_floors; i++) {
        double t = c->floors[i].t_s - c->base_t;
        stt += t * t;
        sty += t * (c->floors[i].slack - c->base);
    }
    c->slope = c->n_floors >= SLOPE_WINDOWS ? sty / stt : 0;
    for (size_t i = 0; i < c->n_floors; i++) {
        double r = c->floors[i].slack - line_at(c, c->floors[i].t_s);
        rest += r * r;
    }
    c->spread = sqrt(rest / n);
}

static void add_floor(struct hz_clock *c, struct hz_clock_point p)
{
    if (c->n_floors == HZ_CLOCK_WINDOWS) {
        memmove(c->floors, c->floors + 1, (HZ_CLOCK_WINDOWS - 1) * sizeof *c->floors);
        c->n_floors--;
    }
    c->floors[c->n_floors++] = p;
    fit(c);
}

/* The loss lies after the last block whose slack was still below half of the step. */
static uint64_t place(const struct hz_clock *c, double size)
{
    for (size_t i = 1; i <= c->n_blocks; i++) {
        const struct hz_clock_point *p =
            &c->blocks[(c->next_block + HZ_CLOCK_BLOCKS - i) % HZ_CLOCK_BLOCKS];
        if (p->slack < line_at(c, p->t_s) + size / 2)
            return p->end;
    }
    return c->blocks[c->next_block % c->n_blocks].end;
}

/* After a loss was counted, all that was noted since must look as if it had been then. */
static void raise_counts(struct hz_clock *c, double size)
{
    for (size_t i = 0; i < c->n_blocks; i++) {
        struct hz_clock_point *p = &c->blocks[i];
        if (p->slack >= line_at(c, p->t_s) + size / 2)
            p->slack -= size;
    }
}

/* The window is over: its least slack is a new floor, unless it lies above the line. */
static bool end_window(struct hz_clock *c, struct hz_clock_loss *loss)
{
    struct hz_clock_point least = c->least;
    double limit = (c->n_floors < SLOPE_WINDOWS ? first_limit_s : limit_s) * c->rate_hz;
    double size = least.slack - line_at(c, least.t_s);
    bool found = false;
    c->least.slack = INFINITY;
    if (c->n_floors == 0 || size < limit) {
        c->suspect = false;
        add_floor(c, least);
    } else if (!c->suspect) {
        c->suspect = true; /* the next window tells whether it stays */
    } else {
        c->suspect = false;
        found = true;
        *loss = (struct hz_clock_loss){
            .sample = place(c, size), .samples = (uint64_t)llround(size), .sigma = c->spread + 1};
        raise_counts(c, size);
        least.slack -= size;
        add_floor(c, least);
    }
    return found;
}

static void follow_utc(struct hz_clock *c, int64_t mono_ns, int64_t utc_ns)
{
    int64_t offset = utc_ns - mono_ns, moved = offset - c->utc_offset_ns;
    if (c->utc_offset_ns != 0 && fabs((double)moved) > utc_step_s * 1e9)
        c->utc_steps++;
    c->utc_offset_ns = offset;
}

bool hz_clock_block(struct hz_clock *c, uint64_t end, int64_t arrival_mono_ns,
                    int64_t arrival_utc_ns, struct hz_clock_loss *loss)
{
    if (c->start_mono_ns == 0) {
        c->start_mono_ns = arrival_mono_ns - (int64_t)((double)end / c->rate_hz * 1e9);
        c->window_end_s = window_s;
    }
    double t = (double)(arrival_mono_ns - c->start_mono_ns) / 1e9;
    struct hz_clock_point p = {.t_s = t, .slack = t * c->rate_hz - (double)end, .end = end};
    c->blocks[c->next_block] = p;
    c->next_block = (c->next_block + 1) % HZ_CLOCK_BLOCKS;
    if (c->n_blocks < HZ_CLOCK_BLOCKS)
        c->n_blocks++;
    if (p.slack < c->least.slack)
        c->least = p;
    follow_utc(c, arrival_mono_ns, arrival_utc_ns);
    if (t < c->window_end_s)
        return false;
    c->window_end_s = t + window_s;
    return end_window(c, loss);
}

struct hz_stamp hz_clock_stamp(const struct hz_clock *c, uint64_t sample)
{
    if (c->start_mono_ns == 0)
        return (struct hz_stamp){.ns_per_sample = 1e9 / c->rate_hz};
    /* t solves t * rate - s = floor(t); the floor moves slowly, so once through is enough */
    double s = (double)sample;
    double floor = c->n_floors ? line_at(c, s / c->rate_hz) : 0;
    double t = (s + floor) / c->rate_hz;
    return (struct hz_stamp){
        .sample = sample,
        .utc_ns = c->start_mono_ns + c->utc_offset_ns + (int64_t)(t * 1e9),
        .ns_per_sample = 1e9 / (c->rate_hz - c->slope),
    };
}

double hz_clock_ppm(const struct hz_clock *c)
{
    return c->n_floors >= SLOPE_WINDOWS ? -c->slope / c->rate_hz * 1e6 : NAN;
}
