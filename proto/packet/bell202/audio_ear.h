/* One receiver of Bell 202 tones in audio: it listens all the time, with a clock and tones that
 * follow a transmission and fall back, while there is none, to what it expects.
 *
 * In a bit with tone b the audio is A exp(j (psi + w_b t)), the tones being continuous in phase.
 * With z_b the matched sum of that tone a survivor that expects the phase v adds
 *     m += |a v + z_b| - |a v|,  v = (a v + z_b) exp(j w_b T),
 * which is the sequence detector of dsp/cpm.h for two square frequencies. The bit clock follows
 * the instants at which both tones are equal in a window around a change; each tone's error
 * follows the survivor's phase, so that it may be off by far more than what blurs its sum over a
 * bit. Emphasis makes one tone stronger: an ear multiplies the upper one by what undoes that.
 * Memory is in the struct; pure; one thread at a time. */
#ifndef HZ_PROTO_PACKET_BELL202_AUDIO_EAR_H
#define HZ_PROTO_PACKET_BELL202_AUDIO_EAR_H

#include "proto/packet/ax25/path.h"
#include "proto/packet/bell202/audio_sums.h"

#include <stdbool.h>

/* What an ear expects, and how it follows what it hears. Turns are of a tone's phase in a bit. */
struct hz_bell202_audio_expects {
    float upper;       /* what the upper tone is multiplied by */
    float memory;      /* a */
    double pull, push; /* of the clock: hz_ax25_clock */
    double follow;     /* of the tones: cycles for a bit whose phase is off by a quarter */
    double fall;       /* of what clock and tones are off, given up in each bit */
    double bit;        /* of a nominal bit */
    double cycles[2];  /* of either tone besides its nominal ones */
};

struct hz_bell202_audio_ear {
    const struct hz_bell202_audio_expects *expects; /* borrowed */
    const struct hz_bell202_audio_sums *sums;       /* borrowed */
    struct hz_ax25_clock clock;
    struct hz_bell202_audio_sum begin;  /* the sums where the next bit begins */
    struct hz_bell202_audio_sum middle; /* and half a bit before */
    double cycles[2];                   /* of either tone in a bit, besides its nominal ones */
    unsigned best;                      /* state */
    float metric[HZ_AX25_STATES], re[HZ_AX25_STATES], im[HZ_AX25_STATES]; /* m, v */
    float size[HZ_AX25_STATES];                                           /* |v| */
    float z[HZ_AX25_PATH_BITS][4];    /* of each bit on the path: both tones */
    float went[HZ_AX25_PATH_BITS][2]; /* cycles of either tone in it */
    double start[HZ_AX25_PATH_BITS];
    struct hz_ax25_path path;
    struct hz_ax25_frames frames;
    long credit;
};

/* Once, before anything else; frames and credit are then ready. `only_shed`, `found` and `ctx` are
 * those of hz_ax25_frames_setup. */
void hz_bell202_audio_ear_init(struct hz_bell202_audio_ear *e,
                               const struct hz_bell202_audio_expects *expects,
                               const struct hz_bell202_audio_sums *sums, bool only_shed,
                               hz_ax25_found *found, void *ctx);

/* A stream begins. */
void hz_bell202_audio_ear_begin(struct hz_bell202_audio_ear *e);

/* All bits whose sums are there by now. */
void hz_bell202_audio_ear_listen(struct hz_bell202_audio_ear *e, struct hz_sink *sink);

/* The stream has ended. */
void hz_bell202_audio_ear_end(struct hz_bell202_audio_ear *e, struct hz_sink *sink);

#endif
