/* Detector of AX.25 frames in audio that carries Bell 202 tones, as an FM receiver's discriminator
 * gives it.
 *
 * Without IQ there is no carrier to decide on, and the audio may be bent by the receiver: so
 * several receivers (audio_ear.h, here called ears) listen in parallel, for the ways in which a
 * transmitter may be off, and to the audio as it is, with the upper tone raised, and with the lower
 * one raised. Frames that several of them find are written once. Memory is allocated in init only.
 * Pure; one thread at a time. */
#ifndef HZ_PROTO_PACKET_BELL202_AUDIO_H
#define HZ_PROTO_PACKET_BELL202_AUDIO_H

#include "dsp/samples.h"
#include "proto/packet/ax25/message.h"
#include "proto/packet/bell202/audio_ear.h"

/* Beside an IQ detector fewer ears and ways are needed: audio from our own discriminator has no
 * emphasis of a receiver, and some transmitters are decoded better from IQ. */
enum {
    HZ_BELL202_AUDIO_EARS = 14,
    HZ_BELL202_AUDIO_EARS_BESIDE = 9,
    HZ_BELL202_AUDIO_WAYS = 3, /* ways to undo a receiver's emphasis */
    HZ_BELL202_AUDIO_WAYS_BESIDE = 1,
    /* Samples of audio that copies of a frame are apart at most: the shortest frame, 17 bytes, is
     * longer. */
    HZ_BELL202_SAME = 17 * 8 * 20,
};

struct hz_bell202_audio {
    struct hz_bell202_audio_tables tables;
    struct hz_bell202_audio_sums sums[HZ_BELL202_AUDIO_WAYS];
    struct hz_bell202_audio_ear *ear; /* owned */
    unsigned ears, ways;              /* in use */
    struct hz_ax25_hop hop;
    struct hz_ax25_known known; /* frames written to the sink; unused beside an IQ detector */
};

/* `beside` receives the frames, with `ctx`, where an IQ detector decodes the same channel; then
 * only HZ_SHED is counted in the sink, because that detector counts the rest. NULL: frames are
 * written to the sink. *a is zeroed before. 0 or -ENOMEM. */
int hz_bell202_audio_init(struct hz_bell202_audio *a, hz_ax25_found *beside, void *ctx);
void hz_bell202_audio_done(struct hz_bell202_audio *a);

/* HZ_F32 samples at HZ_BELL202_AUDIO_IN_HZ that continue those before. */
void hz_bell202_audio_push(struct hz_bell202_audio *a, const struct hz_samples *samples,
                           struct hz_sink *sink);

/* Decodes what is held, then forgets it: the end of the stream, or a break in it. */
void hz_bell202_audio_flush(struct hz_bell202_audio *a, struct hz_sink *sink);

/* Forgets what is held: the next samples begin a stream. */
void hz_bell202_audio_forget(struct hz_bell202_audio *a);

/* The burst of a frame that one of its ears found, without levels; the frame's bytes are borrowed.
 */
struct hz_burst hz_bell202_audio_burst(const struct hz_bell202_audio *a,
                                       const struct hz_ax25_frame *frame);

#endif
