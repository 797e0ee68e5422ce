/* The RS41 decoder as the rest of hertzd sees it. One instance for each channel. */
#include "proto/decoder.h"
#include "proto/rs41/describe.h"
#include "proto/rs41/detect.h"

#include <errno.h>
#include <stdio.h>

extern const struct hz_decoder hz_rs41_decoder;

static int rs41_init(void *state, const struct hz_setup *setup, char *err, size_t err_len)
{
    if (setup->rate_hz != HZ_RS41_RATE_HZ) {
        snprintf(err, err_len, "sample rate %.10g Hz, rs41 needs %d", setup->rate_hz,
                 HZ_RS41_RATE_HZ);
        return -EINVAL;
    }
    if (hz_rs41_detect_init(state, setup->audio) != 0) {
        snprintf(err, err_len, "no memory for the rs41 detector");
        return -ENOMEM;
    }
    return 0;
}

static void rs41_push(void *state, const struct hz_samples *samples, struct hz_sink *sink)
{
    hz_rs41_detect_push(state, samples, sink);
}

/* reset and flush: decodes what is held and forgets it. */
static void rs41_flush(void *state, struct hz_sink *sink)
{
    hz_rs41_detect_flush(state, sink);
}

static void rs41_done(void *state)
{
    hz_rs41_detect_done(state);
}

const struct hz_decoder hz_rs41_decoder = {
    .name = "rs41",
    .id = "id",
    .title = "RS41: position and weather from radiosondes",
    .input = HZ_INPUT_BASEBAND,
    .rate_min_hz = HZ_RS41_RATE_HZ,
    .rate_max_hz = HZ_RS41_RATE_HZ,
    .rate_hz = HZ_RS41_RATE_HZ,
    .bandwidth_hz = 15000, /* 9 kHz, 3 kHz off to either side */
    /* Usual ones; every country has its own between 400.05 and 406 MHz. */
    .freqs_hz =
        (const double[]){403.5e6, 402.7e6, 404.5e6, 405.1e6, 404.1e6, 405.3e6, 402.9e6, 401.5e6, 0},
    .takes_audio = true,
    .state_size = sizeof(struct hz_rs41_detect),
    .quiet_ns = 5,
    .busy_ns = 60,
    .init = rs41_init,
    .push = rs41_push,
    .reset = rs41_flush,
    .flush = rs41_flush,
    .done = rs41_done,
    .fields = hz_rs41_fields,
    .schema = "'envelope': {'required': ['raw']}, 'required': ['type', 'id', 'frame'], "
              "'dependentRequired': {'lat': ['lon', 'alt'], 'lon': ['lat']}",
};
