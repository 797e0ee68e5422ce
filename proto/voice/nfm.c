/* Narrow FM voice: one message for each transmission. */
#include "proto/voice/nfm.h"
#include "dsp/ctcss.h"
#include "dsp/dcs.h"
#include "dsp/fm.h"
#include "proto/voice/transmission.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Histogram of the frequency, over all that samples at 48 kHz can hold, so that a carrier off the
 * middle and a deviation beyond the limits are measured and not clipped. */
#define BINS        480
#define BIN_HZ      100.0f
#define RATE_MAX_HZ 48000
/* Deviation of full scale in the audio: the maximum in channels of 25 kHz (TIA-603, EN 300 086; in
 * channels of 12.5 kHz it is 2.5 kHz). More is clipped, as a receiver clips it. */
#define FULL_SCALE_HZ 5000
#define TAIL          0.001 /* Fraction of the time that is over the deviation reported, to each side */
/* Channel width of most services. A deviation of 5 kHz with the carrier in the middle fits;
 * `bandwidth` widens it, up to what 24,000 samples a second hold. */
#define BANDWIDTH_HZ 12500

extern const struct hz_decoder hz_nfm_decoder;

struct nfm {
    struct hz_voice voice;
    double wanted_hz;    /* CTCSS tone; 0: any, or none */
    uint32_t wanted_dcs; /* word of a DCS code; 0: likewise */
    bool let_in;         /* the transmission had the wanted tone or code */
    double tone_hz;      /* the tone that let it in */
    struct hz_fm fm;
    struct hz_ctcss ctcss;
    struct hz_dcs dcs;
    unsigned counts[BINS];
};

static int nfm_init(void *state, const struct hz_setup *setup, char *err, size_t err_len)
{
    static const struct hz_voice_kind kind = {.decoder = &hz_nfm_decoder,
                                              .step_hz = 1000,
                                              .audio_hz = 3500,
                                              .gain = 1.0 / FULL_SCALE_HZ,
                                              .audio = HZ_VOICE_AUDIO_FM};
    struct nfm *s = state;
    const struct hz_nfm_options *options = setup->options;
    int rc = hz_voice_init(&s->voice, &kind, setup, err, err_len);
    if (rc != 0)
        return rc;
    unsigned rate = (unsigned)setup->rate_hz;
    s->wanted_hz = options->ctcss_hz;
    s->wanted_dcs = options->dcs;
    hz_fm_init(&s->fm);
    hz_ctcss_init(&s->ctcss, rate);
    hz_ctcss_also(&s->ctcss, s->wanted_hz);
    hz_dcs_init(&s->dcs, rate);
    return 0;
}

/* Measures a frame. `sure` is 1 - var |y|^2 / (mean |y|^2)^2 (voice.h). */
static struct hz_voice_frame measure(const struct nfm *s, const float *hz)
{
    const float *x = s->voice.cut.x;
    size_t n = s->voice.cut.frame;
    float sum = 0, squares = 0, turn = 0;
    for (size_t i = 0; i < n; i++) {
        float p = x[2 * i] * x[2 * i] + x[2 * i + 1] * x[2 * i + 1];
        sum += p;
        squares += p * p;
        turn += hz[i];
    }
    float mean = sum / (float)n, spread = squares / (float)n / (mean * mean + 1e-30f) - 1;
    float sure = mean > HZ_VOICE_LEAST ? fmaxf(0, 1 - spread) : 0;
    return (struct hz_voice_frame){.first = s->voice.cut.next - n,
                                   .n = n,
                                   .sure = sure,
                                   .power = mean,
                                   .noise = mean * (1 - sqrtf(sure)),
                                   .offset_hz = turn / (float)n};
}

/* Tone of the transmission as far as it is known; 0 if it has a code, since a code has spectral
 * lines that look like a tone. */
static double tone_of(const struct nfm *s)
{
    return hz_dcs_code(&s->dcs) >= 0 ? 0 : hz_ctcss_tone(&s->ctcss);
}

/* Whether the transmission has, or had before, the wanted tone or code. */
static bool wanted(struct nfm *s)
{
    if (s->let_in || (s->wanted_dcs == 0 && s->wanted_hz == 0))
        return true;
    int code = hz_dcs_code(&s->dcs);
    s->tone_hz = tone_of(s);
    if (s->wanted_dcs != 0)
        s->let_in = code >= 0 && hz_dcs_word((unsigned)code) == s->wanted_dcs;
    else
        s->let_in = fabs(s->tone_hz - s->wanted_hz) < 0.5;
    return s->let_in;
}

static void report(struct nfm *s, struct hz_sink *sink)
{
    if (!wanted(s)) {
        hz_sink_refuse(sink, HZ_SANITY);
        return;
    }
    struct hz_burst burst = hz_voice_burst(&s->voice.gate);
    double width =
        hz_voice_quantile(s->counts, BINS, 1 - TAIL) - hz_voice_quantile(s->counts, BINS, TAIL);
    double tone = s->let_in ? s->tone_hz : tone_of(s);
    int code = hz_dcs_code(&s->dcs);
    struct hz_json *j = hz_voice_report(&s->voice, &burst, sink);
    hz_json_decimals(j, "deviation_hz", width / 2 * (double)BIN_HZ, 0);
    if (tone > 0)
        hz_json_decimals(j, "ctcss_hz", tone, 1);
    if (code >= 0) {
        char name[8];
        snprintf(name, sizeof name, "%03oN", (unsigned)code & 0777);
        hz_json_str(j, "dcs", name);
        int inverse = hz_dcs_inverse((unsigned)code);
        snprintf(name, sizeof name, "%03oI", (unsigned)inverse & 0777);
        if (inverse >= 0)
            hz_json_str(j, "dcs_inverted", name);
    }
    hz_sink_end(sink);
}

/* Audio: the frequency less the carrier's mean; silence where the carrier is missing. */
static void speak(struct nfm *s, const struct hz_voice_frame *f, const float *hz,
                  struct hz_sink *sink)
{
    float x[HZ_VOICE_FRAME_MAX];
    float middle = (float)(s->voice.gate.offset_hz / s->voice.gate.frames);
    for (size_t i = 0; i < f->n; i++)
        x[i] = s->voice.gate.quiet > 0 ? 0 : hz[i] - middle;
    hz_voice_out_push(&s->voice.out, x, f->n, s->voice.gate.on && wanted(s), sink);
}

static void frame(struct nfm *s, struct hz_sink *sink)
{
    float hz[HZ_VOICE_FRAME_MAX];
    size_t n = s->voice.cut.frame;
    hz_fm_push(&s->fm, s->voice.cut.x, n, hz);
    for (size_t i = 0; i < n; i++)
        hz[i] *= s->voice.rate_hz;
    struct hz_voice_frame f = measure(s, hz);
    switch (hz_voice_frame(&s->voice, &f, sink)) {
    case HZ_VOICE_MAYBE:
        hz_ctcss_reset(&s->ctcss);
        hz_dcs_reset(&s->dcs);
        s->let_in = false;
        memset(s->counts, 0, sizeof s->counts);
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
    hz_ctcss_carrier(&s->ctcss, s->voice.gate.last == s->voice.cut.next);
    hz_ctcss_push(&s->ctcss, hz, n);
    hz_dcs_push(&s->dcs, hz, n);
    speak(s, &f, hz, sink);
    hz_biquad_run(&s->voice.audio[0], hz, n);
    hz_biquad_run(&s->voice.audio[1], hz, n);
    for (size_t i = 0; i < n && f.sure >= HZ_VOICE_SURE; i++) {
        float bin = hz[i] / BIN_HZ + BINS / 2.0f;
        s->counts[bin >= 0 ? bin < BINS ? (int)bin : BINS - 1 : 0]++;
    }
}

static void nfm_push(void *state, const struct hz_samples *samples, struct hz_sink *sink)
{
    struct nfm *s = state;
    struct hz_samples in = *samples;
    while (hz_voice_cut_push(&s->voice.cut, &in))
        frame(s, sink);
}

/* reset and flush: end the transmission. */
static void nfm_flush(void *state, struct hz_sink *sink)
{
    struct nfm *s = state;
    if (hz_voice_gate_end(&s->voice.gate) == HZ_VOICE_ENDS)
        report(s, sink);
    hz_voice_cut_reset(&s->voice.cut);
    hz_fm_init(&s->fm);
}

static void nfm_done(void *state)
{
    struct nfm *s = state;
    hz_voice_done(&s->voice);
}

/* PMR446 channel 1, the 2 m FM calling frequency, marine channel 16. */
static const double freqs[] = {446006250, 145500000, 156800000, 0};

static const struct hz_field fields[] = {
    {"duration_s", "s", "length of the transmission", "'type': 'number', 'exclusiveMinimum': 0"},
    {"deviation_hz", "Hz", "peak frequency deviation, exceeded in 0.2 % of the time",
     "'type': 'integer', 'minimum': 0, 'maximum': 24000"},
    {"ctcss_hz", "Hz", "sub-audible tone (CTCSS); left out where there is none",
     "'type': 'number', 'minimum': 60, 'maximum': 260"},
    {"dcs", "", "digital code (DCS) as 023N, of normal polarity; left out where there is none",
     "'type': 'string', 'pattern': '^[0-7]{3}N$'"},
    {"dcs_inverted", "", "the same signal as a code of inverted polarity: 047I for 023N",
     "'type': 'string', 'pattern': '^[0-7]{3}I$'"},
    {0},
};

static int parse_dcs(const char *text, void *word)
{
    unsigned code;
    if (hz_dcs_parse(text, &code) != 0)
        return -EINVAL;
    *(uint32_t *)word = hz_dcs_word(code);
    return 0;
}

static const struct hz_option options[] = {
    {.name = "ctcss",
     .type = HZ_OPTION_HZ,
     .at = offsetof(struct hz_nfm_options, ctcss_hz),
     .min = 60,
     .max = 260,
     .example = "88.5",
     .unit = "Hz",
     .help = "only transmissions with this sub-audible tone"},
    {.name = "dcs",
     .type = HZ_OPTION_PARSED,
     .at = offsetof(struct hz_nfm_options, dcs),
     .parse = parse_dcs,
     .size = sizeof(uint32_t),
     .expected = HZ_DCS_EXPECTED,
     .example = "023N",
     .help = "only transmissions with this digital code, as 023N or, of the other polarity, 023I "
             "(which sounds as 047N does)"},
    {0},
};

static const char *nfm_refuses(const void *values, char *err, size_t err_len)
{
    const struct hz_nfm_options *o = values;
    if (o->ctcss_hz <= 0 || o->dcs == 0)
        return NULL;
    snprintf(err, err_len,
             "'dcs' has no meaning with 'ctcss' beside it: a transmission has one of them");
    return "dcs";
}

const struct hz_decoder hz_nfm_decoder = {
    .name = "nfm",
    .title = "Narrow FM voice: transmissions, their tone and deviation",
    .input = HZ_INPUT_BASEBAND,
    .rate_min_hz = 16000,
    .rate_max_hz = RATE_MAX_HZ,
    .rate_hz = 24000,
    .carrier_ppm = 3,
    .bandwidth_hz = BANDWIDTH_HZ,
    .squelch_db = 6,
    .hang_s = 0.5f,
    .speech_hz = HZ_VOICE_AUDIO_RATE,
    .freqs_hz = freqs,
    .state_size = sizeof(struct nfm),
    .quiet_ns = 5,
    .busy_ns = 320,
    .options = options,
    .options_size = sizeof(struct hz_nfm_options),
    .refuses = nfm_refuses,
    .init = nfm_init,
    .push = nfm_push,
    .reset = nfm_flush,
    .flush = nfm_flush,
    .done = nfm_done,
    .fields = fields,
    .schema = "'envelope': {}, 'required': ['duration_s', 'deviation_hz']",
};
