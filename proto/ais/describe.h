/* From a verified AIS message to the fields that users know (the names and units of gpsd and
 * AIS-catcher) and to its NMEA sentences. Pure; one thread at a time. */
#ifndef HZ_PROTO_AIS_DESCRIBE_H
#define HZ_PROTO_AIS_DESCRIBE_H

#include "proto/decoder.h"

/* What a channel remembers between messages: small, in the caller's memory. */
struct hz_ais_state {
    char channel;      /* of NMEA sentences: 'A' 161.975 MHz, 'B' 162.025 MHz, 0 elsewhere */
    unsigned sequence; /* 0 to 9: the next number of a message of several sentences */
};

/* For the channel at freq_hz. */
void hz_ais_state_init(struct hz_ais_state *st, double freq_hz);

/* The fields that hz_ais_describe writes, for the documentation; ends with a NULL name. */
extern const struct hz_field hz_ais_fields[];

/* Describes one message that passed its check. payload: `bits` bits without the check sequence
 * (HZ_AIS_LEAST_BITS to HZ_AIS_MESSAGE_BITS; a partial last byte holds them in its most significant
 * bits), in the order of ITU-R M.1371: bit 1 of the message is the most significant bit of
 * payload[0], as `raw` shows it and proto/link/bits.h counts. Writes the fields into the object
 * that is open in j. A message shorter than its type demands gives the fields that are complete. */
void hz_ais_describe(struct hz_ais_state *st, const uint8_t *payload, size_t bits,
                     struct hz_json *j);

#endif
