/* Detector of AX.25 frames in audio that carries G3RUH's line levels, as an FM receiver's
 * discriminator gives them. Four receivers listen all the time: to the audio as it is and
 * low-passed, with a slow and a fast clock.
 *
 * Signal model: z(k) is the audio summed over bit k, divided by the mean magnitude of such sums.
 * The noise of z is independent from bit to bit, and each bit is blurred into its neighbours; with
 * the levels b = +-1
 *     z(k) = dc + side b(k+1) + main b(k) + side b(k-1) + noise.
 *
 * Metric: minus the squared noise, summed over bits; the sequence of largest metric is found with
 * the Viterbi algorithm over the last three levels (G. D. Forney, IEEE Trans. Inf. Theory 18,
 * 1972).
 *
 * Estimates: dc, main and side by steepest descent on the error of the best survivor; the clock
 * from the sums around changes of level.
 *
 * Memory is in the struct. Pure; one thread at a time. */
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
    float z;              /* z of the last bit, whose right neighbour is still to come */
    float dc, main, side; /* of the signal model */
    float metric[HZ_AX25_STATES];
    float power[HZ_AX25_PATH_BITS],
        missed[HZ_AX25_PATH_BITS]; /* of each bit: z^2 and the squared error of the best survivor at
                                      that time */
    double start[HZ_AX25_PATH_BITS];
    struct hz_ax25_path path;
    struct hz_ax25_frames frames;
    long credit;
};

struct hz_g3ruh_audio {
    float audio[HZ_G3RUH_TAPS + HZ_AX25_AUDIO_HOP];
    float median; /* median magnitude of the hop before */
    struct hz_g3ruh_sums sums[HZ_G3RUH_FILTERS];
    struct hz_g3ruh_receiver receiver[HZ_G3RUH_RECEIVERS];
    struct hz_ax25_hop hop;
    struct hz_ax25_known known; /* frames written */
};

void hz_g3ruh_audio_init(struct hz_g3ruh_audio *a);

/* HZ_F32 samples at HZ_G3RUH_AUDIO_HZ that continue those before. */
void hz_g3ruh_audio_push(struct hz_g3ruh_audio *a, const struct hz_samples *samples,
                         struct hz_sink *sink);

/* Decodes what is held, then forgets it: the end of the stream, or a break in it. */
void hz_g3ruh_audio_flush(struct hz_g3ruh_audio *a, struct hz_sink *sink);

#endif
