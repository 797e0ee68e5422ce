/* Passes samples through a whole decoder, cut where the fuzzer's input says. */
#ifndef HZ_FUZZ_RUN_DECODER_H
#define HZ_FUZZ_RUN_DECODER_H

#include "proto/decoder.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct run_cuts {
    size_t push;                  /* samples pushed at a time */
    uint8_t reset;                /* the stream breaks behind the first push at which */
    unsigned reset_shift;         /* its position, shifted so far, is that */
    const struct hz_setup *setup; /* audio: samples are one float each */
};

static inline void run_decoder(const struct hz_decoder *d, const struct run_cuts *cuts,
                               const float *samples, size_t n)
{
    static char arena[1 << 16];
    const struct hz_sink_head head = {"fuzz", "fuzz", d->name, cuts->setup->freq_hz};
    bool audio = cuts->setup->audio;
    size_t size = (d->state_size + 63) / 64 * 64; /* aligned as a channel's is */
    void *state = memset(aligned_alloc(64, size), 0, size);
    struct hz_sink sink;
    bool broken = false;
    char err[128];
    hz_sink_init(&sink, &head, arena, sizeof arena);
    if (d->init(state, cuts->setup, err, sizeof err) == 0) {
        for (size_t at = 0; at < n; at += cuts->push) {
            struct hz_samples s = {audio ? HZ_F32 : HZ_CF32, samples + (audio ? at : 2 * at),
                                   n - at < cuts->push ? n - at : cuts->push, at};
            d->push(state, &s, &sink);
            if (!broken && cuts->reset == at >> cuts->reset_shift) {
                d->reset(state, &sink);
                broken = true;
            }
        }
        d->flush(state, &sink);
        if (d->done)
            d->done(state);
    }
    free(state);
}

#endif
