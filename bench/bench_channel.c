/* Cost of the decoders of narrow channels, each by itself, with noise or with consecutive
 * transmissions of the simulator.
 *
 *     bench_channel [DECODER]                ns per sample of the channel
 *     bench_channel false MINUTES [DECODER]  false messages in this duration of noise, and of
 *                                            speech by FM and by AM
 *
 * `make curves` measures what they decode, and how much of it is right. */
#include "bench/curves/sent.h"
#include "config/option.h"
#include "proto/registry.h"
#include "sim/noise.h"
#include "sim/voice.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SECONDS = 12, ROUNDS = 3 };

static const double level = 1e-4; /* power of a transmission; full scale 1 */

/* Which decoder hears which of the transmissions; slot_s: they begin in slots of time. */
static const struct load {
    const char *decoder, *sent;
    double slot_s;
} loads[] = {
    {"ais", "ais", 60.0 / 2250}, {"ax25-9600", "ax25-9600", 0}, {"aprs", "aprs", 0},
    {"pocsag", "pocsag512", 0},  {"pocsag", "pocsag1200", 0},   {"pocsag", "pocsag2400", 0},
    {"rs41", "rs41", 0},         {"wmbus", "wmbus-t1", 0},      {"wmbus", "wmbus-c1", 0},
    {"vdl2", "vdl2", 0},
};

/* What a channel receives, and what came of it. */
struct air {
    double rate_hz;
    size_t n, sent;
    float *iq;
};

struct heard {
    double cpu_s;
    uint64_t count[HZ_REASONS];
};

static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void *claim(size_t bytes)
{
    void *p = calloc(1, bytes);
    if (!p) {
        fprintf(stderr, "bench_channel: no memory for %zu bytes\n", bytes);
        exit(1);
    }
    return p;
}

/* Adds transmissions, each as soon as the one before is over. */
static void transmit(struct air *air, const struct load *load, const struct way *way)
{
    struct senders who;
    struct transmitter how = {0, 1};
    struct hz_span span = {air->iq, air->n, 0, air->rate_hz};
    double slot = load->slot_s * air->rate_hz, pause = 0.1 * air->rate_hz, at = pause;
    senders_init(&who, air->rate_hz, 5);
    for (;;) {
        struct sent s;
        sent_init(&s, way, &how, &who);
        double lasts = sent_samples(&s, &who, air->rate_hz, 1);
        struct hz_sim_burst burst = {
            .start = slot > 0 ? slot * ceil(at / slot) : at,
            .power = level,
            .offset_hz = hz_rng_between(&who.rng, -way->carrier_hz, way->carrier_hz) / 2,
            .phase = hz_rng_between(&who.rng, 0, 1),
            .clock = 1,
        };
        at = burst.start + lasts + (slot > 0 ? 0 : pause);
        bool room = at < (double)air->n;
        if (room)
            sent_add(&s, &who, &burst, &span);
        sent_done(&s);
        if (!room)
            return;
        air->sent++;
    }
}

/* snr_db: in the protocol's bandwidth. */
static struct air receive(const struct load *load, double snr_db, bool busy)
{
    const struct way *way = way_find(load->sent);
    struct air air = {.rate_hz = hz_decoder_find(load->decoder)->rate_hz};
    struct hz_noise noise;
    air.n = (size_t)(SECONDS * air.rate_hz);
    air.iq = claim(2 * air.n * sizeof *air.iq);
    hz_noise_init(&noise, 5);
    double power = level / pow(10, snr_db / 10) * air.rate_hz / way->bandwidth_hz;
    hz_noise_fill(&noise, air.iq, air.n, (float)sqrt(power / 2));
    if (busy)
        transmit(&air, load, way);
    return air;
}

/* A decoder at work, and the arena its lines go to. */
struct listener {
    const struct hz_decoder *decoder;
    void *state;
    struct hz_sink_head head;
    struct hz_sink sink;
    char arena[1 << 20];
};

static struct listener *listen_new(const char *name)
{
    struct listener *l = claim(sizeof *l);
    const struct hz_decoder *d = hz_decoder_find(name);
    _Alignas(max_align_t) unsigned char options[HZ_OPTIONS_SIZE] = {0};
    struct hz_setup setup = {.rate_hz = d->rate_hz,
                             .freq_hz = d->freqs_hz[0],
                             .latitude = NAN,
                             .longitude = NAN,
                             .options = options};
    char err[128];
    l->decoder = d;
    l->head = (struct hz_sink_head){"bench", name, d->name, d->freqs_hz[0], NULL};
    l->state = claim(d->state_size);
    setup.centre_hz = setup.freq_hz;
    hz_options_init(d->options, options);
    hz_sink_init(&l->sink, &l->head, l->arena, sizeof l->arena);
    if (d->init(l->state, &setup, err, sizeof err) != 0) {
        fprintf(stderr, "bench_channel: %s: %s\n", name, err);
        exit(1);
    }
    return l;
}

static void listen_free(struct listener *l)
{
    l->decoder->done(l->state);
    free(l->state);
    free(l);
}

static void push(struct listener *l, const float *iq, size_t n, uint64_t first)
{
    size_t most = (size_t)(0.02 * l->decoder->rate_hz);
    for (size_t at = 0; at < n; at += most) {
        size_t part = n - at < most ? n - at : most;
        struct hz_samples in = {HZ_CF32, iq + 2 * at, part, first + at};
        hz_sink_rewind(&l->sink, (struct hz_stamp){.ns_per_sample = 1e9 / l->decoder->rate_hz});
        l->decoder->push(l->state, &in, &l->sink);
    }
}

static struct heard hear(const char *name, const struct air *air)
{
    struct listener *l = listen_new(name);
    double begun = cpu_s();
    push(l, air->iq, air->n, 0);
    l->decoder->flush(l->state, &l->sink);
    struct heard heard = {.cpu_s = cpu_s() - begun};
    memcpy(heard.count, l->sink.count, sizeof heard.count);
    listen_free(l);
    return heard;
}

static void speed(const struct load *load, const char *what, double snr_db, bool busy)
{
    struct air air = receive(load, snr_db, busy);
    struct heard heard;
    double best = INFINITY;
    for (int i = 0; i < ROUNDS; i++) {
        heard = hear(load->decoder, &air);
        best = fmin(best, heard.cpu_s);
    }
    printf("%-10s %-12s %7.1f ns/sample of %.0f kHz", busy ? load->sent : load->decoder, what,
           1e9 * best / (double)air.n, air.rate_hz / 1e3);
    if (busy)
        printf("  %llu messages of %zu", (unsigned long long)heard.count[HZ_MESSAGE], air.sent);
    printf("  searched in vain %llu  bad crc %llu  shed %llu\n",
           (unsigned long long)heard.count[HZ_NO_PREAMBLE],
           (unsigned long long)heard.count[HZ_BAD_CRC], (unsigned long long)heard.count[HZ_SHED]);
    free(air.iq);
}

/* A voice decoder in a channel of noise, or one that is spoken on all the time, by FM or AM. */
static void speed_of_voice(const char *name, bool am, bool busy)
{
    const struct hz_decoder *d = hz_decoder_find(name);
    struct air air = {.rate_hz = d->rate_hz, .n = (size_t)(SECONDS * d->rate_hz)};
    struct hz_span span = {
        .iq = air.iq = claim(2 * air.n * sizeof *air.iq), .n = air.n, .rate_hz = air.rate_hz};
    struct hz_sim_burst burst = {.power = level, .offset_hz = 150, .clock = 1};
    struct hz_sim_track track;
    struct hz_noise noise;
    struct hz_rng r;
    double best = INFINITY;
    hz_rng_init(&r, 5, 1);
    hz_noise_init(&noise, 5);
    hz_noise_fill(&noise, air.iq, air.n, (float)sqrt(level / 200));
    int rc = am ? hz_sim_am(SECONDS, 0.8, &r, &track) : hz_sim_nfm(SECONDS, 2500, 88.5, &r, &track);
    if (rc != 0)
        exit(1);
    if (busy)
        hz_sim_track_add(&track, &burst, &span);
    hz_sim_track_done(&track);
    for (int i = 0; i < ROUNDS; i++)
        best = fmin(best, hear(name, &air).cpu_s);
    printf("%-10s %-12s %7.1f ns/sample of %.0f kHz\n", name, busy ? "busy" : "noise",
           1e9 * best / (double)air.n, air.rate_hz / 1e3);
    free(air.iq);
}

/* What the decoders' descriptions say, from which the plan estimates the load. */
static void described(void)
{
    for (const struct hz_decoder *const *d = hz_decoders; *d; d++)
        printf("%-10s described as %.3g ns/sample where nobody sends, %.3g where all send\n",
               (*d)->name, (double)(*d)->quiet_ns, (double)(*d)->busy_ns);
}

enum talk { NOISE, FM_TALK, AM_TALK };

/* Adds talk of six seconds in ten, 10 dB over noise of power `level` in 12.5 kHz. */
static void talk(enum talk how, struct hz_rng *r, const struct hz_span *span)
{
    struct hz_sim_track track;
    double tone = hz_rng_chance(r, 0.5) ? 88.5 : 0;
    int rc = how == AM_TALK ? hz_sim_am(6, hz_rng_between(r, 0.5, 0.9), r, &track)
                            : hz_sim_nfm(6, hz_rng_between(r, 1500, 5000), tone, r, &track);
    if (rc != 0)
        exit(1);
    struct hz_sim_burst burst = {
        .start = hz_rng_between(r, 0, 3 * span->rate_hz),
        .power = level * 10 * 12500 / span->rate_hz,
        .offset_hz = hz_rng_between(r, -1000, 1000),
        .clock = 1,
    };
    hz_sim_track_add(&track, &burst, span);
    hz_sim_track_done(&track);
}

/* What is heard where nobody sends what the decoder is for. */
static void nothing(const char *name, double minutes, enum talk how)
{
    static const char *const names[] = {"noise", "FM talk", "AM talk"};
    struct listener *l = listen_new(name);
    size_t n = (size_t)(10 * l->decoder->rate_hz);
    struct hz_span span = {claim(2 * n * sizeof *span.iq), n, 0, l->decoder->rate_hz};
    struct hz_noise noise;
    struct hz_rng r;
    hz_noise_init(&noise, 99);
    hz_rng_init(&r, 98, 1);
    for (size_t i = 0; (double)i < 6 * minutes; i++) {
        hz_noise_fill(&noise, span.iq, n, (float)sqrt(level / 2));
        if (how != NOISE)
            talk(how, &r, &span);
        push(l, span.iq, n, i * n);
    }
    l->decoder->flush(l->state, &l->sink);
    printf("%-10s %g minutes of %s: %llu messages, %llu searches in vain, %llu bad crc\n", name,
           minutes, names[how], (unsigned long long)l->sink.count[HZ_MESSAGE],
           (unsigned long long)l->sink.count[HZ_NO_PREAMBLE],
           (unsigned long long)l->sink.count[HZ_BAD_CRC]);
    free(span.iq);
    listen_free(l);
}

int main(int argc, char **argv)
{
    const char *before = "";
    bool false_ones = argc > 2 && strcmp(argv[1], "false") == 0;
    double minutes = false_ones ? strtod(argv[2], NULL) : 0;
    int more = false_ones ? 3 : 1;
    const char *only = argc == more + 1 ? argv[more] : NULL;
    if (argc > more + 1 || (false_ones && !(minutes > 0))) {
        fprintf(stderr, "usage: bench_channel [false MINUTES] [DECODER]\n");
        return 2;
    }
    for (size_t i = 0; i < sizeof loads / sizeof loads[0]; i++) {
        const char *name = loads[i].decoder;
        bool first = strcmp(before, name) != 0;
        before = name;
        if (only && strcmp(only, name) != 0)
            continue;
        for (enum talk how = NOISE; minutes > 0 && first && how <= AM_TALK; how++)
            nothing(name, minutes, how);
        if (minutes > 0)
            continue;
        if (first)
            speed(&loads[i], "noise", 0, false);
        speed(&loads[i], "busy", 15, true);
        speed(&loads[i], "busy, weak", strcmp(name, "pocsag") == 0 ? -1 : 1, true);
    }
    if (minutes > 0 || only)
        return 0;
    for (int busy = 0; busy < 2; busy++) {
        speed_of_voice("nfm", false, busy);
        speed_of_voice("am", true, busy);
    }
    described();
    return 0;
}
