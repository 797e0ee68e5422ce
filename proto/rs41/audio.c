#include "proto/rs41/audio.h"

#include <math.h>

const double hz_rs41_audio_h = 2;

static const double two_pi = 6.28318530717958647692;
/* Mean of a bit over the deviation, with the usual filters. */
static const float filled = 0.82f;
static const float most = 2.5f; /* times the deviation: beyond are clicks */

void hz_rs41_phase(const float *audio, struct hz_headgate_peak *peak, float *iq)
{
    const float *x = audio + peak->at - HZ_RS41_BEFORE;
    const float gain = filled / peak->level;
    const double step = two_pi * hz_rs41_audio_h / (2 * HZ_RS41_BIT);
    double phase = 0;
    for (size_t i = 0; i < HZ_RS41_PHASED; i++) {
        float deviation = fminf(fmaxf((x[i] - peak->middle) * gain, -most), most);
        phase += step * (double)deviation;
        phase -= phase > two_pi ? two_pi : phase < -two_pi ? -two_pi : 0;
        iq[2 * i] = cosf((float)phase);
        iq[2 * i + 1] = sinf((float)phase);
    }
    peak->freq = 0;
}
