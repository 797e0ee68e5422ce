/* AM voice, of aircraft: one message for each transmission. */
#include "dsp/am.h"
#include "dsp/agc.h"
#include "dsp/am_carrier.h"
#include "proto/voice/transmission.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define BINS 256   /* bins of the envelope over the carrier: 0 to 2.56; full depth reaches 2 */
#define TAIL 0.003 /* Fraction of the time that the envelope is over the depth reported */
/* Frames of which the carrier's mean is taken for the depth: 80 ms, longer than any period of
 * speech, shorter than fading. */
#define LOOK       8
#define LOOK_LEAST 4 /* frames at the beginning of a transmission that are enough */
/* Relative difference between the halves of these frames from which the carrier changes, as in a
 * fade or when another transmitter takes over; the envelope is then not modulation. 2 dB. */
#define STEADY 0.25f
/* A carrier weaker than this fraction of the strongest one in the transmission is not measured: at
 * the bottom of a fade noise moves the envelope. 6 dB. */
#define WEAKER 0.5f

extern const struct hz_decoder hz_am_decoder;

struct am {
    struct hz_voice voice;
    struct hz_agc agc;
    float levels[LOOK]; /* mean envelopes of the last frames */
    unsigned looked;    /* frames of the transmission */
    float top;          /* the strongest carrier measured in the transmission */
    struct hz_am_carrier carrier;
    unsigned counts[BINS];
};

static int am_init(void *state, const struct hz_setup *setup, char *err, size_t err_len)
{
    static const struct hz_voice_kind kind = {.decoder = &hz_am_decoder,
                                              .step_hz = 100,
                                              .audio_hz = 3000,
                                              .gain = 1,
                                              .audio = HZ_VOICE_AUDIO_AM};
    struct am *s = state;
    int rc = hz_voice_init(&s->voice, &kind, setup, err, err_len);
    if (rc != 0)
        return rc;
    hz_agc_init(&s->agc, 0.02f * s->voice.rate_hz, 0.2f * s->voice.rate_hz, 1e-5f);
    double width = setup->bandwidth_hz > 0 ? setup->bandwidth_hz : hz_am_decoder.bandwidth_hz;
    rc = hz_am_carrier_init(&s->carrier, (unsigned)setup->rate_hz, width);
    if (rc == 0)
        return 0;
    hz_voice_done(&s->voice);
    snprintf(err, err_len, "no memory for the carrier of am");
    return rc;
}

static struct hz_voice_frame measure(struct am *s)
{
    struct hz_am_carrier_frame f = hz_am_carrier_look(&s->carrier, s->voice.cut.x);
    return (struct hz_voice_frame){.first = s->voice.cut.next - s->voice.cut.frame,
                                   .n = s->voice.cut.frame,
                                   .sure = f.power > HZ_VOICE_LEAST ? f.lines : 0,
                                   .power = f.power};
}

static void report(struct am *s, struct hz_sink *sink)
{
    s->voice.gate.noise = s->voice.gate.frames * hz_am_carrier_noise(&s->carrier);
    struct hz_burst burst = hz_voice_burst(&s->voice.gate);
    burst.offset_hz = (float)(100 * hz_am_carrier_line(&s->carrier));
    struct hz_json *j = hz_voice_report(&s->voice, &burst, sink);
    if (s->top > 0) {
        double peak = hz_voice_quantile(s->counts, BINS, 1 - TAIL) / 100;
        hz_json_decimals(j, "depth", fmax(0, peak - 1), 2);
    }
    hz_sink_end(sink);
}

/* Audio: the envelope relative to the carrier's level; silence where the carrier is missing. */
static void speak(struct am *s, const struct hz_voice_frame *f, const float *envelope,
                  struct hz_sink *sink)
{
    float x[HZ_VOICE_FRAME_MAX];
    memcpy(x, envelope, f->n * sizeof *x);
    hz_agc_run(&s->agc, x, f->n);
    for (size_t i = 0; i < f->n; i++)
        x[i] = s->voice.gate.quiet > 0 ? 0 : x[i] - 1;
    hz_voice_out_push(&s->voice.out, x, f->n, s->voice.gate.on, sink);
}

/* The carrier's amplitude around this frame, whose mean envelope is `level`; 0: it changes too
 * fast. */
static float steady(struct am *s, float level)
{
    float old = 0, new = 0;
    s->levels[s->looked++ % LOOK] = level;
    unsigned n = s->looked < LOOK ? s->looked / 2 * 2 : LOOK;
    if (n < LOOK_LEAST)
        return 0;
    for (unsigned i = 1; i <= n / 2; i++) {
        new += s->levels[(s->looked - i) % LOOK];
        old += s->levels[(s->looked - i - n / 2) % LOOK];
    }
    return fabsf(new - old) <= STEADY * (new + old) / 2 ? (new + old) / (float)n : 0;
}

/* Counts the values of the low-passed envelope relative to a steady carrier. If there are several
 * transmitters, the strongest is measured. */
static void count(struct am *s, float carrier, const float *envelope)
{
    if (carrier <= WEAKER * s->top)
        return;
    if (s->top < WEAKER * carrier)
        memset(s->counts, 0, sizeof s->counts);
    s->top = fmaxf(s->top, carrier);
    for (size_t i = 0; i < s->voice.cut.frame; i++) {
        float bin = envelope[i] / carrier * 100;
        s->counts[bin >= 0 && bin < BINS ? (int)bin : BINS - 1]++;
    }
}

static void frame(struct am *s, struct hz_sink *sink)
{
    float envelope[HZ_VOICE_FRAME_MAX], mean = 0;
    size_t n = s->voice.cut.frame;
    struct hz_voice_frame f = measure(s);
    switch (hz_voice_frame(&s->voice, &f, sink)) {
    case HZ_VOICE_MAYBE:
        memset(s->counts, 0, sizeof s->counts);
        s->looked = 0;
        s->voice.audio[0].z1 = s->voice.audio[0].z2 = s->voice.audio[1].z1 = s->voice.audio[1].z2 =
            0;
        s->top = 0;
        hz_am_carrier_begin(&s->carrier);
        break;
    case HZ_VOICE_GOES:
        break;
    case HZ_VOICE_ENDS:
        report(s, sink);
        return;
    case HZ_VOICE_NOT:
    case HZ_VOICE_NOTHING:
        return;
    }
    if (s->voice.gate.last == s->voice.cut.next)
        hz_am_carrier_add(&s->carrier, s->voice.cut.x);
    hz_am_envelope(s->voice.cut.x, n, envelope);
    for (size_t i = 0; i < n; i++)
        mean += envelope[i] / (float)n;
    speak(s, &f, envelope, sink);
    hz_biquad_run(&s->voice.audio[0], envelope, n);
    hz_biquad_run(&s->voice.audio[1], envelope, n);
    float carrier = steady(s, mean);
    if (carrier > 0 && s->voice.gate.on && f.sure >= HZ_VOICE_SURE)
        count(s, carrier, envelope);
}

static void am_push(void *state, const struct hz_samples *samples, struct hz_sink *sink)
{
    struct am *s = state;
    struct hz_samples in = *samples;
    while (hz_voice_cut_push(&s->voice.cut, &in))
        frame(s, sink);
}

/* reset and flush: end the transmission. */
static void am_flush(void *state, struct hz_sink *sink)
{
    struct am *s = state;
    if (hz_voice_gate_end(&s->voice.gate) == HZ_VOICE_ENDS)
        report(s, sink);
    hz_voice_cut_reset(&s->voice.cut);
}

static void am_done(void *state)
{
    struct am *s = state;
    hz_voice_done(&s->voice);
    hz_am_carrier_done(&s->carrier);
}

/* The aeronautical emergency frequency. */
static const double freqs[] = {121500000, 0};

static const struct hz_field fields[] = {
    {"duration_s", "s", "length of the transmission", "'type': 'number', 'exclusiveMinimum': 0"},
    {"depth", "",
     "depth of modulation, exceeded in 0.3 % of the time; left out where no carrier is steady",
     "'type': 'number', 'minimum': 0, 'maximum': 2"},
    {0},
};

const struct hz_decoder hz_am_decoder = {
    .name = "am",
    .title = "AM voice of aircraft: transmissions and their depth",
    .input = HZ_INPUT_BASEBAND,
    .rate_min_hz = 12000,
    .rate_max_hz = 48000,
    .rate_hz = 12000,
    .rate_wide_hz = 32000, /* channels of 25 kHz: carriers up to 8 kHz off (dsp/am_carrier.c) */
    .carrier_ppm = 5,
    .bandwidth_hz = 8330, /* the narrower kind of channel: neighbours are 8.33 kHz away */
    .squelch_db = 6,
    .hang_s = 0.5f,
    .speech_hz = HZ_VOICE_AUDIO_RATE,
    .freqs_hz = freqs,
    .state_size = sizeof(struct am),
    .quiet_ns = 18,
    .busy_ns = 330,
    .init = am_init,
    .push = am_push,
    .reset = am_flush,
    .flush = am_flush,
    .done = am_done,
    .fields = fields,
    .schema = "'envelope': {}, 'required': ['duration_s']",
};
