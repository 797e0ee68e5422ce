/* A receiver's channels with a decoder of bursts that tells what it was pushed, and air with
 * carriers for it. */
#ifndef HZ_TESTS_BURSTS_RIG_H
#define HZ_TESTS_BURSTS_RIG_H

#include "daemon/receive/channels.h"
#include "daemon/source/source.h"
#include "sim/noise.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RATE_HZ   1024000.0
#define CENTRE_HZ 433920000.0

enum { TURN = 131072, LINES = 600, SEEN_MAX = 64 };

/* ---- the decoder ------------------------------------------------------------------------ */

struct probe {
    struct hz_setup setup;
    uint64_t first, n, resets;
    double energy;
    uint32_t hash;
};

static int probe_init(void *state, const struct hz_setup *setup, char *err, size_t err_len)
{
    struct probe *p = state;
    (void)err;
    (void)err_len;
    p->setup = *setup;
    p->hash = 2166136261u;
    return 0;
}

static void probe_push(void *state, const struct hz_samples *s, struct hz_sink *sink)
{
    struct probe *p = state;
    const float *x = s->data;
    (void)sink;
    if (p->n == 0)
        p->first = s->first;
    for (size_t i = 0; i < 2 * s->n; i++) {
        uint32_t bits;
        memcpy(&bits, &x[i], sizeof bits);
        p->hash = (p->hash ^ bits) * 16777619u;
        p->energy += (double)(x[i] * x[i]);
    }
    p->n += s->n;
}

static void probe_reset(void *state, struct hz_sink *sink)
{
    struct probe *p = state;
    (void)sink;
    p->resets++;
}

static void probe_flush(void *state, struct hz_sink *sink)
{
    struct probe *p = state;
    struct hz_burst burst = {.sample = p->first,
                             .end = p->first + p->n,
                             .rssi_dbfs = 0,
                             .noise_dbfs = 0,
                             .snr_db = 0,
                             .offset_hz = 0};
    struct hz_json *j = hz_sink_begin(sink, &burst);
    hz_json_decimals(j, "from_s", (double)p->first / p->setup.rate_hz, 4);
    hz_json_decimals(j, "to_s", (double)(p->first + p->n) / p->setup.rate_hz, 4);
    hz_json_decimals(j, "rate", p->setup.rate_hz, 0);
    hz_json_decimals(j, "low", p->setup.freq_hz + p->setup.burst_low_hz, 0);
    hz_json_decimals(j, "high", p->setup.freq_hz + p->setup.burst_high_hz, 0);
    hz_json_decimals(j, "energy", p->energy / p->setup.rate_hz, 6);
    hz_json_int(j, "hash", p->hash);
    hz_json_int(j, "resets", (int64_t)p->resets);
    hz_sink_end(sink);
}

static const struct hz_decoder probe_decoder = {
    .name = "probe",
    .title = "What a burst is made of",
    .input = HZ_INPUT_BURST,
    .rate_min_hz = 200e3,
    .rate_max_hz = 500e3,
    .rate_hz = 250e3,
    .rate_wide_hz = 500e3,
    .bandwidth_hz = 200e3,
    .freqs_hz = (const double[]){433.92e6, 0},
    .state_size = sizeof(struct probe),
    .init = probe_init,
    .push = probe_push,
    .reset = probe_reset,
    .flush = probe_flush,
};

/* ---- what is on the air ----------------------------------------------------------------- */

struct burst {
    double from_s, to_s, freq_hz, amplitude;
};

struct air {
    uint8_t *iq; /* cu8 */
    size_t n;
};

/* Noise of 6 steps, with carriers. */
static void air_init(struct air *a, double seconds, const struct burst *list, size_t n)
{
    struct hz_noise noise;
    hz_noise_init(&noise, 5);
    a->n = (size_t)(seconds * RATE_HZ) / TURN * TURN;
    a->iq = malloc(2 * a->n);
    float *x = malloc(2 * a->n * sizeof *x);
    cr_assert(a->iq && x);
    hz_noise_fill(&noise, x, a->n, 6);
    for (size_t k = 0; k < n; k++) {
        size_t to = (size_t)(list[k].to_s * RATE_HZ);
        for (size_t i = (size_t)(list[k].from_s * RATE_HZ); i < to && i < a->n; i++) {
            double phase = 2 * M_PI * fmod(list[k].freq_hz * (double)i / RATE_HZ, 1);
            x[2 * i] += (float)(list[k].amplitude * cos(phase));
            x[2 * i + 1] += (float)(list[k].amplitude * sin(phase));
        }
    }
    for (size_t i = 0; i < 2 * a->n; i++)
        a->iq[i] = (uint8_t)fminf(fmaxf(roundf(127.5f + x[i]), 0), 255);
    free(x);
}

/* ---- one run over it -------------------------------------------------------------------- */

struct play {
    const struct air *air;
    int workers;
    size_t block;         /* samples; a turn's border cuts one in two */
    size_t lost_at, lost; /* samples that are missing, from there on; 0: none */
    size_t retuned_at;    /* sample from which a new epoch counts; 0: none */
    const struct hz_conf_channel *channels;
    size_t n_channels;
};

struct run {
    struct hz_channels channels;
    uv_loop_t loop;
    struct hz_jobs jobs;
    char *line[LINES];
    size_t n;
    struct hz_channel_bursts bursts; /* of the first channel, at the end */
    uint64_t shed;                   /* of its counted candidates */
};

static void on_frame(void *ctx, const struct hz_frame *f)
{
    struct run *r = ctx;
    const char *body = memchr(f->data, ',', f->len); /* without the sequence number */
    cr_assert_lt(r->n, LINES);
    r->line[r->n++] = strndup(body, f->len - (size_t)(body - f->data));
}

static void on_progress(void *ctx)
{
    (void)ctx;
}

static void push(struct run *r, const struct play *p, struct hz_block_pool *pool, size_t at,
                 size_t n, uint32_t epoch)
{
    struct hz_block *b;
    struct hz_stamp stamp = {.ns_per_sample = 1e9 / RATE_HZ};
    while (!hz_channels_have_room(&r->channels) || !(b = hz_block_take(pool)))
        uv_run(&r->loop, UV_RUN_ONCE);
    b->format = HZ_CU8;
    b->n = n;
    b->rate_hz = RATE_HZ;
    b->centre_hz = CENTRE_HZ;
    b->epoch = epoch;
    b->first_sample = at - (epoch ? p->retuned_at : 0);
    b->ends_turn = (at + n) % TURN == 0;
    memcpy(b->data, p->air->iq + 2 * at, 2 * n);
    hz_channels_push(&r->channels, b, stamp);
    hz_block_unref(b);
}

/* Samples of the next block at `at`. */
static size_t next(const struct play *p, size_t at)
{
    size_t turn = TURN - at % TURN, n = p->block < turn ? p->block : turn;
    size_t border[] = {p->lost_at, p->retuned_at};
    for (size_t i = 0; i < 2; i++)
        n = border[i] > at && border[i] - at < n ? border[i] - at : n;
    return n;
}

/* Whether a channel takes bursts or not: the same spectra. */
static bool wants_all(const void *ctx)
{
    (void)ctx;
    return true;
}

static void play(struct run *r, const struct play *p)
{
    struct hz_conf_receiver *receiver = hz_conf_receiver_new(&hz_file_kind, "rx");
    *r = (struct run){0};
    uv_loop_init(&r->loop);
    hz_jobs_init(&r->jobs, &r->loop, p->workers);
    struct hz_bus *bus = hz_bus_new(&r->loop, 16, 1 << 20, "test");
    hz_bus_tap(bus, on_frame, r);
    cr_assert(receiver);
    struct hz_channels_env env = {.jobs = &r->jobs,
                                  .bus = bus,
                                  .receiver = receiver,
                                  .wants_all = wants_all,
                                  .progress = on_progress,
                                  .ctx = r};
    hz_channels_init(&r->channels, &env);
    for (size_t i = 0; i < p->n_channels; i++)
        cr_assert_eq(hz_channels_add(&r->channels, &p->channels[i]), 0);
    hz_channels_begin(&r->channels, HZ_CU8, RATE_HZ, CENTRE_HZ);
    struct hz_block_pool *pool = hz_block_pool_new(6, 2 * TURN);
    for (size_t at = 0, n; at < p->air->n; at += n) {
        if (p->lost && at == p->lost_at)
            at += p->lost;
        n = next(p, at);
        push(r, p, pool, at, n, p->retuned_at && at >= p->retuned_at);
    }
    hz_channels_finish(&r->channels, (struct hz_stamp){.ns_per_sample = 1e9 / RATE_HZ});
    while (!hz_channels_done(&r->channels))
        uv_run(&r->loop, UV_RUN_ONCE);
    cr_expect_eq(r->channels.visits.stats.open, 0, "a visit did not end");
    r->bursts = *hz_channel_bursts(r->channels.list[0]);
    r->shed = hz_channel_stats(r->channels.list[0]).count[HZ_SHED];
    hz_channels_close(&r->channels, NULL, NULL);
    hz_block_pool_release(pool);
    hz_bus_close(bus);
    uv_run(&r->loop, UV_RUN_DEFAULT);
    hz_jobs_close(&r->jobs);
    cr_assert_eq(uv_loop_close(&r->loop), 0);
    hz_conf_receiver_free(receiver);
}

static void run_free(struct run *r)
{
    for (size_t i = 0; i < r->n; i++)
        free(r->line[i]);
}

static double number(const char *line, const char *key)
{
    char name[32];
    snprintf(name, sizeof name, "\"%s\":", key);
    const char *at = strstr(line, name);
    cr_assert(at, "%s in %s", key, line);
    return atof(at + strlen(name));
}

/* How many lines hold that burst from its first sample to its last one. */
static size_t whole(const struct run *r, const struct burst *b)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++) {
        double f = CENTRE_HZ + b->freq_hz;
        n += number(r->line[i], "from_s") <= b->from_s && number(r->line[i], "to_s") >= b->to_s &&
             number(r->line[i], "low") <= f + 1 && number(r->line[i], "high") >= f - 1;
    }
    return n;
}

static struct hz_conf_channel everywhere(const char *name, int bursts)
{
    struct hz_conf_channel c;
    hz_conf_channel_init(&c, name, &probe_decoder);
    c.bursts = bursts;
    return c;
}

static void expect_same(const struct run *a, const struct run *b)
{
    cr_expect_eq(a->bursts.found, b->bursts.found);
    cr_expect_eq(a->bursts.shed, b->bursts.shed);
    cr_assert_eq(a->n, b->n, "%zu, %zu", a->n, b->n);
    for (size_t i = 0; i < a->n; i++)
        cr_assert_str_eq(a->line[i], b->line[i]);
}

#endif
