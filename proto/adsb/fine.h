/* One burst through matched filters: half-chips of 0.5 us as complex amplitudes, on a grid of F
 * positions ("steps") per sample. Pure.
 *
 * A pulse that passed a receiver of about 1.1 MHz leaks into its neighbours. What a matched filter
 * at half-chip k sees of a pulse at half-chip l is gram(k, l); l = k, k + 1 and k + 2 matter. */
#ifndef HZ_PROTO_ADSB_FINE_H
#define HZ_PROTO_ADSB_FINE_H

#include "proto/adsb/band.h"
#include "proto/adsb/crc.h"

enum {
    HZ_ADSB_FINE_PHASES = 6,                          /* most steps per sample */
    HZ_ADSB_FINE_LEAD = 16,                           /* half-chips of the preamble */
    HZ_ADSB_FINE_CHIPS = 16 + 2 * HZ_MODES_LONG_BITS, /* half-chips of a long frame */
    HZ_ADSB_FINE_SPAN = 408,                          /* filtered samples of a window */
    HZ_ADSB_FINE_SLACK = 3,                           /* timings tried to either side, steps */
    HZ_ADSB_FINE_TIMINGS = 2 * HZ_ADSB_FINE_SLACK + 1,
};

/* Tables for one sample rate; fixed after init. */
struct hz_adsb_shape {
    int phases;    /* steps per sample */
    float rate_hz; /* of the samples */
    float taps[HZ_ADSB_FINE_PHASES][HZ_ADSB_TAPS];
    /* For a burst whose first pulse is centred on phase p of filtered sample 0: where each
     * half-chip is found in a window's planes, and what leaks. */
    uint16_t chip[HZ_ADSB_FINE_PHASES][HZ_ADSB_FINE_CHIPS];
    float gram0[HZ_ADSB_FINE_PHASES][HZ_ADSB_FINE_CHIPS]; /* gram(k, k) */
    float gram1[HZ_ADSB_FINE_PHASES][HZ_ADSB_FINE_CHIPS]; /* gram(k, k + 1) */
    float gram2[HZ_ADSB_FINE_PHASES][HZ_ADSB_FINE_CHIPS]; /* gram(k, k + 2) */
};

struct hz_adsb_window {
    size_t at;    /* element of the band where it begins */
    size_t ready; /* filtered samples of each phase */
    float i[HZ_ADSB_FINE_SPAN + HZ_ADSB_TAPS], q[HZ_ADSB_FINE_SPAN + HZ_ADSB_TAPS];
    float zi[HZ_ADSB_FINE_PHASES * HZ_ADSB_FINE_SPAN], zq[HZ_ADSB_FINE_PHASES * HZ_ADSB_FINE_SPAN];
    float energy[HZ_ADSB_FINE_PHASES * HZ_ADSB_FINE_SPAN];
};

void hz_adsb_shape_init(struct hz_adsb_shape *s, float rate_hz);

/* The pulse after the receiver's filter, 1 at its centre; t in us. */
float hz_adsb_shape_pulse(float t_us);

/* A window for a burst whose first pulse is centred at `half` half samples of the band; returns
 * the step of that centre within the window. */
int hz_adsb_window_open(struct hz_adsb_window *w, const struct hz_adsb_shape *s,
                        const struct hz_adsb_band *b, size_t half);

/* Steps of the most likely timings around step `about`, best first. */
void hz_adsb_window_timings(const struct hz_adsb_window *w, const struct hz_adsb_shape *s,
                            int about, int order[HZ_ADSB_FINE_TIMINGS]);

/* Makes sure that the whole of a long frame is filtered. */
void hz_adsb_window_rest(struct hz_adsb_window *w, const struct hz_adsb_shape *s,
                         const struct hz_adsb_band *b);

/* Where in the planes half-chip k of a burst at `step` is: w->zi[base + chip[k]]. */
static inline const uint16_t *hz_adsb_shape_chips(const struct hz_adsb_shape *s, int step,
                                                  size_t *base)
{
    *base = (size_t)(step / s->phases);
    return s->chip[step % s->phases];
}

/* Where the burst's preamble begins, in samples from the band's element 0. */
float hz_adsb_window_start(const struct hz_adsb_window *w, const struct hz_adsb_shape *s, int step);

#endif
