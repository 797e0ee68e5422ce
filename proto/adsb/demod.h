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
 * It fills a list of what it found; the ledger (proto/adsb/ledger.h) makes messages of it. A stream
 * may be heard by one demodulator, or in turns by several, each of which begins a turn with what it
 * knows from its last one: noise, DC, credit and trusted addresses.
 *
 * Pure. One thread at a time; the memory is the caller's. The same samples give the same frames,
 * however they are cut. */
#ifndef HZ_PROTO_ADSB_DEMOD_H
#define HZ_PROTO_ADSB_DEMOD_H

#include "proto/adsb/cancel.h"
#include "proto/adsb/headless.h"
#include "proto/adsb/recent.h"

enum {
    HZ_ADSB_AGAIN = 64,
    HZ_ADSB_FOUND = 1024, /* in 54 ms at most 850 short frames follow each other */
    /* Samples that a turn and the one before it have in common. The bursts that begin in the last
     * HZ_ADSB_AHEAD samples of a turn are those of the next one, which hears them to their end. */
    HZ_ADSB_OVERLAP = HZ_ADSB_BEFORE + HZ_ADSB_AHEAD,
};

struct hz_adsb_demod {
    struct hz_adsb_shape shape;   /* constant after init */
    struct hz_adsb_cancel cancel; /* constant after init */
    struct hz_adsb_gate gate;
    struct hz_adsb_judge judge;
    struct hz_adsb_credit credit;
    struct hz_adsb_envelope envelope;
    struct hz_adsb_burst burst;                  /* the present candidate */
    struct hz_adsb_stretch again[HZ_ADSB_AGAIN]; /* places to search again after cancellation */
    size_t agains;                               /* their number */
    struct hz_adsb_recent recent;                /* frames since the samples began */
    size_t next;                                 /* element up to which everything is decoded */
    bool running;                                /* it was given samples since it began or ended */
    int64_t own; /* bursts before this sample were most likely found in the turn before */
    /* What came of the samples. The caller takes it and empties it. */
    struct hz_adsb_found found[HZ_ADSB_FOUND];
    size_t founds;
    uint64_t refused[HZ_REASONS]; /* candidates, by reason */
    uint32_t blocks;              /* that were searched */
};

/* In zeroed memory. kernels: one of hz_adsb_kernels(). rate_hz: 2.0e6 to 3.2e6. hold: blocks for
 * which an address stays trusted. */
void hz_adsb_demod_init(struct hz_adsb_demod *d, float rate_hz,
                        const struct hz_adsb_kernels *kernels, uint32_t hold);

/* The next samples begin a turn within a stream: the first HZ_ADSB_OVERLAP of them are the last
 * ones of the turn before. */
void hz_adsb_demod_begin_turn(struct hz_adsb_demod *d, uint64_t first);

/* Takes consecutive samples of an IQ format, of *in from number `from` on; the first ones may have
 * any index. Searches a block when it is complete, and returns then: how many were taken. */
size_t hz_adsb_demod_take(struct hz_adsb_demod *d, const struct hz_samples *in, size_t from);

/* Searches what is left of a turn that another one follows. */
void hz_adsb_demod_end_turn(struct hz_adsb_demod *d);

/* Searches all samples that were taken and forgets them; the next ones may begin anywhere. Trusted
 * addresses are kept. */
void hz_adsb_demod_flush(struct hz_adsb_demod *d);

#endif
