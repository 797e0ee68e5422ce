/* Matched filters of several phases, in the variants of proto/adsb/variants.h. Pure: any thread. */
#ifndef HZ_PROTO_ADSB_MATCHED_H
#define HZ_PROTO_ADSB_MATCHED_H

#include "proto/adsb/variants.h"

#include <stddef.h>
#include <stdint.h>

/* Taps of a matched filter, and most steps per sample. */
enum { HZ_ADSB_TAPS = 4, HZ_ADSB_PHASES = 6 };

/* Outputs that the variant with the widest vectors computes at a time, and how often their pattern
 * changes until it repeats. */
enum { HZ_ADSB_WIDE = 16, HZ_ADSB_ROWS = 5 };

/* Matched filters of several phases: filter p has the taps tap[][p]. The rest is for vectors of
 * HZ_ADSB_WIDE outputs in a row. Row v of them begins at sample first[v], and after all rows the
 * pattern begins anew `period` samples later. pick[v][l] is the first sample of output l, from
 * first[v] on, and taps[v][][l] are the taps of its phase. */
struct hz_adsb_matched {
    enum hz_adsb_variant variant;
    size_t phases, rows, period;
    size_t first[HZ_ADSB_ROWS];
    float tap[HZ_ADSB_TAPS][8];
    int32_t pick[HZ_ADSB_ROWS][HZ_ADSB_WIDE];
    float taps[HZ_ADSB_ROWS][HZ_ADSB_TAPS][HZ_ADSB_WIDE];
};

/* The taps of `phases` filters (5 or 6) and what follows from them for a variant. */
void hz_adsb_matched_init(struct hz_adsb_matched *f, enum hz_adsb_variant variant, size_t phases,
                          const float (*tap)[8]);

/* The filters over in[k] to in[k + 3] for k < n, and their energies, to out[k phases + phase];
 * reads up to seven values more and writes up to fifteen. */
void hz_adsb_matched(const struct hz_adsb_matched *f, const float *i, const float *q, float *out_i,
                     float *out_q, float *energy, size_t n);

#endif
