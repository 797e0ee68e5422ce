/* A teller makes messages of what a reader found: by the rules and in the words of the decoder that
 * hears the same from the air. One file for each sort of frames, one line in tellers.c. Pure; one
 * thread at a time. */
#ifndef HZ_PROTO_READER_TELLER_H
#define HZ_PROTO_READER_TELLER_H

#include "proto/out/sink.h"
#include "proto/reader/reader.h"

struct hz_teller {
    const char *const *protocols; /* decoders whose messages it makes; ends with NULL */
    size_t (*state_size)(void);
    /* In zeroed memory, aligned for max_align_t. Where the antenna is: degrees, or NAN. */
    void (*init)(void *state, double latitude, double longitude);
    /* The frequency that the unit was received on, in Hz; 0: not known. */
    double (*frequency)(const struct hz_unit *u);
    /* Writes the message to the sink, whose clock the caller has set, or refuses it. `burst` has
     * the levels, and its sample; raw is filled in here. utc_ns: its time. */
    enum hz_reason (*tell)(void *state, const struct hz_unit *u, struct hz_burst *burst,
                           int64_t utc_ns, struct hz_sink *sink);
};

/* NULL: messages of that decoder are made by none. */
const struct hz_teller *hz_teller_find(const char *protocol);

extern const struct hz_teller hz_teller_adsb, hz_teller_ais, hz_teller_ax25;

#endif
