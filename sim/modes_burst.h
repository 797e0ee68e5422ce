/* Mode S downlink modulator: frames to pulses, with the edges of the transmitter and the filter of
 * a receiver. Source: ICAO Annex 10 Vol. IV, 3.1.2.2 (waveform, preamble, pulse position
 * modulation). Pure: any thread once initialised. */
#ifndef HZ_SIM_MODES_BURST_H
#define HZ_SIM_MODES_BURST_H

#include "sim/burst.h"

enum {
    HZ_SIM_MODES_CHIPS_AROUND = 9, /* length of the filtered pulse in chips of 0.5 us */
    HZ_SIM_MODES_STEPS = 64,       /* table steps per chip */
};

/* The pulse of one chip behind transmitter and receiver, at one sample rate: its value in each of
 * the chips around, for each fraction of a chip. */
struct hz_sim_modes {
    double rate_hz;
    float pulse[HZ_SIM_MODES_STEPS + 1][HZ_SIM_MODES_CHIPS_AROUND];
};

/* For 2.0 to 3.2 Msps: pulses with edges of 70 ns, behind a low-pass of 1.1 MHz, or of 0.46 of the
 * rate where that is less. */
void hz_sim_modes_init(struct hz_sim_modes *m, double rate_hz);

/* The length in samples of a frame of len bytes, from the first edge of its preamble to its last
 * chip. */
double hz_sim_modes_samples(const struct hz_sim_modes *m, size_t len);

/* Adds the frame of len bytes (7 or 14) to the span, which must have the modulator's rate.
 * burst->start is the first edge of the preamble. The burst extends up to 2 us beyond its 64 or 120
 * us on both sides. */
void hz_sim_modes_add(const struct hz_sim_modes *m, const uint8_t *frame, size_t len,
                      const struct hz_sim_burst *burst, const struct hz_span *span);

#endif
