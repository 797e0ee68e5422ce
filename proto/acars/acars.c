/* The ACARS decoder as the rest of hertzd sees it. One instance for each channel. */
#include "proto/acars/describe.h"
#include "proto/acars/detect.h"
#include "proto/decoder.h"

#include <errno.h>
#include <stdio.h>

extern const struct hz_decoder hz_acars_decoder;

static int acars_init(void *state, const struct hz_setup *setup, char *err, size_t err_len)
{
    if (setup->rate_hz != HZ_ACARS_RATE_HZ) {
        snprintf(err, err_len, "sample rate %.10g Hz, acars needs %d", setup->rate_hz,
                 HZ_ACARS_RATE_HZ);
        return -EINVAL;
    }
    if (hz_acars_detect_init(state, setup->audio) != 0) {
        snprintf(err, err_len, "no memory for the acars detector");
        return -ENOMEM;
    }
    return 0;
}

static void acars_push(void *state, const struct hz_samples *samples, struct hz_sink *sink)
{
    hz_acars_detect_push(state, samples, sink);
}

/* reset and flush: decodes what is held and forgets it. */
static void acars_flush(void *state, struct hz_sink *sink)
{
    hz_acars_detect_flush(state, sink);
}

static void acars_done(void *state)
{
    hz_acars_detect_done(state);
}

const struct hz_decoder hz_acars_decoder = {
    .name = "acars",
    .id = "tail",
    .title = "ACARS: messages of aircraft and their ground stations",
    .input = HZ_INPUT_BASEBAND,
    .rate_min_hz = HZ_ACARS_RATE_HZ,
    .rate_max_hz = HZ_ACARS_RATE_HZ,
    .rate_hz = HZ_ACARS_RATE_HZ,
    .carrier_ppm = 2,
    .bandwidth_hz = 11000, /* 7 kHz, 2 kHz off to either side */
    /* Europe and the world; North America; Japan; Air Canada */
    .freqs_hz = (const double[]){131.725e6, 131.525e6, 131.825e6, 131.850e6, 131.550e6, 131.450e6,
                                 131.475e6, 131.125e6, 130.025e6, 129.125e6, 130.425e6, 130.450e6,
                                 136.900e6, 136.850e6, 136.800e6, 136.750e6, 136.700e6, 0},
    .takes_audio = true,
    .state_size = sizeof(struct hz_acars_detect),
    .quiet_ns = 2,
    .busy_ns = 45,
    .init = acars_init,
    .push = acars_push,
    .reset = acars_flush,
    .flush = acars_flush,
    .done = acars_done,
    .fields = hz_acars_fields,
    .schema =
        "'envelope': {'required': ['raw']}, 'required': ['mode', 'label', 'assstat', 'error'], "
        "'dependentRequired': {'lat': ['lon'], 'lon': ['lat'], 'block_id': ['tail', 'ack']}",
};
