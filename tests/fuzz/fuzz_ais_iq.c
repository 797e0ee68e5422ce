/* Any bytes as IQ through the whole AIS decoder, cut where the input says. The input's bytes are
 * bits of a burst where they can be, so that the deframer and the repair are reached. */
#include "proto/ais/burst.h"
#include "tests/fuzz/run_decoder.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

extern const struct hz_decoder hz_ais_decoder;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* IQ of the input: bytes 4 on are line levels of a modulated burst, or raw samples. */
static size_t compose(const uint8_t *data, size_t size, float *iq, size_t room)
{
    size_t n = 0;
    if (data[0] & 1) {
        static uint8_t level[HZ_AIS_BITS_MAX];
        struct hz_cpm *c = hz_cpm_new(&hz_ais_gmsk, 8);
        size_t bits = 32;
        for (size_t i = 0; i < 32; i++)
            level[i] =
                (uint8_t)(UINT32_C(0xccccccfe) << i >> 31); /* training and flag behind NRZI */
        for (size_t i = 0; i < size * 8 && bits < HZ_AIS_BITS_MAX; i++)
            level[bits++] = data[4 + i / 8] >> i % 8 & 1;
        n = 200 + bits * HZ_AIS_BIT < room ? 200 + bits * HZ_AIS_BIT : room;
        hz_cpm_modulate(c, level, bits, 100.0 + data[3] / 64.0, iq, n);
        hz_cpm_free(c);
        return n;
    }
    for (; n < size / 2 && n < room; n++) {
        iq[2 * n] = ((float)data[4 + 2 * n] - 127.5f) / 127.5f;
        iq[2 * n + 1] = ((float)data[5 + 2 * n] - 127.5f) / 127.5f;
    }
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static float iq[2 * 8192];
    if (size < 4)
        return 0;
    struct hz_setup setup = {.rate_hz = 48000,
                             .centre_hz = 162.025e6,
                             .freq_hz = 162.025e6,
                             .latitude = NAN,
                             .longitude = NAN};
    size_t n = compose(data, size - 4, iq, 8192);
    struct run_cuts cuts = {1 + (size_t)data[1] * 32, data[2], 6, &setup};
    run_decoder(&hz_ais_decoder, &cuts, iq, n);
    return 0;
}
