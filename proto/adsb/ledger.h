/* What is known of earlier frames, and which finds become messages: the serial part of the decoder.
 *
 * The demodulators of a stream (proto/adsb/demod.h) may hear parts of it at the same time. Each
 * knows only what it was told before. The ledger is given what they found in the order of the
 * stream. It confirms doubted frames by the addresses that all of them have heard so far, drops
 * what was found twice, and describes the rest. Pure. One thread at a time; the memory is the
 * caller's. */
#ifndef HZ_PROTO_ADSB_LEDGER_H
#define HZ_PROTO_ADSB_LEDGER_H

#include "proto/adsb/describe.h"
#include "proto/adsb/recent.h"

enum { HZ_ADSB_LEDGER_WAITING = 32 };

/* A repaired frame that is accepted only when another one with its address follows. */
struct hz_adsb_waiting {
    uint32_t address, check, tick; /* check: its parity bits, as a hash; tick 0: unused */
};

struct hz_adsb_ledger {
    struct hz_adsb_trust trust;
    struct hz_adsb_waiting waiting[HZ_ADSB_LEDGER_WAITING];
    struct hz_adsb_recent recent;
    uint32_t now;                       /* the present tick, never 0 */
    float rate_hz;                      /* of the samples */
    struct hz_aircraft_table *aircraft; /* borrowed: what messages are described with */
};

/* In zeroed memory; hold: ticks for which an address stays trusted. `aircraft` is borrowed and must
 * outlive the ledger. */
void hz_adsb_ledger_init(struct hz_adsb_ledger *l, float rate_hz, uint32_t hold,
                         struct hz_aircraft_table *aircraft);

/* Writes what was found to the sink, or counts there why not. */
void hz_adsb_ledger_enter(struct hz_adsb_ledger *l, const struct hz_adsb_found *f,
                          struct hz_sink *sink);

#endif
