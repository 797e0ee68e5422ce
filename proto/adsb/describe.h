/* From a verified Mode S frame to the fields that users know (readsb's names and units), with what
 * is known of each aircraft so far. Pure; one thread at a time. */
#ifndef HZ_PROTO_ADSB_DESCRIBE_H
#define HZ_PROTO_ADSB_DESCRIBE_H

#include "proto/decoder.h"

#include <stdbool.h>

/* What is known of the aircraft heard: bounded, the oldest leaves, one unheard for 5 minutes
 * leaves. */
struct hz_aircraft_table;

/* Bytes of a table; the memory is the caller's, zeroed, aligned for max_align_t. */
size_t hz_aircraft_table_size(void);
/* The antenna's own position in degrees, NAN when not known (for local and surface CPR). */
void hz_aircraft_table_init(struct hz_aircraft_table *t, double latitude, double longitude);

/* The fields that hz_adsb_describe writes, for the documentation; ends with a NULL name. A message
 * says what its frame says; only positions, radii and what depends on ADS-B's version are worked
 * out with earlier frames, and nothing earlier is repeated. */
extern const struct hz_field hz_adsb_fields[];

/* True when a frame that passed its check cannot be what it says (impossible fields), so that it is
 * to be refused as insane. Looks at the frame alone. */
bool hz_adsb_insane(const uint8_t *frame, size_t len);

/* Takes one verified frame (7 or 14 bytes) of that address (from AA, or recovered from address
 * parity), heard at time_ns (UTC, the stream's own time), updates the aircraft and writes the
 * frame's fields into the object that is open in j. */
void hz_adsb_describe(struct hz_aircraft_table *t, const uint8_t *frame, size_t len,
                      uint32_t address, int64_t time_ns, struct hz_json *j);

#endif
