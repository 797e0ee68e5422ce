/* Where to look: the channels that decoders and band plans know, and the centres from which all of
 * them are seen. Pure but for memory; one thread at a time. */
#ifndef HZ_CTL_SCAN_PLAN_H
#define HZ_CTL_SCAN_PLAN_H

#include <cjson/cJSON.h>
#include <stddef.h>

enum { HZ_SCAN_PLACES = 512, HZ_SCAN_STEPS = 1024 };

/* A channel that may have traffic. */
struct hz_scan_place {
    const char *decoder; /* borrowed from the answer */
    double freq_hz, width_hz;
};

struct hz_scan_plan {
    struct hz_scan_place places[HZ_SCAN_PLACES]; /* the lowest frequency first */
    size_t n_places;
    double centres[HZ_SCAN_STEPS];
    size_t n_centres;
};

/* decoders: the answer to that method. from_hz to to_hz: all of it is swept; both 0: what is needed
 * for all places. rate_hz of the receiver. 0; -E2BIG: that takes more steps than there may be. */
int hz_scan_plan_make(struct hz_scan_plan *p, const cJSON *decoders, double from_hz, double to_hz,
                      double rate_hz);

#endif
