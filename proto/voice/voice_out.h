/* The speech of a transmission on its way to the sink: filtered to 16 kHz and cut into frames of
 * 20 ms, which is a packet of Opus (dsp/opus.h). Speech goes out from the moment on that the gate
 * is sure of the transmission; earlier samples are held until then. Memory is allocated in init
 * only. Pure; one thread at a time. */
#ifndef HZ_PROTO_VOICE_VOICE_OUT_H
#define HZ_PROTO_VOICE_VOICE_OUT_H

#include "proto/out/sink.h"
#include "proto/voice/voice_audio.h"

enum { HZ_VOICE_OUT_FRAME = HZ_VOICE_AUDIO_RATE / 50, HZ_VOICE_OUT_HELD = HZ_VOICE_AUDIO_RATE };

struct hz_voice_out {
    struct hz_resample *filter; /* owned */
    double ratio;               /* input samples per output sample */
    uint64_t first;             /* first sample of the transmission */
    uint64_t written;           /* audio samples written to the sink, or dropped */
    bool begun;                 /* the first piece of the transmission has gone out */
    int16_t held[HZ_VOICE_OUT_HELD];
    size_t n; /* samples in held */
};

/* For demodulated samples at rate_hz, which `gain` brings to full scale 1 at 1 kHz. 0 or -ENOMEM;
 * hz_voice_out_done frees. */
int hz_voice_out_init(struct hz_voice_out *o, unsigned rate_hz, double gain,
                      enum hz_voice_audio kind);
void hz_voice_out_done(struct hz_voice_out *o);

/* A transmission may have begun with sample `first`. */
void hz_voice_out_begin(struct hz_voice_out *o, uint64_t first);

/* The next samples, at most 480. `sure`: it is a transmission, and speech may go out. */
void hz_voice_out_push(struct hz_voice_out *o, const float *x, size_t n, bool sure,
                       struct hz_sink *sink);

/* The transmission is over: speech that is held goes out. */
void hz_voice_out_end(struct hz_voice_out *o, struct hz_sink *sink);

#endif
