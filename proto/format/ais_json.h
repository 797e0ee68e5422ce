/* AIS messages in the JSON of AIS-catcher and of aprs.fi, for uploads. Pure; any thread. */
#ifndef HZ_PROTO_FORMAT_AIS_JSON_H
#define HZ_PROTO_FORMAT_AIS_JSON_H

#include "proto/format/format.h"

enum hz_ais_json {
    HZ_AIS_FULL,    /* AIS-catcher's JSON "full" */
    HZ_AIS_MINIMAL, /* the sentences and their reception: its JSON "minimal" */
    HZ_AIS_APRS_FI, /* the names of aprs.fi's JSON AIS: msgtype, ref_front */
};

/* Adds the members to the object that is open in j. False, and nothing is added: that form has no
 * words for the message. */
bool hz_ais_json_put(const struct hz_form_in *in, enum hz_ais_json form, struct hz_json *j);

/* UTC as AIS-catcher and aprs.fi write it: "20261123082611". */
enum { HZ_AIS_TIME = 16 };
void hz_ais_time(int64_t utc_ns, char text[HZ_AIS_TIME]);

#endif
