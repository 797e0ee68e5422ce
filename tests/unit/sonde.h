/* Frames of a simulated RS41 on the air: what a test of its decoder receives. */
#ifndef HZ_TESTS_SONDE_H
#define HZ_TESTS_SONDE_H

#include "proto/rs41/sizes.h"
#include "sim/signal.h"
#include "sim/sonde.h"
#include "tests/unit/rig.h"

#include <stdlib.h>
#include <string.h>

extern const struct hz_decoder hz_rs41_decoder;

/* How one is received. Zeros: the usual. */
struct sonde_air {
    double snr_db; /* in 12.5 kHz; 0: 30 dB */
    double offset_hz, drift_hz_s, clock_ppm, deviation_hz, bt;
    unsigned preamble; /* bits that are left of it; 0: all */
    unsigned tail;     /* bits behind the frame, of another pattern: the transmitter goes on */
    uint64_t seed;
};

/* Bits of a frame as they are sent, with 320 bits of preamble before. Returns their number. */
static inline size_t sonde_bits(const uint8_t *frame, size_t len, uint8_t *bits)
{
    size_t n = 0;
    for (; n < HZ_SIM_SONDE_PREAMBLE; n++)
        bits[n] = n % 2;
    for (size_t i = 0; i < len; i++)
        for (unsigned k = 0; k < 8; k++)
            bits[n++] = (frame[i] ^ hz_rs41_white(i)) >> k & 1;
    return n;
}

/* Adds a frame that begins at sample `start` of span to it. */
static inline void sonde_send(const uint8_t *frame, size_t len, double start,
                              const struct sonde_air *air, const struct hz_span *span)
{
    static uint8_t bits[HZ_SIM_SONDE_PREAMBLE + 8 * HZ_RS41_EXTENDED + 64];
    size_t n = sonde_bits(frame, len, bits);
    size_t skip = air->preamble > 0 ? HZ_SIM_SONDE_PREAMBLE - air->preamble : 0;
    for (unsigned i = 0; i < air->tail; i++)
        bits[n++] = i / 2 % 2;
    struct hz_sim_signal s = {.keying = HZ_SIM_FSK,
                              .symbol = bits + skip,
                              .n = n - skip,
                              .baud = 4800,
                              .deviation_hz = air->deviation_hz > 0 ? air->deviation_hz : 2400,
                              .bt = air->bt > 0 ? air->bt : 0.5,
                              .ramp = 2,
                              .drift_hz_s = air->drift_hz_s};
    struct hz_sim_burst burst = {.start = start,
                                 .power = 0.01,
                                 .offset_hz = air->offset_hz,
                                 .phase = 0.3,
                                 .clock = 1 + air->clock_ppm * 1e-6};
    hz_sim_signal_add(&s, &burst, span);
}

/* Noise of the channel at that SNR. */
static inline void sonde_noise(const struct sonde_air *air, const struct hz_span *span)
{
    double db = air->snr_db != 0 ? air->snr_db : 30;
    memset(span->iq, 0, 2 * span->n * sizeof(float));
    hz_sim_signal_noise(span, 0.01 / pow(10, db / 10), 12500, air->seed + 1);
}

#endif
