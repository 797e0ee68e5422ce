/* The DFM decoder as the rest of hertzd sees it. One instance for each channel. */
#include "proto/decoder.h"
#include "proto/dfm/detect.h"

#include <errno.h>
#include <stdio.h>

extern const struct hz_decoder hz_dfm_decoder;

static int dfm_init(void *state, const struct hz_setup *setup, char *err, size_t err_len)
{
    if (setup->rate_hz != HZ_DFM_RATE_HZ) {
        snprintf(err, err_len, "sample rate %.10g Hz, dfm needs %d", setup->rate_hz,
                 HZ_DFM_RATE_HZ);
        return -EINVAL;
    }
    if (hz_dfm_detect_init(state) != 0) {
        snprintf(err, err_len, "no memory for the dfm detector");
        return -ENOMEM;
    }
    return 0;
}

static void dfm_push(void *state, const struct hz_samples *samples, struct hz_sink *sink)
{
    hz_dfm_detect_push(state, samples, sink);
}

/* reset and flush: decodes what is held and forgets it. */
static void dfm_flush(void *state, struct hz_sink *sink)
{
    hz_dfm_detect_flush(state, sink);
}

static void dfm_done(void *state)
{
    hz_dfm_detect_done(state);
}

const struct hz_decoder hz_dfm_decoder = {
    .name = "dfm",
    .id = "id",
    .title = "DFM: position and temperature from radiosondes of Graw",
    .input = HZ_INPUT_BASEBAND,
    .rate_min_hz = HZ_DFM_RATE_HZ,
    .rate_max_hz = HZ_DFM_RATE_HZ,
    .rate_hz = HZ_DFM_RATE_HZ,
    .bandwidth_hz = 15000, /* 8 kHz, 3 kHz off to either side */
    .freqs_hz = (const double[]){403e6, 402.5e6, 404e6, 405e6, 402e6, 404.5e6, 0},
    .state_size = sizeof(struct hz_dfm_detect),
    .quiet_ns = 5,
    .busy_ns = 60,
    .init = dfm_init,
    .push = dfm_push,
    .reset = dfm_flush,
    .flush = dfm_flush,
    .done = dfm_done,
    .fields = hz_dfm_fields,
    .schema = "'envelope': {'required': ['raw']}, 'required': ['type'], "
              "'dependentRequired': {'lat': ['lon', 'alt'], 'lon': ['lat']}",
};
