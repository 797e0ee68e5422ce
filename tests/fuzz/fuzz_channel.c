/* Samples of any format and value with gaps, through band, slice, squelch and the decoders of
 * voice. */
#include "dsp/slice.h"
#include "dsp/squelch.h"
#include "proto/decoder.h"
#include "proto/voice/nfm.h"

#include <stdlib.h>
#include <string.h>

extern const struct hz_decoder hz_nfm_decoder, hz_am_decoder;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void block(struct hz_slice *slice, struct hz_squelch *q, const struct hz_spectrum *x,
                  const struct hz_decoder *d, void *state, struct hz_sink *sink)
{
    float noise = x->noise * (float)hz_slice_bins(slice)->n;
    enum hz_squelch_state s =
        hz_squelch_push(q, x->block, hz_bins_power(hz_slice_bins(slice), x), noise);
    if (s == HZ_SQUELCH_CLOSES)
        d->reset(state, sink);
    if (s != HZ_SQUELCH_OPENS && s != HZ_SQUELCH_OPEN)
        return;
    struct hz_samples y = hz_slice_run(slice, x);
    d->push(state, &y, sink);
}

static void pushes(const uint8_t *data, size_t size, struct hz_band *band, struct hz_slice *slice,
                   const struct hz_decoder *d, void *state, bool always)
{
    static char arena[4096];
    struct hz_sink_head head = {.receiver = "r", .channel = "c", .protocol = d->name};
    struct hz_sink sink;
    struct hz_spectrum x;
    struct hz_squelch q;
    uint64_t first = 0;
    hz_squelch_init(&q, hz_slice_bins(slice)->n, 3, 2, always);
    if (hz_spectrum_init(&x, band))
        return;
    hz_sink_init(&sink, &head, arena, sizeof arena);
    while (size > 4) {
        enum hz_format format = data[0] % 4;
        size_t most = (size - 4) / hz_format_bytes(format), n = (size_t)data[1] * 16;
        uint64_t jump = (uint64_t)data[2] << data[3] % 56;
        struct hz_samples in = {format, data + 4, n < most ? n : most, first + jump};
        size_t used = 4 + in.n * hz_format_bytes(format);
        first = in.first + in.n;
        while (hz_band_push(band, &in, &x))
            block(slice, &q, &x, d, state, &sink);
        data += used;
        size -= used;
    }
    while (hz_band_flush(band, &x))
        block(slice, &q, &x, d, state, &sink);
    d->flush(state, &sink);
    hz_spectrum_done(&x);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char err[200];
    if (size < 4)
        return 0;
    const struct hz_decoder *d = data[0] & 1 ? &hz_nfm_decoder : &hz_am_decoder;
    double rate = 200.0 * data[1], offset = 100.0 * (int8_t)data[2];
    bool wide = data[0] & 2 && d->rate_wide_hz > 0;
    const struct hz_nfm_options options = {.ctcss_hz = data[0] & 4 ? 88.5 : 0,
                                           .dcs = data[0] & 8 ? 0x763813 : 0};
    struct hz_setup setup = {.rate_hz = wide ? d->rate_wide_hz : d->rate_hz,
                             .bandwidth_hz = wide ? 25e3 : 0,
                             .options = &options};
    double width = wide ? setup.bandwidth_hz : d->bandwidth_hz;
    struct hz_band *band = hz_band_new(rate, err, sizeof err);
    if (!band)
        return 0;
    struct hz_slice *slice = hz_slice_new(band, offset, setup.rate_hz, width, err, sizeof err);
    void *state = calloc(1, d->state_size);
    if (slice && state && !d->init(state, &setup, err, sizeof err)) {
        pushes(data + 4, size - 4, band, slice, d, state, data[3] & 1);
        d->done(state);
    }
    free(state);
    hz_slice_free(slice);
    hz_band_free(band);
    return 0;
}
