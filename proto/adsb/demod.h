/* Mode S demodulator: from IQ samples to verified frames.
 *
 * Signal model (ICAO Annex 10, volume IV, 3.1.2.2):
 *     x(t) = A e^(j (omega t + phi)) sum over k of s_k p(t - t0 - k Tc) + other bursts + noise,
 * with half-chips of Tc = 0.5 us. s_k is 1 where half-chip k holds a pulse: 0, 2, 7 and 9 (the
 * preamble), then from 16 on one of each pair of half-chips (a bit: first half 1, second half 0).
 * p is the rectangular pulse behind the filter of the receiver. The carrier is within 1 MHz of 1090
 * MHz, and its phase may wander.
 *
 * A candidate goes through stages of rising cost:
 *   envelope  samples as int16 planes, their magnitudes, DC and noise
 *   gate      metric: pulse against gap magnitudes; estimate: where a burst may begin
 *   fine      metric: matched-filter energies; estimate: t0 within 1/5 or 1/6 of a sample, omega
 *   soft      metric: squared error of the modelled burst; estimate: most likely bits,
 * reliabilities repair    the cheapest set of bits to flip so that the parity is right judge
 * parity, and trust in addresses that were received before burst     runs these stages for one
 * candidate cancel    subtracts a decoded burst, so that what it covered is searched again headless
 * bursts without a preamble, found by a known address credit    bounds the work of the costly
 * stages
 *
 * Pure. One thread at a time; the memory is the caller's. The same samples give the same frames,
 * however they are cut into pushes. */
#ifndef HZ_PROTO_ADSB_DEMOD_H
#define HZ_PROTO_ADSB_DEMOD_H

#include "proto/adsb/cancel.h"
#include "proto/adsb/describe.h"
#include "proto/adsb/headless.h"

enum { HZ_ADSB_AGAIN = 64, HZ_ADSB_RECENT = 16 };

/* A decoded frame, to recognise it when its remainder after cancellation is decoded again. */
struct hz_adsb_recent {
    int64_t sample;
    uint8_t byte[HZ_MODES_LONG_BYTES];
};

struct hz_adsb_demod {
    struct hz_adsb_shape shape;   /* constant after init */
    struct hz_adsb_cancel cancel; /* constant after init */
    struct hz_adsb_gate gate;
    struct hz_adsb_judge judge;
    struct hz_aircraft_table *aircraft; /* borrowed: what messages are described with */
    struct hz_adsb_credit credit;
    struct hz_adsb_envelope envelope;
    struct hz_adsb_burst burst;                   /* the present candidate */
    struct hz_adsb_stretch again[HZ_ADSB_AGAIN];  /* places to search again after cancellation */
    size_t agains;                                /* their number */
    struct hz_adsb_recent recent[HZ_ADSB_RECENT]; /* a ring of the last frames */
    size_t recents;                               /* frames decoded so far */
    size_t next;                                  /* element up to which everything is decoded */
    bool running;                                 /* samples were pushed since init or flush */
};

/* In zeroed memory. kernels: one of hz_adsb_kernels(). rate_hz: 2.0e6 to 3.2e6. `aircraft` is
 * borrowed and must outlive the demodulator. */
void hz_adsb_demod_init(struct hz_adsb_demod *d, float rate_hz,
                        const struct hz_adsb_kernels *kernels, struct hz_aircraft_table *aircraft);

/* Processes consecutive samples of an IQ format. Frames are written to the sink. Each candidate
 * that was rejected, and each search that the credit did not allow (HZ_SHED), is counted there. */
void hz_adsb_demod_push(struct hz_adsb_demod *d, const struct hz_samples *in, struct hz_sink *sink);

/* Decodes the samples in the buffer and forgets them; the next push may begin at any sample.
 * Trusted addresses are kept. */
void hz_adsb_demod_flush(struct hz_adsb_demod *d, struct hz_sink *sink);

#endif
