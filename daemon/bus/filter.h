/* The filter of a subscription. Cursors whose words are equal share one, which remembers of recent
 * frames whether they pass: so the first of a thousand equal clients looks at the frame, and the
 * others at a bit. Loop thread. */
#ifndef HZ_DAEMON_BUS_FILTER_H
#define HZ_DAEMON_BUS_FILTER_H

#include "daemon/bus/subscription.h"

enum { HZ_FILTER_WINDOW = 1024 }; /* frames, of all logs, that it remembers */

struct hz_filter;

/* The filter with these words, or a new one: a reference. NULL: no memory. */
struct hz_filter *hz_filter_get(struct hz_bus *b, const struct hz_subscription *words);
/* One with the same words that nobody else has: a reference. NULL: no memory. */
struct hz_filter *hz_filter_alone(const struct hz_filter *f);
/* Shares one that nobody else has, or exchanges it for its equal. Takes the reference and returns
 * one. */
struct hz_filter *hz_filter_share(struct hz_filter *f);
void hz_filter_unref(struct hz_filter *f); /* NULL is allowed */

uint64_t hz_filter_number(const struct hz_filter *f); /* from 1; never used again */
const struct hz_subscription *hz_filter_words(const struct hz_filter *f);
bool hz_filter_passes(struct hz_filter *f, const struct hz_frame *frame);

/* With the word `every` it depends on the frames before: the filter then must see all frames of its
 * protocols in order. */
bool hz_filter_in_order(const struct hz_filter *f);
/* The order of the newest frame that it has seen; 0: none. */
uint64_t hz_filter_seen(const struct hz_filter *f);
/* There is no further frame for it up to this order. */
void hz_filter_saw(struct hz_filter *f, uint64_t order);
/* Whether it remembers this frame. */
bool hz_filter_knows(const struct hz_filter *f, const struct hz_frame *frame);

#endif
