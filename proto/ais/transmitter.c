#include "proto/ais/transmitter.h"

#include "dsp/cpm_line.h"
#include "proto/ais/sizes.h"

#include <math.h>
#include <stdlib.h>

enum {
    LOOKED_AT =
        7 * HZ_CPM_LINE_WINDOW, /* bits used: those of the shortest usual message, one slot */
    TIMINGS = 4,
    PULSES = 3,
    BOOK = 1 /* index of the standard's pulse */
};

/* Bounds on a transmitter. Clock: a crystal is 0.005 % off; 1 % is twice the error of a processor's
 * own oscillator or a divider. Deviation: M.1371 has h = 0.5; beyond a third less or half more the
 * search for the start (sync.c) fails. Filter: M.1371 has BT 0.4 and, for the receiver, 0.5; 0.3
 * stands for all that are softer, 0.5 for all that are harder. */
static const double clock_off = 0.012, h_least = 0.3, h_most = 0.75;
static const double bts[PULSES] = {0.3, 0.4, 0.5};

/* Tolerance of the detector itself: drift of the clock over a burst, in bits, and error of h. */
static const double bits_off = 0.12, h_off = 0.03;
/* Multiple of the clock's standard error below which a difference is not significant. */
static const double errors = 2.5;
/* Least slope of the line for samples of mean amplitude 1: nine in ten bursts at 4 dB have more
 * than 54, most voices fewer than 17. */
static const double least_strength = 20;
static const double apart = 0.1; /* change of h after which the clock is estimated again */
static const float line_memory = 0.5f, memory = 0.8f;

struct hz_ais_matcher {
    struct hz_cpm *cpm; /* owned */
    struct hz_cpm_pulse pulse[PULSES];
    const float *iq; /* the burst; borrowed during a call */
    size_t n;
    const uint8_t *level;
};

struct hz_ais_matcher *hz_ais_matcher_new(void)
{
    static const struct hz_cpm_mode mode = {
        .samples_per_bit = HZ_AIS_BIT, .h = 0.5, .bt = 0.4, .states_log2 = 2, .memory = 0.5f};
    struct hz_ais_matcher *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    m->cpm = hz_cpm_new(&mode, LOOKED_AT);
    for (int i = 0; i < PULSES; i++)
        hz_cpm_pulse_gaussian(&m->pulse[i], bts[i]);
    if (!m->cpm) {
        free(m);
        return NULL;
    }
    return m;
}

void hz_ais_matcher_free(struct hz_ais_matcher *m)
{
    if (m)
        hz_cpm_free(m->cpm);
    free(m);
}

const struct hz_cpm_pulse *hz_ais_book_pulse(const struct hz_ais_matcher *m)
{
    return &m->pulse[BOOK];
}

/* Estimates clock and timing with a template of that h. */
static struct hz_cpm_line line(struct hz_ais_matcher *m, double h, double start)
{
    struct hz_cpm_line line;
    hz_cpm_adapt(m->cpm, h, line_memory, HZ_AIS_BIT);
    hz_cpm_line(m->cpm, m->iq, m->n, start, LOOKED_AT, TIMINGS, clock_off, &line);
    return line;
}

/* Fit of a transmitter: the metric over all the bits used. */
static double fit(struct hz_ais_matcher *m, const struct hz_ais_transmitter *is, double h)
{
    hz_cpm_adapt(m->cpm, h, memory, is->samples_per_bit);
    hz_cpm_begin(m->cpm, m->iq, m->n, is->start);
    hz_cpm_run(m->cpm, m->level, HZ_AIS_SYNC_BITS);
    return (double)hz_cpm_run(m->cpm, NULL, LOOKED_AT - HZ_AIS_SYNC_BITS);
}

/* The best h, by a parabola through the fits of three values a factor apart. */
static double best_h(struct hz_ais_matcher *m, const struct hz_ais_transmitter *is, double middle,
                     double factor)
{
    double below = fit(m, is, middle / factor), at = fit(m, is, middle);
    double above = fit(m, is, middle * factor), bend = below - 2 * at + above;
    double steps = bend < 0 ? 0.5 * (below - above) / bend : above > below ? 1 : -1;
    return middle * pow(factor, fmin(fmax(steps, -1), 1));
}

static void take(struct hz_ais_transmitter *is, const struct hz_cpm_line *line, double start)
{
    is->start = start + line->late * HZ_AIS_BIT;
    is->samples_per_bit = HZ_AIS_BIT * (1 + line->clock);
}

bool hz_ais_match(struct hz_ais_matcher *m, const float *iq, size_t n, const uint8_t *level,
                  size_t bits, struct hz_ais_transmitter *out)
{
    double start = out->start, most = 0;
    m->iq = iq;
    m->n = n;
    m->level = level;
    hz_cpm_shape(m->cpm, 0.5, HZ_AIS_BIT, &m->pulse[BOOK]);
    struct hz_cpm_line is = line(m, 0.5, start);
    take(out, &is, start);
    if (is.strength < least_strength)
        return false;
    double h = best_h(m, out, 0.5, 1.3);
    bool by_the_book = fabs(is.clock) < fmax(bits_off / (double)bits, errors * is.clock_error);
    if (by_the_book && fabs(h - 0.5) < h_off)
        return false;
    if (fabs(h - 0.5) > apart * 0.5) {
        is = line(m, h, start);
        take(out, &is, start);
    }
    out->h = fmin(fmax(best_h(m, out, h, 1.05), h_least), h_most);
    for (int i = 0; i < PULSES; i++) {
        hz_cpm_shape(m->cpm, out->h, HZ_AIS_BIT, &m->pulse[i]);
        double now = fit(m, out, out->h);
        out->pulse = now > most ? &m->pulse[i] : out->pulse;
        most = fmax(now, most);
    }
    return true;
}
