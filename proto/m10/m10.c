/* The M10 decoder as the rest of hertzd sees it. One instance for each channel. */
#include "proto/decoder.h"
#include "proto/m10/detect.h"

#include <errno.h>
#include <stdio.h>

extern const struct hz_decoder hz_m10_decoder;

static int m10_init(void *state, const struct hz_setup *setup, char *err, size_t err_len)
{
    if (setup->rate_hz != HZ_M10_RATE_HZ) {
        snprintf(err, err_len, "sample rate %.10g Hz, m10 needs %d", setup->rate_hz,
                 HZ_M10_RATE_HZ);
        return -EINVAL;
    }
    if (hz_m10_detect_init(state) != 0) {
        snprintf(err, err_len, "no memory for the m10 detector");
        return -ENOMEM;
    }
    return 0;
}

static void m10_push(void *state, const struct hz_samples *samples, struct hz_sink *sink)
{
    hz_m10_detect_push(state, samples, sink);
}

/* reset and flush: decodes what is held and forgets it. */
static void m10_flush(void *state, struct hz_sink *sink)
{
    hz_m10_detect_flush(state, sink);
}

static void m10_done(void *state)
{
    hz_m10_detect_done(state);
}

const struct hz_decoder hz_m10_decoder = {
    .name = "m10",
    .id = "id",
    .title = "M10 and M20: position and measurements from radiosondes of Meteomodem",
    .input = HZ_INPUT_BASEBAND,
    .rate_min_hz = HZ_M10_RATE_HZ,
    .rate_max_hz = HZ_M10_RATE_HZ,
    .rate_hz = HZ_M10_RATE_HZ,
    .bandwidth_hz = 26000, /* 20 kHz, 3 kHz off to either side */
    .freqs_hz = (const double[]){405e6, 403e6, 404e6, 402e6, 404.5e6, 402.5e6, 0},
    .state_size = sizeof(struct hz_m10_detect),
    .quiet_ns = 5,
    .busy_ns = 60,
    .init = m10_init,
    .push = m10_push,
    .reset = m10_flush,
    .flush = m10_flush,
    .done = m10_done,
    .fields = hz_m10_fields,
    .schema = "'envelope': {'required': ['raw']}, 'required': ['type'], "
              "'dependentRequired': {'lat': ['lon', 'alt'], 'lon': ['lat']}",
};
