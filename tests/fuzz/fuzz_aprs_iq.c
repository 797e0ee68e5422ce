/* Any bytes as IQ or audio through the whole decoder of packet radio at 1200 baud, cut where the
 * input says. The input's bytes are bits of a frame where they can be, so that the deframer and the
 * repair are reached. */
#include "proto/packet/bell202/track.h"
#include "tests/fuzz/run_decoder.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

extern const struct hz_decoder hz_bell202_decoder;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BITS = 2000, QUIET = 2000, ROOM = QUIET + BITS * HZ_BELL202_BIT };

/* Preamble, then the input as bits before NRZI, as a modulated transmission. */
static size_t modulate(const uint8_t *data, size_t size, bool audio, float *iq)
{
    size_t bits = 200 + 8 * size < BITS ? 200 + 8 * size : BITS, n = 0;
    double carrier = 0, tone = 0, hz = 1200;
    memset(iq, 0, 2 * QUIET * sizeof *iq);
    for (n = 0; n < QUIET; n++)
        iq[2 * n] = 0.01f;
    for (size_t i = 0; i < bits; i++) {
        bool bit = i < 200 ? 0x7e >> i % 8 & 1 : data[i / 8 - 25] >> i % 8 & 1;
        hz = bit ? hz : 3400 - hz;
        for (int k = 0; k < HZ_BELL202_BIT; k++, n++) {
            tone += 6.283185307 * hz / HZ_BELL202_RATE_HZ;
            carrier += 6.283185307 * 3000 / HZ_BELL202_RATE_HZ * sin(tone);
            if (audio) {
                iq[n] = (float)sin(tone);
                continue;
            }
            iq[2 * n] = (float)cos(carrier);
            iq[2 * n + 1] = (float)sin(carrier);
        }
    }
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
    struct hz_setup setup = {.rate_hz = 24000,
                             .centre_hz = 144.8e6,
                             .freq_hz = 144.8e6,
                             .latitude = NAN,
                             .longitude = NAN,
                             .audio = audio};
    size_t n = compose(data, size, audio, iq);
    struct run_cuts cuts = {1 + (size_t)data[1] * 32, data[2], 8, &setup};
    run_decoder(&hz_bell202_decoder, &cuts, iq, n);
    return 0;
}
