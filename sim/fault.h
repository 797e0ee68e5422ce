/* Faults of a receiving station, which a scene (sim/scene.h) can have: what is on the air comes
 * with a wrong gain, filter and so on. (A crystal that is off is of the front end: sim/front.h.)
 * They are there so that each verdict of `hertzctl why` can be proved. Pure. One thread at a time
 * for each state. */
#ifndef HZ_SIM_FAULT_H
#define HZ_SIM_FAULT_H

#include "sim/burst.h"

#include <stdbool.h>

struct hz_fault {
    const char *name;  /* "clipping" */
    const char *title; /* one line for people */
    bool empty;        /* nothing is on the air */
    float signal_db;   /* added to what is on the air, and not to the noise */
    float gain_db;     /* added to both */
    bool echo;         /* each transmission meets another one of the same strength */
    bool carrier;      /* a carrier without modulation, HZ_FAULT_CARRIER_HZ over the centre */
    bool filter;       /* the upper half of the band is filtered out */
    bool overload;     /* two strong carriers, keyed, that the receiver mixes with each other */
};

#define HZ_FAULT_CARRIER_HZ 125e3

/* All faults; ends with a NULL name. */
extern const struct hz_fault hz_faults[];

/* The fault of that name; NULL: there is none. */
const struct hz_fault *hz_fault_find(const char *name);

struct hz_fault_state;

/* NULL: no memory. hz_fault_free allows NULL. */
struct hz_fault_state *hz_fault_new(const struct hz_fault *fault, double rate_hz);
void hz_fault_free(struct hz_fault_state *f);

/* Changes a span of signals, to which the noise (as many floats) is added here. Spans follow each
 * other without gaps. The result may be over full scale; the converter clips it. */
void hz_fault_apply(struct hz_fault_state *f, struct hz_span *span, const float *noise);

#endif
