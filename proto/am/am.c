/* AM voice, of aircraft: one message for each transmission. */
#include "dsp/am.h"
#include "dsp/agc.h"
#include "dsp/biquad.h"
#include "proto/decoder.h"
#include "proto/voice.h"
#include "proto/voice_out.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define BINS  256     /* of the envelope over the carrier: 0 to 2.56 */
#define TAIL  0.003   /* share of the time that the envelope is over the depth reported */
#define LAG_S 333e-6f /* noise in 9 kHz is nothing like itself after so long */

extern const struct hz_decoder hz_am_decoder;

struct am {
    float rate_hz;
    size_t lag;
    struct hz_voice_cut cut;
    struct hz_voice_gate gate;
    struct hz_agc agc;
    struct hz_voice_out out;
    struct hz_biquad audio[2]; /* 3 kHz: less noise in the depth */
    float carrier;             /* its amplitude, followed over 100 ms */
    unsigned counts[BINS];
};

static int am_init(void *state, const struct hz_setup *setup, char *err, size_t err_len)
{
    struct am *s = state;
    const struct hz_decoder *own = &hz_am_decoder;
    unsigned rate = (unsigned)setup->rate_hz;
    if (!(setup->rate_hz >= own->rate_min_hz && setup->rate_hz <= own->rate_max_hz) || rate % 100 ||
        setup->rate_hz != rate) {
        snprintf(err, err_len, "sample rate %.10g Hz, am needs a multiple of 100, %.0f to %.0f",
                 setup->rate_hz, own->rate_min_hz, own->rate_max_hz);
        return -EINVAL;
    }
    s->rate_hz = (float)rate;
    s->lag = (size_t)lroundf(LAG_S * s->rate_hz);
    hz_voice_cut_init(&s->cut, rate);
    hz_voice_gate_init(&s->gate);
    hz_biquad_lowpass(&s->audio[0], 3000.0 / rate, 0.5412);
    hz_biquad_lowpass(&s->audio[1], 3000.0 / rate, 1.3066);
    hz_agc_init(&s->agc, 0.02f * s->rate_hz, 0.2f * s->rate_hz, 1e-5f);
    if (hz_voice_out_init(&s->out, rate, 1, HZ_VOICE_AUDIO_AM) == 0)
        return 0;
    snprintf(err, err_len, "no memory for the audio of am");
    return -ENOMEM;
}

/* How the phase goes on over the lag, whatever the envelope: the mean of unit vectors, whose length
 * is 1 for a carrier and 0 for noise, and whose angle is its frequency. */
static void coherence(const struct am *s, const float *envelope, float *length, float *turn)
{
    const float *x = s->cut.x;
    size_t n = s->cut.frame - s->lag;
    float re = 0, im = 0;
    for (size_t i = 0; i < n; i++) {
        const float *a = x + 2 * i, *b = a + 2 * s->lag;
        float w = 1 / (envelope[i] * envelope[i + s->lag] + 1e-30f);
        re += w * (b[0] * a[0] + b[1] * a[1]);
        im += w * (b[1] * a[0] - b[0] * a[1]);
    }
    *length = sqrtf(re * re + im * im) / (float)n;
    *turn = atan2f(im, re) / (float)s->lag;
}

/* Power at right angles to the carrier, which turns by `turn` a sample: half of the noise. */
static float quadrature(const struct am *s, float turn)
{
    const float *x = s->cut.x;
    float y[2 * HZ_VOICE_FRAME_MAX], re = 0, im = 0, power = 0;
    for (size_t i = 0; i < s->cut.frame; i++) {
        float c = cosf(turn * (float)i), d = -sinf(turn * (float)i);
        y[2 * i] = x[2 * i] * c - x[2 * i + 1] * d;
        y[2 * i + 1] = x[2 * i] * d + x[2 * i + 1] * c;
        re += y[2 * i];
        im += y[2 * i + 1];
    }
    float length = sqrtf(re * re + im * im) + 1e-30f;
    for (size_t i = 0; i < s->cut.frame; i++) {
        float q = (y[2 * i + 1] * re - y[2 * i] * im) / length;
        power += q * q;
    }
    return power / (float)s->cut.frame;
}

static struct hz_voice_frame measure(const struct am *s, const float *envelope)
{
    size_t n = s->cut.frame;
    float sure, turn, power = 0;
    coherence(s, envelope, &sure, &turn);
    for (size_t i = 0; i < n; i++)
        power += envelope[i] * envelope[i] / (float)n;
    return (struct hz_voice_frame){.first = s->cut.next - n,
                                   .n = n,
                                   .sure = power > HZ_VOICE_LEAST ? sure : 0,
                                   .power = power,
                                   .noise = fminf(power, 2 * quadrature(s, turn)),
                                   .offset_hz = turn * s->rate_hz / (float)(2 * M_PI)};
}

static void report(struct am *s, struct hz_sink *sink)
{
    struct hz_burst burst = hz_voice_burst(&s->gate);
    double seconds = (double)(s->gate.last - s->gate.first) / (double)s->rate_hz;
    double peak = hz_voice_quantile(s->counts, BINS, 1 - TAIL) / 100;
    hz_voice_out_end(&s->out, sink);
    struct hz_json *j = hz_sink_begin(sink, &burst);
    hz_json_fixed(j, "duration_s", seconds, 3);
    hz_json_fixed(j, "depth", fmax(0, peak - 1), 2);
    hz_sink_end(sink);
}

/* The audio: the envelope over the carrier's level, silent where the carrier is not there. */
static void speak(struct am *s, const struct hz_voice_frame *f, const float *envelope,
                  struct hz_sink *sink)
{
    float x[HZ_VOICE_FRAME_MAX];
    memcpy(x, envelope, f->n * sizeof *x);
    hz_agc_run(&s->agc, x, f->n);
    for (size_t i = 0; i < f->n; i++)
        x[i] = s->gate.quiet > 0 ? 0 : x[i] - 1;
    hz_voice_out_push(&s->out, x, f->n, s->gate.on, sink);
}

static void frame(struct am *s, struct hz_sink *sink)
{
    float envelope[HZ_VOICE_FRAME_MAX], mean = 0;
    size_t n = s->cut.frame;
    hz_am_envelope(s->cut.x, n, envelope);
    for (size_t i = 0; i < n; i++)
        mean += envelope[i] / (float)n;
    struct hz_voice_frame f = measure(s, envelope);
    switch (hz_voice_gate_push(&s->gate, &f)) {
    case HZ_VOICE_MAYBE:
        memset(s->counts, 0, sizeof s->counts);
        s->carrier = mean;
        hz_voice_out_begin(&s->out, f.first);
        break;
    case HZ_VOICE_GOES:
        break;
    case HZ_VOICE_ENDS:
        report(s, sink);
        return;
    case HZ_VOICE_NOT:
        hz_sink_refuse(sink, HZ_TOO_SHORT);
        return;
    case HZ_VOICE_NOTHING:
        return;
    }
    s->carrier += (mean - s->carrier) / (float)(s->gate.frames < 10 ? s->gate.frames : 10);
    speak(s, &f, envelope, sink);
    hz_biquad_run(&s->audio[0], envelope, n);
    hz_biquad_run(&s->audio[1], envelope, n);
    for (size_t i = 0; i < n && s->gate.on && f.sure >= HZ_VOICE_SURE; i++) {
        float bin = envelope[i] / (s->carrier + 1e-30f) * 100;
        s->counts[bin >= 0 && bin < BINS ? (int)bin : BINS - 1]++;
    }
}

static void am_push(void *state, const struct hz_samples *samples, struct hz_sink *sink)
{
    struct am *s = state;
    struct hz_samples in = *samples;
    while (hz_voice_cut_push(&s->cut, &in))
        frame(s, sink);
}

/* A break and the end alike end the transmission. */
static void am_flush(void *state, struct hz_sink *sink)
{
    struct am *s = state;
    if (hz_voice_gate_end(&s->gate) == HZ_VOICE_ENDS)
        report(s, sink);
    hz_voice_cut_reset(&s->cut);
}

static void am_done(void *state)
{
    struct am *s = state;
    hz_voice_out_done(&s->out);
}

/* The aeronautical emergency frequency. */
static const double freqs[] = {121500000, 0};

static const struct hz_field fields[] = {
    {"duration_s", "s", "length of the transmission"},
    {"depth", "", "depth of modulation, exceeded in 0.3 % of the time"},
    {NULL, NULL, NULL},
};

const struct hz_decoder hz_am_decoder = {
    .name = "am",
    .title = "AM voice of aircraft: transmissions and their depth",
    .input = HZ_INPUT_BASEBAND,
    .rate_min_hz = 12000,
    .rate_max_hz = 48000,
    .rate_hz = 12000,
    .bandwidth_hz = 8330,
    .squelch_db = 6,
    .hang_s = 0.5f,
    .freqs_hz = freqs,
    .state_size = sizeof(struct am),
    .init = am_init,
    .push = am_push,
    .reset = am_flush,
    .flush = am_flush,
    .done = am_done,
    .fields = fields,
};
