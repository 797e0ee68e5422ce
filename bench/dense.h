/* For the benches that publish aircraft: the messages of the scene `dense`. */
#ifndef HZ_BENCH_DENSE_H
#define HZ_BENCH_DENSE_H

#include "proto/registry.h"
#include "sim/scene.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Decodes so many seconds of it into the sink, in an arena of that many bytes. Ends the program
 * where that cannot be done. */
static inline void dense_decode(struct hz_sink *sink, double seconds, size_t arena_size)
{
    enum { DENSE_BLOCK = 131072 };
    static const struct hz_sink_head head = {
        .receiver = "bench", .channel = "1090", .protocol = "adsb", .freq_hz = 1090e6};
    const struct hz_decoder *d = hz_decoder_find("adsb");
    struct hz_scene *scene;
    char err[128];
    if (hz_scene_new("dense", 1, &scene) != 0)
        exit(1);
    size_t size = (d->state_size + 63) / 64 * 64;
    void *state = aligned_alloc(64, size);
    double rate = hz_scene_about(scene)->rate_hz;
    struct hz_setup setup = {
        .rate_hz = rate, .centre_hz = 1090e6, .freq_hz = 1090e6, .latitude = NAN, .longitude = NAN};
    uint8_t *samples = malloc((size_t)2 * DENSE_BLOCK);
    char *arena = malloc(arena_size);
    if (!state || !samples || !arena || d->init(memset(state, 0, size), &setup, err, sizeof err))
        exit(1);
    hz_sink_init(sink, &head, arena, arena_size);
    hz_sink_rewind(sink, (struct hz_stamp){.ns_per_sample = 1e9 / rate});
    for (uint64_t at = 0; at < (uint64_t)(seconds * rate); at += DENSE_BLOCK) {
        hz_scene_read(scene, samples, DENSE_BLOCK);
        struct hz_samples s = {HZ_CU8, samples, DENSE_BLOCK, at};
        d->push(state, &s, sink);
    }
    d->flush(state, sink);
    d->done(state);
    free(state);
    free(samples);
    hz_scene_free(scene);
}

#endif
