/* Search for a transmission of G3RUH's modem: carrier, clock, timing, deviation and pulse, from
 * some hundred unknown bits.
 *
 * 1. Carrier and deviation from R(k) = sum y(n) y*(n - k) for k = 2 and 4, at which the noise of a
 *    channel of 25 kHz is uncorrelated: the angle gives the carrier, the fall of the magnitude the
 *    deviation.
 * 2. Clock and timing from the growth of the metric (dsp/cpm_line.h). Carrier and deviation by the
 *    metric of 384 bits in the middle of that line, then the line again. Most voices and whistles
 *    show no clock of 9600 baud and are rejected here.
 * 3. Timing, deviation and carrier with finer steps, then pulse and deviation together, on the same
 *    bits.
 *
 * Pure; one thread at a time. */
#ifndef HZ_PROTO_PACKET_G3RUH_SEARCH_H
#define HZ_PROTO_PACKET_G3RUH_SEARCH_H

#include "dsp/cpm_line.h"

#include <stdbool.h>

enum {
    HZ_G3RUH_RATE_HZ = 48000,
    HZ_G3RUH_BIT = 5, /* samples */
    /* More than 512 bits do not improve the clock beyond what the loops need. Packets may be as
       short as 300 bits, of which 160 are enough for a line. */
    HZ_G3RUH_SEARCH_BITS = 512,
    HZ_G3RUH_SEARCH_LEAST = 160,
    HZ_G3RUH_SEARCH = (HZ_G3RUH_SEARCH_BITS + 16) * HZ_G3RUH_BIT, /* samples of a search */
    HZ_G3RUH_TRY_BITS = 384,
    HZ_G3RUH_PULSES = 5,
    HZ_G3RUH_LINE_TIMINGS = 4,
};

/* Cost in bit steps of 40 ns: of the lines and 17 trials, and of 41 more trials (a step with four
 * states is cheaper). */
enum {
    HZ_G3RUH_LINE_STEPS =
        2 * HZ_G3RUH_LINE_TIMINGS * HZ_G3RUH_SEARCH_BITS * 3 / 4 + 17 * HZ_G3RUH_TRY_BITS * 5 / 8,
    HZ_G3RUH_FIT_STEPS = 41 * HZ_G3RUH_TRY_BITS * 5 / 8,
};

/* Largest relative error of a modem's clock. Sound cards and RC oscillators of small controllers
 * are within 0.5 %; direwolf decodes 1 % of its own packets (measured). */
#define HZ_G3RUH_CLOCK_OFF 0.012

/* Parameters of a transmitter at some sample. */
struct hz_g3ruh_sender {
    double at;   /* sample at which a bit begins */
    double bit;  /* samples of a bit */
    double freq; /* of the carrier: cycles per sample */
    double h;    /* modulation index: twice the deviation times a bit's length */
    unsigned pulse;
};

struct hz_g3ruh_search {
    struct hz_cpm *line, *fit; /* owned */
    float dc[2];               /* DC of the receiver: I, Q; set by the caller, and subtracted */
    struct hz_cpm_pulse pulse[HZ_G3RUH_PULSES];
    float clean[2 * HZ_G3RUH_SEARCH], mixed[2 * HZ_G3RUH_SEARCH];
    double middle; /* result of the line, for hz_g3ruh_search_fit: a sample at which a bit begins */
    double bit, freq;   /* as in a sender */
    double deviation;   /* cycles per sample */
    size_t bits, tried; /* bits of the line; bits in its middle that are used for trials */
    double error;       /* of the line: standard error of the clock, in bits over its length */
};

/* 0 or -ENOMEM; zeroed before. */
int hz_g3ruh_search_init(struct hz_g3ruh_search *s);
void hz_g3ruh_search_done(struct hz_g3ruh_search *s);

/* Steps 1 and 2 on the first `bits` (HZ_G3RUH_SEARCH_LEAST to HZ_G3RUH_SEARCH_BITS) of
 * iq[2 HZ_G3RUH_SEARCH]. False: nothing in it has a clock of 9600 baud. */
bool hz_g3ruh_search_line(struct hz_g3ruh_search *s, const float *iq, size_t bits);

/* Step 3, after a line was found: the sender; its `at` is the first bit in iq. */
void hz_g3ruh_search_fit(struct hz_g3ruh_search *s, struct hz_g3ruh_sender *out);

/* Writes out[2 n]: iq[2 n] without the receiver's DC. */
void hz_g3ruh_without_dc(const struct hz_g3ruh_search *s, const float *iq, size_t n, float *out);

/* Whether levels may be scrambled ones. Those of a whistle are not, nor those of a voice's carrier
 * in a pause: a steady frequency is decided as alternating levels. */
bool hz_g3ruh_scrambled(const uint8_t *level, size_t n);

/* Modulation index of a deviation in Hz, for a bit of so many samples. */
double hz_g3ruh_h(double deviation_hz, double bit);

/* Range of deviations: from radios set for 12.5 kHz channels to overdriven ones. */
#define HZ_G3RUH_LEAST_DEVIATION_HZ 1000.0
#define HZ_G3RUH_MOST_DEVIATION_HZ  5500.0

#endif
