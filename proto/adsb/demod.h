/* From IQ samples to verified Mode S frames. Pure; one thread at a time; the memory is the
 * caller's. The same samples give the same frames however they are cut into pushes.
 *
 *   envelope samples into planes, magnitudes, noise      gate    where may a burst begin?
 *   fine    matched filters and timing                  soft    carrier, sequence of bits
 *   repair  flip what is least sure                     judge   parity, trust
 *   burst   all of that for one candidate               cancel  take what was found out again
 *   headless  bursts without a preamble, by a known address
 *   credit  how much of the costly half of that may be done */
#ifndef HZ_PROTO_ADSB_DEMOD_H
#define HZ_PROTO_ADSB_DEMOD_H

#include "proto/adsb/cancel.h"
#include "proto/adsb/describe.h"
#include "proto/adsb/headless.h"

enum { HZ_ADSB_AGAIN = 64, HZ_ADSB_RECENT = 16 };

/* A frame found, to know it when what is left of it is found once more. */
struct hz_adsb_recent {
    int64_t sample;
    uint8_t byte[HZ_MODES_LONG_BYTES];
};

struct hz_adsb_demod {
    struct hz_adsb_shape shape;   /* fixed after init */
    struct hz_adsb_cancel cancel; /* fixed after init */
    struct hz_adsb_gate gate;
    struct hz_adsb_judge judge;
    struct hz_aircraft_table *aircraft; /* borrowed: what messages are described with */
    struct hz_adsb_credit credit;
    struct hz_adsb_envelope envelope;
    struct hz_adsb_burst burst;                  /* the candidate at work */
    struct hz_adsb_stretch again[HZ_ADSB_AGAIN]; /* where something is left over */
    size_t agains;
    struct hz_adsb_recent recent[HZ_ADSB_RECENT];
    size_t recents; /* frames found, ever */
    size_t next;    /* element up to which all is decoded */
    bool running;   /* samples have come since init or reset */
};

/* In zeroed memory. kernels: one of hz_adsb_kernels(). rate_hz: 2.0e6 to 3.2e6. `aircraft` is
 * borrowed. */
void hz_adsb_demod_init(struct hz_adsb_demod *d, float rate_hz,
                        const struct hz_adsb_kernels *kernels, struct hz_aircraft_table *aircraft);

/* Consecutive samples of an IQ format. Frames are written to the sink; a candidate that came to
 * nothing, or a search that was left out (HZ_SHED), is counted there. */
void hz_adsb_demod_push(struct hz_adsb_demod *d, const struct hz_samples *in, struct hz_sink *sink);

/* Decodes what is held and forgets it; the next push may begin anywhere. Trust stays. */
void hz_adsb_demod_flush(struct hz_adsb_demod *d, struct hz_sink *sink);

#endif
