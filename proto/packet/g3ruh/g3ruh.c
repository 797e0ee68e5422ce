/* The decoder of 9600 baud packet radio as the rest of hertzd sees it: frames out of the detector,
 * described and written to the sink. One instance for each channel. */
#include "proto/decoder.h"
#include "proto/packet/g3ruh/audio.h"
#include "proto/packet/g3ruh/detect.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct hz_decoder hz_g3ruh_decoder;

_Static_assert((int)HZ_G3RUH_AUDIO_HZ == (int)HZ_G3RUH_RATE_HZ, "audio comes at the same rate");

enum { REFILL = 850 /* bit steps in 5 ms: about 140 ns a sample */ };

struct g3ruh {
    struct hz_g3ruh_detect detect; /* of IQ */
    struct hz_g3ruh_audio *audio;  /* owned; NULL: the channel is IQ */
};

static int start_audio(struct g3ruh *g)
{
    g->audio = calloc(1, sizeof *g->audio);
    if (!g->audio)
        return -ENOMEM;
    hz_g3ruh_audio_init(g->audio);
    return 0;
}

static void g3ruh_done(void *state)
{
    struct g3ruh *g = state;
    hz_g3ruh_detect_done(&g->detect);
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
    if ((setup->audio ? start_audio(g) : hz_g3ruh_detect_init(&g->detect, REFILL)) != 0) {
        g3ruh_done(g);
        snprintf(err, err_len, "no memory for the ax25-9600 detector");
        return -ENOMEM;
    }
    return 0;
}

static void g3ruh_push(void *state, const struct hz_samples *samples, struct hz_sink *sink)
{
    struct g3ruh *g = state;
    if (g->audio)
        hz_g3ruh_audio_push(g->audio, samples, sink);
    else
        hz_ax25_follow_push(&g->detect.follow, samples, sink);
}

/* reset and flush: decodes what is held and forgets it. */
static void g3ruh_flush(void *state, struct hz_sink *sink)
{
    struct g3ruh *g = state;
    if (g->audio)
        hz_g3ruh_audio_flush(g->audio, sink);
    else
        hz_ax25_follow_flush(&g->detect.follow, sink);
}

const struct hz_decoder hz_g3ruh_decoder = {
    .name = "ax25-9600",
    .id = "srccallsign",
    .title = "AX.25 packet radio at 9600 baud (G3RUH)",
    .input = HZ_INPUT_BASEBAND,
    .rate_min_hz = HZ_G3RUH_RATE_HZ,
    .rate_max_hz = HZ_G3RUH_RATE_HZ,
    .rate_hz = HZ_G3RUH_RATE_HZ,
    .bandwidth_hz = 25000,
    /* Packet radio on 70 cm and 2 m, the International Space Station, satellites. */
    .freqs_hz = (const double[]){438.1e6, 144.64e6, 437.55e6, 145.825e6, 435.1e6, 0},
    .takes_audio = true,
    .state_size = sizeof(struct g3ruh),
    .quiet_ns = 7.5f,
    .busy_ns = 235,
    .init = g3ruh_init,
    .push = g3ruh_push,
    .reset = g3ruh_flush,
    .flush = g3ruh_flush,
    .done = g3ruh_done,
    .fields = hz_ax25_fields,
};
