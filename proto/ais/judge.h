/* Whether an AIS message that passed its check makes sense. Pure. */
#ifndef HZ_PROTO_AIS_JUDGE_H
#define HZ_PROTO_AIS_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The message of `bits` bits (a multiple of 8) is of a type that there is, as long as the type
 * demands (ITU-R M.1371-5, annex 8). */
bool hz_ais_fits(const uint8_t *payload, size_t bits);

/* The same, and nothing in it is impossible: a station's number of a form that is given out
 * (ITU-R M.585), positions on the globe, courses in the circle, times of day, texts as they are
 * written, spare bits zero. For messages that were repaired. */
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
