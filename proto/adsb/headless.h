/* Detector for bursts whose preamble, and perhaps first bits, were covered by another burst.
 *
 * Signal model: as in demod.h, but only the half-chips from the address on are intact. Metric: bits
 * by energy, |Z| of the first half of a bit against the second, at every step. Estimate: the steps
 * at which 24 consecutive bits equal a trusted address; by chance that is rare enough to try the
 * rest of the frame.
 *
 * Pure. One thread at a time. */
#ifndef HZ_PROTO_ADSB_HEADLESS_H
#define HZ_PROTO_ADSB_HEADLESS_H

#include "proto/adsb/burst.h"

enum { HZ_ADSB_HITS = 32 };

/* Searches the elements from `from` up to `end` (at most HZ_ADSB_SPAN - 4) for trusted addresses,
 * with the filters of w. Writes the steps, counted from element 0, at which the bursts would begin
 * (possibly negative), and returns their number, at most HZ_ADSB_HITS. Works only at rates where a
 * bit is a whole number of steps (2.0, 2.4, 2.5, 3.0 Msps); returns 0 at others. */
size_t hz_adsb_headless_find(struct hz_adsb_window *w, const struct hz_adsb_shape *s,
                             const struct hz_adsb_judge *j, const struct hz_adsb_envelope *b,
                             size_t from, size_t end, int hit[HZ_ADSB_HITS]);

/* Decodes a burst of a trusted address without its beginning, at a step that was found. Returns
 * HZ_MESSAGE with burst->frame complete, or the reason of rejection. */
enum hz_reason hz_adsb_headless_try(struct hz_adsb_burst *burst, const struct hz_adsb_shape *s,
                                    struct hz_adsb_judge *j, const struct hz_adsb_envelope *b,
                                    int step);

#endif
