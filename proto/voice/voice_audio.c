#include "proto/voice/voice_audio.h"

#include "dsp/clones.h"

#include <math.h>
#include <stdlib.h>

#define STEP_HZ  10  /* resolution of the wanted response */
#define LOW_HZ   300 /* edges, where it is half */
#define HIGH_HZ  3200
#define LENGTH_S 0.02 /* length of the filter: it sets the transition from CTCSS to speech */

/* Several taps are designed side by side, in the lanes of a vector: a filter has 290 cosines for
 * each of 960 taps, and each channel that opens needs one. */
enum { LANES = 8 };
typedef double lanes __attribute__((vector_size(LANES * sizeof(double)), aligned(8)));

/* The wanted response as a sum of cosines, at the taps from `first` on. */
HZ_CLONES static void response(double first, double rate_hz, enum hz_voice_audio kind, lanes *out)
{
    lanes sum = {0}, now, before, twice; /* cos(f t) from the two before it */
    for (int i = 0; i < LANES; i++) {
        double t = 2 * M_PI * (first + i) / rate_hz;
        now[i] = cos(LOW_HZ * t);
        before[i] = cos((LOW_HZ - STEP_HZ) * t);
        twice[i] = 2 * cos(STEP_HZ * t);
    }
    for (int f = LOW_HZ; f <= HIGH_HZ; f += STEP_HZ) {
        double want = kind == HZ_VOICE_AUDIO_FM ? 1000.0 / f : 1;
        lanes next = twice * now - before;
        sum += want * now;
        before = now;
        now = next;
    }
    *out = sum;
}

/* The wanted response under a Hamming window. */
static void design(double *h, size_t taps, double rate_hz, double gain, enum hz_voice_audio kind)
{
    double middle = (double)(taps - 1) / 2, at_1khz = 0;
    lanes sum = {0};
    for (size_t i = 0; i <= taps / 2; i++) { /* the other half is the same */
        if (i % LANES == 0)
            response((double)i - middle, rate_hz, kind, &sum);
        h[i] = h[taps - 1 - i] = sum[i % LANES];
    }
    for (size_t i = 0; i < taps; i++) {
        double u = (double)i / middle - 1;
        h[i] *= 0.54 + 0.46 * cos(M_PI * u);
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
