/* AX.25 frames in the line levels of a modem: descrambled by x^17 + x^12 + 1 for G3RUH's, NRZI,
 * HDLC. Levels come in chunks, with the error events of the detector.
 *
 * A frame whose check sequence fails is repaired: the events are alternative decisions of the
 * detector, each with a cost, which is the metric that it lacks. Combinations of them are tried in
 * the order of their total cost (dsp/crclist.h) until the check sequence is right; the result must
 * then look like AX.25, since a check of 16 bits passes one wrong frame in 65,536.
 *
 * Reference: AX.25 Link Access Protocol 2.2, 1998; HDLC: ISO/IEC 13239; list decoding with a check
 * sequence: N. Seshadri and C.-E. Sundberg, IEEE Trans. Commun. 42, 1994.
 *
 * Pure; one thread at a time. */
#ifndef HZ_PROTO_PACKET_AX25_FRAMES_H
#define HZ_PROTO_PACKET_AX25_FRAMES_H

#include "dsp/cpm.h"
#include "proto/link/hdlc.h"
#include "proto/out/sink.h"
#include "proto/packet/ax25/frame.h"

enum {
    HZ_AX25_CHUNK = 256,                   /* levels */
    HZ_AX25_EVENTS = 24,                   /* of a chunk */
    HZ_AX25_PART = 32,                     /* levels of a part, whose power is known */
    HZ_AX25_BYTES = HZ_AX25_FRAME_MAX + 2, /* of a frame with its check sequence */
    /* The longest frame that is repaired, with its check sequence: ten addresses, control, protocol
       and the 256 bytes of AX.25's default, and half as many again. Longer frames must be received
       without errors, since levels are remembered only for so long. */
    HZ_AX25_REPAIRED = 402,
    HZ_AX25_STRETCH = HZ_AX25_REPAIRED * 8 * 6 / 5 + 64, /* bits from flag to flag, all stuffed */
    HZ_AX25_LEVELS = 2 * HZ_AX25_STRETCH + HZ_AX25_CHUNK,
    HZ_AX25_CHUNKS = HZ_AX25_LEVELS / HZ_AX25_CHUNK + 2,
    HZ_AX25_FLAGS = 3 /* flags remembered: a damaged frame may hold false ones */
};

/* The next levels, as a detector decided them. */
struct hz_ax25_chunk {
    uint8_t level[HZ_AX25_CHUNK];
    struct hz_cpm_event event[HZ_AX25_EVENTS]; /* `last` counted from level[0] */
    size_t events;
    double start, freq; /* sample of level[0]; cycles per sample, in the middle */
    float signal;       /* power */
    float noise;        /* power, in the sample rate */
    float part[HZ_AX25_CHUNK / HZ_AX25_PART]; /* signal power in each part */
};

/* A frame of which the check sequence is right. */
struct hz_ax25_frame {
    const uint8_t *bytes;
    size_t len;          /* without check sequence */
    int fixed;           /* levels changed */
    double start, end;   /* samples: its opening flag begins, its closing flag ends */
    double freq;         /* cycles per sample */
    float signal, noise; /* power; noise in the sample rate */
};

/* Called for each frame, from push and end; frame->bytes is valid during the call. */
typedef void hz_ax25_found(void *ctx, const struct hz_ax25_frame *frame, struct hz_sink *sink);

/* What a frame reader needs to know of its modem. */
struct hz_ax25_frames_setup {
    unsigned bit_samples; /* of a level */
    bool scrambled;
    bool only_shed; /* of refusals only HZ_SHED is counted, because another receiver counts the rest
                     */
    hz_ax25_found *found;
    void *ctx; /* borrowed */
};

/* What is kept of a chunk that was pushed. */
struct hz_ax25_past {
    double start, freq;
    float signal, noise;
    float part[HZ_AX25_CHUNK / HZ_AX25_PART];
    struct hz_cpm_event event[HZ_AX25_EVENTS];
    size_t events;
};

struct hz_ax25_frames {
    struct hz_ax25_frames_setup setup;
    uint8_t level[HZ_AX25_LEVELS];
    struct hz_ax25_past past[HZ_AX25_CHUNKS]; /* the first is that of level[0] */
    size_t n;                                 /* levels held: whole chunks */
    size_t flag[HZ_AX25_FLAGS];               /* where the last flags end, newest last */
    size_t flags;
    size_t proof; /* levels since the last proof: two flags in a row, a frame, or a long unfinished
                     one */
    bool proven;  /* there were two flags in a row, or a frame */
    struct hz_hdlc hdlc; /* reads the unfinished frame */
    uint8_t bytes[HZ_AX25_BYTES];
    size_t open;     /* level after its opening flag; 0: that is no longer held */
    double opened;   /* sample at which that flag began */
    unsigned zeros;  /* zero bits in a row, up to now */
    unsigned before; /* zero bits in a row before the latest ones */
    bool expected;   /* a frame is expected: its opening flag followed a preamble, or closed a right
                        or long frame */
    uint8_t trial[HZ_AX25_STRETCH + 64], trial_bit[HZ_AX25_STRETCH + 64];
    uint8_t repaired[HZ_AX25_REPAIRED];
};

/* *setup is copied. */
void hz_ax25_frames_init(struct hz_ax25_frames *f, const struct hz_ax25_frames_setup *setup);

/* A transmission begins. */
void hz_ax25_frames_begin(struct hz_ax25_frames *f);

/* The next chunk. *credit is what may be spent on repairs, in bit steps, and is reduced. Failed
 * candidates are counted in the sink. */
void hz_ax25_frames_push(struct hz_ax25_frames *f, const struct hz_ax25_chunk *chunk, long *credit,
                         struct hz_sink *sink);

/* The transmission has ended. */
void hz_ax25_frames_end(struct hz_ax25_frames *f, long *credit, struct hz_sink *sink);

#endif
