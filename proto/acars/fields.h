/* The fields of an ACARS block in a message, with the names that people know: those of acarsdec for
 * a block on VHF, those of dumpvdl2 (libacars) for one inside a frame of VDL mode 2. Pure: any
 * thread. */
#ifndef HZ_PROTO_ACARS_FIELDS_H
#define HZ_PROTO_ACARS_FIELDS_H

#include "proto/acars/join.h"
#include "proto/out/json.h"

/* acarsdec's fields. Names the sender: the aircraft's registration. */
void hz_acars_write(struct hz_json *j, const struct hz_acars_block *block,
                    const struct hz_acars_joined *joined);

/* dumpvdl2's fields into the object that is open. */
void hz_acars_write_libacars(struct hz_json *j, const struct hz_acars_block *block,
                             const struct hz_acars_joined *joined, bool crc_ok);

/* What the label means, and what the text says, where that is known: airports and times with
 * acarsdec's names, `lat`, `lon`, `alt` in feet, the `ground_station` of a squitter. Names the
 * position. */
void hz_acars_write_contents(struct hz_json *j, const struct hz_acars_block *block,
                             const struct hz_acars_joined *joined);

#endif
