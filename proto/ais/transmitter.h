/* Estimates how the transmitter of an AIS burst differs from the standard: its clock, deviation and
 * filter, from the samples of the burst alone. The standard (ITU-R M.1371-5, annex 2, 2.3 and 2.4)
 * has h = 0.5, BT = 0.4 and 50 ppm. Pure; one thread at a time. */
#ifndef HZ_PROTO_AIS_TRANSMITTER_H
#define HZ_PROTO_AIS_TRANSMITTER_H

#include "dsp/cpm.h"

#include <stdbool.h>

struct hz_ais_transmitter {
    double h, samples_per_bit;
    const struct hz_cpm_pulse *pulse; /* the matcher's */
    double start;                     /* sample at which its training begins, with a fraction */
};

/* Working memory of the estimator. */
struct hz_ais_matcher;

/* NULL when memory is short. */
struct hz_ais_matcher *hz_ais_matcher_new(void);
void hz_ais_matcher_free(struct hz_ais_matcher *m);

/* The standard's pulse. */
const struct hz_cpm_pulse *hz_ais_book_pulse(const struct hz_ais_matcher *m);

/* Estimates the transmitter of the burst in iq[2 n], whose carrier is within 500 Hz of 0, which
 * begins within half a bit of sample out->start with the HZ_AIS_SYNC_BITS bits of `level`, and of
 * which `bits` bits were run. False: the difference from the standard is not significant, or does
 * not matter over so many bits, or it is no such transmitter; *out is then undefined. This decision
 * costs a third of the whole. */
bool hz_ais_match(struct hz_ais_matcher *m, const float *iq, size_t n, const uint8_t *level,
                  size_t bits, struct hz_ais_transmitter *out);

#endif
