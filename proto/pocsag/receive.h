/* One batch from the samples of a channel, given where it begins and roughly where its tones are.
 *
 * Metric: that of the sequence detector of dsp/cpm.h, first with memory 0 (each bit noncoherent).
 * Where that leaves doubts, carrier, deviation and clock are estimated from the detected bits
 * (turns.h), and memory 0.4 then uses the phase from bit to bit too.
 *
 * The first batch of a transmission that leaves doubts, and a later one of a clear transmission, is
 * read in more ways: with the clock that the growth of the metric shows (dsp/cpm_line.h), and with
 * softer bits. The reading that overrules the least reliability in its codewords (word.h) is taken.
 * What was measured is kept for the batches after it.
 *
 * Memory is allocated in init only. Pure; one thread at a time. */
#ifndef HZ_PROTO_POCSAG_RECEIVE_H
#define HZ_PROTO_POCSAG_RECEIVE_H

#include "dsp/cpm.h"
#include "proto/pocsag/batch.h"
#include "proto/pocsag/sync.h"

enum {
    HZ_POCSAG_RUN_BITS = HZ_POCSAG_BATCH_BITS + 2, /* two more bits for the end of the last one */
    HZ_POCSAG_LEAD = 64,                           /* samples used around a batch */
    HZ_POCSAG_LONGEST = 25600 + 2 * HZ_POCSAG_LEAD + 400, /* samples: 546 slow bits at 512 baud */
};

/* State of a transmission. */
struct hz_pocsag_line {
    unsigned baud;                /* index into hz_pocsag_baud */
    bool inverted;                /* 1 is the higher tone */
    double at;                    /* sample at which the next batch's sync word begins */
    double freq_hz, deviation_hz; /* freq_hz as the next batch begins */
    double drift_hz_s;
    double clock; /* length of a bit over the nominal one */
    float signal; /* power */
    bool soft;    /* its bits have soft edges */
    bool clear;  /* its first batch left no doubts, so a batch with doubts is read in a wrong way */
    bool steady; /* carrier, deviation and clock were measured */
};

struct hz_pocsag_receiver {
    const struct hz_bch *code;           /* borrowed */
    struct hz_cpm *cpm[HZ_POCSAG_BAUDS]; /* owned */
    struct hz_pocsag_shape {
        double h, bit;
        bool soft;
    } shape[HZ_POCSAG_BAUDS]; /* that they are made for now */
    struct hz_cpm_pulse pulse[HZ_POCSAG_BAUDS], soft_pulse;
    struct hz_pocsag_narrow narrow;
    float *filtered; /* owned: a batch out of the narrow channel */
    float *mixed;    /* owned: a batch, its carrier at 0 Hz */
    float carrier[2 * HZ_POCSAG_RUN_BITS];
    uint8_t bits[HZ_POCSAG_RUN_BITS];
    float sure[HZ_POCSAG_RUN_BITS];
    struct hz_pocsag_soft soft;
    unsigned steps; /* bits run through the detector so far: the work done */
};

/* Moves the line on to the batch after the next one: position and carrier. */
void hz_pocsag_line_on(struct hz_pocsag_line *line);

/* 0, or -ENOMEM; zeroed before. */
int hz_pocsag_receiver_init(struct hz_pocsag_receiver *r, const struct hz_bch *code);
void hz_pocsag_receiver_done(struct hz_pocsag_receiver *r);

/* Reads the batch at line->at from iq, whose first sample has the index `first`. HZ_POCSAG_LEAD +
 * HZ_POCSAG_NARROW_HALF samples before the batch and HZ_POCSAG_LONGEST from its beginning must be
 * in memory. True: it is a batch; line is updated, its `at` to the next batch. */
bool hz_pocsag_receive(struct hz_pocsag_receiver *r, const float *iq, uint64_t first,
                       struct hz_pocsag_line *line, struct hz_pocsag_batch *out);

/* Reads the batch from the audio of a discriminator, likewise. */
bool hz_pocsag_receive_audio(struct hz_pocsag_receiver *r, const float *audio, uint64_t first,
                             struct hz_pocsag_line *line, struct hz_pocsag_batch *out);

#endif
