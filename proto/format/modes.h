/* What the formats for Mode S share. Pure; any thread. */
#ifndef HZ_PROTO_FORMAT_MODES_H
#define HZ_PROTO_FORMAT_MODES_H

#include "proto/format/format.h"

/* Decoders whose frames are Mode S; ends with NULL. */
extern const char *const hz_form_modes[];

/* The counter of the formats for Mode S: 48 bits at 12 MHz, taken at the end of bit 56 of the frame
 * whatever its length, so that programs that compare arrival times agree. It counts the receiver's
 * samples, and does not follow the system clock within an epoch. 0, which readers take for no time:
 * it is not known. */
uint64_t hz_form_modes_ticks(const struct hz_record *r);

#endif
