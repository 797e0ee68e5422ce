/* The ADS-B decoder: the table of functions, options and state for proto/decoder.h. */
#include "proto/adsb/demod.h"
#include "proto/adsb/describe.h"
#include "proto/decoder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

extern const struct hz_decoder hz_adsb_decoder;

struct adsb {
    struct hz_adsb_demod demod;
    struct hz_aircraft_table *aircraft; /* owned */
};

static int adsb_init(void *state, const struct hz_setup *setup, char *err, size_t err_len)
{
    struct adsb *a = state;
    const struct hz_decoder *own = &hz_adsb_decoder;
    if (!(setup->rate_hz >= own->rate_min_hz && setup->rate_hz <= own->rate_max_hz)) {
        snprintf(err, err_len, "sample rate %.0f Hz, adsb needs %.0f to %.0f", setup->rate_hz,
                 own->rate_min_hz, own->rate_max_hz);
        return -EINVAL;
    }
    a->aircraft = calloc(1, hz_aircraft_table_size());
    if (!a->aircraft) {
        snprintf(err, err_len, "no memory for the aircraft table");
        return -ENOMEM;
    }
    hz_aircraft_table_init(a->aircraft, setup->latitude, setup->longitude);
    hz_adsb_demod_init(&a->demod, (float)setup->rate_hz, hz_adsb_kernels()[0], a->aircraft);
    return 0;
}

static void adsb_push(void *state, const struct hz_samples *samples, struct hz_sink *sink)
{
    struct adsb *a = state;
    hz_adsb_demod_push(&a->demod, samples, sink);
}

/* Both a reset and the end of the stream decode the samples in the buffer and forget them. Aircraft
 * and trusted addresses are kept. */
static void adsb_flush(void *state, struct hz_sink *sink)
{
    struct adsb *a = state;
    hz_adsb_demod_flush(&a->demod, sink);
}

static void adsb_done(void *state)
{
    struct adsb *a = state;
    free(a->aircraft);
    a->aircraft = NULL;
}

const struct hz_decoder hz_adsb_decoder = {
    .name = "adsb",
    .id = "hex",
    .title = "ADS-B and Mode S, 1090 MHz",
    .input = HZ_INPUT_BAND,
    .rate_min_hz = 2.0e6,
    .rate_max_hz = 3.2e6,
    .rate_hz = 2.4e6,
    .bandwidth_hz = 2.0e6,
    .freqs_hz = (const double[]){1090e6, 0},
    .knows_place = true,
    .state_size = sizeof(struct adsb),
    .quiet_ns = 2.2f,
    .busy_ns = 12,
    .init = adsb_init,
    .push = adsb_push,
    .reset = adsb_flush,
    .flush = adsb_flush,
    .done = adsb_done,
    .fields = hz_adsb_fields,
    .schema = "'envelope': {'required': ['raw']}, 'required': ['hex', 'type', 'df'], "
              "'dependentRequired': {'lat': ['lon'], 'lon': ['lat']}",
};
