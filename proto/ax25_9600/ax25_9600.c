/* The decoder of 9600 baud packet radio as the rest of hertzd sees it: frames out of the detector,
 * described and written to the sink. One instance for each channel. */
#include "dsp/audio_phase.h"
#include "proto/ax25_9600/detect.h"
#include "proto/decoder.h"
#include "proto/hdlc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct hz_decoder hz_ax25_9600_decoder;

enum {
    REFILL = 600,        /* bit steps in 5 ms: about 130 ns a sample */
    AUDIO_REFILL = 2400, /* audio has no gate to speak of */
    REMEMBERED = 16      /* frames of one gain that another may find too */
};

/* Noise that audio makes a carrier of fits some transmission to 0.55 to 0.7, a real one to 0.9. */
static const float audio_share = 0.75f;

/* Discriminator audio: a detector for each gain, what several find told once. */
struct audio {
    struct hz_audio_phase phase;
    struct hz_g3ruh_detect detect[HZ_AUDIO_GAINS];
    struct {
        uint64_t sample;
        uint16_t crc;
        bool taken;
    } told[REMEMBERED]; /* a ring */
    unsigned told_at;
};

struct g3ruh {
    struct hz_g3ruh_detect detect; /* of IQ */
    struct audio *audio;           /* owned; NULL: the channel is IQ */
};

struct writer {
    struct g3ruh *g;
    struct hz_sink *sink;
};

static int start_audio(struct g3ruh *g)
{
    /* Packets at 3 kHz deviation have 2.4 kHz rms behind their shaping. */
    static const struct hz_audio_phase_mode mode = {
        .rate_hz = HZ_G3RUH_RATE_HZ, .rms_hz = 2400, .gain = {1.0f, 1.3f, 1.6f}};
    g->audio = calloc(1, sizeof *g->audio);
    if (!g->audio)
        return -ENOMEM;
    int err = hz_audio_phase_init(&g->audio->phase, &mode);
    for (int i = 0; i < HZ_AUDIO_GAINS && err == 0; i++)
        err = hz_g3ruh_detect_init(&g->audio->detect[i], AUDIO_REFILL, audio_share);
    return err;
}

static void g3ruh_done(void *state)
{
    struct g3ruh *g = state;
    hz_g3ruh_detect_done(&g->detect);
    for (int i = 0; i < HZ_AUDIO_GAINS && g->audio; i++)
        hz_g3ruh_detect_done(&g->audio->detect[i]);
    free(g->audio);
    g->audio = NULL;
}

static int g3ruh_init(void *state, const struct hz_setup *setup, char *err, size_t err_len)
{
    struct g3ruh *g = state;
    if (setup->rate_hz != HZ_G3RUH_RATE_HZ) {
        snprintf(err, err_len, "sample rate %.10g Hz, ax25-9600 needs %d", setup->rate_hz,
                 HZ_G3RUH_RATE_HZ);
        return -EINVAL;
    }
    if ((setup->audio ? start_audio(g)
                      : hz_g3ruh_detect_init(&g->detect, REFILL, HZ_G3RUH_LEAST_SHARE)) != 0) {
        g3ruh_done(g);
        snprintf(err, err_len, "no memory for the ax25-9600 detector");
        return -ENOMEM;
    }
    return 0;
}

static void refused(void *ctx, enum hz_reason reason)
{
    const struct writer *w = ctx;
    hz_sink_refuse(w->sink, reason);
}

static void found(void *ctx, const struct hz_burst *burst)
{
    const struct writer *w = ctx;
    struct hz_json *j = hz_sink_begin(w->sink, burst);
    hz_ax25_describe(burst->raw, burst->raw_len, j);
    hz_sink_end(w->sink);
}

/* The same frame within 10 ms was told already. */
static bool again(struct audio *a, const struct hz_burst *b)
{
    const uint64_t near = HZ_G3RUH_RATE_HZ / 100;
    uint16_t crc = hz_hdlc_crc(b->raw, b->raw_len);
    for (int i = 0; i < REMEMBERED; i++) {
        uint64_t was = a->told[i].sample;
        uint64_t apart = was > b->sample ? was - b->sample : b->sample - was;
        if (a->told[i].taken && a->told[i].crc == crc && apart < near)
            return true;
    }
    a->told[a->told_at].sample = b->sample;
    a->told[a->told_at].crc = crc;
    a->told[a->told_at].taken = true;
    a->told_at = (a->told_at + 1) % REMEMBERED;
    return false;
}

/* Levels of audio mean nothing: its amplitude is what the volume was set to. */
static void found_in_audio(void *ctx, const struct hz_burst *burst)
{
    const struct writer *w = ctx;
    if (again(w->g->audio, burst))
        return;
    struct hz_burst b = *burst;
    b.rssi_dbfs = b.noise_dbfs = b.snr_db = b.offset_hz = NAN;
    found(ctx, &b);
}

static void push_phases(struct audio *a, const struct hz_samples *iq,
                        const struct hz_g3ruh_out *out)
{
    for (int i = 0; i < HZ_AUDIO_GAINS; i++)
        hz_g3ruh_detect_push(&a->detect[i], &iq[i], out);
}

static void g3ruh_push(void *state, const struct hz_samples *samples, struct hz_sink *sink)
{
    struct writer w = {state, sink};
    struct audio *a = w.g->audio;
    struct hz_g3ruh_out out = {&w, a ? found_in_audio : found, refused};
    if (!a) {
        hz_g3ruh_detect_push(&w.g->detect, samples, &out);
        return;
    }
    struct hz_samples in = *samples, iq[HZ_AUDIO_GAINS];
    while (hz_audio_phase_push(&a->phase, &in, iq))
        push_phases(a, iq, &out);
}

/* A reset and the end alike decode what is held and forget it. */
static void g3ruh_flush(void *state, struct hz_sink *sink)
{
    struct writer w = {state, sink};
    struct audio *a = w.g->audio;
    struct hz_g3ruh_out out = {&w, a ? found_in_audio : found, refused};
    if (!a) {
        hz_g3ruh_detect_flush(&w.g->detect, &out);
        return;
    }
    struct hz_samples iq[HZ_AUDIO_GAINS];
    while (hz_audio_phase_flush(&a->phase, iq))
        push_phases(a, iq, &out);
    for (int i = 0; i < HZ_AUDIO_GAINS; i++)
        hz_g3ruh_detect_flush(&a->detect[i], &out);
    hz_audio_phase_reset(&a->phase);
}

const struct hz_decoder hz_ax25_9600_decoder = {
    .name = "ax25-9600",
    .title = "AX.25 packet radio at 9600 baud (G3RUH)",
    .input = HZ_INPUT_BASEBAND,
    .rate_min_hz = HZ_G3RUH_RATE_HZ,
    .rate_max_hz = HZ_G3RUH_RATE_HZ,
    .rate_hz = HZ_G3RUH_RATE_HZ,
    .bandwidth_hz = 25000,
    /* Packet radio of 70 cm and 2 m, the International Space Station, satellites. */
    .freqs_hz = (const double[]){438.1e6, 144.64e6, 437.55e6, 145.825e6, 435.1e6, 0},
    .takes_audio = true,
    .state_size = sizeof(struct g3ruh),
    .init = g3ruh_init,
    .push = g3ruh_push,
    .reset = g3ruh_flush,
    .flush = g3ruh_flush,
    .done = g3ruh_done,
    .fields = hz_ax25_fields,
};
