/* Detector of VDL mode 2: D8PSK at 10,500 symbols a second, in transmissions of 8 to 540 ms.
 *
 * Signal model, metrics and estimates, in the order in which they are used: where a transmission
 * may begin (gate.h); its exact start and carrier, the phases of its symbols (symbols.h, behind the
 * filter of pulse.h); its length (bits.h); its octets (rows.h), judged by the check sequences of
 * the frames in them (frames.h). What is not decoded is tried with other likely lengths, and as a
 * transmission whose pulses are root raised cosines.
 *
 * Samples are HZ_CF32 at 42 kHz. The work is done in hops on the stream's own index, so the result
 * does not depend on how pushes are cut. A transmission is found 0.54 s after its first sample:
 * when the longest one is in memory. Memory is allocated in init only. Pure; one thread at a time.
 */
#ifndef HZ_PROTO_VDL2_DETECT_H
#define HZ_PROTO_VDL2_DETECT_H

#include "dsp/hops.h"
#include "proto/acars/join.h"
#include "proto/out/sink.h"
#include "proto/vdl2/frames.h"
#include "proto/vdl2/rows.h"

struct hz_vdl2_detect {
    struct hz_hops hops;
    uint64_t after; /* a start before this is inside a transmission already decoded */
    long credit;    /* work allowed now, in symbols and tried words */
    struct hz_rs rs;
    struct hz_vdl2_pulse pulse[2];  /* for the raised cosine, and for its root */
    float *mixed;                   /* owned: the transmission, its carrier at 0 Hz */
    struct hz_vdl2_symbols symbols; /* of the transmission at hand */
    struct hz_vdl2_rows rows;
    struct hz_vdl2_frames frames;
    struct hz_acars_join join;
    uint8_t white[HZ_VDL2_BITS_SENT], bit[HZ_VDL2_BITS_SENT];
};

/* 0, or -ENOMEM; zeroed before. */
int hz_vdl2_detect_init(struct hz_vdl2_detect *d);
void hz_vdl2_detect_done(struct hz_vdl2_detect *d);

/* Samples that continue those before. Messages are written to the sink; candidates without a
 * message are counted there. */
void hz_vdl2_detect_push(struct hz_vdl2_detect *d, const struct hz_samples *samples,
                         struct hz_sink *sink);

/* Decodes what is held, then forgets it: the end of the stream, or a break in it. */
void hz_vdl2_detect_flush(struct hz_vdl2_detect *d, struct hz_sink *sink);

#endif
