/* The AIS decoder as the rest of hertzd sees it: messages out of the detector, described and
 * written to the sink. One instance for each channel. */
#include "proto/ais/detect.h"
#include "proto/decoder.h"

#include <errno.h>
#include <stdio.h>

extern const struct hz_decoder hz_ais_decoder;

static int ais_init(void *state, const struct hz_setup *setup, char *err, size_t err_len)
{
    struct hz_ais_detect *d = state;
    if (setup->rate_hz != HZ_AIS_RATE_HZ) {
        snprintf(err, err_len, "sample rate %.10g Hz, ais needs %d", setup->rate_hz,
                 HZ_AIS_RATE_HZ);
        return -EINVAL;
    }
    if (hz_ais_detect_init(d, setup->freq_hz) != 0) {
        snprintf(err, err_len, "no memory for the ais detector");
        return -ENOMEM;
    }
    return 0;
}

static void ais_push(void *state, const struct hz_samples *samples, struct hz_sink *sink)
{
    hz_ais_detect_push(state, samples, sink);
}

/* reset and flush: decodes what is held and forgets it. */
static void ais_flush(void *state, struct hz_sink *sink)
{
    hz_ais_detect_flush(state, sink);
}

static void ais_done(void *state)
{
    hz_ais_detect_done(state);
}

const struct hz_decoder hz_ais_decoder = {
    .name = "ais",
    .id = "mmsi",
    .title = "AIS: positions and names of ships",
    .input = HZ_INPUT_BASEBAND,
    .rate_min_hz = HZ_AIS_RATE_HZ,
    .rate_max_hz = HZ_AIS_RATE_HZ,
    .rate_hz = HZ_AIS_RATE_HZ,
    .carrier_ppm = 1.7f,
    .bandwidth_hz = 25000,
    /* AIS 1 and 2, and the pair that satellites listen to. */
    .freqs_hz = (const double[]){161.975e6, 162.025e6, 156.775e6, 156.825e6, 0},
    .state_size = sizeof(struct hz_ais_detect),
    .quiet_ns = 12,
    .busy_ns = 90,
    .init = ais_init,
    .push = ais_push,
    .reset = ais_flush,
    .flush = ais_flush,
    .done = ais_done,
    .fields = hz_ais_fields,
    .schema = "'envelope': {'required': ['raw']}, 'required': ['type', 'repeat', 'mmsi', 'nmea'], "
              "'dependentRequired': {'lat': ['lon'], 'lon': ['lat']}",
};
