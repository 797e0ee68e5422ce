#include "sim/afsk.h"

#include <math.h>

int hz_sim_afsk1200(const float *symbols, size_t n, double deviation_hz, double tone,
                    struct hz_sim_track *track)
{
    enum { KNOTS = 40 }; /* per symbol: 22 in a cycle of the upper tone */
    const double two_pi = 2 * 3.14159265358979323846, rate = 1200.0 * KNOTS;
    int err = hz_sim_track_init(track, rate, n * KNOTS + 1);
    if (err != 0) {
        return err;
    }
    double phase = 0; /* of the tone, in cycles; it never jumps */
    for (size_t i = 0; i < n * KNOTS; i++) {
        track->freq_hz[i] = (float)(deviation_hz * sin(two_pi * phase));
        phase += tone * (symbols[i / KNOTS] > 0 ? 1200 : 2200) / rate;
        phase -= floor(phase);
    }
    hz_sim_track_seal(track);
    return 0;
}
