/* The decoder of APRS and other packet radio at 1200 baud as the rest of hertzd sees it: frames out
 * of the detector, described and written to the sink. One instance for each channel. */
#include "proto/decoder.h"
#include "proto/packet/bell202/afsk.h"
#include "proto/packet/bell202/detect.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct hz_decoder hz_aprs_decoder;

_Static_assert((int)HZ_AFSK_IN_HZ == (int)HZ_APRS_RATE_HZ, "audio comes at the same rate");

enum { REFILL = 1200 /* of 60 ns in 10 ms: 300 ns a sample */ };

/* Discriminator audio: what several of its receivers find is told once. */
struct audio {
    struct hz_afsk afsk;
    struct hz_ax25_told told;
};

struct aprs {
    struct hz_aprs_detect detect; /* of IQ */
    struct audio *audio;          /* owned; NULL: the channel is IQ */
};

static int start_audio(struct aprs *g)
{
    g->audio = calloc(1, sizeof *g->audio);
    if (!g->audio)
        return -ENOMEM;
    return hz_afsk_init(&g->audio->afsk, false);
}

static void aprs_done(void *state)
{
    struct aprs *g = state;
    hz_aprs_detect_done(&g->detect);
    if (g->audio)
        hz_afsk_done(&g->audio->afsk);
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
    if ((setup->audio ? start_audio(g) : hz_aprs_detect_init(&g->detect, REFILL)) != 0) {
        aprs_done(g);
        snprintf(err, err_len, "no memory for the aprs detector");
        return -ENOMEM;
    }
    return 0;
}

static void aprs_push(void *state, const struct hz_samples *samples, struct hz_sink *sink)
{
    struct aprs *g = state;
    struct audio *a = g->audio;
    struct hz_ax25_teller teller = {sink, a ? &a->told : NULL, HZ_APRS_SAME};
    struct hz_ax25_out out = hz_ax25_tell(&teller);
    if (a)
        hz_afsk_push(&a->afsk, samples, &out);
    else
        hz_aprs_detect_push(&g->detect, samples, &out);
}

/* A reset and the end alike decode what is held and forget it. */
static void aprs_flush(void *state, struct hz_sink *sink)
{
    struct aprs *g = state;
    struct audio *a = g->audio;
    struct hz_ax25_teller teller = {sink, a ? &a->told : NULL, HZ_APRS_SAME};
    struct hz_ax25_out out = hz_ax25_tell(&teller);
    if (a)
        hz_afsk_flush(&a->afsk, &out);
    else
        hz_aprs_detect_flush(&g->detect, &out);
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
