#include "sim/modes_burst.h"

#include <math.h>
#include <string.h>

enum {
    AROUND = HZ_SIM_MODES_CHIPS_AROUND,
    REACH = AROUND / 2, /* chips on each side of a sample's own chip */
    STEPS = HZ_SIM_MODES_STEPS,
    PREAMBLE = 16, /* chips */
    CHIPS_MAX = PREAMBLE + 112 * 2,
    SAMPLES_MAX = 512, /* 120 us and skirts at 3.2 Msps */
};

static const double chip_s = 0.5e-6;
static const double edge_s = 70e-9; /* Annex 10 allows 50 to 100 ns up, 50 to 200 ns down */
static const double pi = 3.14159265358979323846;

/* Windowed-sinc low-pass over 2 us on each side, not normalised. */
static double filter_at(double t_s, double cutoff_hz)
{
    double reach_s = 4 * chip_s, x = 2 * pi * cutoff_hz * t_s;
    if (fabs(t_s) >= reach_s) {
        return 0;
    }
    return (fabs(x) < 1e-9 ? 1 : sin(x) / x) * (0.5 + 0.5 * cos(pi * t_s / reach_s));
}

/* A pulse of one chip from 0 on. Its edges are centred on the chip's borders, so that the pulses of
 * neighbouring chips add up to one long pulse. */
static double trapezoid_at(double t_s)
{
    double up = t_s / edge_s + 0.5, down = (chip_s - t_s) / edge_s + 0.5;
    return fmax(0, fmin(1, fmin(up, down)));
}

void hz_sim_modes_init(struct hz_sim_modes *m, double rate_hz)
{
    enum { FINE = 400 }; /* integration steps over the filter's reach to one side */
    double taps[2 * FINE + 1], step_s = 4 * chip_s / FINE, gain = 0;
    for (int k = -FINE; k <= FINE; k++) {
        taps[k + FINE] = filter_at(k * step_s, fmin(1.1e6, 0.46 * rate_hz));
        gain += taps[k + FINE];
    }
    m->rate_hz = rate_hz;
    for (int step = 0; step <= STEPS; step++) {
        for (int j = 0; j < AROUND; j++) {
            /* from the start of chip `current - REACH + j` to the sample */
            double t = (REACH - j + (double)step / STEPS) * chip_s, sum = 0;
            for (int k = -FINE; k <= FINE; k++) {
                sum += taps[k + FINE] * trapezoid_at(t - k * step_s);
            }
            m->pulse[step][j] = (float)(sum / gain);
        }
    }
}

double hz_sim_modes_samples(const struct hz_sim_modes *m, size_t len)
{
    return ((double)len * 16 + PREAMBLE) * chip_s * m->rate_hz;
}

/* The chips as 0 and 1, with zeros for the filter before and after. */
static void fill_chips(float *chips, const uint8_t *frame, size_t len)
{
    static const uint8_t preamble[] = {0, 2, 7, 9};
    memset(chips, 0, (CHIPS_MAX + 4 * REACH + 2) * sizeof *chips);
    chips += 2 * REACH;
    for (size_t i = 0; i < sizeof preamble; i++) {
        chips[preamble[i]] = 1;
    }
    for (size_t bit = 0; bit < len * 8; bit++) {
        int one = frame[bit / 8] >> (7 - bit % 8) & 1;
        chips[PREAMBLE + 2 * bit + (one ? 0 : 1)] = 1;
    }
}

/* The amplitude at n samples from stream index `first` on, before scaling. */
static void fill_envelope(const struct hz_sim_modes *m, const float *chips,
                          const struct hz_sim_burst *burst, double first, size_t n, float *env)
{
    double chips_per_sample = burst->clock / (m->rate_hz * chip_s);
    for (size_t i = 0; i < n; i++) {
        double at = (first + (double)i - burst->start) * chips_per_sample;
        double chip = floor(at);
        float step = (float)((at - chip) * STEPS);
        int row = (int)step;
        float part = step - (float)row;
        const float *a = m->pulse[row], *b = m->pulse[row + 1];
        const float *c = chips + 2 * REACH + (int)chip - REACH;
        float sum = 0;
        for (int j = 0; j < AROUND; j++) {
            sum += c[j] * (a[j] + part * (b[j] - a[j]));
        }
        env[i] = sum;
    }
}

void hz_sim_modes_add(const struct hz_sim_modes *m, const uint8_t *frame, size_t len,
                      const struct hz_sim_burst *burst, const struct hz_span *span)
{
    float chips[CHIPS_MAX + 4 * REACH + 2], env[SAMPLES_MAX];
    double samples = hz_sim_modes_samples(m, len) / burst->clock;
    double skirt = REACH * chip_s * m->rate_hz / burst->clock - 1;
    double first = ceil(burst->start - skirt);
    size_t n = (size_t)(samples + 2 * skirt);
    fill_chips(chips, frame, len);
    fill_envelope(m, chips, burst, first, n, env);

    float energy = 0;
    for (size_t i = 0; i < n; i++) {
        energy += env[i] * env[i];
    }
    float scale = (float)sqrt(burst->power * samples / (double)energy);
    double cycles = burst->offset_hz / span->rate_hz;
    double phase = burst->phase + cycles * (first - burst->start);
    float c = (float)cos(2 * pi * phase) * scale, s = (float)sin(2 * pi * phase) * scale;
    float dc = (float)cos(2 * pi * cycles), ds = (float)sin(2 * pi * cycles);
    for (size_t i = 0; i < n; i++) {
        int64_t at = (int64_t)first + (int64_t)i - (int64_t)span->first;
        if (at >= 0 && at < (int64_t)span->n) {
            span->iq[2 * at] += c * env[i];
            span->iq[2 * at + 1] += s * env[i];
        }
        float turned = c * dc - s * ds;
        s = c * ds + s * dc;
        c = turned;
    }
}
