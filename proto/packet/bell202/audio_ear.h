/* One receiver of Bell 202 tones in audio. It listens all the time; its clock and its tones follow
 * a transmission, and return to their expected values while there is none.
 *
 * Signal model: in a bit with tone b the analytic audio is A exp(j (psi + w_b t)) + noise; the
 * tones are continuous in phase.
 *
 * Metric: with z_b the matched sum of tone b over the bit, a survivor whose phase reference is v
 * gets
 *     m' = m + |a v + z_b| - |a v|,  v' = (a v + z_b) exp(j w_b T),
 * the sequence detector of dsp/cpm.h for two frequencies with square pulses.
 *
 * Estimates: the bit clock, from the instants at which both tones are equal in a window around a
 * change; the error of each tone's frequency, from the phase of the best survivor, so that it may
 * be off by far more than what blurs its sum over a bit. A receiver's emphasis makes one tone
 * stronger: the upper one is multiplied by a constant that undoes it.
 *
 * Memory is in the struct. Pure; one thread at a time. */
#ifndef HZ_PROTO_PACKET_BELL202_AUDIO_EAR_H
#define HZ_PROTO_PACKET_BELL202_AUDIO_EAR_H

#include "proto/packet/ax25/path.h"
#include "proto/packet/bell202/audio_sums.h"

#include <stdbool.h>

/* What a receiver expects and how fast it adapts. Phase advances are in cycles per bit. */
struct hz_bell202_audio_expects {
    float upper;       /* gain of the upper tone */
    float memory;      /* a */
    double pull, push; /* of the clock: struct hz_ax25_clock */
    double follow;     /* of the tones: cycles for a bit whose phase is off by a quarter */
    double fall;       /* Fraction of the errors of clock and tones that is given up in each bit */
    double bit;        /* length in nominal bits */
    double cycles[2];  /* phase advance of either tone less its nominal one */
};

struct hz_bell202_audio_ear {
    const struct hz_bell202_audio_expects *expects; /* borrowed */
    const struct hz_bell202_audio_sums *sums;       /* borrowed */
    struct hz_ax25_clock clock;
    struct hz_bell202_audio_sum begin;  /* the sums where the next bit begins */
    struct hz_bell202_audio_sum middle; /* the sums half a bit before that */
    double cycles[2];                   /* phase advance of either tone less its nominal one */
    unsigned best;                      /* the state of the largest metric */
    float metric[HZ_AX25_STATES], re[HZ_AX25_STATES],
        im[HZ_AX25_STATES];     /* m, and v of the state */
    float size[HZ_AX25_STATES]; /* |v| */
    float z[HZ_AX25_PATH_BITS]
           [4]; /* matched sums of both tones for each bit on the path: re, im, re, im */
    float went[HZ_AX25_PATH_BITS][2]; /* cycles of either tone in it */
    double start[HZ_AX25_PATH_BITS];
    struct hz_ax25_path path;
    struct hz_ax25_frames frames;
    long credit;
};

/* To be called once, before anything else. `only_shed`, `found` and `ctx` are those of
 * hz_ax25_frames_setup. */
void hz_bell202_audio_ear_init(struct hz_bell202_audio_ear *e,
                               const struct hz_bell202_audio_expects *expects,
                               const struct hz_bell202_audio_sums *sums, bool only_shed,
                               hz_ax25_found *found, void *ctx);

/* A stream begins. */
void hz_bell202_audio_ear_begin(struct hz_bell202_audio_ear *e);

/* Decides all bits whose sums have come. */
void hz_bell202_audio_ear_listen(struct hz_bell202_audio_ear *e, struct hz_sink *sink);

/* The instant at which the first bit begins that is not decided for good. */
double hz_bell202_audio_ear_decided(const struct hz_bell202_audio_ear *e);

/* The stream has ended. */
void hz_bell202_audio_ear_end(struct hz_bell202_audio_ear *e, struct hz_sink *sink);

#endif
