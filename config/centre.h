/* Where to put a dongle's band, so that it covers some channels. Pure; any thread. */
#ifndef HZ_CONFIG_CENTRE_H
#define HZ_CONFIG_CENTRE_H

#include <stdbool.h>
#include <stddef.h>

/* Of the band, for channels: towards its edges the filters of a dongle fall off, and what lies
 * beyond the edges is folded in. */
#define HZ_CENTRE_USABLE 0.8
/* At least so far between a channel's edge and the centre, where the offset of a dongle's
 * converters stands as a spike. */
#define HZ_CENTRE_CLEAR_HZ 5000.0
/* The highest rate that dongles keep up for days, and so the widest span of channels. */
#define HZ_CENTRE_RATE_MAX_HZ 2.4e6

enum { HZ_CENTRE_SPANS_MAX = 257 }; /* a plan's, and one more that is tried */

/* What has to be covered. */
struct hz_centre_span {
    double freq_hz, width_hz;
    double rate_min_hz, rate_max_hz; /* of the band, inclusive */
    double rate_like_hz; /* a rate to consider beside those that suit any dongle; 0: none */
    bool whole; /* a decoder of the whole band: a spike does not hurt it, and what is cut off of the
                 * span at the edges is missed, no more: it is brought in as far as it goes */
};

/* The lowest rate at which all n spans lie in the usable part of the band and clear of its centre,
 * and then the centre nearest to the middle of what is covered (the frequency of a `whole` span, if
 * there is one), in whole kHz if possible. A rate or centre that is not 0 is given: it stays, and a
 * given centre may lie in a channel. False, and nothing changed: there is none. n >= 1. */
bool hz_centre_choose(const struct hz_centre_span *spans, size_t n, double *rate_hz,
                      double *centre_hz);

/* The centre that is wished for: in the middle of all (the frequency of a `whole` span). */
double hz_centre_middle(const struct hz_centre_span *spans, size_t n);

#endif
