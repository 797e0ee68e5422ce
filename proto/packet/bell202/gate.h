/* The cheap gate in front of the Bell 202 detector: it opens where a block's power is over the
 * quietest of the last seconds, a weak station that comes and goes, and where the envelope is
 * steady, a strong one that was there already: the mean of |y|^4 over the square of that of |y|^2
 * is 2 for noise, 1 for a carrier. Along with the power the sum y(n) y*(n - 1) is kept: less the
 * noise's fraction of it its angle is the frequency of the signal's carrier. Pure. */
#ifndef HZ_PROTO_PACKET_BELL202_GATE_H
#define HZ_PROTO_PACKET_BELL202_GATE_H

#include <stdbool.h>
#include <stddef.h>

enum {
    HZ_BELL202_HOP = 240,   /* samples: 10 ms, 12 bits */
    HZ_BELL202_LAG = 1,     /* samples before a hop that must be in memory */
    HZ_BELL202_SUM = 4,     /* hops in a block */
    HZ_BELL202_QUIET = 256, /* blocks among which the quietest is taken: 10 s */
    HZ_BELL202_RECENT = 8,  /* hops after which the beginning of the stream has no more influence */
    HZ_BELL202_PAST = 128   /* hops whose sums are remembered: 1.3 s */
};

struct hz_bell202_hop {
    float energy, fourth; /* sums of |y|^2, |y|^4 */
    float re, im;
};

struct hz_bell202_gate {
    struct hz_bell202_hop hop[HZ_BELL202_PAST]; /* a ring */
    float power[HZ_BELL202_QUIET];              /* of the last blocks, a ring; 0: none */
    float noise_energy, noise_re; /* means over hops while closed, of |y|^2 and of the real part of
                                     R(1); its imaginary part is 0, because a channel's noise is
                                     symmetrical about its middle */
    unsigned noise_hops;
    unsigned at, power_at;
    unsigned hops; /* hops pushed, up to HZ_BELL202_RECENT: the first may hold silence from before
                      the stream */
    float floor;   /* the least of power[] */
    bool open;
};

/* iq: HZ_BELL202_HOP samples, those of the lag before them in memory. Sets and returns g->open. */
bool hz_bell202_gate_push(struct hz_bell202_gate *g, const float *iq);

/* Estimates of a signal: frequency in cycles per sample, power, and the amplitude of its carrier
 * (too low for a large deviation). */
struct hz_bell202_heard {
    double freq;
    float power, amplitude;
};

/* Estimates over `hops` hops, the last of which was pushed `ago` hops before the latest one, as far
 * as they are remembered. */
struct hz_bell202_heard hz_bell202_gate_heard(const struct hz_bell202_gate *g, size_t ago,
                                              size_t hops);

/* Noise power in `band` (a fraction of the sample rate), measured while the gate was closed; 0
 * before it was. The correlation of the noise shows how wide it is: the receiver's filter or all of
 * the rate. */
float hz_bell202_gate_noise(const struct hz_bell202_gate *g, float band);

#endif
