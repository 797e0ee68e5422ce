#include "sim/psk.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum { KNOTS = 32 }; /* in a symbol */

static const double pi = 3.14159265358979323846;

/* The pulse at t symbols: raised cosine, with its limits where the formula has none. */
static double raised_cosine(double t, double a)
{
    double x = pi * t, d = 1 - 4 * a * a * t * t;
    double sinc = fabs(x) < 1e-9 ? 1 : sin(x) / x;
    return fabs(d) < 1e-6 ? pi / 4 * sinc : sinc * cos(a * x) / d;
}

static double root_raised_cosine(double t, double a)
{
    if (fabs(t) < 1e-9)
        return 1 - a + 4 * a / pi;
    double d = 1 - 16 * a * a * t * t;
    if (fabs(d) < 1e-6)
        return a / sqrt(2) * ((1 + 2 / pi) * sin(pi / (4 * a)) + (1 - 2 / pi) * cos(pi / (4 * a)));
    return (sin(pi * t * (1 - a)) + 4 * a * t * cos(pi * t * (1 + a))) / (pi * t * d);
}

int hz_sim_psk(const struct hz_sim_psk *how, const uint8_t *symbols, const float *amplitude,
               size_t n, struct hz_sim_track *track)
{
    const size_t lead = HZ_SIM_PSK_LEAD, width = 2 * lead * KNOTS + 1;
    int err = hz_sim_track_init_iq(track, how->baud * KNOTS, (n - 1 + 2 * lead) * KNOTS + 1);
    float *pulse = malloc(width * sizeof *pulse);
    if (err != 0 || pulse == NULL) {
        free(pulse);
        if (err == 0)
            hz_sim_track_done(track);
        return -ENOMEM;
    }
    for (size_t i = 0; i < width; i++) {
        double t = (double)i / KNOTS - (double)lead;
        /* its ends are taken to zero, so that nothing jumps */
        double end = cos(pi / 2 * fmax(0, fabs(t) - (double)lead + 1));
        pulse[i] = (float)(end * (how->root ? root_raised_cosine(t, how->roll_off)
                                            : raised_cosine(t, how->roll_off)));
    }
    for (size_t k = 0; k < n; k++) {
        double angle = 2 * pi * symbols[k] / how->levels;
        double level = amplitude ? (double)amplitude[k] : 1;
        float re = (float)(level * cos(angle)), im = (float)(level * sin(angle));
        float *to = track->iq + 2 * k * KNOTS;
        for (size_t i = 0; i < width; i++) {
            to[2 * i] += re * pulse[i];
            to[2 * i + 1] += im * pulse[i];
        }
    }
    free(pulse);
    hz_sim_track_seal(track);
    return 0;
}
