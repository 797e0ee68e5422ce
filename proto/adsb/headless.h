/* Bursts that have lost their preamble, or even their first bits, to another one: found by the
 * address, where that is known. 24 exact bits at any place are rare enough to try the rest. Pure.
 */
#ifndef HZ_PROTO_ADSB_HEADLESS_H
#define HZ_PROTO_ADSB_HEADLESS_H

#include "proto/adsb/burst.h"

enum { HZ_ADSB_HITS = 32 };

/* Looks for trusted addresses in the elements from `from` up to `end` (at most HZ_ADSB_SPAN - 4 of
 * them) through the filters of w. Writes the steps, counted from element 0, at which such bursts
 * would begin (may be negative), and returns how many; at most HZ_ADSB_HITS. Only for rates at
 * which a bit is a whole number of steps (2.0, 2.4, 2.5, 3.0 Msps); none at others. */
size_t hz_adsb_headless_find(struct hz_adsb_window *w, const struct hz_adsb_shape *s,
                             const struct hz_adsb_judge *j, const struct hz_adsb_envelope *b,
                             size_t from, size_t end, int hit[HZ_ADSB_HITS]);

/* A burst of a trusted address whose beginning is lost, at such a step. */
enum hz_reason hz_adsb_headless_try(struct hz_adsb_burst *burst, const struct hz_adsb_shape *s,
                                    struct hz_adsb_judge *j, const struct hz_adsb_envelope *b,
                                    int step);

#endif
