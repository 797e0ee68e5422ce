/* Thins out messages: of each sender the first in each period. Periods begin at multiples of their
 * length since 1970, so whoever thins the same messages gets the same ones, whenever it began. It
 * remembers 4,096 senders; then the one not heard for longest is forgotten, and may pass twice in a
 * period. Loop thread. */
#ifndef HZ_DAEMON_BUS_THIN_H
#define HZ_DAEMON_BUS_THIN_H

#include <stdbool.h>
#include <stdint.h>

struct hz_thin;

/* NULL: no memory. */
struct hz_thin *hz_thin_new(uint64_t period_s);
void hz_thin_free(struct hz_thin *t); /* NULL is allowed */

/* Whether this message of the sender `key` (a hash) passes. One that comes late, from the period
 * before, does not. */
bool hz_thin_passes(struct hz_thin *t, uint64_t key, int64_t utc_ns);

#endif
