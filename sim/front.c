#include "sim/front.h"

#include <math.h>

/* Power that the receiver adds, full scale 1: of the converter, and of third-order products at
 * HZ_FRONT_UNITY_DB. */
static const double converter_dbfs = -46, products_dbfs = -52;
/* Uncertainty of a dongle's clock after 10 s, over USB on a machine with other work; and when it is
 * first known. */
static const double clock_ppm = 20, clock_s = 5;

void hz_front_init(struct hz_front *f, uint64_t seed)
{
    *f = (struct hz_front){.now.gain_db = NAN};
    hz_noise_init(&f->noise, seed);
}

bool hz_front_is_ideal(const struct hz_front_settings *s)
{
    return s->crystal_ppm == 0 && s->drift_ppm == 0 && s->correction_ppm == 0 && isnan(s->gain_db);
}

static void shift(struct hz_front *f, const struct hz_span *span, double hz)
{
    double step = 2 * M_PI * hz / span->rate_hz, turn = 2 * M_PI * f->cycles;
    double c = cos(turn), s = sin(turn), step_c = cos(step), step_s = sin(step);
    for (size_t i = 0; i < span->n; i++) {
        double re = (double)span->iq[2 * i], im = (double)span->iq[2 * i + 1], was = c;
        span->iq[2 * i] = (float)(re * c - im * s);
        span->iq[2 * i + 1] = (float)(re * s + im * c);
        c = c * step_c - s * step_s;
        s = was * step_s + s * step_c;
    }
    f->cycles = fmod(f->cycles + hz / span->rate_hz * (double)span->n, 1);
}

static void amplify(struct hz_front *f, const struct hz_span *span, float *own)
{
    double above_db = f->now.gain_db - HZ_FRONT_UNITY_DB;
    double added = pow(10, converter_dbfs / 10) + pow(10, (products_dbfs + 3 * above_db) / 10);
    float by = (float)pow(10, above_db / 20);
    hz_noise_fill(&f->noise, own, span->n, (float)sqrt(added / 2));
    for (size_t i = 0; i < 2 * span->n; i++)
        span->iq[i] = span->iq[i] * by + own[i];
}

static double error_ppm(const struct hz_front_settings *s, double at_s)
{
    return s->crystal_ppm + s->drift_ppm * at_s / 60 - s->correction_ppm;
}

bool hz_front_clock(const struct hz_front_settings *s, double at_s, double since_s, double *ppm,
                    double *sigma)
{
    *sigma = clock_ppm * pow(10 / since_s, 1.5);
    *ppm = error_ppm(s, at_s) + *sigma;
    return since_s >= clock_s;
}

void hz_front_run(struct hz_front *f, const struct hz_span *span, double centre_hz, float *own)
{
    double ppm = error_ppm(&f->now, (double)span->first / span->rate_hz);
    if (ppm != 0)
        shift(f, span, -ppm * 1e-6 * centre_hz);
    if (!isnan(f->now.gain_db))
        amplify(f, span, own);
}
