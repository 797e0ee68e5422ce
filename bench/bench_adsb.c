/* Cost of the ADS-B decoder: CPU time per sample and messages per second of CPU time, through the
 * decoder interface, including JSON, in one thread. Input: the simulator's scenes and, if it
 * exists, a recording of dense traffic (HZ_SHARED, default ../shared). Arguments: the names of
 * those to be decoded, else all. */
#include "proto/registry.h"
#include "sim/scene.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BLOCK = 131072, ARENA = 1 << 20, SECONDS = 5, ROUNDS = 3 };

struct input {
    uint8_t *data;
    size_t n; /* samples */
    double rate_hz;
    int repeat;
};

static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Decodes all of it once through; returns CPU seconds and the messages found. */
static double decode(const struct input *in, char *arena, uint64_t *messages)
{
    static const struct hz_sink_head head = {
        .receiver = "bench", .channel = "1090", .protocol = "adsb", .freq_hz = 1090e6};
    const struct hz_decoder *d = hz_decoder_find("adsb");
    size_t size = (d->state_size + 63) / 64 * 64;
    void *state = aligned_alloc(64, size);
    struct hz_setup setup = {.rate_hz = in->rate_hz,
                             .centre_hz = 1090e6,
                             .freq_hz = 1090e6,
                             .latitude = NAN,
                             .longitude = NAN};
    struct hz_sink sink;
    char err[128];
    if (!state || d->init(memset(state, 0, size), &setup, err, sizeof(err)) != 0)
        exit(1);
    hz_sink_init(&sink, &head, arena, ARENA);
    double begun = cpu_s();
    uint64_t first = 0;
    for (int r = 0; r < in->repeat; r++)
        for (size_t at = 0; at < in->n; at += BLOCK) {
            size_t n = in->n - at < BLOCK ? in->n - at : BLOCK;
            struct hz_samples s = {HZ_CU8, in->data + 2 * at, n, first};
            hz_sink_rewind(&sink, (struct hz_stamp){.ns_per_sample = 1e9 / in->rate_hz});
            d->push(state, &s, &sink);
            first += n;
        }
    hz_sink_rewind(&sink, (struct hz_stamp){.ns_per_sample = 1e9 / in->rate_hz});
    d->flush(state, &sink);
    double took = cpu_s() - begun;
    d->done(state);
    free(state);
    *messages = sink.count[HZ_MESSAGE];
    return took;
}

static void measure(const char *name, const struct input *in, char *arena)
{
    double best = INFINITY, samples = (double)in->n * in->repeat;
    uint64_t messages = 0;
    for (int r = 0; r < ROUNDS; r++) {
        double took = decode(in, arena, &messages);
        best = took < best ? took : best;
    }
    printf("adsb %-9s %7.2f ns/sample %9.0f x real time %8llu messages %10.0f messages/CPU s\n",
           name, 1e9 * best / samples, samples / in->rate_hz / best, (unsigned long long)messages,
           (double)messages / best);
}

static void scene(const char *name, char *arena)
{
    struct hz_scene *s;
    if (hz_scene_new(name, 1, &s) != 0)
        return;
    struct input in = {.rate_hz = hz_scene_about(s)->rate_hz, .repeat = 1};
    in.n = (size_t)in.rate_hz * SECONDS;
    in.data = malloc(2 * in.n);
    hz_scene_read(s, in.data, in.n);
    measure(name, &in, arena);
    free(in.data);
    hz_scene_free(s);
}

static void recording(const char *name, char *arena)
{
    const char *shared = getenv("HZ_SHARED");
    char path[512];
    snprintf(path, sizeof(path), "%s/air/adsb/modes1_1090M_2000k.cu8",
             shared ? shared : "../shared");
    FILE *f = fopen(path, "rb");
    if (!f) {
        printf("adsb %-9s skipped: %s is not there\n", name, path);
        return;
    }
    enum { MOST = 1 << 22 };
    struct input in = {.data = malloc(MOST), .rate_hz = 2.0e6, .repeat = 30};
    in.n = fread(in.data, 2, MOST / 2, f);
    fclose(f);
    measure(name, &in, arena);
    free(in.data);
}

int main(int argc, char **argv)
{
    static const char *const all[] = {"noise", "aircraft", "dense", "recording"};
    char *arena = malloc(ARENA);
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
        bool wanted = argc < 2;
        for (int a = 1; a < argc; a++)
            wanted |= strcmp(argv[a], all[k]) == 0;
        if (wanted)
            (strcmp(all[k], "recording") == 0 ? recording : scene)(all[k], arena);
    }
    free(arena);
    return 0;
}
