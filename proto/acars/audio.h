/* From the samples of a channel to ACARS audio and its bits.
 *
 * Signal model: y(t) = c(t) (1 + m r(t)) + noise. The carrier c changes slowly; r is MSK of 1200
 * and 2400 Hz at 2400 bit/s. With the tones 1800 +- 600 Hz and carrier phase 0 at the ends of the
 * bits, MSK is a sum of pulses
 *     r(t) = sum of a(k) h(t - k T),   h(t) = cos(pi t / 2T) cos(3 pi t / 2T) for |t| < T,
 * whose matched filter sees no other pulse at the times k T. The sender codes so that a(k) is bit k
 * itself: +-1 (2400 Hz: the bit is as the one before). So each bit is decided by itself, from
 * Z(k) = sum of r(n) p(n - kT) exp(-j 2 pi 1800 (n - kT)) with p(t) = cos(pi t / 2T): its real part
 * has a(k), and the phase of Z is the timing, 8 samples a turn. (S. Pasupathy, Minimum shift
 * keying, IEEE Communications Magazine 17, 1979.)
 *
 * Only the noise in phase with the carrier counts. The carrier is the moving mean of y, and r is
 * weighted by it, as maximum-ratio combining does when the signal fades.
 *
 * Pure. One thread at a time. */
#ifndef HZ_PROTO_ACARS_AUDIO_H
#define HZ_PROTO_ACARS_AUDIO_H

#include "proto/acars/sizes.h"

#include <stdbool.h>

enum {
    HZ_ACARS_MEAN = 288,     /* samples before and after one that tell of its carrier: 20 ms */
    HZ_ACARS_MEAN_FAST = 24, /* 1.7 ms, for a carrier that fades fast or is not steady */
    HZ_ACARS_PULSE = 5,      /* samples of a pulse before and after its middle */
};

/* How the carrier is taken out. */
enum hz_acars_way {
    HZ_ACARS_STEADY,   /* coherently, over 40 ms */
    HZ_ACARS_FAST,     /* coherently, over 3.4 ms */
    HZ_ACARS_ENVELOPE, /* the magnitude, less its mean over 40 ms */
    HZ_ACARS_WAYS
};

/* clean[2 (n + 2 HZ_ACARS_MEAN)] of iq[2 n] and HZ_ACARS_MEAN samples before and after, which must
 * be in memory: impulses are taken out. sums[2 (n + 2 HZ_ACARS_MEAN + 1)] is the function's own. */
void hz_acars_blank(const float *iq, size_t n, double *sums, float *clean);

/* audio[n] of what hz_acars_blank wrote for n, whose carrier is at `freq` cycles per sample. sums:
 * as there. */
void hz_acars_audio(const float *clean, size_t n, double freq, enum hz_acars_way way, double *sums,
                    float *audio);

/* Z at one sample; HZ_ACARS_PULSE samples before and after must be in memory. */
struct hz_acars_pulse {
    float re, im;
};
struct hz_acars_pulse hz_acars_pulse(const float *audio);

/* Where a block begins. */
struct hz_acars_start {
    size_t at;      /* the sample where the last bit of SOH ends: that of its Z */
    float fraction; /* of the audio's energy that the known bits explain: 0 to 1 */
    float re, im;   /* Z of a 1 there */
};

/* The best place for the last of the known bits in audio[from .. to - 1]; so many samples before as
 * they take must be in memory, HZ_ACARS_PULSE more and behind. z[2 (to - from + 6 * known)] is the
 * function's own. */
struct hz_acars_start hz_acars_sync(const float *audio, size_t from, size_t to, float *z);

/* soft[bits] of the bits behind the start: positive for a 1, in any unit; the clock and the phase
 * of the audio are followed. Bits beyond audio[n] are 0. z[4 bits] is the function's own. */
void hz_acars_bits(const float *audio, size_t n, const struct hz_acars_start *start, size_t bits,
                   float *z, float *soft);

#endif
