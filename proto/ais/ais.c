/* The AIS decoder as the rest of hertzd sees it: messages out of the detector, described and
 * written to the sink. One instance for each channel. */
#include "proto/ais/describe.h"
#include "proto/ais/detect.h"
#include "proto/decoder.h"

#include <errno.h>
#include <stdio.h>

extern const struct hz_decoder hz_ais_decoder;

struct ais {
    struct hz_ais_detect detect;
    struct hz_ais_state state;
};

/* What the detector's listener needs to write a message. */
struct writer {
    struct ais *a;
    struct hz_sink *sink;
};

static int ais_init(void *state, const struct hz_setup *setup, char *err, size_t err_len)
{
    struct ais *a = state;
    if (setup->rate_hz != HZ_AIS_RATE_HZ) {
        snprintf(err, err_len, "sample rate %.10g Hz, ais needs %d", setup->rate_hz,
                 HZ_AIS_RATE_HZ);
        return -EINVAL;
    }
    if (hz_ais_detect_init(&a->detect) != 0) {
        snprintf(err, err_len, "no memory for the ais detector");
        return -ENOMEM;
    }
    hz_ais_state_init(&a->state, setup->freq_hz);
    return 0;
}

static void found(void *ctx, const struct hz_burst *burst, size_t bits)
{
    const struct writer *w = ctx;
    struct hz_json *j = hz_sink_begin(w->sink, burst);
    hz_ais_describe(&w->a->state, burst->raw, bits, j);
    hz_sink_end(w->sink);
}

static void refused(void *ctx, enum hz_reason reason)
{
    const struct writer *w = ctx;
    hz_sink_refuse(w->sink, reason);
}

static struct hz_ais_listener listener(struct writer *w)
{
    return (struct hz_ais_listener){.ctx = w, .found = found, .refused = refused};
}

static void ais_push(void *state, const struct hz_samples *samples, struct hz_sink *sink)
{
    struct writer w = {state, sink};
    struct hz_ais_listener out = listener(&w);
    hz_ais_detect_push(&w.a->detect, samples, &out);
}

/* A reset and the end alike decode what is held and forget it. */
static void ais_flush(void *state, struct hz_sink *sink)
{
    struct writer w = {state, sink};
    struct hz_ais_listener out = listener(&w);
    hz_ais_detect_flush(&w.a->detect, &out);
}

static void ais_done(void *state)
{
    struct ais *a = state;
    hz_ais_detect_done(&a->detect);
}

const struct hz_decoder hz_ais_decoder = {
    .name = "ais",
    .title = "AIS: positions and names of ships",
    .input = HZ_INPUT_BASEBAND,
    .rate_min_hz = HZ_AIS_RATE_HZ,
    .rate_max_hz = HZ_AIS_RATE_HZ,
    .rate_hz = HZ_AIS_RATE_HZ,
    .bandwidth_hz = 25000,
    /* AIS 1 and 2, and the pair that satellites listen to. */
    .freqs_hz = (const double[]){161.975e6, 162.025e6, 156.775e6, 156.825e6, 0},
    .state_size = sizeof(struct ais),
    .init = ais_init,
    .push = ais_push,
    .reset = ais_flush,
    .flush = ais_flush,
    .done = ais_done,
    .fields = hz_ais_fields,
};
