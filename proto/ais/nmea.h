/* The sentences in which AIS messages travel between programs (IEC 61162-1 VDM). Pure. */
#ifndef HZ_PROTO_AIS_NMEA_H
#define HZ_PROTO_AIS_NMEA_H

#include "proto/out/json.h"

#include <stddef.h>
#include <stdint.h>

/* Writes the array "nmea": one sentence, or several (60 characters of payload in each) that carry
 * *sequence, which then goes on from 0 to 9. channel: 'A', 'B' or 0 for none. */
void hz_ais_nmea(struct hz_json *j, const uint8_t *payload, size_t bits, char channel,
                 unsigned *sequence);

#endif
