/* The symbols of a frame from the samples of a channel, given where its synchronisation was found.
 *
 * Two levels: the sequence detector of dsp/cpm.h, first with memory 0 (each bit noncoherent). Clock
 * and timing follow from the growth of its metric (dsp/cpm_line.h), then with carrier and deviation
 * from the detected bits (dsp/cpm_turns.h); memory 0.7 or 0.3 then uses the phase from bit to bit
 * too. The reading that overrules the least reliability in its codewords is taken.
 *
 * Four levels: the size of each symbol's sum at each of four tones.
 *
 * Audio of a discriminator: the mean over each symbol.
 *
 * Memory is allocated in init only. Pure; one thread at a time. */
#ifndef HZ_PROTO_FLEX_RECEIVE_H
#define HZ_PROTO_FLEX_RECEIVE_H

#include "dsp/cpm.h"
#include "proto/flex/frame.h"

enum { HZ_FLEX_RUN = HZ_FLEX_SYMBOLS + 4 };

struct hz_flex_receiver {
    const struct hz_bch *code; /* borrowed */
    struct hz_cpm *cpm[2];     /* owned: 1600 and 3200 baud */
    float *mixed;              /* owned: a frame, its carrier at 0 Hz */
    float *carrier;            /* owned: 2 HZ_FLEX_RUN */
    float *sure;               /* owned: HZ_FLEX_RUN */
    uint8_t *bits;             /* owned: HZ_FLEX_RUN */
    struct hz_flex_symbols symbols;
    struct hz_flex_soft soft;
    unsigned steps; /* symbols run through a detector so far: the work done */
};

/* 0, or -ENOMEM; zeroed before. */
int hz_flex_receiver_init(struct hz_flex_receiver *r, const struct hz_bch *code);
void hz_flex_receiver_done(struct hz_flex_receiver *r);

/* Reads the frame whose synchronisation begins start->at samples behind `hop`; iq begins with
 * sample `first`. HZ_FLEX_LEAD + 32 bits before it and HZ_FLEX_LONGEST from it on must be in
 * memory. False: it is none. */
bool hz_flex_receive(struct hz_flex_receiver *r, const float *iq, uint64_t first, uint64_t hop,
                     const struct hz_flex_start *start, struct hz_flex_frame *out);

/* Reads it from the audio of a discriminator, likewise. */
bool hz_flex_receive_audio(struct hz_flex_receiver *r, const float *audio, uint64_t first,
                           uint64_t hop, const struct hz_flex_start *start,
                           struct hz_flex_frame *out);

#endif
