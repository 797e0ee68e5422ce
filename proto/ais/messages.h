/* Which fields the messages of AIS have, by type (ITU-R M.1371-5, annex 8). Pure. */
#ifndef HZ_PROTO_AIS_MESSAGES_H
#define HZ_PROTO_AIS_MESSAGES_H

#include "proto/ais/items.h"

/* Writes what the message says behind its type, repeat indicator and MMSI. */
void hz_ais_message(const struct hz_ais_in *in, unsigned type, uint32_t mmsi);

/* The contents of a binary message (types 6, 8, 25, 26): application dac/fid, whose data begin at
 * bit `at` and end before `end`. Known ones as fields, others as "data". */
void hz_ais_binary(const struct hz_ais_in *in, unsigned dac, unsigned fid, unsigned at,
                   unsigned end);

#endif
