#include "daemon/commands.h"
#include "proto/registry.h"

#include <stdio.h>

int hz_cmd_decoders(int argc, char **argv)
{
    if (argc > 1) {
        fprintf(stderr, "hertzd decoders: \"%s\" was not expected\n", argv[1]);
        return HZ_EXIT_USAGE;
    }
    printf("%-10s %-12s %-14s %-10s %s\n", "DECODER", "FREQUENCY", "RATE", "BANDWIDTH", "WHAT");
    for (const struct hz_decoder *const *p = hz_decoders; *p; p++) {
        const struct hz_decoder *d = *p;
        char rate[32], freq[32], width[32];
        snprintf(freq, sizeof freq, "%.6g MHz", d->freqs_hz[0] / 1e6);
        snprintf(rate, sizeof rate, "%.4g-%.4g Msps", d->rate_min_hz / 1e6, d->rate_max_hz / 1e6);
        snprintf(width, sizeof width, "%.6g kHz", d->bandwidth_hz / 1e3);
        printf("%-10s %-12s %-14s %-10s %s\n", d->name, freq, rate, width, d->title);
    }
    return HZ_EXIT_OK;
}
