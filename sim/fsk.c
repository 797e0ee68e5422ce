#include "sim/fsk.h"

#include <math.h>

enum {
    KNOTS = 8, /* per symbol */
    REACH = 3, /* the filter's length in symbols, on each side */
};

/* The pulse of a symbol of length 1 around 0 behind the Gaussian filter (Murota and Hirade, 1981).
 */
static double pulse(double t, double bt)
{
    double c = 3.14159265358979323846 * bt * sqrt(2 / log(2));
    return (erf(c * (t + 0.5)) - erf(c * (t - 0.5))) / 2;
}

int hz_sim_fsk(const struct hz_sim_fsk *how, const float *symbols, size_t n,
               struct hz_sim_track *track)
{
    float shape[KNOTS]
               [2 * REACH + 1]; /* the pulses of the symbols around, at each knot of a symbol */
    for (int k = 0; k < KNOTS; k++) {
        for (int j = -REACH; j <= REACH; j++) {
            double from_middle = (double)k / KNOTS - 0.5 - j;
            shape[k][j + REACH] = (float)(how->deviation_hz * pulse(from_middle, how->bt));
        }
    }
    int err = hz_sim_track_init(track, how->baud * KNOTS, n * KNOTS + 1);
    if (err != 0) {
        return err;
    }
    for (size_t i = 0; i < n * KNOTS + 1; i++) {
        size_t s = i / KNOTS;
        for (int j = -REACH; j <= REACH; j++) {
            int64_t at = (int64_t)s + j;
            float symbol = at >= 0 && at < (int64_t)n ? symbols[at] : 0;
            track->freq_hz[i] += symbol * shape[i % KNOTS][j + REACH];
        }
    }
    size_t ramp = (size_t)how->ramp * KNOTS;
    for (size_t i = 0; i < ramp && i < track->n; i++) {
        float level = (float)(0.5 - 0.5 * cos(3.14159265358979323846 * (double)i / (double)ramp));
        track->amplitude[i] *= level;
        track->amplitude[track->n - 1 - i] *= level;
    }
    hz_sim_track_seal(track);
    return 0;
}
