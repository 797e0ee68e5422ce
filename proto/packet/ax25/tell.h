/* From a detector's frames to messages, for every modem of AX.25: described and written to the
 * sink. Where the detectors of several gains listen to one audio, what more than one of them finds
 * is told once. Pure; one thread at a time. */
#ifndef HZ_PROTO_PACKET_AX25_TELL_H
#define HZ_PROTO_PACKET_AX25_TELL_H

#include "proto/out/sink.h"

/* Whom a detector tells; both may be called from its push and from its flush. */
struct hz_ax25_out {
    void *ctx;
    /* A message: burst->raw is the frame without its check sequence, valid during the call. */
    void (*found)(void *ctx, const struct hz_burst *burst);
    /* What looked like a transmission or a frame and gave none. */
    void (*refused)(void *ctx, enum hz_reason reason);
};

enum { HZ_AX25_TOLD = 16 }; /* frames of one gain that another may find too */

/* What was found in audio of late; zeroed at the start. */
struct hz_ax25_told {
    struct {
        uint64_t sample;
        uint16_t crc;
        bool taken;
    } frame[HZ_AX25_TOLD]; /* a ring */
    unsigned at;
};

struct hz_ax25_teller {
    struct hz_sink *sink;
    struct hz_ax25_told *told; /* NULL: it is IQ, and levels mean something */
    unsigned same; /* samples that copies of one frame are apart at most; less than it lasts */
};

/* Tells through t, which is borrowed. */
struct hz_ax25_out hz_ax25_tell(struct hz_ax25_teller *t);

#endif
