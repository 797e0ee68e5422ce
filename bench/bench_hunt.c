/* Cost of the hunt for bursts in CPU time per sample of the band, beside the transform that all
 * channels share: on noise, with a burst a second, and with one that jumps over all the band. */
#include "dsp/hunt.h"
#include "sim/noise.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define RATE 2400000.0

enum { RAW = 20, BLOCKS = 600, RUNS = 3 };

struct bench {
    struct hz_band *band;
    struct hz_hunt *hunt;
    struct hz_spectrum x;
    float *raw; /* blocks of noise, over and over */
    size_t fresh;
    uint64_t first, candidates;
    double hunt_ns, all_ns;
};

enum air { NOISE, BURST, JUMPS };

static double cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

/* A line in the spectrum, as of a carrier that is keyed. */
static void send(struct bench *b, enum air air, uint64_t block)
{
    size_t n = b->x.n, k = 0;
    if (air == BURST && block % 50 < 10)
        k = 4321;
    else if (air == JUMPS)
        k = (size_t)(block * 7919 % n);
    for (size_t i = 0; k && i < 20; i++)
        b->x.bins[2 * ((k + i) % n)] += 3e3f;
}

static void run(struct bench *b, enum air air)
{
    struct hz_hunt_event events[HZ_HUNT_EVENTS_MAX];
    b->hunt_ns = b->all_ns = 0;
    b->candidates = 0;
    for (size_t i = 0; i < BLOCKS; i++) {
        struct hz_samples s = {.format = HZ_CF32,
                               .data = b->raw + 2 * b->fresh * (i % RAW),
                               .n = b->fresh,
                               .first = b->first};
        b->first += b->fresh;
        double start = cpu_ns();
        while (hz_band_push(b->band, &s, &b->x)) {
            double between = cpu_ns();
            send(b, air, i);
            double hunt = cpu_ns();
            size_t n = hz_hunt_push(b->hunt, &b->x, events);
            b->hunt_ns += cpu_ns() - hunt;
            start += hunt - between;
            for (size_t k = 0; k < n; k++)
                b->candidates += !events[k].ends;
        }
        b->all_ns += cpu_ns() - start;
    }
}

int main(void)
{
    static const char *const air[] = {"noise", "a burst a second", "a jammer that jumps"};
    char err[200];
    struct hz_noise noise;
    struct bench b = {.band = hz_band_new(RATE, err, sizeof err)};
    b.hunt = b.band ? hz_hunt_new(b.band) : NULL;
    b.fresh = b.band ? hz_band_fresh(b.band) : 0;
    b.raw = malloc(2 * RAW * b.fresh * sizeof *b.raw);
    if (!b.hunt || !b.raw || hz_spectrum_init(&b.x, b.band) != 0)
        return 1;
    hz_noise_init(&noise, 1);
    hz_noise_fill(&noise, b.raw, RAW * b.fresh, 0.05f);
    double samples = (double)(BLOCKS * b.fresh);
    for (int k = NOISE; k <= JUMPS; k++) {
        double hunt = INFINITY, all = INFINITY;
        for (int r = 0; r < RUNS; r++) {
            run(&b, (enum air)k);
            hunt = fmin(hunt, b.hunt_ns / samples);
            all = fmin(all, b.all_ns / samples);
        }
        printf("%-20s hunt %.3f ns per sample of the band, beside %.2f of the transform; %llu "
               "candidates\n",
               air[k], hunt, all - hunt, (unsigned long long)b.candidates);
    }
    hz_hunt_free(b.hunt);
    hz_spectrum_done(&b.x);
    hz_band_free(b.band);
    free(b.raw);
    return 0;
}
