/* Whether an AIS message that passed its check makes sense. Pure. */
#ifndef HZ_PROTO_AIS_JUDGE_H
#define HZ_PROTO_AIS_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HZ_AIS_LEAST_BITS = 38 }; /* type, repeat indicator, MMSI: what every message has */

/* What is unusual in a message, against ITU-R M.1371-5, annex 8, and ITU-R M.585. */
enum hz_ais_odd {
    HZ_AIS_ODD_TYPE = 1 << 0,   /* none that there is: 0, 28 to 63 */
    HZ_AIS_ODD_LENGTH = 1 << 1, /* not as long as its type demands */
    HZ_AIS_ODD_BITS = 1 << 2,   /* no whole number of bytes */
    HZ_AIS_ODD_MMSI = 1 << 3,   /* a station's number of no form that is given out */
};

/* A set of these for a message of `bits` bits, at least HZ_AIS_LEAST_BITS. */
unsigned hz_ais_odd(const uint8_t *payload, size_t bits);

/* Nothing is odd in the message of `bits` bits, and nothing in it is impossible: positions on the
 * globe, courses in the circle, times of day, texts as they are written, spare bits zero. For
 * messages that were repaired. */
bool hz_ais_plausible(const uint8_t *payload, size_t bits);

/* The same, and what it says of the slot it was sent in is possible: few bits, that nothing but
 * real transmitters gets right. For messages that were repaired with many tries. */
bool hz_ais_proper(const uint8_t *payload, size_t bits);

/* Enough is known of what its type holds for hz_ais_plausible to tell most errors. */
bool hz_ais_guarded(const uint8_t *payload);

/* Messages of its type may be longer than a slot has room for. */
bool hz_ais_long(const uint8_t *payload);

/* The station that sends. */
uint32_t hz_ais_mmsi(const uint8_t *payload);

#endif
