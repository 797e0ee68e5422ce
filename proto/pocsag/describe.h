/* A page as the fields that users of pager decoders know. Pure. */
#ifndef HZ_PROTO_POCSAG_DESCRIBE_H
#define HZ_PROTO_POCSAG_DESCRIBE_H

#include "proto/decoder.h"
#include "proto/pocsag/receive.h"
#include "proto/pocsag/text.h"

/* Pages of a quality below the first are not written unless all are to be kept; those below the
 * second are marked as doubtful. Near the sensitivity limit one in thirty marked pages is wrong; of
 * 9600 pages sent there none of the unmarked ones was. */
extern const float hz_pocsag_quality_kept, hz_pocsag_quality_sure;

/* The fields that hz_pocsag_describe writes, for the documentation; ends with a NULL name. */
extern const struct hz_field hz_pocsag_fields[];

/* Writes the page's fields into the object that is open in j. */
void hz_pocsag_describe(const struct hz_pocsag_page *p, const struct hz_pocsag_line *line,
                        const struct hz_pocsag_network *network, struct hz_json *j);

#endif
