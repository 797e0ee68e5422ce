/* broadcast_gen rds RATE_HZ SNR_DB COUNT SEED AIR DIR: writes a recording of a broadcast FM station
 * for COUNT groups of RDS, and a list of them, as curve_gen does for transmissions:
 *
 *     DIR/rds_sSNR_AIR_CENTRE_RATE.cu8, .jsonl
 *
 * SNR: power of the station over the noise power in 200 kHz. Prints the path of the .cu8. */
#include "sim/broadcast.h"
#include "sim/noise.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SPAN = 16384, PATHS = 16 };

static const double two_pi = 6.28318530717958647692, width_hz = 200e3, freq_hz = 98.35e6,
                    offset_hz = 40e3, group_s = 104 / 1187.5;

static const struct air {
    const char *name;
    double carrier_hz, ppm; /* either way: of the carrier; of the station's clocks */
    double fade_hz;         /* Rayleigh fading with that Doppler spread */
    double impulses_s;      /* 30 dB above the noise in all of the band */
    double over_db;         /* gain too high: mean power over full scale */
    bool mono;
} airs[] = {
    {.name = "clean"},
    {.name = "errors", .carrier_hz = 5000, .ppm = 50},
    {.name = "clock", .ppm = 100},
    {.name = "fading1", .fade_hz = 1},
    {.name = "fading50", .fade_hz = 50},
    {.name = "impulses", .impulses_s = 20},
    {.name = "clipped", .over_db = 6},
    {.name = "mono", .mono = true},
};

struct made {
    const struct air *air;
    double rate_hz, snr_db, level, noise; /* amplitude of the station; power of the noise */
    double phase, carrier_hz, ended_s;
    double doppler_hz[PATHS], path_phase[PATHS];
    struct hz_rng rng;
    struct hz_noise source;
    FILE *samples, *truth;
};

static void on_group(void *ctx, const uint16_t block[4], double begins_s)
{
    const struct made *m = ctx;
    if (begins_s + group_s > m->ended_s)
        return; /* it is cut off */
    fprintf(m->truth,
            "{\"protocol\":\"rds\",\"t\":%.6f,\"snr\":%.1f,\"type\":\"group\",\"hex\":\"%04X%04X%"
            "04X%04X\","
            "\"fields\":{}}\n",
            begins_s, m->snr_db, block[0], block[1], block[2], block[3]);
}

static double either_way(struct hz_rng *r, double x)
{
    return hz_rng_chance(r, 0.5) ? x : -x;
}

/* Levels: nothing near full scale, whatever the SNR; quantisation counts as noise. */
static void set_up(struct made *m)
{
    double quantisation = 2 / (12 * 127.5 * 127.5),
           over = pow(10, m->snr_db / 10) * width_hz / m->rate_hz;
    double power = m->air->over_db > 0 ? pow(10, m->air->over_db / 10) : 0.02;
    m->level = sqrt(power);
    m->noise = fmax(power / over - quantisation, 0);
    m->carrier_hz = offset_hz + either_way(&m->rng, m->air->carrier_hz);
    for (int i = 0; i < PATHS; i++) {
        double angle = two_pi * (i + hz_rng_between(&m->rng, 0, 1)) / PATHS;
        m->doppler_hz[i] = m->air->fade_hz * cos(angle);
        m->path_phase[i] = hz_rng_between(&m->rng, 0, two_pi);
    }
}

/* The path's gain at a time; 1 without fading. */
static void fade(const struct made *m, double t, double gain[2])
{
    gain[0] = 1;
    gain[1] = 0;
    if (m->air->fade_hz <= 0)
        return;
    gain[0] = 0;
    for (int k = 0; k < PATHS; k++) {
        gain[0] += cos(two_pi * m->doppler_hz[k] * t + m->path_phase[k]) / sqrt(PATHS);
        gain[1] += sin(two_pi * m->doppler_hz[k] * t + m->path_phase[k]) / sqrt(PATHS);
    }
}

static void put(struct made *m, float *iq, double re, double im)
{
    if (hz_rng_chance(&m->rng, m->air->impulses_s / m->rate_hz)) {
        double angle = hz_rng_between(&m->rng, 0, two_pi), size = sqrt(m->noise * 1000);
        re += size * cos(angle);
        im += size * sin(angle);
    }
    iq[0] += (float)re;
    iq[1] += (float)im;
}

static void write_span(struct made *m, struct hz_sim_broadcast *station, double t)
{
    static float hz[SPAN], iq[2 * SPAN];
    static uint8_t out[2 * SPAN];
    double gain[2] = {1, 0};
    hz_sim_broadcast_fill(station, m->rate_hz, hz, SPAN);
    hz_noise_fill(&m->source, iq, SPAN, (float)sqrt(m->noise / 2));
    for (size_t i = 0; i < SPAN; i++) {
        if (i % 64 == 0)
            fade(m, t + (double)i / m->rate_hz, gain);
        m->phase += (m->carrier_hz + (double)hz[i]) / m->rate_hz;
        m->phase -= floor(m->phase);
        double c = m->level * cos(two_pi * m->phase), s = m->level * sin(two_pi * m->phase);
        put(m, iq + 2 * i, c * gain[0] - s * gain[1], c * gain[1] + s * gain[0]);
    }
    for (size_t i = 0; i < sizeof out; i++)
        out[i] = (uint8_t)fminf(fmaxf(floorf(iq[i] * 127.5f + 128), 0), 255);
    if (fwrite(out, 1, sizeof out, m->samples) != sizeof out) {
        perror("broadcast_gen");
        exit(1);
    }
}

static FILE *open_out(const struct made *m, const char *dir, const char *end, char *path,
                      size_t room)
{
    snprintf(path, room, "%s/rds_s%g_%s_%.4fM_%gk.%s", dir, m->snr_db, m->air->name,
             (freq_hz - offset_hz) / 1e6, m->rate_hz / 1e3, end);
    FILE *f = fopen(path, "wb");
    if (!f) {
        perror(path);
        exit(1);
    }
    return f;
}

int main(int argc, char **argv)
{
    static struct made m;
    static struct hz_sim_broadcast station;
    static struct hz_sim_programme what = {
        .pi = 0xd3c2,
        .pty = 10,
        .ps = "CURVE FM",
        .text = {"The first text of this station", "And another one"},
        .mjd = 61375,
        .minute = 600,
        .af = {12, 101, 155},
        /* 1.23 kHz in the mean, as the captures of the lab have it */
        .data_hz = 2415};
    char path[1024];
    for (size_t i = 0; argc == 8 && i < sizeof airs / sizeof *airs; i++)
        m.air = strcmp(airs[i].name, argv[6]) == 0 ? &airs[i] : m.air;
    if (!m.air || strcmp(argv[1], "rds") != 0) {
        fprintf(stderr, "usage: broadcast_gen rds RATE_HZ SNR_DB COUNT SEED AIR DIR\n");
        return 2;
    }
    uint64_t seed = strtoull(argv[5], NULL, 10);
    m.rate_hz = strtod(argv[2], NULL);
    m.snr_db = strtod(argv[3], NULL);
    hz_rng_init(&m.rng, seed, 12);
    hz_noise_init(&m.source, seed + 1);
    set_up(&m);
    what.mono = m.air->mono;
    what.crystal = 1e-6 * either_way(&m.rng, m.air->ppm);
    double spans = ceil(strtod(argv[4], NULL) * group_s * m.rate_hz / SPAN);
    m.ended_s = spans * SPAN / m.rate_hz;
    m.truth = open_out(&m, argv[7], "jsonl", path, sizeof path);
    m.samples = open_out(&m, argv[7], "cu8", path, sizeof path);
    hz_sim_broadcast_init(&station, &what, seed + 2);
    station.on_group = on_group;
    station.ctx = &m;
    for (double k = 0; k < spans; k++)
        write_span(&m, &station, k * SPAN / m.rate_hz);
    if (fclose(m.truth) != 0 || fclose(m.samples) != 0) {
        perror("broadcast_gen");
        return 1;
    }
    puts(path);
    return 0;
}
