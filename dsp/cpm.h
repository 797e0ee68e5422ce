/* One detector for two-level phase modulations with a shaped frequency (GMSK of AIS, 9600 baud of
 * G3RUH, POCSAG, FLEX, RS41): the most likely bits of a whole burst, decided on the IQ samples.
 *
 * 1. Pattern sums. Over one bit the phase of the signal depends on that bit and its neighbours:
 *    eight patterns of three bits, each a known waveform w_p(t) = exp(-j phi_p(t)) with phi_p = 0
 *    at the bit's start. For each bit and pattern z_p = sum y(n) w_p(n). A pattern and its
 *    complement are conjugates, so four pairs of sums make all eight. The waveforms exist at eight
 *    shifts of an eighth of a sample: any timing, any number of samples a bit, no resampler.
 * 2. Viterbi. A state is the last `states_log2` bits. A survivor carries its metric m and a phase
 *    reference u: what the carrier looked like in its last bits, turned as its modulation has
 *    turned since. A branch with pattern p makes
 *        m += |a u + z_p| - |a u|,  u = (a u + z_p) exp(j phi_p(T)).
 *    `memory` a = 0 is a noncoherent detector, 1 takes the carrier's phase as constant for all the
 *    burst, 0.95 as steady for twenty bits. There is no loop to lock, no level to set, and h may be
 *    any number.
 * 3. Traceback over all of the burst; where survivors met on the way, the loser is an error event:
 *    the bits in which it differs and what it was short of in the metric (for dsp/crclist.h).
 * 4. The carrier along the decided bits tells frequency and drift for a second run.
 *
 * Timing and length of a bit are found before, by the protocol's own search or by dsp/cpm_line.h;
 * in a long burst loops may follow them and the carrier (hz_cpm_follow). No allocation but in
 * hz_cpm_new. One thread at a time. */
#ifndef HZ_DSP_CPM_H
#define HZ_DSP_CPM_H

#include "dsp/cpm_pulse.h"

#include <stddef.h>
#include <stdint.h>

/* How far a transmitter's clock may be off that hz_cpm_shape is told of: over twice what any has
 * been seen to be (satellites at 1240 in place of 1200 baud are another mode). */
#define HZ_CPM_CLOCK_OFF 0.025

struct hz_cpm_mode {
    double samples_per_bit; /* 2 to 256 */
    double h;               /* a bit turns the phase by pi h; h = 2 deviation / bit rate */
    double bt;              /* bandwidth of the Gaussian filter times a bit's length, over 0.1 */
    unsigned states_log2;   /* 2 to 4 */
    float memory;           /* 0 to 1 */
};

struct hz_cpm;

/* For bursts of up to max_bits; NULL when memory is short or a number is out of range. */
struct hz_cpm *hz_cpm_new(const struct hz_cpm_mode *mode, size_t max_bits);
void hz_cpm_free(struct hz_cpm *c);

/* The same detector for what a transmitter really does: another h, another memory, and another
 * clock, within 0.2 % of the samples_per_bit it was made with. To be followed by hz_cpm_begin. */
void hz_cpm_adapt(struct hz_cpm *c, double h, float memory, double samples_per_bit);

/* The same detector for a transmitter as it was measured: h (which a longer bit makes greater at
 * the same deviation), a bit's length within HZ_CPM_CLOCK_OFF of that of hz_cpm_new, and the pulse
 * (copied; NULL: as it is). The waveforms are made for that length. To be followed by
 * hz_cpm_begin. */
void hz_cpm_shape(struct hz_cpm *c, double h, double samples_per_bit,
                  const struct hz_cpm_pulse *pulse);

/* A burst begins: iq[2 n] holds its samples, carrier at 0 Hz, and stays the caller's; bit 0 begins
 * at sample `start` (a fraction, may be negative). Samples outside of the n count as zeros. */
void hz_cpm_begin(struct hz_cpm *c, const float *iq, size_t n, double start);

/* Runs on over `count` further bits: known ones, or, with known = NULL, to be found. Bits are 0 or
 * 1; 1 is the higher frequency. Returns the metric of the best survivor: it grows with each bit by
 * about the signal's amplitude times the samples of a bit. Bits over max_bits are not run. */
float hz_cpm_run(struct hz_cpm *c, const uint8_t *known, size_t count);

/* Loops along the best survivor, without early and late filters: with c the sum of its last branch,
 * v the reference before it and F its pattern's turns, a phase error s = Im(c v*) / |c v| that goes
 * with F less its mean (over the memory) is one of timing, and any other one of the carrier. */
struct hz_cpm_gains {
    float timing;  /* share of a bit's timing error taken over at once */
    float rate;    /* and into the length of a bit */
    float carrier; /* radians a bit for each of s */
};

/* 0.01, 3e-5 and 0.001: the clock is followed within some hundred bits, through 500 ppm/s at 9600
 * baud, and a carrier through 4 kHz/s at 10 dB. Measured on bursts of 9600 baud and AIS. */
extern const struct hz_cpm_gains hz_cpm_usual_gains;

/* From the next bit on the loops run with those gains; NULL: they go on as they are. hz_cpm_begin
 * turns them off. hz_cpm_carrier then takes each bit where the loop found it, with the carrier as
 * it came. */
void hz_cpm_follow(struct hz_cpm *c, const struct hz_cpm_gains *gains);

/* Where the loops are. */
struct hz_cpm_place {
    double at;              /* sample at which the bit after the last one begins */
    double samples_per_bit; /* there */
    double freq;            /* of the carrier there: cycles per sample */
};
void hz_cpm_place(const struct hz_cpm *c, struct hz_cpm_place *out);

/* Number of bits run since hz_cpm_begin. */
size_t hz_cpm_bits(const struct hz_cpm *c);

/* The decided bits of all that was run: out[hz_cpm_bits(c)]. The last one is a guess. */
void hz_cpm_trace(struct hz_cpm *c, uint8_t *out);

/* A way in which the bits of the last trace may be wrong. */
struct hz_cpm_event {
    uint32_t last; /* the last bit that would change */
    uint32_t mask; /* 1 << i: bit last - i changes */
    float cost;    /* what it lacks in metric, 0 or more */
};

/* The cheapest events of the last trace that change nothing before bit `from`, cheapest first;
 * returns how many there are, at most max. */
size_t hz_cpm_events(const struct hz_cpm *c, size_t from, struct hz_cpm_event *out, size_t max);

/* How sure each bit of the last trace is: what the cheapest event that changes it costs, INFINITY
 * where there is none. out[hz_cpm_bits(c)]. */
void hz_cpm_sureness(const struct hz_cpm *c, float *out);

/* The carrier in each of bits[0 .. count-2] after its modulation is taken out: out[2 (count - 1)];
 * amplitude is the signal's times the samples in that bit. */
void hz_cpm_carrier(struct hz_cpm *c, const uint8_t *bits, size_t count, float *out);

/* The waveform of bits[count] as samples of amplitude 1, carrier 0 Hz, bit 0 at sample `start`:
 * what the detector looks for. Writes iq[2 n]; zeros before and after the bits. */
void hz_cpm_modulate(const struct hz_cpm *c, const uint8_t *bits, size_t count, double start,
                     float *iq, size_t n);

/* Frequency and drift of a carrier: phase after n samples is 2 pi (freq n + drift n^2 / 2). */
struct hz_cpm_offset {
    double freq;  /* cycles per sample */
    double drift; /* cycles per sample per sample */
};

/* out[2 n] = in[2 n] with that carrier taken out, sample 0 being the n = 0 of the formula. */
void hz_cpm_mix(const float *in, size_t n, const struct hz_cpm_offset *offset, float *out);

/* Frequency and drift still left in carrier[2 count] (of hz_cpm_carrier, one per bit), by blocks of
 * eight bits; n = 0 is the start of the first. A wrong bit leaves the phase pi h off or twice that:
 * for h = 1/2 such steps are recognised. Returns 0, or -EINVAL for fewer than four blocks. */
int hz_cpm_fit(const struct hz_cpm_mode *mode, const float *carrier, size_t count,
               struct hz_cpm_offset *left);

#endif
