/* The POCSAG decoder as the rest of hertzd sees it: pages out of the detector, described and
 * written to the sink. One instance for each channel. */
#include "proto/decoder.h"
#include "proto/pocsag/describe.h"
#include "proto/pocsag/detect.h"
#include "proto/pocsag/options.h"

#include <errno.h>
#include <stdio.h>

extern const struct hz_decoder hz_pocsag_decoder;

static int pocsag_init(void *state, const struct hz_setup *setup, char *err, size_t err_len)
{
    if (setup->rate_hz != HZ_POCSAG_RATE_HZ) {
        snprintf(err, err_len, "sample rate %.10g Hz, pocsag needs %d", setup->rate_hz,
                 HZ_POCSAG_RATE_HZ);
        return -EINVAL;
    }
    const struct hz_pocsag_options *options = setup->options;
    const struct hz_pocsag_how how = {.audio = setup->audio,
                                      .keep_all = options->keep == HZ_POCSAG_KEEP_ALL,
                                      .network = options->network};
    if (hz_pocsag_detect_init(state, &how) != 0) {
        snprintf(err, err_len, "no memory for the pocsag detector");
        return -ENOMEM;
    }
    return 0;
}

static void pocsag_push(void *state, const struct hz_samples *samples, struct hz_sink *sink)
{
    hz_pocsag_detect_push(state, samples, sink);
}

/* reset and flush: decodes what is held and forgets it. */
static void pocsag_flush(void *state, struct hz_sink *sink)
{
    hz_pocsag_detect_flush(state, sink);
}

static bool pocsag_receiving(const void *state)
{
    return ((const struct hz_pocsag_detect *)state)->linked;
}

static void pocsag_done(void *state)
{
    hz_pocsag_detect_done(state);
}

const struct hz_decoder hz_pocsag_decoder = {
    .name = "pocsag",
    .id = "address",
    .title = "POCSAG: messages to pagers",
    .input = HZ_INPUT_BASEBAND,
    .rate_min_hz = HZ_POCSAG_RATE_HZ,
    .rate_max_hz = HZ_POCSAG_RATE_HZ,
    .rate_hz = HZ_POCSAG_RATE_HZ,
    .carrier_ppm = 1,
    .bandwidth_hz = 20000, /* tones 6.5 kHz from a carrier that is 2.5 kHz off, and more */
    /* DAPNET of radio amateurs; e*Message in Germany; Britain; the Netherlands; North America. */
    .freqs_hz = (const double[]){439.9875e6, 466.075e6, 448.475e6, 466.23e6, 153.35e6, 138.225e6,
                                 169.65e6, 172.45e6, 152.0075e6, 0},
    .takes_audio = true,
    .state_size = sizeof(struct hz_pocsag_detect),
    .quiet_ns = 23,
    .busy_ns = 200,
    .options = hz_pocsag_options,
    .options_size = sizeof(struct hz_pocsag_options),
    .init = pocsag_init,
    .push = pocsag_push,
    .reset = pocsag_flush,
    .flush = pocsag_flush,
    .done = pocsag_done,
    .receiving = pocsag_receiving,
    .fields = hz_pocsag_fields,
    .schema = "'envelope': {'required': ['raw']}, 'required': ['baud', 'inverted', 'address', "
              "'function', 'type', 'quality']",
};
