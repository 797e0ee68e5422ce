/* The fields of a FLEX message. Pure. */
#ifndef HZ_PROTO_FLEX_DESCRIBE_H
#define HZ_PROTO_FLEX_DESCRIBE_H

#include "proto/decoder.h"
#include "proto/flex/frame.h"
#include "proto/flex/join.h"
#include "proto/link/charset.h"

extern const struct hz_field hz_flex_fields[];

/* Whether a message can be trusted: its checksum is right, or its words are good. */
bool hz_flex_trusted(const struct hz_flex_message *m);

/* Writes the fields of a message whose last fragment was in that frame. */
void hz_flex_describe(const struct hz_flex_message *m, const struct hz_flex_frame *f,
                      enum hz_charset charset, struct hz_json *j);

#endif
