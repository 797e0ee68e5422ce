/* Any bytes as IQ or audio through the whole 9600 baud decoder, cut where the input says. The
 * input's bytes are bits of a frame where they can be, so that the deframer and the repair are
 * reached. */
#include "proto/ax25_9600/track.h"
#include "proto/decoder.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

extern const struct hz_decoder hz_ax25_9600_decoder;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 24000, BITS = 4000 };

/* Preamble, then the input as bits before scrambling and NRZI, as a modulated transmission. */
static size_t modulate(const uint8_t *data, size_t size, float *iq)
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
    hz_cpm_modulate(c, level, bits, 600, iq, n);
    hz_cpm_free(c);
    return n;
}

static size_t compose(const uint8_t *data, size_t size, bool audio, float *iq)
{
    size_t n = 0;
    if (data[0] & 1 && !audio)
        return modulate(data + 4, size - 4, iq);
    for (size_t i = 4; i < size && n < ROOM; i++)
        iq[n++] = ((float)data[i] - 127.5f) / 127.5f;
    return audio ? n : n / 2;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct hz_sink_head head = {"fuzz", "packet", "ax25-9600", 438.1e6};
    static char arena[1 << 16];
    static float iq[2 * ROOM];
    if (size < 4)
        return 0;
    const struct hz_decoder *d = &hz_ax25_9600_decoder;
    bool audio = data[0] & 2;
    struct hz_setup setup = {.rate_hz = 48000,
                             .centre_hz = 438.1e6,
                             .freq_hz = 438.1e6,
                             .latitude = NAN,
                             .longitude = NAN,
                             .audio = audio};
    size_t n = compose(data, size, audio, iq), cut = 1 + (size_t)data[1] * 32;
    void *state = calloc(1, d->state_size);
    struct hz_sink sink;
    char err[128];
    hz_sink_init(&sink, &head, arena, sizeof arena);
    if (d->init(state, &setup, err, sizeof err) == 0) {
        for (size_t at = 0; at < n; at += cut) {
            struct hz_samples s = {audio ? HZ_F32 : HZ_CF32, iq + (audio ? at : 2 * at),
                                   n - at < cut ? n - at : cut, at};
            d->push(state, &s, &sink);
            if (data[2] == at >> 8)
                d->reset(state, &sink);
        }
        d->flush(state, &sink);
        d->done(state);
    }
    free(state);
    return 0;
}
