/* Any samples through each decoder of the registry: the first byte chooses it, so that a new
 * decoder needs no target of its own. The samples are the input's bytes, or its bits as a keyed
 * signal behind silence, which gets past a decoder's search. */
#include "config/option.h"
#include "proto/registry.h"
#include "sim/signal.h"
#include "tests/fuzz/run_decoder.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD = 6, ROOM = 1 << 15, BITS = 1024, SILENCE = 2000 };

/* Bits of the input at a rate of the input's choice, in quiet. */
static size_t keyed(const uint8_t *data, size_t size, double rate_hz, float *iq)
{
    static const double bauds[] = {300, 512, 1200, 2400, 4800, 9600, 100e3, 1e6};
    static const double tones[] = {2200, 1200};
    static uint8_t bits[BITS];
    size_t n = 8 * size < BITS ? 8 * size : BITS;
    for (size_t i = 0; i < n; i++)
        bits[i] = data[HEAD + i / 8] >> i % 8 & 1;
    struct hz_sim_signal s = {.keying = (enum hz_sim_keying)(data[4] & 3),
                              .symbol = bits,
                              .n = n,
                              .baud = fmin(bauds[data[4] >> 2 & 7], rate_hz / 2),
                              .deviation_hz = 100 * data[5],
                              .tone_hz = tones};
    struct hz_span span = {iq, ROOM, 0, rate_hz};
    memset(iq, 0, 2 * ROOM * sizeof *iq);
    for (size_t i = 0; i < SILENCE; i++)
        iq[2 * i] = 0.01f;
    double end = hz_sim_signal_add(&s, &(struct hz_sim_burst){SILENCE, 0.25, 0, 0, 1}, &span);
    end = fmax(end, 0) + SILENCE;
    return end < ROOM ? (size_t)end : ROOM;
}

/* Input: decoder, flags, samples a push, where the stream breaks, keying, deviation; then data. */
/* The defaults, but for one option of several words, if there is one. */
static void choose_options(const struct hz_decoder *d, unsigned number, void *options)
{
    char expected[256];
    hz_options_init(d->options, options);
    for (const struct hz_option *o = d->options; o && o->name; o++) {
        for (size_t i = 0; o->choices && o->choices[i]; i++) {
            if (number-- == 0)
                hz_option_set(o, options, o->choices[i], expected, sizeof expected);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static float iq[2 * ROOM];
    size_t count = 0, n = 0;
    if (size < HEAD + 1)
        return 0;
    while (hz_decoders[count])
        count++;
    const struct hz_decoder *d = hz_decoders[data[0] % count];
    const bool audio = d->takes_audio && data[1] & 2;
    _Alignas(max_align_t) unsigned char options[HZ_OPTIONS_SIZE] = {0};
    choose_options(d, data[1] >> 2, options);
    struct hz_setup setup = {.rate_hz = d->rate_hz,
                             .centre_hz = d->freqs_hz ? d->freqs_hz[0] : 100e6,
                             .freq_hz = d->freqs_hz ? d->freqs_hz[0] : 100e6,
                             .latitude = NAN,
                             .longitude = NAN,
                             .audio = audio,
                             .options = options};
    if (data[1] & 1)
        n = keyed(data, size - HEAD, d->rate_hz, iq);
    else
        for (size_t i = HEAD; i + 1 < size && n < ROOM; i += 2, n++) {
            iq[2 * n] = ((float)data[i] - 127.5f) / 127.5f;
            iq[2 * n + 1] = ((float)data[i + 1] - 127.5f) / 127.5f;
        }
    struct run_cuts cuts = {1 + (size_t)data[2] * 32, data[3], 8, &setup};
    run_decoder(d, &cuts, iq, n);
    return 0;
}
