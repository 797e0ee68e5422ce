/* The sample clock of a dongle on USB. The driver buffers at most a quarter of a second, so floors
 * that are above the line for two windows are a loss of that many samples. Its position is found
 * among the blocks of the last windows. Blocks cannot arrive early: a floor far below the line
 * means that those before were late. */
#include "daemon/receive/clock_parts.h"

#include <math.h>
#include <string.h>

static const double first_limit_s = 3e-3; /* smallest loss while the slope is unknown */
static const double limit_s = 1e-3;       /* smallest loss later; far above the spread of floors */
enum { SLOPE_WINDOWS = 3 };

/* Fits the line to the floors by least squares; flat while there are too few. */
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
    double limit = HZ_CLOCK_PPM_MAX * 1e-6 * c->rate_hz;
    c->slope = c->n_floors >= SLOPE_WINDOWS ? fmax(-limit, fmin(limit, sty / stt)) : 0;
    for (size_t i = 0; i < c->n_floors; i++) {
        double r = c->floors[i].slack - hz_clock_line(c, c->floors[i].t_s);
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

/* The position of a loss: after the last block whose slack was below half of the step. */
static uint64_t place(const struct hz_clock *c, double size)
{
    for (size_t i = 1; i <= c->n_blocks; i++) {
        const struct hz_clock_point *p =
            &c->blocks[(c->next_block + HZ_CLOCK_BLOCKS - i) % HZ_CLOCK_BLOCKS];
        if (p->slack < hz_clock_line(c, p->t_s) + size / 2)
            return p->end;
    }
    return c->blocks[c->next_block % c->n_blocks].end;
}

/* After a loss was counted, corrects everything noted since, as if it had been counted then. */
static void raise_counts(struct hz_clock *c, double size)
{
    for (size_t i = 0; i < c->n_blocks; i++) {
        struct hz_clock_point *p = &c->blocks[i];
        if (p->slack >= hz_clock_line(c, p->t_s) + size / 2)
            p->slack -= size;
    }
}

void hz_clock_usb_block(struct hz_clock *c, struct hz_clock_point p)
{
    c->blocks[c->next_block] = p;
    c->next_block = (c->next_block + 1) % HZ_CLOCK_BLOCKS;
    if (c->n_blocks < HZ_CLOCK_BLOCKS)
        c->n_blocks++;
}

/* Ends a window: its smallest slack is a new floor, unless it is above the line. */
bool hz_clock_usb_window(struct hz_clock *c, struct hz_clock_loss *loss)
{
    struct hz_clock_point least = c->least;
    double limit = (c->n_floors < SLOPE_WINDOWS ? first_limit_s : limit_s) * c->rate_hz;
    double size = c->n_floors ? least.slack - hz_clock_line(c, least.t_s) : 0;
    if (size < -limit)
        c->n_floors = 0; /* all of them were late */
    if (size < limit) {
        c->suspect = false;
        add_floor(c, least);
        return false;
    }
    c->suspect = !c->suspect; /* the next window decides whether it is a loss */
    if (c->suspect)
        return false;
    *loss = (struct hz_clock_loss){
        .sample = place(c, size), .samples = (uint64_t)llround(size), .sigma = c->spread + 1};
    raise_counts(c, size);
    least.slack -= size;
    add_floor(c, least);
    return true;
}

bool hz_clock_usb_knows_slope(const struct hz_clock *c)
{
    return c->n_floors >= SLOPE_WINDOWS;
}
