/* Any bytes as IQ or audio through the whole 9600 baud decoder, cut where the input says. The
 * input's bytes are bits of a frame where they can be, so that the deframer and the repair are
 * reached. */
#include "proto/packet/g3ruh/track.h"
#include "tests/fuzz/run_decoder.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

extern const struct hz_decoder hz_g3ruh_decoder;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 24000, BITS = 4000 };

/* Preamble, then the input as bits before scrambling and NRZI, as a modulated transmission. */
static size_t modulate(const uint8_t *data, size_t size, bool audio, float *iq)
{
    static uint8_t level[BITS];
    struct hz_cpm_mode mode = {5, 0.625, 0.5, 3, 0.9f};
    struct hz_cpm *c = hz_cpm_new(&mode, 8);
    size_t bits = 400 + 8 * size < BITS ? 400 + 8 * size : BITS;
    memset(level, 0, sizeof level);
    for (size_t i = 18; i < bits; i++) {
        uint8_t bit = i < 400 ? 0x7e >> i % 8 & 1 : data[i / 8 - 50] >> i % 8 & 1;
        level[i] = (uint8_t)(1 ^ bit ^ level[i - 1] ^ level[i - 12] ^ level[i - 13] ^
                             level[i - 17] ^ level[i - 18]);
    }
    size_t n = 600 + bits * 5 + 1500;
    for (size_t i = 0; i < n && audio; i++)
        iq[i] = i / 5 < bits && level[i / 5] ? 1 : -1;
    if (!audio)
        hz_cpm_modulate(c, level, bits, 600, iq, n);
    hz_cpm_free(c);
    return n;
}

static size_t compose(const uint8_t *data, size_t size, bool audio, float *iq)
{
    size_t n = 0;
    if (data[0] & 1)
        return modulate(data + 4, size - 4, audio, iq);
    for (size_t i = 4; i < size && n < ROOM; i++)
        iq[n++] = ((float)data[i] - 127.5f) / 127.5f;
    return audio ? n : n / 2;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static float iq[2 * ROOM];
    if (size < 4)
        return 0;
    bool audio = data[0] & 2;
    struct hz_setup setup = {.rate_hz = 48000,
                             .centre_hz = 438.1e6,
                             .freq_hz = 438.1e6,
                             .latitude = NAN,
                             .longitude = NAN,
                             .audio = audio};
    size_t n = compose(data, size, audio, iq);
    struct run_cuts cuts = {1 + (size_t)data[1] * 32, data[2], 8, &setup};
    run_decoder(&hz_g3ruh_decoder, &cuts, iq, n);
    return 0;
}
