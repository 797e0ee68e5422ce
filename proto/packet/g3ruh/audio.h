/* AX.25 frames out of audio that carries G3RUH's line levels themselves, as a discriminator gives
 * them: a few receivers, for audio as it is and without what lies over its band, with a slow and a
 * fast clock, which listen all the time.
 *
 * z is the audio summed up over a bit, of which the noise is then independent from bit to bit, over
 * its mean magnitude. A bit is blurred into its neighbours; with the levels b of +-1
 *     z(k) = dc + side b(k+1) + main b(k) + side b(k-1) + noise,
 * and the sequence of least squared noise is wanted. dc, main and side are learned from the best
 * survivor. Memory is in the struct; pure; one thread at a time. */
#ifndef HZ_PROTO_PACKET_G3RUH_AUDIO_H
#define HZ_PROTO_PACKET_G3RUH_AUDIO_H

#include "dsp/samples.h"
#include "proto/packet/ax25/audio.h"
#include "proto/packet/ax25/message.h"
#include "proto/packet/ax25/path.h"

enum {
    HZ_G3RUH_AUDIO_HZ = 48000,
    HZ_G3RUH_TAPS = 32,
    HZ_G3RUH_KEEP = 40, /* sums kept before a hop */
    HZ_G3RUH_FILTERS = 2,
    HZ_G3RUH_CLOCKS = 2,
    HZ_G3RUH_RECEIVERS = HZ_G3RUH_FILTERS * HZ_G3RUH_CLOCKS,
};

/* The running sum of filtered audio at instants first .. first + KEEP + HOP. */
struct hz_g3ruh_sums {
    float taps[HZ_G3RUH_TAPS];
    double sum[HZ_G3RUH_KEEP + HZ_AX25_AUDIO_HOP + 1];
    int64_t first;
};

struct hz_g3ruh_receiver {
    const struct hz_g3ruh_sums *sums; /* borrowed */
    struct hz_ax25_clock clock;
    double begin, middle; /* the sums where the next bit begins and half a bit before */
    float level;          /* mean magnitude of a bit's sum */
    float z;              /* of the last bit: its right neighbour is still to come */
    float dc, main, side; /* as above */
    float metric[HZ_AX25_STATES];
    float power[HZ_AX25_PATH_BITS], missed[HZ_AX25_PATH_BITS]; /* of each bit: z^2 and e^2, by
                                                                * the best survivor of then */
    double start[HZ_AX25_PATH_BITS];
    struct hz_ax25_path path;
    struct hz_ax25_frames frames;
    long credit;
};

struct hz_g3ruh_audio {
    float audio[HZ_G3RUH_TAPS + HZ_AX25_AUDIO_HOP];
    float median; /* of the hop before */
    struct hz_g3ruh_sums sums[HZ_G3RUH_FILTERS];
    struct hz_g3ruh_receiver receiver[HZ_G3RUH_RECEIVERS];
    struct hz_ax25_hop hop;
    struct hz_ax25_known known; /* frames written */
};

void hz_g3ruh_audio_init(struct hz_g3ruh_audio *a);

/* HZ_F32 samples at HZ_G3RUH_AUDIO_HZ, which continue those before. */
void hz_g3ruh_audio_push(struct hz_g3ruh_audio *a, const struct hz_samples *samples,
                         struct hz_sink *sink);

/* Decodes what is held, then forgets it. */
void hz_g3ruh_audio_flush(struct hz_g3ruh_audio *a, struct hz_sink *sink);

#endif
