/* The audio of a channel's discriminator, decoded beside its IQ. It finds the frames of
 * transmitters that differ from the IQ detector's model in more ways (tones under the packet, any
 * emphasis, clock, deviation), but needs some dB more. A frame that both find is written once, the
 * IQ's copy, which has the better levels: so a frame from audio is held until the IQ's detector has
 * passed its time.
 *
 * It runs only while the gate is open and a little around that. The channel's filter is the only
 * one before the discriminator: at carrier offsets of 3 kHz there is no room for a narrower one.
 * Pure; one thread at a time. */
#ifndef HZ_PROTO_PACKET_BELL202_BESIDE_H
#define HZ_PROTO_PACKET_BELL202_BESIDE_H

#include "dsp/fm.h"
#include "proto/packet/bell202/audio.h"
#include "proto/packet/bell202/gate.h"

enum {
    HZ_BELL202_BESIDE_BEFORE = 10, /* hops before the gate's opening that are decoded too */
    HZ_BELL202_BESIDE_HELD = 8     /* frames */
};

struct hz_bell202_beside {
    struct hz_bell202_audio audio;
    struct hz_fm fm;
    unsigned left;                      /* hops that are still to be decoded; 0: it is idle */
    uint64_t now;                       /* index after the last hop */
    const struct hz_bell202_gate *gate; /* borrowed */
    struct hz_bell202_held {
        struct hz_burst burst;
        uint8_t raw[HZ_AX25_FRAME_MAX];
        uint64_t due; /* index at which it is written; 0: the place is free */
    } held[HZ_BELL202_BESIDE_HELD];
    struct hz_ax25_known known; /* frames found by either path, those held included */
};

/* 0 or -ENOMEM. */
int hz_bell202_beside_init(struct hz_bell202_beside *b, const struct hz_bell202_gate *gate);
void hz_bell202_beside_done(struct hz_bell202_beside *b);

/* A stream begins. */
void hz_bell202_beside_begin(struct hz_bell202_beside *b);

/* The hop that the gate was just given, from sample iq of index `first`. HZ_BELL202_BESIDE_BEFORE
 * hops and one sample before it are in memory. Returns whether it was decoded. */
bool hz_bell202_beside_hop(struct hz_bell202_beside *b, const float *iq, uint64_t first,
                           struct hz_sink *sink);

/* Whether a frame that the IQ's detector found is to be written: false if the audio's copy was
 * written already. A copy that is still held is dropped. */
bool hz_bell202_beside_reports(struct hz_bell202_beside *b, const struct hz_burst *burst);

/* The stream has ended: what is held is written. */
void hz_bell202_beside_flush(struct hz_bell202_beside *b, struct hz_sink *sink);

#endif
