/* sensor_gen MODEL RATE_HZ SNR_DB COUNT SEED DIR [KEY=VALUE...]: writes a recording of COUNT
 * transmissions of a sensor (sim/reading.h), each alone at that SNR in white noise, and a list of
 * them:
 *
 *     DIR/MODEL_sSNR_CENTRE_RATE.cu8, .jsonl
 *
 * SNR: mean power of the transmission, pauses between its pulses included, over the noise power in
 * 100 kHz. Keys are in `known` below. Prints the path of the .cu8. */
#include "sim/sensor.h"
#include "sim/noise.h"
#include "sim/reading.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double bandwidth_hz = 100e3;

struct how {
    double carrier;   /* Hz from the middle; each transmitter up to 5 kHz off that */
    double clock;     /* how much the transmitter is fast: 0.01 is 1 % */
    double deviation; /* Hz, of FSK; 0: the usual one */
    double spacing;   /* us of silence between frames, more than usual */
    double frames;    /* in a transmission; 0: the usual number */
    double drift;     /* Hz a second, of the carrier */
    double edge;      /* us; 0: the usual one */
    double second;    /* dB: of a second one that overlaps, against the first; 0: none */
    double second_hz; /* from the first one's carrier to the second one's */
    double strong;    /* dB: of a carrier keyed all through, against the transmission; 0: none */
    double strong_hz; /* from the carrier to that one */
    double gap;       /* seconds of silence between two, at least */
    double over;      /* dB: noise over full scale; 0: as the levels want it */
    double mix;       /* 1: carrier, clock, deviation, edge and drift of each are drawn */
};

static const struct {
    const char *key;
    size_t at;
} known[] = {
    {"carrier", offsetof(struct how, carrier)},     {"clock", offsetof(struct how, clock)},
    {"deviation", offsetof(struct how, deviation)}, {"spacing", offsetof(struct how, spacing)},
    {"frames", offsetof(struct how, frames)},       {"drift", offsetof(struct how, drift)},
    {"edge", offsetof(struct how, edge)},           {"second", offsetof(struct how, second)},
    {"second_hz", offsetof(struct how, second_hz)}, {"strong", offsetof(struct how, strong)},
    {"strong_hz", offsetof(struct how, strong_hz)}, {"gap", offsetof(struct how, gap)},
    {"over", offsetof(struct how, over)},           {"mix", offsetof(struct how, mix)},
};

struct made {
    const struct hz_sim_model *model;
    struct how how;
    double rate_hz, snr_db;
    double noise, power; /* over all the band, and of a transmission; full scale 1.0 */
    struct hz_rng rng;
    struct hz_noise source;
    uint64_t at; /* samples written */
    FILE *samples, *truth;
};

struct sent {
    struct hz_sim_reading reading;
    struct hz_sim_track track;
    double carrier_hz; /* from the middle */
    double clock;
};

static double decibels(double db)
{
    return pow(10, db / 10);
}

static void *need(void *memory)
{
    if (memory == NULL) {
        fprintf(stderr, "sensor_gen: no memory\n");
        exit(1);
    }
    return memory;
}

/* A gain as receivers choose it: noise far below full scale, or pulses just below it. Quantisation
 * counts as noise. */
static void set_levels(struct made *m)
{
    /* of a pulse over the mean of its transmission, at most */
    double pulse_db = m->model->wave.modulation == HZ_WAVE_OOK ? 9 : 0;
    double wanted = m->snr_db + 10 * log10(bandwidth_hz / m->rate_hz);
    double peak = 1 + decibels(wanted + fmax(m->how.strong, 0) + pulse_db);
    double quantisation = 2 / (12 * 127.5 * 127.5);
    m->noise = decibels(m->how.over != 0 ? m->how.over : fmin(-13, -5 - 10 * log10(peak)));
    m->power = (m->noise + quantisation) * decibels(wanted);
}

/* What real ones are like: cheap oscillators, edges of any kind. */
static void mix(struct made *m)
{
    struct how *how = &m->how;
    bool crystal = m->model->wave.modulation == HZ_WAVE_FSK;
    how->carrier = hz_rng_between(&m->rng, -80e3, 80e3);
    how->clock =
        crystal ? hz_rng_between(&m->rng, -0.002, 0.002) : hz_rng_between(&m->rng, -0.04, 0.04);
    how->deviation = hz_rng_between(&m->rng, 25e3, 55e3);
    how->edge = hz_rng_between(&m->rng, 4, 12) * (crystal ? 1 : 5);
    how->drift = hz_rng_between(&m->rng, -3e3, 3e3);
}

static void compose(struct made *m, const struct hz_sim_model *model, struct sent *s)
{
    const struct how *how = &m->how;
    struct hz_sim_weather weather = hz_sim_weather_draw(&m->rng);
    memset(s, 0, sizeof *s);
    model->tell(&s->reading, hz_rng_u32(&m->rng) >> 4, &weather, &m->rng);
    size_t frames = (size_t)(how->frames > 0 ? how->frames : model->wave.sent);
    struct hz_bitrow *row = need(calloc(frames, sizeof *row));
    for (size_t i = 0; i < frames; i++) {
        row[i] = (struct hz_bitrow){s->reading.bit, s->reading.n};
    }
    const struct hz_sim_sensor sensor = {.wave = &model->wave,
                                         .frame = row,
                                         .frames = frames,
                                         .spacing_us = how->spacing,
                                         .deviation_hz = how->deviation,
                                         .edge_us = how->edge,
                                         .drift_hz_s = how->drift};
    if (hz_sim_sensor(&sensor, &s->track) != 0) {
        need(NULL);
    }
    free(row);
    s->carrier_hz = how->carrier + hz_rng_between(&m->rng, -5e3, 5e3);
    s->clock = 1 + how->clock + hz_rng_between(&m->rng, -50e-6, 50e-6);
}

static struct hz_sim_burst radio(struct made *m, const struct sent *s, double start, double db)
{
    return (struct hz_sim_burst){start, m->power * decibels(db), s->carrier_hz,
                                 hz_rng_between(&m->rng, 0, 1), s->clock};
}

static void report(struct made *m, const struct sent *s, const struct hz_sim_burst *b, double db)
{
    double start = (double)m->at + b->start;
    double samples = hz_sim_track_samples(&s->track, b, m->rate_hz);
    fprintf(m->truth,
            "{\"protocol\":\"%s\",\"t\":%.9f,\"end\":%.9f,\"snr\":%.1f,\"foff\":%.1f,"
            "\"weak\":%s,\"hex\":\"",
            m->model->name, start / m->rate_hz, (start + samples) / m->rate_hz, m->snr_db + db,
            s->carrier_hz, db < 0 ? "true" : "false");
    for (size_t i = 0; i < s->reading.n; i += 4) {
        unsigned digit = 0;
        for (size_t k = i; k < i + 4; k++) {
            digit = digit << 1 | (k < s->reading.n ? s->reading.bit[k] : 0);
        }
        fprintf(m->truth, "%X", digit);
    }
    fprintf(m->truth, "\",\"fields\":%s}\n", s->reading.fields);
}

static void add(struct made *m, const struct sent *s, const struct hz_sim_burst *b, float *iq,
                size_t n)
{
    struct hz_span span = {iq, n, 0, m->rate_hz};
    hz_sim_track_add(&s->track, b, &span);
    (void)m;
}

/* Another one of the same model, somewhere over the first. */
static void add_second(struct made *m, float *iq, size_t n, double lasts)
{
    struct sent s;
    compose(m, m->model, &s);
    s.carrier_hz += m->how.second_hz;
    struct hz_sim_burst b = radio(m, &s, 0, m->how.second);
    double samples = hz_sim_track_samples(&s.track, &b, m->rate_hz);
    double first = ((double)n - lasts) / 2;
    b.start = first + hz_rng_between(&m->rng, -0.7, 0.7) * fmin(lasts, samples);
    b.start = fmin(fmax(b.start, 10), (double)n - samples - 10);
    add(m, &s, &b, iq, n);
    report(m, &s, &b, m->how.second);
    hz_sim_track_done(&s.track);
}

/* A remote whose key is held down, all through the span. */
static void add_strong(struct made *m, float *iq, size_t n)
{
    double at = hz_rng_between(&m->rng, 0, 0.05) * m->rate_hz;
    while (at < (double)n) {
        struct sent s;
        compose(m, hz_sim_model_find("ev1527"), &s);
        s.carrier_hz = m->how.carrier + m->how.strong_hz;
        struct hz_sim_burst b = radio(m, &s, at, m->how.strong);
        add(m, &s, &b, iq, n);
        at += hz_sim_track_samples(&s.track, &b, m->rate_hz) + 0.015 * m->rate_hz;
        hz_sim_track_done(&s.track);
    }
}

static void write_out(struct made *m, const float *iq, size_t n)
{
    uint8_t *out = need(malloc(2 * n));
    for (size_t i = 0; i < 2 * n; i++) {
        float x = floorf(iq[i] * 127.5f + 128);
        out[i] = (uint8_t)fminf(fmaxf(x, 0), 255);
    }
    if (fwrite(out, 2, n, m->samples) != n) {
        perror("sensor_gen");
        exit(1);
    }
    free(out);
    m->at += n;
}

/* One transmission, with silence before and after it. */
static void send_one(struct made *m)
{
    struct sent s;
    if (m->how.mix != 0) {
        mix(m);
    }
    compose(m, m->model, &s);
    struct hz_sim_burst b = radio(m, &s, 0, 0);
    double lasts = hz_sim_track_samples(&s.track, &b, m->rate_hz);
    double gap = m->rate_hz * m->how.gap * hz_rng_between(&m->rng, 1, 2);
    gap += m->how.second != 0 ? 2 * lasts : 0;
    b.start = gap / 2 + hz_rng_between(&m->rng, 0, 1);
    size_t n = (size_t)(lasts + gap + 1);
    float *iq = need(calloc(2 * n, sizeof *iq)), *noise = need(calloc(2 * n, sizeof *noise));
    add(m, &s, &b, iq, n);
    report(m, &s, &b, 0);
    if (m->how.second != 0) {
        add_second(m, iq, n, lasts);
    }
    if (m->how.strong != 0) {
        add_strong(m, iq, n);
    }
    hz_noise_fill(&m->source, noise, n, (float)sqrt(m->noise / 2));
    for (size_t i = 0; i < 2 * n; i++) {
        iq[i] += noise[i];
    }
    write_out(m, iq, n);
    free(iq);
    free(noise);
    hz_sim_track_done(&s.track);
}

static FILE *open_out(struct made *m, const char *dir, const char *end, char *path, size_t room)
{
    bool meter = strncmp(m->model->name, "ert", 3) == 0;
    snprintf(path, room, "%s/%s_s%g_%sM_%gk.%s", dir, m->model->name, m->snr_db,
             meter ? "912.6" : "433.92", m->rate_hz / 1e3, end);
    FILE *f = fopen(path, "wb");
    if (f == NULL) {
        perror(path);
        exit(1);
    }
    return f;
}

static bool set(struct how *how, const char *pair)
{
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        size_t n = strlen(known[i].key);
        if (strncmp(pair, known[i].key, n) == 0 && pair[n] == '=') {
            double value = strtod(pair + n + 1, NULL);
            memcpy((char *)how + known[i].at, &value, sizeof value);
            return true;
        }
    }
    fprintf(stderr, "sensor_gen: '%s' is none of KEY=VALUE; keys:", pair);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        fprintf(stderr, " %s", known[i].key);
    }
    fprintf(stderr, "\n");
    return false;
}

static int usage(void)
{
    fprintf(stderr, "usage: sensor_gen MODEL RATE_HZ SNR_DB COUNT SEED DIR [KEY=VALUE...]\nMODEL:");
    for (size_t i = 0; hz_sim_model_at(i) != NULL; i++) {
        fprintf(stderr, " %s", hz_sim_model_at(i)->name);
    }
    fprintf(stderr, "\n");
    return 2;
}

int main(int argc, char **argv)
{
    static struct made m;
    char path[1024];
    if (argc < 7 || (m.model = hz_sim_model_find(argv[1])) == NULL) {
        return usage();
    }
    m.rate_hz = strtod(argv[2], NULL);
    m.snr_db = strtod(argv[3], NULL);
    /* off the middle, where a receiver's DC is */
    m.how = (struct how){.carrier = m.rate_hz > 2e6 ? 400e3 : 20e3, .gap = 0.25};
    for (int i = 7; i < argc; i++) {
        if (!set(&m.how, argv[i])) {
            return 2;
        }
    }
    uint64_t seed = strtoull(argv[5], NULL, 10);
    hz_rng_init(&m.rng, seed, 14);
    hz_noise_init(&m.source, seed + 1);
    set_levels(&m);
    m.truth = open_out(&m, argv[6], "jsonl", path, sizeof path);
    m.samples = open_out(&m, argv[6], "cu8", path, sizeof path);
    for (size_t left = strtoul(argv[4], NULL, 10); left > 0; left--) {
        send_one(&m);
    }
    if (fclose(m.truth) != 0 || fclose(m.samples) != 0) {
        perror(path);
        return 1;
    }
    printf("%s\n", path);
    return 0;
}
