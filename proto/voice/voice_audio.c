#include "proto/voice/voice_audio.h"

#include <math.h>
#include <stdlib.h>

#define STEP_HZ  10  /* resolution of the wanted response */
#define LOW_HZ   300 /* edges, where it is half */
#define HIGH_HZ  3200
#define LENGTH_S 0.02 /* length of the filter: it sets the transition from CTCSS to speech */

/* The wanted response as a sum of cosines, under a Hamming window. */
static void design(double *h, size_t taps, double rate_hz, double gain, enum hz_voice_audio kind)
{
    double middle = (double)(taps - 1) / 2, at_1khz = 0;
    for (size_t i = 0; i < taps; i++) {
        double u = (double)i / middle - 1, sum = 0;
        double t = 2 * M_PI * ((double)i - middle) / rate_hz; /* cos(f t) from the two before it */
        double now = cos(LOW_HZ * t), before = cos((LOW_HZ - STEP_HZ) * t), turn = cos(STEP_HZ * t);
        for (int f = LOW_HZ; f <= HIGH_HZ; f += STEP_HZ) {
            double want = kind == HZ_VOICE_AUDIO_FM ? 1000.0 / f : 1,
                   next = 2 * turn * now - before;
            sum += want * now;
            before = now;
            now = next;
        }
        h[i] = sum * (0.54 + 0.46 * cos(M_PI * u));
        at_1khz += h[i] * cos(2 * M_PI * 1000 * ((double)i - middle) / rate_hz);
    }
    for (size_t i = 0; i < taps; i++)
        h[i] *= gain / at_1khz;
}

struct hz_resample *hz_voice_audio_new(unsigned rate_hz, double gain, enum hz_voice_audio kind)
{
    unsigned up = HZ_VOICE_AUDIO_RATE / 1000, down = rate_hz / 1000;
    for (unsigned d = 16; d > 1; d /= 2)
        if (up % d == 0 && down % d == 0) {
            up /= d;
            down /= d;
        }
    double design_hz = (double)rate_hz * up;
    size_t taps = (size_t)(LENGTH_S * design_hz) | 1;
    double *h = calloc(taps, sizeof *h);
    if (!h)
        return NULL;
    design(h, taps, design_hz, gain, kind);
    struct hz_resample *r = hz_resample_new_filter(up, down, h, taps);
    free(h);
    return r;
}
