#include "proto/voice/transmission.h"

#include <errno.h>
#include <stdio.h>

/* Quality of either half of a Butterworth low-pass of fourth order: 1 / (2 cos(pi / 8)) and
 * 1 / (2 cos(3 pi / 8)). */
static const double quality[2] = {0.5412, 1.3066};

int hz_voice_init(struct hz_voice *v, const struct hz_voice_kind *kind,
                  const struct hz_setup *setup, char *err, size_t err_len)
{
    const struct hz_decoder *d = kind->decoder;
    unsigned rate = (unsigned)setup->rate_hz;
    if (!(setup->rate_hz >= d->rate_min_hz && setup->rate_hz <= d->rate_max_hz) ||
        rate % kind->step_hz || setup->rate_hz != rate) {
        snprintf(err, err_len, "sample rate %.10g Hz, %s needs a multiple of %u, %.0f to %.0f",
                 setup->rate_hz, d->name, kind->step_hz, d->rate_min_hz, d->rate_max_hz);
        return -EINVAL;
    }
    v->rate_hz = (float)rate;
    hz_voice_cut_init(&v->cut, rate);
    hz_voice_gate_init(&v->gate);
    for (int i = 0; i < 2; i++)
        hz_biquad_lowpass(&v->audio[i], kind->audio_hz / rate, quality[i]);
    if (hz_voice_out_init(&v->out, rate, kind->gain, kind->audio) == 0)
        return 0;
    snprintf(err, err_len, "no memory for the audio of %s", d->name);
    return -ENOMEM;
}

void hz_voice_done(struct hz_voice *v)
{
    hz_voice_out_done(&v->out);
}

enum hz_voice_event hz_voice_frame(struct hz_voice *v, const struct hz_voice_frame *f,
                                   struct hz_sink *sink)
{
    enum hz_voice_event event = hz_voice_gate_push(&v->gate, f);
    if (event == HZ_VOICE_MAYBE)
        hz_voice_out_begin(&v->out, f->first);
    else if (event == HZ_VOICE_NOT)
        hz_sink_refuse(sink, HZ_TOO_SHORT);
    return event;
}

struct hz_json *hz_voice_report(struct hz_voice *v, const struct hz_burst *burst,
                                struct hz_sink *sink)
{
    hz_voice_out_end(&v->out, sink);
    struct hz_json *j = hz_sink_begin(sink, burst);
    hz_json_decimals(j, "duration_s", (double)(v->gate.last - v->gate.first) / (double)v->rate_hz,
                     3);
    return j;
}
