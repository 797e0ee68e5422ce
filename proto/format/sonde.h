/* Radiosondes for SondeHub: what its form of telemetry says of one frame of a sonde. Pure; any
 * thread. */
#ifndef HZ_PROTO_FORMAT_SONDE_H
#define HZ_PROTO_FORMAT_SONDE_H

#include "proto/format/format.h"

/* The decoders of sondes; ends with NULL. */
extern const char *const hz_form_sondes[];

/* Adds to the object that is open in j what SondeHub wants to know of the sonde: manufacturer,
 * type, serial, frame, datetime, position and what else the message has. False, and nothing is
 * added, where the message lacks one of these, is encrypted, or is of a type without a name there.
 */
bool hz_sondehub_put(const struct hz_form_in *in, struct hz_json *j);

/* UTC as SondeHub writes it: "2026-11-23T08:26:11.123456Z". */
enum { HZ_SONDEHUB_TIME = 28 };
void hz_sondehub_time(int64_t utc_ns, char text[HZ_SONDEHUB_TIME]);

#endif
