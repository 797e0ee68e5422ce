/* AX.25 frames in the line levels of G3RUH's modem (descrambled by x^17 + x^12 + 1, NRZI, HDLC),
 * with repair of damaged ones by the detector's error events. Pure; one thread at a time. */
#ifndef HZ_PROTO_AX25_9600_FRAMES_H
#define HZ_PROTO_AX25_9600_FRAMES_H

#include "proto/ax25/frame.h"
#include "proto/ax25_9600/track.h"
#include "proto/sink.h"

enum {
    HZ_G3RUH_BYTES = HZ_AX25_FRAME_MAX + 2,             /* of a frame with its check sequence */
    HZ_G3RUH_STRETCH = HZ_G3RUH_BYTES * 8 * 6 / 5 + 64, /* bits from flag to flag, all stuffed */
    HZ_G3RUH_LEVELS = 2 * HZ_G3RUH_STRETCH + HZ_G3RUH_CHUNK,
    HZ_G3RUH_CHUNKS = HZ_G3RUH_LEVELS / HZ_G3RUH_CHUNK + 2,
    HZ_G3RUH_FLAGS = 3 /* flags remembered: a damaged frame may hold false ones */
};

/* A frame of which the check sequence is right. */
struct hz_g3ruh_frame {
    const uint8_t *bytes;
    size_t len;          /* without check sequence */
    int fixed;           /* levels changed */
    double start, end;   /* samples: its opening flag begins, its closing flag ends */
    double freq;         /* cycles per sample */
    float signal, noise; /* power; noise in 48 kHz */
};

struct hz_g3ruh_listener {
    void *ctx;
    void (*found)(void *ctx, const struct hz_g3ruh_frame *frame);
    void (*refused)(void *ctx, enum hz_reason reason);
};

/* What is kept of a chunk that was pushed. */
struct hz_g3ruh_past {
    double start, freq;
    float signal, noise;
    float part[HZ_G3RUH_CHUNK / HZ_G3RUH_PART];
    struct hz_cpm_event event[HZ_G3RUH_EVENTS];
    size_t events;
};

struct hz_g3ruh_frames {
    uint8_t level[HZ_G3RUH_LEVELS], bit[HZ_G3RUH_LEVELS];
    struct hz_g3ruh_past past[HZ_G3RUH_CHUNKS]; /* the first is that of level[0] */
    size_t n;                                   /* levels held: whole chunks */
    size_t seen;                                /* bits in which flags were looked for */
    size_t flag[HZ_G3RUH_FLAGS];                /* where the last flags end, newest last */
    size_t flags;
    size_t proof; /* levels since two flags in a row, or a frame */
    uint8_t trial[HZ_G3RUH_STRETCH + 64], trial_bit[HZ_G3RUH_STRETCH + 64];
    uint8_t bytes[HZ_G3RUH_BYTES];
};

/* A transmission begins. */
void hz_g3ruh_frames_begin(struct hz_g3ruh_frames *f);

/* The next chunk of it. *credit is what may be spent on repairs, in bit steps, and is reduced. */
void hz_g3ruh_frames_push(struct hz_g3ruh_frames *f, const struct hz_g3ruh_chunk *chunk,
                          long *credit, const struct hz_g3ruh_listener *out);

/* It has ended. */
void hz_g3ruh_frames_end(struct hz_g3ruh_frames *f, long *credit,
                         const struct hz_g3ruh_listener *out);

#endif
