/* How long the pulses of a burst are, before anything is known of it: by how much the carrier's
 * power in a window falls behind as the window grows beyond the pulses.
 *
 * With x the part of a window of w microseconds in which the transmitter is on, the power in the
 * window is proportional to x^2, and from its first two moments the level in it is, without the
 * noise, proportional to w times
 *     g(w) = E x^4 / E x^2,
 * 1 for windows much shorter than the pulses. The curve depends on durations only, not on level,
 * silence or place, and is measured within some percent where single pulses are far below the
 * noise. Each class has a band in which its curve lies, whatever the data. So classes are tried
 * in the order of how well they agree, and most need not be tried at all.
 *
 * Pure. */
#ifndef HZ_PROTO_SENSORS_COHERENCE_H
#define HZ_PROTO_SENSORS_COHERENCE_H

#include "proto/sensors/tone.h"
#include "proto/sensors/wave.h"

enum { HZ_COHERENCE_WINDOWS = 6 }; /* 16, 32, 64, 128, 256 and 512 us */

/* What waves of a class can have: of several data, log g. */
struct hz_coherence_band {
    float low[HZ_COHERENCE_WINDOWS], high[HZ_COHERENCE_WINDOWS];
};

/* What a burst has: log of a multiple of g, and how much each weighs. */
struct hz_coherence {
    float log_g[HZ_COHERENCE_WINDOWS], weight[HZ_COHERENCE_WINDOWS];
};

/* Computes the band of a wave. 0 or -ENOMEM. */
int hz_coherence_band(const struct hz_wave *w, struct hz_coherence_band *out);

/* Measures a tone. noise: N per sample; scratch holds at least HZ_COHERENCE_LOOKS. */
enum { HZ_COHERENCE_LOOKS = 32768 };
void hz_coherence_measure(const struct hz_tone *t, double rate_hz, float noise, float *scratch,
                          struct hz_coherence *out);

/* How far the burst is from the band: 0 inside, 0.1 about a tenth off. */
float hz_coherence_distance(const struct hz_coherence *c, const struct hz_coherence_band *band);

#endif
