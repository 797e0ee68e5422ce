/* The decoder of APRS and other packet radio at 1200 baud as the rest of hertzd sees it: frames out
 * of the detector, described and written to the sink. One instance for each channel. */
#include "proto/decoder.h"
#include "proto/packet/bell202/audio.h"
#include "proto/packet/bell202/detect.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct hz_decoder hz_bell202_decoder;

_Static_assert((int)HZ_BELL202_AUDIO_IN_HZ == (int)HZ_BELL202_RATE_HZ,
               "audio comes at the same rate");

enum { REFILL = 1200 /* of 60 ns in 10 ms: 300 ns a sample */ };

struct bell202 {
    struct hz_bell202_detect detect; /* of IQ */
    struct hz_bell202_audio *audio;  /* owned; NULL: the channel is IQ */
};

static int start_audio(struct bell202 *g)
{
    g->audio = calloc(1, sizeof *g->audio);
    return g->audio ? hz_bell202_audio_init(g->audio, NULL, NULL) : -ENOMEM;
}

static void bell202_done(void *state)
{
    struct bell202 *g = state;
    hz_bell202_detect_done(&g->detect);
    if (g->audio)
        hz_bell202_audio_done(g->audio);
    free(g->audio);
    g->audio = NULL;
}

static int bell202_init(void *state, const struct hz_setup *setup, char *err, size_t err_len)
{
    struct bell202 *g = state;
    if (setup->rate_hz != HZ_BELL202_RATE_HZ) {
        snprintf(err, err_len, "sample rate %.10g Hz, aprs needs %d", setup->rate_hz,
                 HZ_BELL202_RATE_HZ);
        return -EINVAL;
    }
    if ((setup->audio ? start_audio(g) : hz_bell202_detect_init(&g->detect, REFILL)) != 0) {
        bell202_done(g);
        snprintf(err, err_len, "no memory for the aprs detector");
        return -ENOMEM;
    }
    return 0;
}

static void bell202_push(void *state, const struct hz_samples *samples, struct hz_sink *sink)
{
    struct bell202 *g = state;
    if (g->audio)
        hz_bell202_audio_push(g->audio, samples, sink);
    else
        hz_ax25_follow_push(&g->detect.follow, samples, sink);
}

/* reset and flush: decodes what is held and forgets it. */
static void bell202_flush(void *state, struct hz_sink *sink)
{
    struct bell202 *g = state;
    if (g->audio)
        hz_bell202_audio_flush(g->audio, sink);
    else
        hz_ax25_follow_flush(&g->detect.follow, sink);
}

const struct hz_decoder hz_bell202_decoder = {
    .name = "aprs",
    .id = "srccallsign",
    .title = "APRS and AX.25 packet radio at 1200 baud (Bell 202)",
    .input = HZ_INPUT_BASEBAND,
    .rate_min_hz = HZ_BELL202_RATE_HZ,
    .rate_max_hz = HZ_BELL202_RATE_HZ,
    .rate_hz = HZ_BELL202_RATE_HZ,
    .bandwidth_hz = 12500,
    /* APRS in Europe, APRS in America, packet radio, APRS in Australia, the International Space
       Station. */
    .freqs_hz = (const double[]){144.8e6, 144.39e6, 144.64e6, 145.175e6, 145.825e6, 0},
    .takes_audio = true,
    .state_size = sizeof(struct bell202),
    .quiet_ns = 10,
    .busy_ns = 410,
    .init = bell202_init,
    .push = bell202_push,
    .reset = bell202_flush,
    .flush = bell202_flush,
    .done = bell202_done,
    .fields = hz_ax25_fields,
};
