/* The scene "fm": two broadcast stations with RDS, one of them in stereo. */
#include "sim/broadcast.h"
#include "sim/scene_ops.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATIONS = 2 };

static const double turn = 2 * 3.14159265358979323846, width_hz = 200e3;

static const struct {
    double freq_hz, snr_db; /* over 200 kHz */
    struct hz_sim_programme what;
} stations[STATIONS] = {
    {98.1e6,
     30,
     {.pi = 0xd3c2,
      .pty = 10,
      .ps = "HERTZ FM",
      .text = {"Now: The Dipoles - Standing Waves", "Now: Ground Plane - Quarter to Lambda",
               "Call the studio: 0800 4711"},
      .artist = {"The Dipoles", "Ground Plane"},
      .title = {"Standing Waves", "Quarter to Lambda"},
      .mjd = 61374,
      .minute = 8 * 60 + 15,
      .af = {12, 155, 3},
      .crystal = 8e-6}},
    {98.8e6,
     16,
     {.pi = 0x1abc,
      .pty = 1,
      .ps = "NEWS 988",
      .text = {"News at the hour, every hour", "Weather: clear, wind from the west"},
      .mjd = 61374,
      .minute = 8 * 60 + 15,
      .af = {9},
      .mono = true,
      .crystal = -20e-6}},
};

struct fm {
    struct hz_sim_broadcast station[STATIONS];
    double phase[STATIONS];
    const struct hz_scene_output *out;
    unsigned now; /* station */
    float *hz;
    size_t room;
};

static void on_group(void *ctx, const uint16_t block[4], double begins_s)
{
    struct fm *f = ctx;
    if (!f->out || !f->out->on_truth)
        return;
    char fields[96];
    uint8_t raw[8];
    snprintf(fields, sizeof fields, "{\"pi\":\"%04X\",\"group\":\"%u%c\"}", block[0],
             block[1] >> 12, block[1] >> 11 & 1 ? 'B' : 'A');
    for (int i = 0; i < 8; i++)
        raw[i] = (uint8_t)(block[i / 2] >> (i % 2 ? 0 : 8));
    double rate_hz = f->out->span.rate_hz, snr = pow(10, stations[f->now].snr_db / 10);
    struct hz_scene_truth truth = {.sample = (uint64_t)llround(begins_s * rate_hz),
                                   .start = begins_s * rate_hz,
                                   .samples = 104 / 1187.5 * rate_hz,
                                   .protocol = "rds",
                                   .type = "group",
                                   .freq_hz = stations[f->now].freq_hz,
                                   .bandwidth_hz = width_hz,
                                   .snr_db = stations[f->now].snr_db,
                                   .level_dbfs = 10 * log10(f->out->noise_per_hz * width_hz * snr),
                                   .raw = raw,
                                   .raw_len = sizeof raw,
                                   .fields = fields};
    f->out->on_truth(f->out->ctx, &truth);
}

static int fm_init(void *state, const struct hz_scene_info *about, int variant, uint64_t seed)
{
    (void)variant;
    struct fm *f = state;
    f->room = (size_t)(about->rate_hz * HZ_SCENE_SPAN_S) + 1;
    f->hz = calloc(f->room, sizeof *f->hz);
    if (!f->hz)
        return -ENOMEM;
    for (unsigned i = 0; i < STATIONS; i++) {
        hz_sim_broadcast_init(&f->station[i], &stations[i].what, seed + i);
        f->station[i].on_group = on_group;
        f->station[i].ctx = f;
    }
    return 0;
}

static void fm_done(void *state)
{
    struct fm *f = state;
    free(f->hz);
}

static void fm_fill(void *state, const struct hz_scene_output *out)
{
    struct fm *f = state;
    const struct hz_span *span = &out->span;
    f->out = out;
    for (unsigned i = 0; i < STATIONS; i++) {
        double offset = (stations[i].freq_hz - out->centre_hz) / span->rate_hz, phase = f->phase[i];
        double level = sqrt(out->noise_per_hz * width_hz * pow(10, stations[i].snr_db / 10));
        f->now = i;
        hz_sim_broadcast_fill(&f->station[i], span->rate_hz, f->hz, span->n);
        for (size_t k = 0; k < span->n; k++) {
            phase += offset + (double)f->hz[k] / span->rate_hz;
            span->iq[2 * k] += (float)(level * cos(turn * phase));
            span->iq[2 * k + 1] += (float)(level * sin(turn * phase));
        }
        f->phase[i] = phase - floor(phase);
    }
    f->out = NULL;
}

const struct hz_scene_ops hz_scene_fm = {
    .size = sizeof(struct fm),
    .init = fm_init,
    .fill = fm_fill,
    .done = fm_done,
};
