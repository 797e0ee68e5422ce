/* What the demodulator finds: a frame, where it was, and what it needs to be believed. The ledger
 * (proto/adsb/ledger.h) decides which of these become messages. */
#ifndef HZ_PROTO_ADSB_FOUND_H
#define HZ_PROTO_ADSB_FOUND_H

#include "proto/adsb/judge.h"

struct hz_adsb_found {
    struct hz_adsb_frame frame;
    int64_t sample; /* index of its first sample; at the beginning of a stream it may be negative */
    uint32_t samples;
    float signal, noise; /* power relative to a full-scale tone; of the noise in the whole band */
    float omega;         /* carrier, radians per us; NAN: its phase is not coherent */
    bool repeated;       /* before the turn: the turn before has most likely found it too */
    enum hz_reason why;  /* what it counts as if it is doubted and nothing confirms it */
    bool either;         /* doubted: the next one is another reading of the same burst */
};

#endif
