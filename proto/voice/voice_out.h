/* The speech of a transmission on its way out: filtered to 16 kHz and handed to the sink in frames
 * of 100 ms, from the moment on that it is sure to be a transmission; what came before that is held
 * back until then. */
#ifndef HZ_PROTO_VOICE_VOICE_OUT_H
#define HZ_PROTO_VOICE_VOICE_OUT_H

#include "proto/out/sink.h"
#include "proto/voice/voice_audio.h"

enum { HZ_VOICE_OUT_FRAME = HZ_VOICE_AUDIO_RATE / 10, HZ_VOICE_OUT_HELD = HZ_VOICE_AUDIO_RATE };

struct hz_voice_out {
    struct hz_resample *filter; /* owned */
    double ratio;               /* samples in to one out */
    uint64_t first;             /* of the transmission */
    uint64_t written;           /* samples of audio given to the sink, or dropped */
    int16_t held[HZ_VOICE_OUT_HELD];
    size_t n;
};

/* For demodulated samples at rate_hz, of which `gain` makes full scale 1 at 1 kHz. -ENOMEM. */
int hz_voice_out_init(struct hz_voice_out *o, unsigned rate_hz, double gain,
                      enum hz_voice_audio kind);
void hz_voice_out_done(struct hz_voice_out *o);

/* A transmission may have begun with sample `first`. */
void hz_voice_out_begin(struct hz_voice_out *o, uint64_t first);

/* Its next samples, at most 480; `sure`: it is a transmission, and speech may go out. */
void hz_voice_out_push(struct hz_voice_out *o, const float *x, size_t n, bool sure,
                       struct hz_sink *sink);

/* It is over: what is held goes out. */
void hz_voice_out_end(struct hz_voice_out *o, struct hz_sink *sink);

#endif
