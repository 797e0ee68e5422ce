/* What the decoders of analogue voice have in common apart from the modulation: samples in frames
 * of 10 ms, the gate that finds transmissions, the speech that goes out, and the message of a
 * transmission that has ended. A decoder embeds the struct, measures each frame, and adds its own
 * fields to the message. Memory is allocated in init only. Pure; one thread at a time. */
#ifndef HZ_PROTO_VOICE_TRANSMISSION_H
#define HZ_PROTO_VOICE_TRANSMISSION_H

#include "dsp/biquad.h"
#include "proto/decoder.h"
#include "proto/voice/voice.h"
#include "proto/voice/voice_out.h"

struct hz_voice {
    float rate_hz;
    struct hz_voice_cut cut;
    struct hz_voice_gate gate;
    struct hz_voice_out out;
    /* Butterworth low-pass: less noise in what is measured of the audio */
    struct hz_biquad audio[2];
};

/* What a kind of modulation needs. */
struct hz_voice_kind {
    const struct hz_decoder *decoder; /* its name and rates */
    unsigned step_hz;                 /* rates must be multiples of it */
    double audio_hz;                  /* corner of the low-pass */
    double gain;                      /* of the demodulated samples, as hz_voice_out_init has it */
    enum hz_voice_audio audio;
};

/* 0, -EINVAL for a rate that the kind does not take, or -ENOMEM, with one line in err. */
int hz_voice_init(struct hz_voice *v, const struct hz_voice_kind *kind,
                  const struct hz_setup *setup, char *err, size_t err_len);
void hz_voice_done(struct hz_voice *v);

/* Takes the frame in v->cut as measured. HZ_VOICE_NOT is counted in the sink. */
enum hz_voice_event hz_voice_frame(struct hz_voice *v, const struct hz_voice_frame *f,
                                   struct hz_sink *sink);

/* The transmission has ended: what is held of its speech goes out, and its message is begun with
 * duration_s. The caller adds its fields to the writer and calls hz_sink_end. */
struct hz_json *hz_voice_report(struct hz_voice *v, const struct hz_burst *burst,
                                struct hz_sink *sink);

#endif
