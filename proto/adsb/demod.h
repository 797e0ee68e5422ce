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
#include "proto/adsb/headless.h"

/* What is told as it is found; pointers last for the call. */
struct hz_adsb_output {
    void *ctx;
    /* A frame, of that address, with the burst it came in. */
    void (*found)(void *ctx, const struct hz_burst *burst, uint32_t address);
    /* A candidate that came to nothing; HZ_SHED also for a search that was left out. */
    void (*refused)(void *ctx, enum hz_reason reason);
};

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

/* In zeroed memory. kernels: one of hz_adsb_kernels(). rate_hz: 2.0e6 to 3.2e6. */
void hz_adsb_demod_init(struct hz_adsb_demod *d, float rate_hz,
                        const struct hz_adsb_kernels *kernels);

/* Consecutive samples of an IQ format. */
void hz_adsb_demod_push(struct hz_adsb_demod *d, const struct hz_samples *in,
                        const struct hz_adsb_output *out);

/* Decodes what is held and forgets it; the next push may begin anywhere. Trust stays. */
void hz_adsb_demod_flush(struct hz_adsb_demod *d, const struct hz_adsb_output *out);

#endif
