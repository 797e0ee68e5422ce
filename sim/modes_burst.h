/* Mode S downlink modulator: frames to pulses, as the antenna and a receiver's filter leave them.
 * Pure. Source: ICAO Annex 10 Vol. IV, 3.1.2.2 (waveform, preamble, pulse position modulation). */
#ifndef HZ_SIM_MODES_BURST_H
#define HZ_SIM_MODES_BURST_H

#include "sim/burst.h"

enum {
    HZ_SIM_MODES_CHIPS_AROUND = 9, /* half-microseconds that the filtered pulse reaches over */
    HZ_SIM_MODES_STEPS = 64,       /* table steps per half-microsecond */
};

/* The pulse of one half-microsecond after transmitter and receiver, at one sample rate: its value
 * in each of the chips around, for each fraction of a chip. */
struct hz_sim_modes {
    double rate_hz;
    float pulse[HZ_SIM_MODES_STEPS + 1][HZ_SIM_MODES_CHIPS_AROUND];
};

/* For 2.0 to 3.2 Msps: pulses with edges of 70 ns, behind a low-pass of 1.1 MHz, or of 0.46 of the
 * rate where that is less. */
void hz_sim_modes_init(struct hz_sim_modes *m, double rate_hz);

/* Samples that a frame of len bytes lasts, from the first edge of its preamble to its last chip. */
double hz_sim_modes_samples(const struct hz_sim_modes *m, size_t len);

/* Adds the frame of len bytes (7 or 14). burst->start is the preamble's first edge. The span must
 * be at the modulator's rate. Outside of its 64 or 120 us the burst has skirts of up to 2 us. */
void hz_sim_modes_add(const struct hz_sim_modes *m, const uint8_t *frame, size_t len,
                      const struct hz_sim_burst *burst, const struct hz_span *span);

#endif
