#include "sim/track.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

int hz_sim_track_init(struct hz_sim_track *t, double rate_hz, size_t n)
{
    t->rate_hz = rate_hz;
    t->n = n;
    t->iq = NULL;
    t->freq_hz = calloc(n, sizeof *t->freq_hz);
    t->amplitude = calloc(n, sizeof *t->amplitude);
    t->cycles = calloc(n, sizeof *t->cycles);
    if (t->freq_hz == NULL || t->amplitude == NULL || t->cycles == NULL) {
        hz_sim_track_done(t);
        return -ENOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        t->amplitude[i] = 1;
    }
    return 0;
}

int hz_sim_track_init_iq(struct hz_sim_track *t, double rate_hz, size_t n)
{
    int err = hz_sim_track_init(t, rate_hz, n);
    if (err != 0)
        return err;
    t->iq = calloc(2 * n, sizeof *t->iq);
    if (t->iq == NULL) {
        hz_sim_track_done(t);
        return -ENOMEM;
    }
    return 0;
}

void hz_sim_track_done(struct hz_sim_track *t)
{
    free(t->iq);
    free(t->freq_hz);
    free(t->amplitude);
    free(t->cycles);
    *t = (struct hz_sim_track){0};
}

/* The integral over a straight line from a to b, squared, of length 1. */
static double energy(float a, float b)
{
    return ((double)a * (double)a + (double)a * (double)b + (double)b * (double)b) / 3;
}

void hz_sim_track_seal(struct hz_sim_track *t)
{
    double cycles = 0, power = 0;
    for (size_t i = 0; i + 1 < t->n; i++) {
        t->cycles[i] = cycles;
        cycles += ((double)t->freq_hz[i] + (double)t->freq_hz[i + 1]) / (2 * t->rate_hz);
        power += t->iq ? energy(t->iq[2 * i], t->iq[2 * i + 2]) +
                             energy(t->iq[2 * i + 1], t->iq[2 * i + 3])
                       : energy(t->amplitude[i], t->amplitude[i + 1]);
    }
    t->cycles[t->n - 1] = cycles;
    float scale = (float)sqrt((double)(t->n - 1) / power);
    for (size_t i = 0; i < t->n && !t->iq; i++) {
        t->amplitude[i] *= scale;
    }
    for (size_t i = 0; i < 2 * t->n && t->iq; i++) {
        t->iq[i] *= scale;
    }
}

void hz_sim_track_drift(struct hz_sim_track *t, double hz_s)
{
    for (size_t i = 0; i < t->n; i++) {
        double from_middle = (double)i - (double)t->n / 2;
        t->freq_hz[i] += (float)(hz_s * from_middle / t->rate_hz);
    }
    hz_sim_track_seal(t);
}

double hz_sim_track_samples(const struct hz_sim_track *t, const struct hz_sim_burst *burst,
                            double rate_hz)
{
    return (double)(t->n - 1) * rate_hz / (t->rate_hz * burst->clock);
}

struct rotor {
    float c, s;
};

static struct rotor at_cycles(double cycles)
{
    double angle = 2 * 3.14159265358979323846 * cycles;
    return (struct rotor){(float)cos(angle), (float)sin(angle)};
}

static inline struct rotor times(struct rotor a, struct rotor b)
{
    return (struct rotor){a.c * b.c - a.s * b.s, a.c * b.s + a.s * b.c};
}

/* Adds n samples of a chirp. Its phase starts at `cycles`, its frequency at `step` cycles per
 * sample, rising by `bend` per sample; its amplitude starts at `level`, rising by `slope` per
 * sample. Two complex products per sample, no libm. */
static void add_chirp(float *iq, size_t n, double cycles, double step, double bend, float level,
                      float slope)
{
    struct rotor z = at_cycles(cycles), w = at_cycles(step + bend / 2), dw = at_cycles(bend);
    for (size_t i = 0; i < n; i++) {
        iq[2 * i] += level * z.c;
        iq[2 * i + 1] += level * z.s;
        level += slope;
        z = times(z, w);
        w = times(w, dw);
    }
}

/* The same with a complex amplitude that starts at `level`. */
static void add_complex(float *iq, size_t n, double cycles, double step, double bend,
                        struct rotor level, struct rotor slope)
{
    struct rotor z = at_cycles(cycles), w = at_cycles(step + bend / 2), dw = at_cycles(bend);
    for (size_t i = 0; i < n; i++) {
        struct rotor x = times(level, z);
        iq[2 * i] += x.c;
        iq[2 * i + 1] += x.s;
        level.c += slope.c;
        level.s += slope.s;
        z = times(z, w);
        w = times(w, dw);
    }
}

void hz_sim_track_add(const struct hz_sim_track *t, const struct hz_sim_burst *burst,
                      const struct hz_span *span)
{
    double per_knot = span->rate_hz / (t->rate_hz * burst->clock);
    double begin = (double)span->first, end = begin + (double)span->n;
    double knot = floor((begin - burst->start) / per_knot);
    float gain = (float)sqrt(burst->power);
    for (size_t k = knot > 0 ? (size_t)knot : 0; k + 1 < t->n; k++) {
        double from = burst->start + (double)k * per_knot;
        double first = fmax(ceil(from), begin), last = fmin(ceil(from + per_knot), end);
        if (from >= end) {
            break;
        }
        bool silent = t->amplitude[k] == 0 && t->amplitude[k + 1] == 0; /* the pauses of OOK */
        if (last <= first || silent) {
            continue;
        }
        double f0 = (double)t->freq_hz[k], df = ((double)t->freq_hz[k + 1] - f0) / per_knot;
        double in = first - from; /* samples since the knot */
        double cycles = burst->phase + burst->offset_hz * (first - burst->start) / span->rate_hz +
                        t->cycles[k] / burst->clock + (f0 + df * in / 2) * in / span->rate_hz;
        double step = (burst->offset_hz + f0 + df * in) / span->rate_hz;
        float *to = span->iq + 2 * (size_t)(first - begin);
        size_t n = (size_t)(last - first);
        if (t->iq) {
            const float *a = t->iq + 2 * k;
            struct rotor slope = {(a[2] - a[0]) * gain / (float)per_knot,
                                  (a[3] - a[1]) * gain / (float)per_knot};
            struct rotor level = {a[0] * gain + slope.c * (float)in,
                                  a[1] * gain + slope.s * (float)in};
            add_complex(to, n, cycles, step, df / span->rate_hz, level, slope);
            continue;
        }
        float a0 = t->amplitude[k] * gain;
        float slope = (t->amplitude[k + 1] * gain - a0) / (float)per_knot;
        add_chirp(to, n, cycles, step, df / span->rate_hz, a0 + slope * (float)in, slope);
    }
}
