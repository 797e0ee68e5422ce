/* Any bytes as IQ through the whole ADS-B decoder, cut where the input says. */
#include "proto/registry.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const double rates[] = {2.0e6, 2.4e6, 2.56e6, 3.2e6};
    static const struct hz_sink_head head = {"fuzz", "1090", "adsb", 1090e6};
    static char arena[1 << 16];
    if (size < 4)
        return 0;
    const struct hz_decoder *d = hz_decoder_find("adsb");
    struct hz_setup setup = {.rate_hz = rates[data[0] & 3],
                             .centre_hz = 1090e6,
                             .freq_hz = 1090e6,
                             .latitude = NAN,
                             .longitude = NAN};
    enum hz_format format = (enum hz_format)(data[0] >> 2 & 3);
    size_t cut = 1 + (size_t)data[1] * 64, bytes = hz_format_bytes(format);
    size_t n = (size - 4) / bytes, state_size = (d->state_size + 63) / 64 * 64;
    void *state = memset(aligned_alloc(64, state_size), 0, state_size);
    /* Aligned as samples are. */
    char *iq = malloc(n * bytes + 1);
    memcpy(iq, data + 4, n * bytes);
    struct hz_sink sink;
    char err[128];
    hz_sink_init(&sink, &head, arena, sizeof(arena));
    if (d->init(state, &setup, err, sizeof(err)) == 0) {
        for (size_t at = 0; at < n; at += cut) {
            struct hz_samples s = {format, iq + at * bytes, n - at < cut ? n - at : cut, at};
            d->push(state, &s, &sink);
            hz_sink_rewind(&sink, (struct hz_stamp){0, 0, 416.0});
            if (data[2] == at >> 6)
                d->reset(state, &sink);
        }
        d->flush(state, &sink);
        d->done(state);
    }
    free(iq);
    free(state);
    return 0;
}
