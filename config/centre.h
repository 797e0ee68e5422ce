/* Choice of a dongle's rate and centre frequency, so that its band covers given channels. Pure; any
 * thread. */
#ifndef HZ_CONFIG_CENTRE_H
#define HZ_CONFIG_CENTRE_H

#include <stdbool.h>
#include <stddef.h>

/* The usable fraction of the band. Towards its edges the filters of a dongle attenuate, and signals
 * beyond the edges alias into it. */
#define HZ_CENTRE_USABLE 0.8
/* Least distance between a channel's edge and the centre, where the DC offset of a dongle's
 * converters is a spike. */
#define HZ_CENTRE_CLEAR_HZ 5000.0
/* The highest rate that dongles sustain for days. It limits the width of the band. */
#define HZ_CENTRE_RATE_MAX_HZ 2.4e6

enum { HZ_CENTRE_SPANS_MAX = 257 }; /* the channels of a plan, and one more that is tried */

/* A range of frequencies to cover. */
struct hz_centre_span {
    double freq_hz, width_hz;
    double rate_min_hz, rate_max_hz; /* of the band, inclusive */
    double rate_like_hz;             /* a further rate to consider; 0: none */
    bool whole; /* a decoder of the whole band: the spike does not matter, and the span may be cut
                 * off at the edges of the usable part */
};

/* Chooses the lowest rate at which all n >= 1 spans are in the usable part of the band and clear of
 * its centre, and then the centre nearest to hz_centre_middle, in whole kHz if possible. A *rate_hz
 * or *centre_hz other than 0 is kept; a kept centre may be inside a channel. Returns false and
 * changes nothing if there is no solution. */
bool hz_centre_choose(const struct hz_centre_span *spans, size_t n, double *rate_hz,
                      double *centre_hz);

/* The preferred centre: the middle of all spans, or the frequency of a `whole` span. */
double hz_centre_middle(const struct hz_centre_span *spans, size_t n);

#endif
