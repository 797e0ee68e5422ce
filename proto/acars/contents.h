/* What the text of a message says, where its label's form is published: airports, the times at the
 * gate and in the air (OOOI), a position. Texts of other forms stay texts. Pure: any thread. */
#ifndef HZ_PROTO_ACARS_CONTENTS_H
#define HZ_PROTO_ACARS_CONTENTS_H

#include <stdbool.h>
#include <stddef.h>

/* "" and NAN: not told. Times are UTC, hhmm; airports ICAO codes. */
struct hz_acars_contents {
    char departure[5], arrival[5], station[5];
    char out[5], off[5], on[5], in[5], eta[5];
    double lat, lon; /* degrees, north and east positive */
    double alt_ft;
};

/* Reads a whole text of that label. False: it has no form that is known here. */
bool hz_acars_read(const char label[3], const char *text, size_t len,
                   struct hz_acars_contents *out);

#endif
