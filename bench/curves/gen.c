/* curve_gen PROTOCOL RATE_HZ SNR_DB COUNT SEED AIR DIR: writes a recording of COUNT transmissions,
 * each alone at that SNR in white noise, and a list of them:
 *
 *     DIR/PROTOCOL_sSNR_AIR_CENTRE_RATE.cu8, .jsonl
 *
 * SNR: mean power of the burst over the noise power in the protocol's bandwidth. AIR: impairments
 * of the propagation path, a name of the table below. Prints the path of the .cu8. */
#include "bench/curves/sent.h"
#include "sim/noise.h"
#include "sim/voice.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

struct air {
    const char *name;
    bool errors; /* every transmitter has its own carrier within the protocol's, 50 ppm of clock */
    double drift_hz_s, tone, clock_ppm; /* either way */
    double neighbour_hz;                /* 30 dB stronger, that far below */
    bool collision;                     /* another burst 6 dB weaker reaches into it */
    double fade_hz;                     /* Rayleigh fading with that Doppler spread */
    double impulses_s;                  /* 30 dB above the noise in all of the band */
    bool receiver;                      /* DC, and a voice 20 dB stronger whose image hits */
    double over_db;                     /* gain too high: mean power over full scale */
    double linewidth_hz;                /* of carriers whose phase walks at random */
};

static const struct air airs[] = {
    {.name = "clean"},
    {.name = "errors", .errors = true},
    {.name = "near12", .neighbour_hz = 12500},
    {.name = "near25", .neighbour_hz = 25000},
    {.name = "collision", .collision = true},
    {.name = "fading1", .fade_hz = 1},
    {.name = "fading50", .fade_hz = 50},
    {.name = "impulses", .impulses_s = 20},
    {.name = "image", .receiver = true},
    {.name = "tones", .tone = 0.02},
    {.name = "drift", .drift_hz_s = 2000},
    {.name = "drift50", .drift_hz_s = 50},
    {.name = "clock", .clock_ppm = 100},
    {.name = "clipped", .over_db = 6},
    {.name = "wander", .linewidth_hz = 50e3},
};

enum { PATHS = 16 };

/* Clarke's model: as many waves from all around. */
struct fading {
    double doppler_hz[PATHS], phase[PATHS];
};

struct made {
    const struct way *way;
    const struct air *air;
    double rate_hz, snr_db, offset_hz; /* of the channel from the centre */
    double noise, power;               /* over all the band, and of a burst; full scale 1.0 */
    struct hz_rng rng;
    struct hz_noise source;
    struct senders who, others;
    struct fading fading;
    uint64_t at; /* samples written */
    FILE *samples, *truth;
    size_t room;
    float *iq, *noise_iq;
    uint8_t *out;
};

static double decibels(double db)
{
    return pow(10, db / 10);
}

static double either_way(struct hz_rng *r, double x)
{
    return hz_rng_chance(r, 0.5) ? x : -x;
}

/* Levels: nothing near full scale, whatever the SNR; quantisation counts as noise. */
static void set_levels(struct made *m)
{
    double wanted = m->snr_db + 10 * log10(m->way->bandwidth_hz / m->rate_hz);
    bool voice = m->air->receiver && m->offset_hz > 0;
    double above = m->air->neighbour_hz > 0 ? 30 : voice ? 20 : 0;
    double peak = fmax(wanted + above, 3) + 9;
    double dbfs =
        m->air->over_db > 0 ? m->air->over_db - 10 * log10(1 + decibels(wanted)) : fmin(-30, -peak);
    double quantisation = 2 / (12 * 127.5 * 127.5);
    m->noise = decibels(dbfs);
    m->power = (m->noise + quantisation) * decibels(wanted);
}

static void set_fading(struct made *m)
{
    for (int i = 0; i < PATHS; i++) {
        double angle = 2 * pi * (i + hz_rng_between(&m->rng, 0, 1)) / PATHS;
        m->fading.doppler_hz[i] = m->air->fade_hz * cos(angle);
        m->fading.phase[i] = hz_rng_between(&m->rng, 0, 2 * pi);
    }
}

static void multiply_by_fading(const struct made *m, size_t n)
{
    enum { HOLD = 8 }; /* samples over which the gain stays: far less than it takes to change */
    float re = 0, im = 0;
    for (size_t i = 0; i < n; i++) {
        float a = m->iq[2 * i], b = m->iq[2 * i + 1];
        if (i % HOLD == 0) {
            double t = (double)(m->at + i) / m->rate_hz, c = 0, s = 0;
            for (int k = 0; k < PATHS; k++) {
                double angle = 2 * pi * m->fading.doppler_hz[k] * t + m->fading.phase[k];
                c += cos(angle);
                s += sin(angle);
            }
            re = (float)(c / sqrt(PATHS));
            im = (float)(s / sqrt(PATHS));
        }
        m->iq[2 * i] = a * re - b * im;
        m->iq[2 * i + 1] = a * im + b * re;
    }
}

/* A phase that walks at random: its variance grows by 2 pi times the linewidth a second. */
static void wander(struct made *m, size_t n)
{
    double phase = 0, step = sqrt(2 * pi * m->air->linewidth_hz / m->rate_hz);
    hz_noise_fill(&m->source, m->noise_iq, n, (float)step);
    for (size_t i = 0; i < n; i++) {
        float a = m->iq[2 * i], b = m->iq[2 * i + 1];
        float c = (float)cos(phase), s = (float)sin(phase);
        m->iq[2 * i] = a * c - b * s;
        m->iq[2 * i + 1] = a * s + b * c;
        phase += m->noise_iq[2 * i];
    }
}

/* A burst's radio: its power, carrier, phase and clock, as the air says. */
static struct hz_sim_burst radio(struct made *m, double power)
{
    const struct air *air = m->air;
    double carrier = air->errors ? m->way->carrier_hz : 0, ppm = air->errors ? 50 : 0;
    ppm = hz_rng_between(&m->rng, -ppm, ppm) + either_way(&m->rng, air->clock_ppm);
    return (struct hz_sim_burst){
        .power = power,
        .offset_hz = m->offset_hz + hz_rng_between(&m->rng, -carrier, carrier),
        .phase = hz_rng_between(&m->rng, 0, 1),
        .clock = 1 + 1e-6 * ppm,
    };
}

static void compose(struct made *m, struct senders *who, struct sent *s)
{
    struct transmitter how = {either_way(&m->rng, m->air->drift_hz_s),
                              1 + either_way(&m->rng, m->air->tone)};
    sent_init(s, m->way, &how, who);
}

static void report(struct made *m, const struct sent *s, const struct hz_sim_burst *b, bool weak)
{
    double start = (double)m->at + b->start;
    double samples = sent_samples(s, &m->who, m->rate_hz, b->clock);
    fprintf(m->truth,
            "{\"protocol\":\"%s\",\"t\":%.9f,\"end\":%.9f,\"snr\":%.1f,\"foff\":%.1f,"
            "\"type\":\"%s\",\"weak\":%s,\"hex\":\"",
            m->way->name, start / m->rate_hz, (start + samples) / m->rate_hz,
            m->snr_db - (weak ? 6 : 0), b->offset_hz - m->offset_hz, s->type,
            weak ? "true" : "false");
    for (size_t i = 0; i < s->raw_len; i++) {
        fprintf(m->truth, "%02X", s->raw[i]);
    }
    fprintf(m->truth, "\",\"fields\":%s}\n", s->fields);
}

/* Voice all through the span. */
static void add_voice(struct made *m, size_t n, double offset_hz, double power)
{
    struct hz_sim_track track;
    if (hz_sim_nfm((double)n / m->rate_hz + 0.01, 2000, 0, &m->rng, &track) != 0) {
        exit(1);
    }
    struct hz_sim_burst burst = {0, power, offset_hz, hz_rng_between(&m->rng, 0, 1), 1};
    struct hz_span span = {m->iq, n, 0, m->rate_hz};
    hz_sim_track_add(&track, &burst, &span);
    hz_sim_track_done(&track);
}

/* A second burst of the same kind that begins anywhere in the first, or ends there. */
static void add_collision(struct made *m, size_t n, const struct hz_sim_burst *first, double lasts)
{
    struct sent other;
    compose(m, &m->others, &other);
    struct hz_sim_burst burst = radio(m, m->power / decibels(6));
    double samples = sent_samples(&other, &m->others, m->rate_hz, burst.clock);
    double low = fmax(10, first->start - 0.8 * samples);
    double high = fmin((double)n - samples - 10, first->start + 0.8 * lasts);
    burst.start = high > low ? hz_rng_between(&m->rng, low, high) : low;
    struct hz_span span = {m->iq, n, 0, m->rate_hz};
    sent_add(&other, &m->others, &burst, &span);
    report(m, &other, &burst, true);
    sent_done(&other);
}

static void add_noise(struct made *m, size_t n)
{
    hz_noise_fill(&m->source, m->noise_iq, n, (float)sqrt(m->noise / 2));
    for (size_t i = 0; i < 2 * n; i++) {
        m->iq[i] += m->noise_iq[i];
    }
    double per_sample = m->air->impulses_s / m->rate_hz;
    if (m->way->baud >= 1e6) {
        per_sample *= 100; /* or no frame would ever meet one */
    }
    for (size_t i = 0; per_sample > 0 && i < n; i++) {
        if (hz_rng_chance(&m->rng, per_sample)) {
            double angle = hz_rng_between(&m->rng, 0, 2 * pi);
            m->iq[2 * i] += (float)(sqrt(m->noise * decibels(30)) * cos(angle));
            m->iq[2 * i + 1] += (float)(sqrt(m->noise * decibels(30)) * sin(angle));
        }
    }
}

/* What the receiver does to it: Q 3 degrees and 5 % off (an image 29 dB down), 2 % of DC. */
static void pass_receiver(struct made *m, size_t n)
{
    for (size_t i = 0; m->air->receiver && i < n; i++) {
        float a = m->iq[2 * i], b = m->iq[2 * i + 1];
        m->iq[2 * i] = a + 0.02f;
        m->iq[2 * i + 1] = 1.05f * (b * 0.9986f + a * 0.0523f) - 0.02f;
    }
}

static void write_out(struct made *m, size_t n)
{
    for (size_t i = 0; i < 2 * n; i++) {
        float x = floorf(m->iq[i] * 127.5f + 128);
        m->out[i] = (uint8_t)fminf(fmaxf(x, 0), 255);
    }
    if (fwrite(m->out, 2, n, m->samples) != n) {
        perror("curve_gen");
        exit(1);
    }
    m->at += n;
}

static void make_room(struct made *m, size_t n)
{
    if (n > m->room) {
        m->room = 2 * n;
        m->iq = realloc(m->iq, 2 * m->room * sizeof *m->iq);
        m->noise_iq = realloc(m->noise_iq, 2 * m->room * sizeof *m->noise_iq);
        m->out = realloc(m->out, 2 * m->room);
    }
    if (m->iq == NULL || m->noise_iq == NULL || m->out == NULL) {
        fprintf(stderr, "curve_gen: no memory for %zu samples\n", n);
        exit(1);
    }
    memset(m->iq, 0, 2 * n * sizeof *m->iq);
}

/* One transmission, with silence before and after it. */
static void send_one(struct made *m)
{
    struct sent s;
    compose(m, &m->who, &s);
    struct hz_sim_burst burst = radio(m, m->power);
    double lasts = sent_samples(&s, &m->who, m->rate_hz, burst.clock);
    double gap = m->rate_hz * hz_rng_between(&m->rng, m->way->gap_min_s, m->way->gap_max_s);
    if (m->air->collision) {
        gap += 2.5 * lasts;
    }
    burst.start = gap / 2 + hz_rng_between(&m->rng, 0, 1);
    size_t n = (size_t)(lasts + gap + 1);
    struct hz_span span = {NULL, n, 0, m->rate_hz};
    make_room(m, n);
    span.iq = m->iq;
    sent_add(&s, &m->who, &burst, &span);
    report(m, &s, &burst, false);
    if (m->air->linewidth_hz > 0) {
        wander(m, n);
    }
    if (m->air->fade_hz > 0) {
        multiply_by_fading(m, n);
    }
    if (m->air->collision) {
        add_collision(m, n, &burst, lasts);
    }
    if (m->air->neighbour_hz > 0) {
        add_voice(m, n, m->offset_hz - m->air->neighbour_hz, m->power * decibels(30));
    }
    if (m->air->receiver && m->offset_hz > 0) {
        add_voice(m, n, -m->offset_hz, m->power * decibels(20));
    }
    add_noise(m, n);
    pass_receiver(m, n);
    write_out(m, n);
    sent_done(&s);
}

static FILE *open_out(struct made *m, const char *dir, const char *end, char *path, size_t room)
{
    snprintf(path, room, "%s/%s_s%g_%s_%.4fM_%gk.%s", dir, m->way->name, m->snr_db, m->air->name,
             (m->way->freq_hz - m->offset_hz) / 1e6, m->rate_hz / 1e3, end);
    FILE *f = fopen(path, "wb");
    if (f == NULL) {
        perror(path);
        exit(1);
    }
    return f;
}

static const struct air *air_find(const char *name)
{
    for (size_t i = 0; i < sizeof airs / sizeof airs[0]; i++) {
        if (strcmp(airs[i].name, name) == 0) {
            return &airs[i];
        }
    }
    return NULL;
}

static int usage(void)
{
    fprintf(stderr, "usage: curve_gen PROTOCOL RATE_HZ SNR_DB COUNT SEED AIR DIR\n");
    fprintf(stderr, "PROTOCOL: adsb ais ax25-9600 aprs pocsag512 pocsag1200 pocsag2400 "
                    "rs41 acars vdl2 vdl2-root flex flex3200 flex1600-4 flex6400 wmbus-t1 "
                    "wmbus-c1 wmbus-s1\nAIR:");
    for (size_t i = 0; i < sizeof airs / sizeof airs[0]; i++) {
        fprintf(stderr, " %s", airs[i].name);
    }
    fprintf(stderr, "\n");
    return 2;
}

int main(int argc, char **argv)
{
    static struct made m;
    char path[1024];
    if (argc != 8 || (m.way = way_find(argv[1])) == NULL || (m.air = air_find(argv[6])) == NULL) {
        return usage();
    }
    uint64_t seed = strtoull(argv[5], NULL, 10);
    m.rate_hz = strtod(argv[2], NULL);
    m.snr_db = strtod(argv[3], NULL);
    /* off the middle, where a receiver's DC is; a neighbour must fit in, too */
    m.offset_hz = m.way->baud >= 1e6 ? 0 : m.rate_hz > 90e3 ? 25e3 : 10e3;
    hz_rng_init(&m.rng, seed, 12);
    hz_noise_init(&m.source, seed + 1);
    senders_init(&m.who, m.rate_hz, seed);
    senders_init(&m.others, m.rate_hz, seed + 2);
    set_levels(&m);
    set_fading(&m);
    m.truth = open_out(&m, argv[7], "jsonl", path, sizeof path);
    m.samples = open_out(&m, argv[7], "cu8", path, sizeof path);
    for (size_t left = strtoul(argv[4], NULL, 10); left > 0; left--) {
        send_one(&m);
    }
    free(m.iq);
    free(m.noise_iq);
    free(m.out);
    if (fclose(m.truth) != 0 || fclose(m.samples) != 0) {
        perror(path);
        return 1;
    }
    printf("%s\n", path);
    return 0;
}
