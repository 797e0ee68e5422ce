/* The VDL mode 2 decoder as the rest of hertzd sees it. One instance for each channel. */
#include "proto/decoder.h"
#include "proto/vdl2/describe.h"
#include "proto/vdl2/detect.h"

#include <errno.h>
#include <stdio.h>

extern const struct hz_decoder hz_vdl2_decoder;

static int vdl2_init(void *state, const struct hz_setup *setup, char *err, size_t err_len)
{
    if (setup->rate_hz != HZ_VDL2_RATE_HZ) {
        snprintf(err, err_len, "sample rate %.10g Hz, vdl2 needs %d", setup->rate_hz,
                 HZ_VDL2_RATE_HZ);
        return -EINVAL;
    }
    if (hz_vdl2_detect_init(state) != 0) {
        snprintf(err, err_len, "no memory for the vdl2 detector");
        return -ENOMEM;
    }
    return 0;
}

static void vdl2_push(void *state, const struct hz_samples *samples, struct hz_sink *sink)
{
    hz_vdl2_detect_push(state, samples, sink);
}

/* reset and flush: decodes what is held and forgets it. */
static void vdl2_flush(void *state, struct hz_sink *sink)
{
    hz_vdl2_detect_flush(state, sink);
}

static void vdl2_done(void *state)
{
    hz_vdl2_detect_done(state);
}

const struct hz_decoder hz_vdl2_decoder = {
    .name = "vdl2",
    .id = "src",
    .title = "VDL mode 2: data link of aircraft, with ACARS inside",
    .input = HZ_INPUT_BASEBAND,
    .rate_min_hz = HZ_VDL2_RATE_HZ,
    .rate_max_hz = HZ_VDL2_RATE_HZ,
    .rate_hz = HZ_VDL2_RATE_HZ,
    .carrier_ppm = 2,
    .bandwidth_hz = 20000, /* 16.8 kHz, 1.6 kHz off to either side */
    /* The common one of the world; Europe; North America. */
    .freqs_hz = (const double[]){136.975e6, 136.725e6, 136.775e6, 136.825e6, 136.875e6, 136.65e6,
                                 136.7e6, 136.8e6, 136.85e6, 0},
    .state_size = sizeof(struct hz_vdl2_detect),
    .quiet_ns = 5.5f,
    .busy_ns = 35,
    .init = vdl2_init,
    .push = vdl2_push,
    .reset = vdl2_flush,
    .flush = vdl2_flush,
    .done = vdl2_done,
    .fields = hz_vdl2_fields,
    .schema = "'envelope': {'required': ['raw']}, 'required': ['type', 'src', 'dst', "
              "'burst_len_octets', 'idx', 'avlc'], 'dependentRequired': {'lat': ['lon'], 'lon': "
              "['lat']}",
};
