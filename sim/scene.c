#include "sim/scene.h"

#include "sim/fault.h"
#include "sim/fleet.h"
#include "sim/noise.h"
#include "sim/scene_ops.h"
#include "sim/ships.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SCENES = 11 };

#define ADSB .rate_hz = 2.4e6, .centre_hz = 1090e6, .format = HZ_CU8
#define HOME .latitude = HZ_SIM_HOME_LAT, .longitude = HZ_SIM_HOME_LON
#define PORT .latitude = HZ_SIM_PORT_LAT, .longitude = HZ_SIM_PORT_LON

const struct hz_scene_info hz_scenes[SCENES + 1] = {
    {.name = "aircraft", .title = "Thirty aircraft around an airport, Mode S", ADSB, HOME},
    {.name = "vhf",
     .title = "A port: AIS of ships on two channels, two FM voice channels",
     .rate_hz = 1.536e6,
     .centre_hz = 161.85e6,
     .format = HZ_CU8,
     PORT},
    {.name = "mix",
     .title = "AIS, FM and AM voice, APRS, 9600 baud packets and pagers",
     .rate_hz = 2.4e6,
     .centre_hz = 162.4e6,
     .format = HZ_CU8,
     PORT},
    {.name = "ism",
     .title = "A dozen homes and passing cars: sensors, remotes, tyres around 433.92 MHz",
     .rate_hz = 2.4e6,
     .centre_hz = 433.92e6,
     .format = HZ_CU8,
     HOME},
    {.name = "crowd",
     .title = "Seven sensors within 160 kHz that often send at the same time",
     .rate_hz = 1.024e6,
     .centre_hz = 433.92e6,
     .format = HZ_CU8,
     HOME},
    {.name = "uhf",
     .title = "Three radiosondes: one climbs, one bursts and falls, one is far away",
     .rate_hz = 1.024e6,
     .centre_hz = 402.9e6,
     .format = HZ_CU8,
     PORT},
    {.name = "meters",
     .title = "Meters of water, heat and gas, and sensors, around 868 MHz",
     .rate_hz = 2.4e6,
     .centre_hz = 868.6e6,
     .format = HZ_CU8,
     HOME},
    {.name = "fm",
     .title = "Two broadcast FM stations with RDS, one in stereo",
     .rate_hz = 1.2e6,
     .centre_hz = 98.4e6,
     .format = HZ_CU8,
     HOME},
    {.name = "dense", .title = "Five hundred aircraft: thousands of frames a second", ADSB, HOME},
    {.name = "ladder", .title = "Lone Mode S frames of 0 to 25 dB, one in a ms", ADSB, HOME},
    {.name = "noise", .title = "White noise", ADSB, HOME},
    {.name = NULL},
};

/* For each scene of hz_scenes, in the same order, what generates it. */
static const struct {
    const struct hz_scene_ops *ops;
    int variant;
    double noise_dbfs; /* over the whole band */
} kinds[SCENES] = {
    {&hz_scene_modes, 30, -36},
    {&hz_scene_vhf, HZ_VHF_PORT, -30},
    {&hz_scene_vhf, HZ_VHF_MIX, -30},
    {&hz_scene_ism, HZ_ISM_HOMES, -30},
    {&hz_scene_ism, HZ_ISM_CROWD, -32},
    {&hz_scene_uhf, 0, -32},
    {&hz_scene_ism, HZ_ISM_METERS, -30},
    {&hz_scene_fm, 0, -34},
    {&hz_scene_modes, 500, -36},
    {&hz_scene_modes, HZ_MODES_LADDER, -32},
    {NULL, 0, -36},
};

struct hz_scene {
    const struct hz_scene_info *about;
    const struct hz_scene_ops *ops;
    void *state; /* of ops */
    struct hz_scene_output out;
    struct hz_noise noise;
    struct hz_front front;
    struct hz_fault_state *fault; /* NULL: none */
    float sigma;                  /* of I and of Q, full scale 1.0 */
    float *drawn;                 /* the noise of one span */
    uint8_t *made;                /* the span in the scene's format */
    size_t taken;                 /* samples of it that were read */
};

static int find(const char *name)
{
    for (int i = 0; i < SCENES; i++) {
        if (strcmp(hz_scenes[i].name, name) == 0) {
            return i;
        }
    }
    return -ENOENT;
}

static int set_up(struct hz_scene *s, int kind, uint64_t seed)
{
    const struct hz_scene_info *about = &hz_scenes[kind];
    size_t n = (size_t)(about->rate_hz * HZ_SCENE_SPAN_S);
    double noise = pow(10, kinds[kind].noise_dbfs / 10);
    double quantisation = 2 / (12 * 127.5 * 127.5); /* what rounding to 8 bits adds */
    s->about = about;
    s->ops = kinds[kind].ops;
    s->sigma = (float)sqrt(noise / 2);
    s->out.span.rate_hz = about->rate_hz;
    s->out.span.n = n;
    s->out.span.iq = calloc(2 * n, sizeof(float));
    s->out.centre_hz = about->centre_hz;
    s->out.noise_per_hz = (noise + quantisation) / about->rate_hz;
    s->drawn = calloc(2 * n, sizeof(float));
    s->made = calloc(n, hz_format_bytes(about->format));
    s->taken = n;
    if (s->out.span.iq == NULL || s->drawn == NULL || s->made == NULL) {
        return -ENOMEM;
    }
    hz_noise_init(&s->noise, seed);
    hz_front_init(&s->front, ~seed);
    if (s->ops == NULL) {
        return 0;
    }
    s->state = calloc(1, s->ops->size);
    return s->state == NULL ? -ENOMEM : s->ops->init(s->state, about, kinds[kind].variant, seed);
}

int hz_scene_new(const char *name, uint64_t seed, struct hz_scene **scene)
{
    int kind = find(name);
    if (kind < 0) {
        return kind;
    }
    struct hz_scene *s = calloc(1, sizeof *s);
    int err = s == NULL ? -ENOMEM : set_up(s, kind, seed);
    if (err != 0) {
        hz_scene_free(s);
        return err;
    }
    *scene = s;
    return 0;
}

void hz_scene_free(struct hz_scene *s)
{
    if (s == NULL) {
        return;
    }
    if (s->state != NULL) {
        s->ops->done(s->state);
    }
    hz_fault_free(s->fault);
    free(s->state);
    free(s->out.span.iq);
    free(s->drawn);
    free(s->made);
    free(s);
}

const struct hz_scene_info *hz_scene_about(const struct hz_scene *s)
{
    return s->about;
}

int hz_scene_spoil(struct hz_scene *s, const char *fault)
{
    const struct hz_fault *found = hz_fault_find(fault);
    if (found == NULL) {
        return -ENOENT;
    }
    hz_fault_free(s->fault);
    s->fault = hz_fault_new(found, s->about->rate_hz);
    return s->fault == NULL ? -ENOMEM : 0;
}

void hz_scene_on_truth(struct hz_scene *s, hz_scene_truth_fn *fn, void *ctx)
{
    s->out.on_truth = fn;
    s->out.ctx = ctx;
}

void hz_scene_front(struct hz_scene *s, const struct hz_front_settings *settings)
{
    s->front.now = *settings;
}

/* Quantises to unsigned bytes with zero at 127.5, and clips as a converter does. */
static void quantise(const float *restrict a, const float *restrict b, uint8_t *restrict out,
                     size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float x = (a[i] + b[i]) * 127.5f + 128; /* 127.5, plus 0.5 for rounding */
        x = x < 0 ? 0 : x;
        x = x > 255 ? 255 : x;
        out[i] = (uint8_t)(int32_t)x;
    }
}

/* Signals and noise go through the receiver's front end. */
static void pass_front(struct hz_scene *s)
{
    struct hz_span *span = &s->out.span;
    for (size_t i = 0; i < 2 * span->n; i++) {
        span->iq[i] += s->drawn[i];
    }
    hz_front_run(&s->front, span, s->about->centre_hz, s->drawn);
    memset(s->drawn, 0, 2 * span->n * sizeof *s->drawn);
}

static void make_span(struct hz_scene *s)
{
    struct hz_span *span = &s->out.span;
    memset(span->iq, 0, 2 * span->n * sizeof *span->iq);
    if (s->ops != NULL) {
        s->ops->fill(s->state, &s->out);
    }
    hz_noise_fill(&s->noise, s->drawn, span->n, s->sigma);
    if (s->fault != NULL) {
        hz_fault_apply(s->fault, span, s->drawn);
        memset(s->drawn, 0, 2 * span->n * sizeof *s->drawn);
    }
    if (!hz_front_is_ideal(&s->front.now)) {
        pass_front(s);
    }
    quantise(span->iq, s->drawn, s->made, 2 * span->n);
    span->first += span->n;
    s->taken = 0;
}

void hz_scene_read(struct hz_scene *s, void *out, size_t n)
{
    size_t bytes = hz_format_bytes(s->about->format), span = s->out.span.n;
    uint8_t *to = out;
    while (n > 0) {
        if (s->taken == span) {
            make_span(s);
        }
        size_t now = span - s->taken < n ? span - s->taken : n;
        memcpy(to, s->made + s->taken * bytes, now * bytes);
        s->taken += now;
        to += now * bytes;
        n -= now;
    }
}
