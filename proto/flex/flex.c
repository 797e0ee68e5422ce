/* The FLEX decoder as the rest of hertzd sees it: messages out of the detector, described and
 * written to the sink. One instance for each channel. */
#include "proto/decoder.h"
#include "proto/flex/describe.h"
#include "proto/flex/detect.h"

#include <errno.h>
#include <stdio.h>

extern const struct hz_decoder hz_flex_decoder;

static int flex_init(void *state, const struct hz_setup *setup, char *err, size_t err_len)
{
    if (setup->rate_hz != HZ_FLEX_RATE_HZ) {
        snprintf(err, err_len, "sample rate %.10g Hz, flex needs %d", setup->rate_hz,
                 HZ_FLEX_RATE_HZ);
        return -EINVAL;
    }
    if (hz_flex_detect_init(state, setup->audio, setup->options) != 0) {
        snprintf(err, err_len, "no memory for the flex detector");
        return -ENOMEM;
    }
    return 0;
}

static void flex_push(void *state, const struct hz_samples *samples, struct hz_sink *sink)
{
    hz_flex_detect_push(state, samples, sink);
}

/* reset and flush: decodes what is held and forgets it. */
static void flex_flush(void *state, struct hz_sink *sink)
{
    hz_flex_detect_flush(state, sink);
}

static bool flex_receiving(const void *state)
{
    return ((const struct hz_flex_detect *)state)->linked;
}

static void flex_done(void *state)
{
    hz_flex_detect_done(state);
}

const struct hz_decoder hz_flex_decoder = {
    .name = "flex",
    .id = "capcode",
    .title = "FLEX: messages to pagers",
    .input = HZ_INPUT_BASEBAND,
    .rate_min_hz = HZ_FLEX_RATE_HZ,
    .rate_max_hz = HZ_FLEX_RATE_HZ,
    .rate_hz = HZ_FLEX_RATE_HZ,
    .carrier_ppm = 0.5f,
    .bandwidth_hz = 20000, /* tones of 4.8 kHz at 3200 baud, a carrier 2.5 kHz off */
    /* North America; the Netherlands. */
    .freqs_hz = (const double[]){931.9375e6, 929.6625e6, 931.0625e6, 169.65e6, 0},
    .takes_audio = true,
    .state_size = sizeof(struct hz_flex_detect),
    .quiet_ns = 20,
    .busy_ns = 120,
    .options = hz_flex_options,
    .options_size = sizeof(struct hz_flex_options),
    .init = flex_init,
    .push = flex_push,
    .reset = flex_flush,
    .flush = flex_flush,
    .done = flex_done,
    .receiving = flex_receiving,
    .fields = hz_flex_fields,
    .schema = "'envelope': {'required': ['raw']}, 'required': ['sync_baud', 'sync_level', "
              "'phase_number', 'inverted', 'capcode', 'type', 'quality']",
};
