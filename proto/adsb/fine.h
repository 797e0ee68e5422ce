/* One burst through matched filters: the half-chips of 0.5 us as complex amplitudes, for bursts
 * that begin at any of several positions ("steps") per sample. The steps of all half-chips' filters
 * lie in one array, in order of time, so that neighbouring timings are neighbours in memory. Pure.
 *
 * A pulse that passed a receiver of about 1.1 MHz leaks into its neighbours. What a matched filter
 * at half-chip k sees of a pulse at half-chip l is gram(k, l); l = k, k + 1 and k + 2 matter. */
#ifndef HZ_PROTO_ADSB_FINE_H
#define HZ_PROTO_ADSB_FINE_H

#include "proto/adsb/crc.h"
#include "proto/adsb/gate.h"

enum {
    HZ_ADSB_LANES = 4,  /* neighbouring timings worked on at once */
    HZ_ADSB_PHASES = 6, /* most steps per sample */
    HZ_ADSB_CYCLE = 2 * HZ_ADSB_PHASES + HZ_ADSB_LANES,
    HZ_ADSB_LEAD = 16,                           /* half-chips of the preamble */
    HZ_ADSB_CHIPS = 16 + 2 * HZ_MODES_LONG_BITS, /* half-chips of a long frame */
    HZ_ADSB_SPAN = 408,                          /* filtered samples of a window */
    HZ_ADSB_TIMINGS = 2 * HZ_ADSB_LANES,         /* steps tried */
};

/* Tables for one sample rate; fixed after init. What goes by phase is repeated, so that it can be
 * read for neighbouring timings from any sum of two phases on. */
struct hz_adsb_shape {
    int phases;                   /* steps per sample */
    float rate_hz;                /* of the samples */
    float taps[HZ_ADSB_TAPS][8];  /* of each phase's filter */
    uint16_t chip[HZ_ADSB_CHIPS]; /* steps from the first half-chip to each */
    uint8_t phase[HZ_ADSB_CHIPS]; /* the same modulo phases */
    float gram0[HZ_ADSB_CYCLE];   /* gram(k, k) by the phase of k */
    float gram1[HZ_ADSB_CYCLE];   /* gram(k, k + 1) */
    float gram2[HZ_ADSB_CYCLE];   /* gram(k, k + 2) */
    float level[HZ_ADSB_CYCLE];   /* mean output for a burst of that phase, amplitude 1 */
};

struct hz_adsb_window {
    size_t at;    /* element of the envelope where it begins */
    size_t taken; /* samples taken over, for the filters */
    size_t ready; /* samples filtered */
    float most;   /* power of a sample beyond which it is none of the burst's, and taken as 0 */
    float omega;  /* carrier taken off the samples before the filters, radians a sample */
    float i[HZ_ADSB_SPAN + HZ_ADSB_TAPS], q[HZ_ADSB_SPAN + HZ_ADSB_TAPS];
    /* By step; a step's filter is centred on the sample after the one it begins with. */
    float zi[HZ_ADSB_PHASES * HZ_ADSB_SPAN + 8], zq[HZ_ADSB_PHASES * HZ_ADSB_SPAN + 8];
    float energy[HZ_ADSB_PHASES * HZ_ADSB_SPAN + 8];
};

void hz_adsb_shape_init(struct hz_adsb_shape *s, float rate_hz);

/* The pulse after the receiver's filter, 1 at its centre; t in us. */
float hz_adsb_shape_pulse(float t_us);

/* A window for a burst that may begin at a candidate of the envelope, filtered as far as the timing
 * needs. A carrier too far off for the filters is taken off first. Returns the step of the most
 * likely timing. */
int hz_adsb_window_open(struct hz_adsb_window *w, const struct hz_adsb_shape *s,
                        const struct hz_adsb_envelope *b, const struct hz_adsb_candidate *c);

/* Makes sure that the whole of a long frame is filtered. */
void hz_adsb_window_rest(struct hz_adsb_window *w, const struct hz_adsb_shape *s,
                         const struct hz_adsb_envelope *b);

/* The n samples from element `at` on, all filtered; step 0 begins with the first of them. */
void hz_adsb_window_place(struct hz_adsb_window *w, const struct hz_adsb_shape *s,
                          const struct hz_adsb_envelope *b, size_t at, size_t n);

/* Where the preamble of a burst at `step` begins, in samples from the envelope's element 0. */
float hz_adsb_window_start(const struct hz_adsb_window *w, const struct hz_adsb_shape *s, int step);

#endif
