/* The ADS-B decoder as the rest of hertzd sees it. */
#include "proto/decoder.h"

extern const struct hz_decoder hz_adsb_decoder;

const struct hz_decoder hz_adsb_decoder = {
    .name = "adsb",
    .title = "ADS-B and Mode S, 1090 MHz",
    .input = HZ_INPUT_BAND,
    .rate_min_hz = 2.0e6,
    .rate_max_hz = 3.2e6,
    .rate_hz = 2.4e6,
    .bandwidth_hz = 2.0e6,
    .freqs_hz = (const double[]){1090e6, 0},
};
