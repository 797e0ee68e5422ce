/* Detector of FLEX frames: FSK on two or four levels at 1600 or 3200 baud, in frames of 1.875 s.
 *
 * Signal model: y(t) = A exp(j (2 pi f_c t + 2 pi D int b(t) dt)) + noise with b = +-1, or +-1/3
 * too in modes of four levels; the deviation D mostly 4.8 kHz.
 *
 * Estimates, in this order: which frequencies may be tones (dsp/fsk_gate.h); place, mode, polarity
 * and carrier of a synchronisation (sync.h); the symbols of its frame with their reliabilities
 * (receive.h); codewords by soft decoding (proto/link/bch.h); pages from codewords (page.h);
 * messages from their fragments (join.h).
 *
 * Samples are HZ_CF32 at 24 kHz, the channel at 0 Hz, or HZ_F32, the audio of a discriminator at
 * that rate, of any level and either polarity. The work is done in hops on the stream's own index,
 * so the result does not depend on how pushes are cut. A page is found when its frame is in memory,
 * 2 s after the frame began. Work is counted in symbols run through a detector; each hop allows so
 * many, and the rest is shed. Memory is allocated in init only. Pure; one thread at a time. */
#ifndef HZ_PROTO_FLEX_DETECT_H
#define HZ_PROTO_FLEX_DETECT_H

#include "dsp/hops.h"
#include "proto/flex/join.h"
#include "proto/flex/options.h"
#include "proto/flex/receive.h"
#include "proto/out/sink.h"

struct hz_flex_detect {
    bool audio; /* the samples are audio of a discriminator */
    struct hz_flex_options options;
    struct hz_hops hops;
    uint64_t gauged;        /* index of the hop whose spectrum is taken next; ahead of hops.next */
    uint64_t settled, last; /* the stream is complete between these indices */
    double after;           /* a synchronisation that begins before is in a frame already read */
    int credit;             /* symbols that may be run; each hop adds some */
    struct hz_bch code;
    struct hz_fsk_gate gate;
    struct hz_flex_sync sync;
    struct hz_flex_receiver receiver;
    struct hz_flex_frame frame, other;
    /* The transmission: where its next frame is due, if `linked`. */
    bool linked;
    unsigned missed; /* frames in a row that were not received */
    double due;
    struct hz_flex_start like; /* the frame before */
    uint64_t frames;           /* frames of the stream, by time, up to the one being read */
    double first_frame;        /* sample of the first one; frames are counted from it */
    struct hz_flex_join join;
    struct hz_flex_message message;
};

/* 0, or -ENOMEM; zeroed before. */
int hz_flex_detect_init(struct hz_flex_detect *d, bool audio,
                        const struct hz_flex_options *options);
void hz_flex_detect_done(struct hz_flex_detect *d);

/* HZ_CF32 samples, or HZ_F32 of audio, that continue those before. Messages are written to the
 * sink; candidates that came to nothing are counted there. */
void hz_flex_detect_push(struct hz_flex_detect *d, const struct hz_samples *samples,
                         struct hz_sink *sink);

/* Decodes what is held, then forgets it: the end of the stream, or a break in it. */
void hz_flex_detect_flush(struct hz_flex_detect *d, struct hz_sink *sink);

#endif
