/* From a verified Mode S frame to the fields of a message (readsb's names and units), with the
 * state of each aircraft so far. Pure; one thread at a time. */
#ifndef HZ_PROTO_ADSB_DESCRIBE_H
#define HZ_PROTO_ADSB_DESCRIBE_H

#include "proto/decoder.h"

#include <stdbool.h>

/* The state of the aircraft received: a bounded table. The one not received for longest is dropped
 * when it is full, and any after 5 minutes without a frame. */
struct hz_aircraft_table;

/* Size of a table in bytes. The caller provides zeroed memory aligned for max_align_t. */
size_t hz_aircraft_table_size(void);
/* The position of the antenna in degrees, NAN when unknown (for local and surface CPR). */
void hz_aircraft_table_init(struct hz_aircraft_table *t, double latitude, double longitude);

/* The fields that hz_adsb_describe writes, for the documentation; ends with a NULL name. A message
 * holds the contents of its frame. Only positions, radii and fields that depend on the version of
 * ADS-B use earlier frames; contents of earlier frames are not repeated. */
extern const struct hz_field hz_adsb_fields[];

/* True when a frame with a correct parity has impossible fields and must be rejected (HZ_SANITY).
 * Depends on the frame alone. */
bool hz_adsb_insane(const uint8_t *frame, size_t len);

/* Processes one verified frame (7 or 14 bytes), received at time_ns (UTC of the stream). address is
 * that of the AA field, or the one recovered from the parity. Updates the aircraft and writes the
 * frame's fields into the open object of j. */
void hz_adsb_describe(struct hz_aircraft_table *t, const uint8_t *frame, size_t len,
                      uint32_t address, int64_t time_ns, struct hz_json *j);

#endif
