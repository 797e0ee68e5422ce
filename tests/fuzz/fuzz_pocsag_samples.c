/* Any bytes as IQ or audio through the whole POCSAG decoder, cut where the input says. The input's
 * bytes are bits of a batch where they can be, so that words and pages are reached. */
#include "proto/pocsag/options.h"
#include "proto/pocsag/receive.h"
#include "tests/fuzz/run_decoder.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

extern const struct hz_decoder hz_pocsag_decoder;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 20000, BITS = 2 * 544 + 64 };

/* Levels of 2400 baud: preamble, then sync words each followed by sixteen words of the input. */
static void make_bits(const uint8_t *data, size_t size, uint8_t *level)
{
    for (size_t i = 0; i < BITS; i++) {
        size_t at = i < 64 ? i : (i - 64) % 544, byte = (i - 64) / 8;
        uint32_t sync = at < 32 ? HZ_POCSAG_SYNC << at >> 31 : 0;
        bool bit = i < 64 ? i % 2 == 0 : at < 32 ? sync : byte < size && data[byte] >> i % 8 & 1;
        level[i] = !bit;
    }
}

static size_t compose(const uint8_t *data, size_t size, bool audio, float *out)
{
    static uint8_t level[BITS];
    size_t width = audio ? 1 : 2, n = 0;
    if (!(data[0] & 2)) {
        for (; n < size / width && n < ROOM; n++)
            for (size_t k = 0; k < width; k++)
                out[width * n + k] = ((float)data[4 + width * n + k] - 127.5f) / 127.5f;
        return n;
    }
    double phase = 0;
    make_bits(data + 4, size, level);
    for (n = 0; n < BITS * 10; n++) {
        float sign = level[n / 10] ? 1 : -1;
        phase += 6.2831853 * 4500 / 24000 * (double)sign;
        out[width * n] = audio ? sign : (float)cos(phase);
        if (!audio)
            out[2 * n + 1] = (float)sin(phase);
    }
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static float samples[2 * ROOM];
    if (size < 4)
        return 0;
    bool audio = data[0] & 1;
    struct hz_pocsag_options options = {.keep =
                                            data[0] & 4 ? HZ_POCSAG_KEEP_ALL : HZ_POCSAG_KEEP_GOOD};
    struct hz_setup setup = {.rate_hz = 24000, .audio = audio, .options = &options};
    size_t n = compose(data, size - 4, audio, samples);
    struct run_cuts cuts = {1 + (size_t)data[1] * 64, data[2], 7, &setup};
    run_decoder(&hz_pocsag_decoder, &cuts, samples, n);
    return 0;
}
