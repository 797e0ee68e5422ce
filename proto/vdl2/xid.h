/* XID frames of VDL2: what stations say of themselves and of their link (ICAO Annex 10, volume III,
 * part I, tables 6-12 to 6-48). Names are dumpvdl2's. Pure; any thread. */
#ifndef HZ_PROTO_VDL2_XID_H
#define HZ_PROTO_VDL2_XID_H

#include "proto/out/json.h"
#include "proto/vdl2/avlc.h"

/* What a frame tells of its sender, beside all that is written. */
struct hz_vdl2_told {
    double lat, lon; /* degrees; NAN: not told */
    int alt_ft;      /* of an aircraft; -1: not told */
    char airport[5]; /* where the aircraft goes, or the one nearest to the station; "" */
};

/* Writes the members of the object "xid", which is open in j. */
void hz_vdl2_xid(const struct hz_vdl2_avlc *a, struct hz_vdl2_told *told, struct hz_json *j);

#endif
