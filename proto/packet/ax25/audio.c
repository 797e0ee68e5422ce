#include "proto/packet/ax25/audio.h"

#include "dsp/nth.h"

#include <math.h>
#include <string.h>

enum { HOP = HZ_AX25_AUDIO_HOP };

bool hz_ax25_hop_push(struct hz_ax25_hop *h, struct hz_samples *in)
{
    if (!h->begun && in->n > 0) {
        h->begun = true;
        h->first = in->first;
    }
    if (h->filled == HOP)
        h->filled = 0;
    size_t room = HOP - h->filled, n = in->n < room ? in->n : room;
    if (n > 0)
        memcpy(h->audio + h->filled, in->data, n * sizeof h->audio[0]);
    h->filled += n;
    hz_samples_pass(in, n);
    return h->filled == HOP;
}

void hz_ax25_hop_pad(struct hz_ax25_hop *h)
{
    size_t from = h->filled % HOP;
    memset(h->audio + from, 0, (HOP - from) * sizeof h->audio[0]);
    h->filled = HOP;
}

struct hz_burst hz_ax25_audio_burst(const struct hz_ax25_hop *h, const struct hz_ax25_frame *frame,
                                    double step, double late)
{
    double at = frame->start * step - late;
    return (struct hz_burst){.sample = h->first + (at > 0 ? (uint64_t)at : 0),
                             .rssi_dbfs = NAN,
                             .noise_dbfs = NAN,
                             .snr_db = NAN,
                             .offset_hz = NAN,
                             .fixed_bits = frame->fixed,
                             .raw = frame->bytes,
                             .raw_len = frame->len};
}

void hz_ax25_limit(const float *audio, float times, float *median, float *out)
{
    float sizes[HOP];
    for (int i = 0; i < HOP; i++) {
        out[i] = hz_ax25_sane(audio[i]);
        sizes[i] = fabsf(out[i]);
    }
    float now = hz_nth(sizes, HOP, HOP / 2), most = times * fmaxf(now, *median);
    for (int i = 0; i < HOP; i++)
        out[i] = fminf(fmaxf(out[i], -most), most);
    *median = now;
}

void hz_ax25_clock_on(struct hz_ax25_clock *c, double late)
{
    c->at += c->bit + c->pull * late;
    c->bit += c->push * late;
    c->bit = fmin(fmax(c->bit, c->nominal * (1 - c->most)), c->nominal * (1 + c->most));
}
