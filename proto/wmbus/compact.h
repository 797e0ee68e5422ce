/* Compact frames: values without their heads. A meter sends the heads in a full frame every few
 * minutes; a compact frame has the CRC of them, its signature, and the CRC of the whole records. So
 * what was learnt from the one fits the other, of any meter of that model. Pure; one thread at a
 * time. */
#ifndef HZ_PROTO_WMBUS_COMPACT_H
#define HZ_PROTO_WMBUS_COMPACT_H

#include "proto/wmbus/telegram.h"

enum { HZ_COMPACT_MODELS = 32, HZ_COMPACT_HEADS = 120 };

/* Zeroed at first. The one used least lately is forgotten. */
struct hz_wmbus_compact {
    struct hz_compact_model {
        uint8_t heads[HZ_COMPACT_HEADS];
        size_t n; /* 0: free */
        uint16_t signature;
        uint64_t used;
    } model[HZ_COMPACT_MODELS];
    uint64_t clock;
};

/* Learns the heads of the full records data[n]; nothing where they are too long or broken. */
void hz_wmbus_compact_learn(struct hz_wmbus_compact *c, const uint8_t *data, size_t n);

/* Makes full records of a compact frame's data (from the signature on) into out; returns their
 * bytes, or 0: no model of that signature is known, or the CRC of the records was wrong. */
size_t hz_wmbus_compact_expand(struct hz_wmbus_compact *c, const uint8_t *data, size_t n,
                               uint8_t out[HZ_WMBUS_BYTES]);

#endif
