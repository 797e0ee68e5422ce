/* Whether an AIS message that passed its check makes sense. Pure. */
#ifndef HZ_PROTO_AIS_JUDGE_H
#define HZ_PROTO_AIS_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HZ_AIS_LEAST_BITS = 38 }; /* type, repeat indicator, MMSI: what every message has */

/* Deviations of a message from ITU-R M.1371-5, annex 8, and ITU-R M.585. */
enum hz_ais_odd {
    HZ_AIS_ODD_TYPE = 1 << 0,   /* no such type: 0, 28 to 63 */
    HZ_AIS_ODD_LENGTH = 1 << 1, /* length not allowed for its type */
    HZ_AIS_ODD_BITS = 1 << 2,   /* not a whole number of bytes */
    HZ_AIS_ODD_MMSI = 1 << 3,   /* not the number of any kind of station */
};

/* The deviations of a message of `bits` bits, at least HZ_AIS_LEAST_BITS, as a set. */
unsigned hz_ais_odd(const uint8_t *payload, size_t bits);

/* True if the message of `bits` bits has no deviation and nothing in it is impossible: positions on
 * the globe, courses below 360 degrees, times of day, texts of usual characters, spare bits zero.
 * For repaired messages. */
bool hz_ais_plausible(const uint8_t *payload, size_t bits);

/* True if, besides, what the message says about its slot is possible: few bits, but only real
 * transmitters get them right. For messages repaired with many trials. */
bool hz_ais_proper(const uint8_t *payload, size_t bits);

/* True if enough is known of the contents of its type for hz_ais_plausible to detect most errors.
 */
bool hz_ais_guarded(const uint8_t *payload);

/* True if messages of its type may take more than one slot. */
bool hz_ais_long(const uint8_t *payload);

/* The MMSI of the sender. */
uint32_t hz_ais_mmsi(const uint8_t *payload);

#endif
