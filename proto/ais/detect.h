/* Detector of AIS messages: GMSK at 9600 bit/s in bursts of one to five slots of 26.67 ms, HDLC
 * frames.
 *
 * Signal model: y(t) = A(t) exp(j (2 pi (f t + d t^2 / 2) + phi(t; b))) + noise with the modulation
 * phi of dsp/cpm.h, h = 0.5 and BT = 0.4; A(t) fades; f is the carrier and d its drift.
 *
 * Metric: that of dsp/cpm.h over the whole burst, its amplitude evened out first (even.h).
 *
 * Estimates, in this order: where a training sequence may have ended (gate.h); the exact start,
 * carrier and level (sync.h); the bits of the burst with their error events; if its check sequence
 * fails, frequency and drift from the decided bits for a second run, a list of error events
 * (dsp/crclist.h), and a transmitter that differs from the standard (transmitter.h).
 *
 * Reference: ITU-R M.1371-5, annex 2.
 *
 * Samples are HZ_CF32 at 48 kHz, the channel at 0 Hz. The work is done in hops on the stream's own
 * index, so the result does not depend on how pushes are cut. A message of one slot is found
 * 1 to 3 ms after its end, a longer one within 10 ms; in the first 0.2 s of a stream later. Memory
 * is allocated in init only. Pure; one thread at a time. */
#ifndef HZ_PROTO_AIS_DETECT_H
#define HZ_PROTO_AIS_DETECT_H

#include "dsp/hops.h"
#include "proto/ais/describe.h"
#include "proto/ais/gate.h"
#include "proto/ais/known.h"
#include "proto/ais/quiet.h"
#include "proto/ais/sizes.h"
#include "proto/ais/sync.h"
#include "proto/ais/transmitter.h"
#include "proto/out/sink.h"

enum {
    HZ_AIS_BEFORE = 256,                /* samples before a hop that its peaks may need */
    HZ_AIS_PEAKS = HZ_AIS_HOP / 40 + 1, /* of the gate in a hop, at most */
};

/* What was done of a burst that waits for samples, of which the decoder (cpm) holds the rest. */
struct hz_ais_begun {
    size_t bits; /* to be run; 0: nothing was done */
    size_t even; /* samples that are evened out */
    float head;  /* strength and likeness after its flag */
};

struct hz_ais_detect {
    struct hz_cpm *cpm;             /* owned */
    struct hz_ais_matcher *matcher; /* owned */
    struct hz_hops hops;
    float *even;           /* owned: the burst at hand, its strength evened out */
    float *mixed;          /* owned: the same, its carrier at 0 Hz */
    uint64_t cleaned;      /* the DC is taken out of all before */
    uint64_t after;        /* training that ended before this belongs to a message already found */
    double failed;         /* where the last burst began that gave nothing */
    float failed_fraction; /* and how clear its start was */
    unsigned tries;        /* bursts that may be searched now; refilled with each hop */
    unsigned matches;      /* and that may be held against other transmitters, in tenths */
    uint64_t end;          /* of the stream, when that is known */
    struct hz_ais_peak peaks[HZ_AIS_PEAKS]; /* of the hop at hand, once the gate has seen it */
    size_t n_peaks, peaks_seen;
    bool gated;
    bool waits; /* for samples of the burst at `start`, that of the next peak */
    struct hz_ais_start start;
    struct hz_ais_begun begun;
    struct hz_ais_quiet quiet;
    struct hz_ais_gate gate;
    struct hz_ais_sync sync;
    struct hz_ais_known known;
    float strength[HZ_AIS_LONGEST / HZ_AIS_BIT + 1]; /* amplitude of the burst, by bits */
    uint8_t level[HZ_AIS_BITS_MAX];                  /* the burst's levels */
    uint8_t bits[HZ_AIS_BITS_MAX];                   /* the bits after NRZI */
    uint8_t payload[HZ_AIS_PAYLOAD_MAX];
    struct hz_ais_state described; /* what messages remember of those before */
};

/* Of the channel at freq_hz. 0, or -ENOMEM; zeroed before. */
int hz_ais_detect_init(struct hz_ais_detect *d, double freq_hz);
void hz_ais_detect_done(struct hz_ais_detect *d);

/* HZ_CF32 samples that continue those before. Messages are written to the sink; candidates without
 * a message are counted there. */
void hz_ais_detect_push(struct hz_ais_detect *d, const struct hz_samples *samples,
                        struct hz_sink *sink);

/* Decodes what is held, then forgets it: the end of the stream, or a break in it. The stations
 * heard are remembered. */
void hz_ais_detect_flush(struct hz_ais_detect *d, struct hz_sink *sink);

#endif
