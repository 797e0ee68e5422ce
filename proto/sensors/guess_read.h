/* Reading the bits of a row by a model of its coding. Private to guess.c and guess_read.c. */
#ifndef HZ_PROTO_SENSORS_GUESS_READ_H
#define HZ_PROTO_SENSORS_GUESS_READ_H

#include "proto/sensors/guess.h"

/* The commonest classes of pulses or of gaps: at most two, the shorter first. */
struct hz_guess_pair {
    struct hz_pulse_class c[2];
    size_t n;
};

struct hz_guess_model {
    enum hz_coding coding;
    struct hz_guess_pair on, off; /* PPM: one pulse; PWM: one gap unless by_gap */
    bool by_gap;                  /* PWM: pulse and gap of a bit are one short, the other long */
    bool gap_first;               /* the gap before the pulse is that, not the one behind it */
    float unit, stretch;          /* of those that count units, as in struct hz_guess */
};

/* How many units a length has; 0: no whole number of them. */
unsigned hz_guess_units(const struct hz_guess_model *m, float us);

/* The bits of the longest part of n lengths that the model explains; `from` and `row` of the result
 * are the caller's. bit has room for HZ_GUESS_BITS. */
struct hz_guess_row hz_guess_read(const struct hz_guess_model *m, const float *us, size_t n,
                                  bool ook, uint8_t *bit);

#endif
