#include "daemon/receive/clock.h"
#include "daemon/receive/clock_parts.h"

#include <math.h>
#include <string.h>

static const double window_s = 1.25; /* a loss on USB is certain after three: within 4 s */
static const double usb_spread_s =
    5e-5; /* no machine is more exact; few floors may agree by chance */
static const double tcp_sigma_ppm = 5; /* beyond that hz_clock_ppm tells nothing */
static const double utc_step_s = 0.05; /* more than NTP slews within a window: the clock was set */

void hz_clock_start(struct hz_clock *c, double rate_hz, enum hz_source_path path)
{
    uint64_t steps = c->utc_steps;
    memset(c, 0, sizeof *c);
    c->path = path;
    c->rate_hz = rate_hz;
    c->utc_steps = steps;
    c->least.slack = INFINITY;
}

double hz_clock_line(const struct hz_clock *c, double t_s)
{
    return c->base + c->slope * (t_s - c->base_t);
}

static void follow_utc(struct hz_clock *c, int64_t mono_ns, int64_t utc_ns)
{
    int64_t offset = utc_ns - mono_ns, moved = offset - c->utc_offset_ns;
    if (c->utc_offset_ns != 0 && fabs((double)moved) > utc_step_s * 1e9)
        c->utc_steps++;
    c->utc_offset_ns = offset;
}

/* Samples that came ahead of their rate add up; a tenth more time than they last uses them up. */
static void count_ahead(struct hz_clock *c, struct hz_clock_point p)
{
    c->block = (double)(p.end - c->latest.end);
    c->ahead = fmax(0, c->ahead + c->block - 1.1 * (p.t_s - c->latest.t_s) * c->rate_hz);
    c->latest = p;
}

bool hz_clock_block(struct hz_clock *c, uint64_t end, int64_t arrival_mono_ns,
                    int64_t arrival_utc_ns, struct hz_clock_loss *loss)
{
    bool tcp = c->path == HZ_PATH_TCP;
    if (c->start_mono_ns == 0) {
        c->start_mono_ns = arrival_mono_ns - (int64_t)((double)end / c->rate_hz * 1e9);
        c->window_end_s = window_s;
    }
    double t = (double)(arrival_mono_ns - c->start_mono_ns) / 1e9;
    struct hz_clock_point p = {.t_s = t, .slack = t * c->rate_hz - (double)end, .end = end};
    count_ahead(c, p);
    if (p.slack < c->least.slack)
        c->least = p;
    if (tcp)
        hz_clock_tcp_block(c, p);
    else
        hz_clock_usb_block(c, p);
    follow_utc(c, arrival_mono_ns, arrival_utc_ns);
    if (t < c->window_end_s)
        return false;
    c->window_end_s = t + window_s;
    bool found = tcp ? hz_clock_tcp_window(c, loss) : hz_clock_usb_window(c, loss);
    c->least.slack = INFINITY;
    return found;
}

/* The slack of a block without delay. What came earlier than the line has it corrects the line when
 * the window ends; with TCP, where that may be much, it counts at once. */
static double floor_at(const struct hz_clock *c, double t_s)
{
    double line = c->n_floors ? hz_clock_line(c, t_s) : INFINITY;
    if (c->path == HZ_PATH_TCP || c->n_floors == 0)
        line = fmin(line, c->least.slack);
    return isinf(line) ? 0 : line;
}

struct hz_stamp hz_clock_stamp(const struct hz_clock *c, uint64_t sample)
{
    if (c->start_mono_ns == 0)
        return (struct hz_stamp){.ns_per_sample = 1e9 / c->rate_hz};
    /* t solves t * rate - s = floor(t); the floor moves slowly, so once through is enough */
    double s = (double)sample;
    double t = (s + floor_at(c, s / c->rate_hz)) / c->rate_hz;
    return (struct hz_stamp){
        .sample = sample,
        .utc_ns = c->start_mono_ns + c->utc_offset_ns + (int64_t)(t * 1e9),
        .ns_per_sample = 1e9 / (c->rate_hz - c->slope),
    };
}

double hz_clock_ppm(const struct hz_clock *c)
{
    bool known = c->path == HZ_PATH_TCP ? hz_clock_tcp_knows_slope(c) : hz_clock_usb_knows_slope(c);
    return known ? -c->slope / c->rate_hz * 1e6 : NAN;
}

/* Of a line through n points that scatter by `spread`, over a time T: spread * sqrt(12 / n) / T. */
double hz_clock_ppm_sigma(const struct hz_clock *c)
{
    double n = (double)c->n_floors;
    if (isnan(hz_clock_ppm(c)))
        return INFINITY;
    if (c->path == HZ_PATH_TCP)
        return tcp_sigma_ppm;
    double seconds = c->floors[c->n_floors - 1].t_s - c->floors[0].t_s;
    double spread = fmax(c->spread, usb_spread_s * c->rate_hz);
    return spread * sqrt(12 / n) / seconds / c->rate_hz * 1e6;
}

bool hz_clock_hurried(const struct hz_clock *c)
{
    return c->ahead > c->block;
}

enum hz_clock_pace hz_clock_pace(const struct hz_clock *c, double *received_hz)
{
    if (c->tcp.pace != HZ_CLOCK_ON_TIME)
        *received_hz = c->tcp.received_hz;
    return c->tcp.pace;
}
