/* The decoder of APRS and other packet radio at 1200 baud as the rest of hertzd sees it: frames out
 * of the detector, described and written to the sink. One instance for each channel. */
#include "dsp/audio_phase.h"
#include "proto/aprs/detect.h"
#include "proto/decoder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct hz_decoder hz_aprs_decoder;

enum {
    REFILL = 640,        /* of 60 ns in 10 ms: 160 ns a sample */
    AUDIO_REFILL = 3200, /* audio has no gate */
};

/* Discriminator audio: a detector for each gain, what several find told once. */
struct audio {
    struct hz_audio_phase phase;
    struct hz_aprs_detect detect[HZ_AUDIO_GAINS];
    struct hz_ax25_told told;
};

struct aprs {
    struct hz_aprs_detect detect; /* of IQ */
    struct audio *audio;          /* owned; NULL: the channel is IQ */
};

static int start_audio(struct aprs *g)
{
    /* A tone at 3 kHz deviation has 2.1 kHz rms. */
    static const struct hz_audio_phase_mode mode = {
        .rate_hz = HZ_APRS_RATE_HZ, .highpass_hz = 0, .rms_hz = 2100, .gain = {0.5f, 0.7f, 1.0f}};
    g->audio = calloc(1, sizeof *g->audio);
    if (!g->audio)
        return -ENOMEM;
    int err = hz_audio_phase_init(&g->audio->phase, &mode);
    for (int i = 0; i < HZ_AUDIO_GAINS && err == 0; i++)
        err = hz_aprs_detect_init(&g->audio->detect[i], AUDIO_REFILL, true);
    return err;
}

static void aprs_done(void *state)
{
    struct aprs *g = state;
    hz_aprs_detect_done(&g->detect);
    for (int i = 0; i < HZ_AUDIO_GAINS && g->audio; i++)
        hz_aprs_detect_done(&g->audio->detect[i]);
    free(g->audio);
    g->audio = NULL;
}

static int aprs_init(void *state, const struct hz_setup *setup, char *err, size_t err_len)
{
    struct aprs *g = state;
    if (setup->rate_hz != HZ_APRS_RATE_HZ) {
        snprintf(err, err_len, "sample rate %.10g Hz, aprs needs %d", setup->rate_hz,
                 HZ_APRS_RATE_HZ);
        return -EINVAL;
    }
    if ((setup->audio ? start_audio(g) : hz_aprs_detect_init(&g->detect, REFILL, false)) != 0) {
        aprs_done(g);
        snprintf(err, err_len, "no memory for the aprs detector");
        return -ENOMEM;
    }
    return 0;
}

static void push_phases(struct audio *a, const struct hz_samples *iq, const struct hz_ax25_out *out)
{
    for (int i = 0; i < HZ_AUDIO_GAINS; i++)
        hz_aprs_detect_push(&a->detect[i], &iq[i], out);
}

static void aprs_push(void *state, const struct hz_samples *samples, struct hz_sink *sink)
{
    struct aprs *g = state;
    struct audio *a = g->audio;
    struct hz_ax25_teller teller = {sink, a ? &a->told : NULL, HZ_APRS_RATE_HZ};
    struct hz_ax25_out out = hz_ax25_tell(&teller);
    if (!a) {
        hz_aprs_detect_push(&g->detect, samples, &out);
        return;
    }
    struct hz_samples in = *samples, iq[HZ_AUDIO_GAINS];
    while (hz_audio_phase_push(&a->phase, &in, iq))
        push_phases(a, iq, &out);
}

/* A reset and the end alike decode what is held and forget it. */
static void aprs_flush(void *state, struct hz_sink *sink)
{
    struct aprs *g = state;
    struct audio *a = g->audio;
    struct hz_ax25_teller teller = {sink, a ? &a->told : NULL, HZ_APRS_RATE_HZ};
    struct hz_ax25_out out = hz_ax25_tell(&teller);
    if (!a) {
        hz_aprs_detect_flush(&g->detect, &out);
        return;
    }
    struct hz_samples iq[HZ_AUDIO_GAINS];
    while (hz_audio_phase_flush(&a->phase, iq))
        push_phases(a, iq, &out);
    for (int i = 0; i < HZ_AUDIO_GAINS; i++)
        hz_aprs_detect_flush(&a->detect[i], &out);
    hz_audio_phase_reset(&a->phase);
}

const struct hz_decoder hz_aprs_decoder = {
    .name = "aprs",
    .title = "APRS and AX.25 packet radio at 1200 baud (Bell 202)",
    .input = HZ_INPUT_BASEBAND,
    .rate_min_hz = HZ_APRS_RATE_HZ,
    .rate_max_hz = HZ_APRS_RATE_HZ,
    .rate_hz = HZ_APRS_RATE_HZ,
    .bandwidth_hz = 12500,
    /* APRS of Europe, America, packet radio, Australia's APRS, the International Space Station. */
    .freqs_hz = (const double[]){144.8e6, 144.39e6, 144.64e6, 145.175e6, 145.825e6, 0},
    .takes_audio = true,
    .state_size = sizeof(struct aprs),
    .init = aprs_init,
    .push = aprs_push,
    .reset = aprs_flush,
    .flush = aprs_flush,
    .done = aprs_done,
    .fields = hz_ax25_fields,
};
