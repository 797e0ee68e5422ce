/* Sequence detector for binary continuous-phase modulation with a shaped frequency pulse (GMSK of
 * AIS, G3RUH 9600 baud, POCSAG, FLEX, RS41).
 *
 * Signal model: y(t) = A exp(j (phi(t; b) + theta(t))) + noise, with
 *     phi(t; b) = pi h sum over k of b_k q(t / T - k),  b_k = +-1,
 * where q is the integral of the frequency pulse (dsp/cpm_pulse.h), h the modulation index and T
 * the length of a bit. The carrier phase theta changes slowly against T. The pulse is taken to be
 * at most three bits long, so over one bit the phase depends on that bit and its two neighbours:
 * eight patterns p, each with a known waveform w_p(t) = exp(-j phi_p(t)), phi_p = 0 at the bit's
 * start.
 *
 * Metric: for each bit and pattern the correlation z_p = sum over n of y(n) w_p(n). The Viterbi
 * algorithm has 2^states_log2 states, the last bits. Each survivor has a metric m and a phase
 * reference u, an exponentially weighted sum of its correlations without the modulation. A branch
 * with pattern p gives
 *     m' = m + |a u + z_p| - |a u|,   u' = (a u + z_p) exp(j phi_p(T)).
 * The memory a = 0 is the noncoherent detector; a = 1 assumes a constant phase over the burst; 0.95
 * one that is steady over twenty bits. There is no loop to lock and no level to set, and h need not
 * be rational. (Per-survivor processing with a recursive phase reference: R. Raheli, A. Polydoros
 * and C.-K. Tzou, IEEE Trans. Commun. 43, 1995; G. Colavolpe and R. Raheli, IEEE Trans. Commun. 47,
 * 1999.)
 *
 * Estimate: the bits of the whole burst by traceback; for each place where two survivors met, the
 * error event, which is the bits in which the loser differs and its metric deficit (used by
 * dsp/crclist.h); and the carrier along the decided bits, from which frequency and drift follow for
 * a second run.
 *
 * Timing and T are found before, by the protocol's own search or by dsp/cpm_line.h. In a long burst
 * loops may track them and the carrier (hz_cpm_follow). The waveforms are stored at eight shifts of
 * an eighth of a sample, so any timing and any number of samples per bit work without a resampler.
 * A pattern and its complement have conjugate waveforms, so four pairs of sums give all eight.
 *
 * Pure. One thread at a time. Only hz_cpm_new allocates. */
#ifndef HZ_DSP_CPM_H
#define HZ_DSP_CPM_H

#include "dsp/cpm_pulse.h"

#include <stddef.h>
#include <stdint.h>

/* Largest relative clock error for hz_cpm_shape: over twice the largest that was observed
 * (satellites with 1240 instead of 1200 baud are another mode). */
#define HZ_CPM_CLOCK_OFF 0.025

struct hz_cpm_mode {
    double samples_per_bit; /* 2 to 256 */
    double h;               /* modulation index: 2 deviation / bit rate */
    double bt;              /* bandwidth of the Gaussian filter times T, over 0.1 */
    unsigned states_log2;   /* 2 to 4 */
    float memory;           /* a: 0 to 1 */
};

struct hz_cpm;

/* For bursts of up to max_bits (2^20 at most). NULL when memory is short or a number is out of
 * range. The caller frees it with hz_cpm_free (NULL is allowed). */
struct hz_cpm *hz_cpm_new(const struct hz_cpm_mode *mode, size_t max_bits);
void hz_cpm_free(struct hz_cpm *c);

/* Adapts the detector to a transmitter: h, memory, and samples_per_bit within 0.2 % of the value
 * that the waveforms were made for. Call hz_cpm_begin next. */
void hz_cpm_adapt(struct hz_cpm *c, double h, float memory, double samples_per_bit);

/* Adapts the detector to a measured transmitter, and computes new waveforms: h (proportional to the
 * bit length at the same deviation), samples_per_bit within HZ_CPM_CLOCK_OFF of that of hz_cpm_new,
 * and the pulse (copied; NULL: unchanged). Call hz_cpm_begin next. */
void hz_cpm_shape(struct hz_cpm *c, double h, double samples_per_bit,
                  const struct hz_cpm_pulse *pulse);

/* Begins a burst. iq[2 n] holds its samples with the carrier at 0 Hz; it is borrowed until the next
 * hz_cpm_begin. Bit 0 begins at sample `start`, which may be fractional or negative. Samples
 * outside 0 to n - 1 count as zeros. */
void hz_cpm_begin(struct hz_cpm *c, const float *iq, size_t n, double start);

/* Processes `count` further bits. known[count] gives their values (0 or 1; 1 is the higher
 * frequency); NULL: they are to be detected. Returns the metric of the best survivor, which grows
 * with each bit by about A times the samples per bit. Bits beyond max_bits are ignored. */
float hz_cpm_run(struct hz_cpm *c, const uint8_t *known, size_t count);

/* Gains of the decision-directed loops along the best survivor. With z the correlation of its last
 * branch, v the reference before it and F_p = phi_p(T) / 2 pi, the phase error is
 * s = Im(z v*) / |z v|. The part of s that is correlated with F_p (less its mean over the memory)
 * is a timing error; the rest is a phase error of the carrier. No early and late filters are
 * needed. */
struct hz_cpm_gains {
    float timing;  /* fraction of the timing error corrected in each bit */
    float rate;    /* fraction of it added to the length of a bit */
    float carrier; /* change of the carrier's frequency, radians per bit for each unit of s */
};

/* 0.01, 3e-5 and 0.001. They track a clock within some hundred bits, up to 500 ppm/s at 9600 baud,
 * and a carrier up to 4 kHz/s at 10 dB. Measured on bursts of 9600 baud and AIS. */
extern const struct hz_cpm_gains hz_cpm_usual_gains;

/* Turns the loops on from the next bit, with these gains (NULL: gains of 0, so that the loops go
 * on at their present rates). hz_cpm_begin turns them off. hz_cpm_carrier then uses the timing of
 * the loops for each bit, and the carrier as received. */
void hz_cpm_follow(struct hz_cpm *c, const struct hz_cpm_gains *gains);

/* The loops' present estimates. */
struct hz_cpm_place {
    double at;              /* sample at which the next bit begins */
    double samples_per_bit; /* length of that bit */
    double freq;            /* of the carrier, cycles per sample */
};
void hz_cpm_place(const struct hz_cpm *c, struct hz_cpm_place *out);

/* Number of bits processed since hz_cpm_begin. */
size_t hz_cpm_bits(const struct hz_cpm *c);

/* Traceback: writes the decided bits to out[hz_cpm_bits(c)]. The last one is uncertain, since its
 * successor is not known. */
void hz_cpm_trace(struct hz_cpm *c, uint8_t *out);

/* An error event: a likely set of wrong bits in the last traceback. */
struct hz_cpm_event {
    uint32_t last; /* the last bit that would change */
    uint32_t mask; /* 1 << i: bit last - i changes */
    float cost;    /* metric deficit, 0 or more */
};

/* The events with the lowest cost that change no bit before `from`, in ascending order. Returns
 * their number, at most max. Call after hz_cpm_trace. */
size_t hz_cpm_events(const struct hz_cpm *c, size_t from, struct hz_cpm_event *out, size_t max);

/* Reliability of each bit of the last traceback: the cost of the cheapest event that changes it;
 * INFINITY where there is none. Writes out[hz_cpm_bits(c)]. */
void hz_cpm_sureness(const struct hz_cpm *c, float *out);

/* The carrier in each of bits[0 .. count-2] without the modulation: out[2 (count - 1)], with the
 * amplitude A times the samples of that bit. */
void hz_cpm_carrier(struct hz_cpm *c, const uint8_t *bits, size_t count, float *out);

/* Modulates bits[count]: samples of amplitude 1, carrier 0 Hz, bit 0 at sample `start`, as the
 * detector expects them. Writes iq[2 n], with zeros before and after the bits. */
void hz_cpm_modulate(const struct hz_cpm *c, const uint8_t *bits, size_t count, double start,
                     float *iq, size_t n);

/* Frequency offset and drift of a carrier. Its phase at sample n is 2 pi (freq n + drift n^2 / 2).
 */
struct hz_cpm_offset {
    double freq;  /* cycles per sample */
    double drift; /* cycles per sample per sample */
};

/* Removes that carrier: out[2 n] = in[2 n] mixed down. Sample 0 is n = 0 of the formula. out may be
 * in. */
void hz_cpm_mix(const float *in, size_t n, const struct hz_cpm_offset *offset, float *out);

/* Estimates the frequency and drift that remain in carrier[2 count] (the result of hz_cpm_carrier)
 * from the phases of blocks of eight bits; n = 0 is the start of the first bit. A wrong bit shifts
 * the phase by pi h or 2 pi h; for h = 1/2 such steps are removed. 0, or -EINVAL for fewer than
 * four blocks. */
int hz_cpm_fit(const struct hz_cpm_mode *mode, const float *carrier, size_t count,
               struct hz_cpm_offset *left);

#endif
