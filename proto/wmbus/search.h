/* Finds where a telegram may begin: the pattern of a mode in the differences of phase.
 *
 * Model: x(n) is a carrier at f + d or f - d in each chip, and noise. Then Im(x(n) x*(n - 1)) is
 * about A^2 sin(2 pi (f +- d) / R), R the sample rate: high in one kind of chip and low in the
 * other. Metric: r = sum of a_k D_k / sum of E_k over the chips k of the pattern (a_k = +-1), where
 * D_k sums Im(x(n) x*(n - 1)) and E_k sums |x(n)|^2 over a chip (the latter at the slowest clock
 * for all). The pattern has as many ones as zeros, so f cancels. Estimate: the places with the
 * largest r over all clocks of the mode, at a fourth of a chip.
 *
 * Pure. One thread at a time. */
#ifndef HZ_PROTO_WMBUS_SEARCH_H
#define HZ_PROTO_WMBUS_SEARCH_H

#include "proto/wmbus/mode.h"

enum { HZ_WMBUS_FOUND = 8 }; /* places in a hop at most */

struct hz_wmbus_place {
    size_t at;    /* sample from the hop's first one at which the pattern begins */
    double clock; /* ratio of its chip rate to the mode's */
    float r;
};

struct hz_wmbus_search {
    const struct hz_wmbus_mode *mode;
    double rate_hz;
    size_t hop, step, chip; /* samples: of a hop, between places that are tried, of a chip */
    size_t behind;          /* samples that are looked at behind a hop */
    size_t n, places;       /* steps that are looked at, and of the hop */
    size_t window;          /* steps of the pattern at the slowest clock */
    float *d;               /* D at every step */
    float *sum[2];          /* sums of D over parts of the pattern */
    double *energy;         /* prefix sums of |x|^2, at every step */
    float *under;           /* the energy under a pattern */
    float *best;
    uint8_t *clock;
};

/* 0 or -ENOMEM; then there is nothing to free. */
int hz_wmbus_search_init(struct hz_wmbus_search *s, const struct hz_wmbus_mode *mode,
                         double rate_hz, size_t hop);
void hz_wmbus_search_done(struct hz_wmbus_search *s);

/* Searches the hop that begins at iq (pairs), with a sample before it and `behind` behind its end.
 * Writes the best places in order of time; returns their number. *left: places that there was no
 * room for. */
size_t hz_wmbus_search_run(struct hz_wmbus_search *s, const float *iq,
                           struct hz_wmbus_place out[HZ_WMBUS_FOUND], size_t *left);

#endif
