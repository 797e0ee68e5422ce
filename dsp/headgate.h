/* A gate for binary FM: finds where a known header of up to 64 bits may begin, whatever the
 * carrier.
 *
 * Signal model: y(n) of dsp/cpm.h with bits of T samples, and a carrier w anywhere in the channel.
 * With u(n) = y(n) / |y(n)|, the product q(n) = u(n + 2) u*(n) has the phase 2 w + b_k x, where b_k
 * = +-1 is the bit and x about 2 pi h / T.
 *
 * Metric: C(n) = sum over the known bits of b_k times the sum of q over the bit. |C| does not
 * depend on the carrier, and its angle is 2 w + pi / 2 (differential correlation: U. Mengali and A.
 * D'Andrea, Synchronization Techniques for Digital Receivers, 1997, section 3.5). The amplitude
 * drops out, so |C| has a fixed limit. The sums over bits are differences of the running sum of q,
 * which only changes of the header's bits need. A header upside down has the opposite C: it looks
 * like a carrier that is a quarter of the sample rate away.
 *
 * For 64 bits of 5 samples, |C| is 0.45 of its maximum at 2 dB in 12.5 kHz; noise has over 0.28
 * some times an hour. In the audio of a discriminator C is the plain correlation, and |C| is taken
 * over the power around the mean.
 *
 * Samples are at 24 kHz, or any rate with as long headers. Stateless from call to call. Pure; one
 * thread at a time. */
#ifndef HZ_DSP_HEADGATE_H
#define HZ_DSP_HEADGATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HZ_HEADGATE_HOP = 2400,    /* samples, 0.1 s */
    HZ_HEADGATE_TURNS = 65,    /* where the header's bits change, and its two ends, at most */
    HZ_HEADGATE_APART = 24,    /* samples: a peak is the highest for so long before and after */
    HZ_HEADGATE_LONGEST = 320, /* samples of a header at most */
    HZ_HEADGATE_BEFORE = HZ_HEADGATE_APART + 2, /* samples needed before and behind a hop */
    HZ_HEADGATE_BEHIND = HZ_HEADGATE_APART + HZ_HEADGATE_LONGEST + 8,
    HZ_HEADGATE_ROOM = HZ_HEADGATE_HOP + HZ_HEADGATE_BEFORE + HZ_HEADGATE_BEHIND + 16,
    HZ_HEADGATE_PEAKS = HZ_HEADGATE_HOP / HZ_HEADGATE_APART + 1,
};

struct hz_headgate_word {
    uint64_t bits; /* the first one in the lowest bit */
    unsigned n;    /* of them */
    double bit;    /* samples of one */
};

struct hz_headgate {
    unsigned turns, length;         /* length: of the header in samples */
    unsigned at[HZ_HEADGATE_TURNS]; /* in samples from the header's begin */
    float last, balance;            /* its last bit, and the mean of all: -1 to 1 */
    float x[2][HZ_HEADGATE_ROOM], sum[2][HZ_HEADGATE_ROOM], c[2][HZ_HEADGATE_ROOM];
};

struct hz_headgate_peak {
    int at; /* sample at which the header begins, from the hop's begin */
    float fraction;
    double freq; /* IQ: the carrier in cycles per sample, -0.25 to 0.25 */
    /* Audio: what a bit 1 adds to the mean of the samples, which is `middle`. */
    float level, middle;
};

/* The header must not be longer than HZ_HEADGATE_LONGEST samples. */
void hz_headgate_init(struct hz_headgate *g, const struct hz_headgate_word *word);

/* Finds the headers that begin in iq[0 .. HZ_HEADGATE_HOP - 1], where so many samples before and
 * behind as the enum says are in memory. Writes the peaks, at most HZ_HEADGATE_PEAKS, and returns
 * their number. */
size_t hz_headgate_iq(struct hz_headgate *g, const float *iq, struct hz_headgate_peak *out);

/* The same in the audio of a discriminator, of either polarity. */
size_t hz_headgate_audio(struct hz_headgate *g, const float *audio, struct hz_headgate_peak *out);

#endif
