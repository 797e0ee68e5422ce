/* Sensors, remotes, tyres, meters: the decoder of bursts by declarations. */
#include "proto/decoder.h"

#include <errno.h>
#include <stdio.h>

extern const struct hz_decoder hz_sensors_decoder;

struct sensors {
    uint64_t samples; /* of the burst */
};

static int sensors_init(void *state, const struct hz_setup *setup, char *err, size_t err_len)
{
    (void)state;
    if (setup->rate_hz >= 200e3 && setup->rate_hz <= 500e3)
        return 0;
    snprintf(err, err_len, "%.10g samples per second: expected 200k to 500k", setup->rate_hz);
    return -EINVAL;
}

static void sensors_push(void *state, const struct hz_samples *s, struct hz_sink *sink)
{
    struct sensors *b = state;
    (void)sink;
    b->samples += s->n;
}

static void sensors_flush(void *state, struct hz_sink *sink)
{
    struct sensors *b = state;
    if (b->samples > 0)
        hz_sink_refuse(sink, HZ_NO_PREAMBLE);
    b->samples = 0;
}

const struct hz_decoder hz_sensors_decoder = {
    .name = "sensors",
    .title = "Sensors, remotes, tyres, meters in the bands of 315, 433, 868 and 915 MHz",
    .input = HZ_INPUT_BURST,
    .rate_min_hz = 200e3,
    .rate_max_hz = 500e3,
    .rate_hz = 250e3,
    .rate_wide_hz = 500e3,
    .bandwidth_hz = 240e3,
    .freqs_hz = (const double[]){433.92e6, 868.3e6, 315e6, 345e6, 903e6, 906e6, 909e6, 912e6, 915e6,
                                 918e6, 921e6, 924e6, 927e6, 0},
    .quiet_ns = 1,
    .busy_ns = 200,
    .state_size = sizeof(struct sensors),
    .init = sensors_init,
    .push = sensors_push,
    .reset = sensors_flush,
    .flush = sensors_flush,
};
