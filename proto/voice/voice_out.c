#include "proto/voice/voice_out.h"

#include <errno.h>
#include <math.h>
#include <string.h>

int hz_voice_out_init(struct hz_voice_out *o, unsigned rate_hz, double gain,
                      enum hz_voice_audio kind)
{
    o->ratio = (double)rate_hz / HZ_VOICE_AUDIO_RATE;
    o->filter = hz_voice_audio_new(rate_hz, gain, kind);
    return o->filter ? 0 : -ENOMEM;
}

void hz_voice_out_done(struct hz_voice_out *o)
{
    hz_resample_free(o->filter);
    o->filter = NULL;
}

void hz_voice_out_begin(struct hz_voice_out *o, uint64_t first)
{
    hz_resample_reset(o->filter);
    o->first = first;
    o->written = 0;
    o->begun = false;
    o->n = 0;
}

static void pass(struct hz_voice_out *o, size_t n)
{
    o->n -= n;
    o->written += n;
    memmove(o->held, o->held + n, o->n * sizeof *o->held);
}

static void write_audio(struct hz_voice_out *o, size_t n, bool last, struct hz_sink *sink)
{
    struct hz_audio audio = {.transmission = o->first,
                             .sample = o->first + (uint64_t)llround((double)o->written * o->ratio),
                             .rate_hz = HZ_VOICE_AUDIO_RATE,
                             .pcm = o->held,
                             .n = n,
                             .first = !o->begun,
                             .last = last};
    hz_sink_audio(sink, &audio);
    o->begun = true;
    pass(o, n);
}

void hz_voice_out_push(struct hz_voice_out *o, const float *x, size_t n, bool sure,
                       struct hz_sink *sink)
{
    float y[HZ_VOICE_OUT_FRAME];
    size_t m = hz_resample_push(o->filter, x, n, y);
    if (o->n + m > HZ_VOICE_OUT_HELD) /* no decision for so long: the oldest samples are dropped */
        pass(o, o->n + m - HZ_VOICE_OUT_HELD);
    for (size_t i = 0; i < m; i++)
        o->held[o->n++] = (int16_t)lrintf(fmaxf(-1, fminf(1, y[i])) * 32767);
    while (sure && o->n > HZ_VOICE_OUT_FRAME) /* not the last one: it is told as such */
        write_audio(o, HZ_VOICE_OUT_FRAME, false, sink);
}

void hz_voice_out_end(struct hz_voice_out *o, struct hz_sink *sink)
{
    while (o->n > HZ_VOICE_OUT_FRAME)
        write_audio(o, HZ_VOICE_OUT_FRAME, false, sink);
    if (o->n > 0)
        write_audio(o, o->n, true, sink);
}
