/* A decoder that measures nothing gets the levels of its bursts from the channel: held against what
 * was sent, through the band strand and the channel, with and without a squelch. */
#include "daemon/receive/channels.h"
#include "daemon/source/source.h"
#include "proto/decoder.h"
#include "sim/signal.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#define RATE_HZ   240000.0
#define CENTRE_HZ 434e6
#define OFFSET_HZ 30000.0 /* of the channel */
#define WIDTH_HZ  12500.0
#define KEYED_S   0.3 /* when the burst begins, and how long it lasts */
#define LASTS_S   0.25

enum { BLOCK = 4800, BLOCKS = 60, BAUD = 2400 };

/* ---- a decoder of twenty lines ---------------------------------------------------------- */

struct keyed {
    bool told; /* reported the burst whose place it knows */
};

static int keyed_init(void *state, const struct hz_setup *setup, char *err, size_t err_len)
{
    (void)state, (void)setup, (void)err, (void)err_len;
    return 0;
}

static void report(struct hz_sink *sink, uint64_t first, uint64_t end)
{
    struct hz_burst b = {.sample = first,
                         .end = end,
                         .rssi_dbfs = NAN,
                         .noise_dbfs = NAN,
                         .snr_db = NAN,
                         .offset_hz = NAN};
    hz_sink_begin(sink, &b);
    hz_sink_end(sink);
}

/* With a squelch: a transmission is what comes until the squelch closes. */
static uint64_t run_first, run_next;

static void squelched_push(void *state, const struct hz_samples *s, struct hz_sink *sink)
{
    (void)state, (void)sink;
    if (run_next != s->first)
        run_first = s->first;
    run_next = s->first + s->n;
}

static void squelched_reset(void *state, struct hz_sink *sink)
{
    (void)state;
    report(sink, run_first, 0);
}

/* Without: it knows where the burst is, as if it had found it. */
static void open_push(void *state, const struct hz_samples *s, struct hz_sink *sink)
{
    struct keyed *k = state;
    uint64_t first = (uint64_t)(KEYED_S * 16000), end = (uint64_t)((KEYED_S + LASTS_S) * 16000);
    if (!k->told && s->first > end)
        report(sink, first, end);
    k->told = s->first > end;
}

static void nothing(void *state, struct hz_sink *sink)
{
    (void)state, (void)sink;
}

#define COMMON                                                                                     \
    .title = "", .input = HZ_INPUT_BASEBAND, .rate_min_hz = 16000, .rate_max_hz = 16000,           \
    .rate_hz = 16000, .bandwidth_hz = WIDTH_HZ, .freqs_hz = (const double[]){434.03e6, 0},         \
    .state_size = sizeof(struct keyed), .init = keyed_init, .flush = nothing

static const struct hz_decoder squelched = {.name = "squelched",
                                            COMMON,
                                            .squelch_db = 6,
                                            .hang_s = 0.1f,
                                            .push = squelched_push,
                                            .reset = squelched_reset};
static const struct hz_decoder always = {
    .name = "always", COMMON, .push = open_push, .reset = nothing};

/* ---- the way from samples to lines ------------------------------------------------------ */

static float iq[2 * BLOCK * BLOCKS];

static void transmit(enum hz_sim_keying keying, double power_db, double noise_db, double carrier_hz)
{
    uint8_t bits[(int)(LASTS_S * BAUD)];
    struct hz_span span = {.iq = iq, .n = BLOCK * BLOCKS, .rate_hz = RATE_HZ};
    struct hz_sim_burst burst = {.start = KEYED_S * RATE_HZ,
                                 .power = pow(10, power_db / 10),
                                 .offset_hz = OFFSET_HZ + carrier_hz,
                                 .clock = 1};
    for (size_t i = 0; i < sizeof bits; i++)
        bits[i] = (uint8_t)((i * 2654435761u >> 16) & 1);
    struct hz_sim_signal s = {
        .keying = keying, .symbol = bits, .n = sizeof bits, .baud = BAUD, .deviation_hz = 1200};
    memset(iq, 0, sizeof iq);
    hz_sim_signal_noise(&span, pow(10, noise_db / 10), WIDTH_HZ, 7);
    cr_assert_gt(hz_sim_signal_add(&s, &burst, &span), 0);
}

struct heard {
    int n;
    double rssi_dbfs, noise_dbfs, snr_db, offset_hz;
};

static double number(const cJSON *o, const char *name)
{
    const cJSON *v = cJSON_GetObjectItem(o, name);
    return v ? v->valuedouble : NAN;
}

static void on_frame(void *ctx, const struct hz_frame *f)
{
    struct heard *h = ctx;
    cJSON *o = cJSON_ParseWithLength(f->data, f->len);
    h->n++;
    h->rssi_dbfs = number(o, "rssi_dbfs");
    h->noise_dbfs = number(o, "noise_dbfs");
    h->snr_db = number(o, "snr_db");
    h->offset_hz = number(o, "offset_hz");
    cJSON_Delete(o);
}

static void on_progress(void *ctx)
{
    (void)ctx;
}

static struct heard hear(const struct hz_decoder *decoder)
{
    uv_loop_t loop;
    struct hz_jobs jobs;
    struct hz_channels c;
    struct heard heard = {0};
    struct hz_conf_receiver *receiver = hz_conf_receiver_new(&hz_file_kind, "rx");
    struct hz_conf_channel conf = {.name = "c", .decoder = decoder, .squelch_db = NAN};
    struct hz_stamp stamp = {.ns_per_sample = 1e9 / RATE_HZ};
    hz_jobs_size_pool(1);
    uv_loop_init(&loop);
    hz_jobs_init(&jobs, &loop, 1);
    struct hz_bus *bus = hz_bus_new(&loop, 16, 65536, "test");
    hz_bus_tap(bus, on_frame, &heard);
    cr_assert(receiver);
    struct hz_channels_env env = {
        .jobs = &jobs, .bus = bus, .receiver = receiver, .progress = on_progress};
    hz_channels_init(&c, &env);
    cr_assert_eq(hz_channels_add(&c, &conf), 0);
    hz_channels_begin(&c, HZ_CF32, RATE_HZ, CENTRE_HZ);
    struct hz_block_pool *pool = hz_block_pool_new(4, 8 * BLOCK);
    for (uint64_t i = 0; i < BLOCKS; i++) {
        struct hz_block *b = hz_block_take(pool);
        b->format = HZ_CF32;
        b->n = BLOCK;
        b->rate_hz = RATE_HZ;
        b->centre_hz = CENTRE_HZ;
        b->first_sample = i * BLOCK;
        b->ends_turn = true;
        memcpy(b->data, iq + 2 * BLOCK * i, 8 * BLOCK);
        hz_channels_push(&c, b, stamp);
        hz_block_unref(b);
        while (!hz_channels_done(&c))
            uv_run(&loop, UV_RUN_ONCE);
    }
    hz_channels_finish(&c, stamp);
    while (!hz_channels_done(&c))
        uv_run(&loop, UV_RUN_ONCE);
    hz_channels_close(&c, NULL, NULL);
    hz_block_pool_release(pool);
    hz_bus_close(bus);
    uv_run(&loop, UV_RUN_DEFAULT);
    hz_jobs_close(&jobs);
    cr_assert_eq(uv_loop_close(&loop), 0);
    hz_conf_receiver_free(receiver);
    return heard;
}

static double sum_db(double a, double b)
{
    return 10 * log10(pow(10, a / 10) + pow(10, b / 10));
}

static void expect(const struct hz_decoder *decoder, enum hz_sim_keying keying, double power_db,
                   double noise_db, double carrier_hz)
{
    transmit(keying, power_db, noise_db, carrier_hz);
    struct heard h = hear(decoder);
    cr_assert_eq(h.n, 1, "%s: %d messages", decoder->name, h.n);
    cr_expect_float_eq(h.rssi_dbfs, sum_db(power_db, noise_db), 1, "%s at %g dB: rssi %g",
                       decoder->name, power_db, h.rssi_dbfs);
    cr_expect_float_eq(h.noise_dbfs, noise_db, 1, "%s at %g dB: noise %g", decoder->name, power_db,
                       h.noise_dbfs);
    cr_expect_float_eq(h.snr_db, power_db - noise_db, 1, "%s at %g dB: snr %g", decoder->name,
                       power_db, h.snr_db);
    cr_expect_float_eq(h.offset_hz, carrier_hz, 60, "%s at %g dB: offset %g", decoder->name,
                       power_db, h.offset_hz);
}

Test(levels, come_with_the_samples_through_a_squelch, .timeout = 60)
{
    expect(&squelched, HZ_SIM_FSK, -30, -50, 430);
    expect(&squelched, HZ_SIM_FSK, -20, -60, -1200);
    expect(&squelched, HZ_SIM_FSK, -41, -51, 700);
    expect(&squelched, HZ_SIM_OOK, -30, -50, -250);
}

Test(levels, come_with_the_samples_without_a_squelch, .timeout = 60)
{
    expect(&always, HZ_SIM_FSK, -30, -50, 430);
    expect(&always, HZ_SIM_FSK, -47, -50, 900);
    expect(&always, HZ_SIM_OOK, -30, -50, -250);
}

/* ---- dsp/trace.h ------------------------------------------------------------------------ */

/* The sums do not depend on how the samples are cut, but for rounding. */
Test(trace, how_samples_are_cut_means_nothing)
{
    static struct hz_trace whole, cut;
    struct hz_trace_levels a, b;
    transmit(HZ_SIM_FSK, -20, -40, 0);
    hz_trace_init(&whole, 48000, 25000);
    hz_trace_init(&cut, 48000, 25000);
    struct hz_samples s = {HZ_CF32, iq, 20000, 777};
    hz_trace_add(&whole, &s, 1e-4f);
    for (size_t at = 0, n = 1; at < 20000; at += n, n = n * 3 % 1009 + 1) {
        n = n < 20000 - at ? n : 20000 - at;
        struct hz_samples piece = {HZ_CF32, iq + 2 * at, n, 777 + at};
        hz_trace_add(&cut, &piece, 1e-4f);
    }
    cr_assert(hz_trace_measure(&whole, 1000, 20000, &a));
    cr_assert(hz_trace_measure(&cut, 1000, 20000, &b));
    cr_expect_float_eq(a.rssi_dbfs, b.rssi_dbfs, 1e-3);
    cr_expect_float_eq(a.offset_hz, b.offset_hz, 1);
}

/* After a hole nothing of the run before is measured, and what is not held is refused. */
Test(trace, forgets_at_a_hole)
{
    static struct hz_trace t;
    struct hz_trace_levels l;
    static float loud[2 * 4800], soft[2 * 4800];
    for (size_t i = 0; i < 2 * 4800; i++) {
        loud[i] = 0.5f;
        soft[i] = 0.005f;
    }
    hz_trace_init(&t, 48000, 25000);
    cr_expect(!hz_trace_measure(&t, 0, 0, &l));
    hz_trace_add(&t, &(struct hz_samples){HZ_CF32, loud, 4800, 0}, 1e-6f);
    hz_trace_add(&t, &(struct hz_samples){HZ_CF32, soft, 4800, 9607}, 1e-6f);
    cr_assert(hz_trace_measure(&t, 0, 0, &l));
    cr_expect_float_eq(l.rssi_dbfs, 10 * log10(2 * 0.005 * 0.005), 0.01);
    cr_expect_float_eq(l.offset_hz, 0, 1);
    cr_expect(!hz_trace_measure(&t, 9607 + 4800, 0, &l));
}
