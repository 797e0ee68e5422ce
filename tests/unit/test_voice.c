/* The decoders of voice on generated captures with their truth and on a signal from the air (under
 * HZ_SHARED, default ../shared; skipped where they are missing), through the channelizer. */
#include "dsp/agc.h"
#include "dsp/am.h"
#include "dsp/fm.h"
#include "dsp/gate.h"
#include "proto/voice/voice_audio.h"
#include "tests/unit/rig.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct hz_decoder hz_nfm_decoder, hz_am_decoder;

/* A channel of a recording: channelizer, squelch, decoder. */
struct station {
    struct hz_band *band;
    struct hz_spectrum now, before;
    struct hz_ddc tuner;
    struct hz_gate gate;
    bool always;
    struct rig rig;
};

static void station_init(struct station *r, const struct hz_decoder *d, double rate, double offset,
                         bool always)
{
    char err[200];
    memset(r, 0, sizeof *r);
    r->band = hz_band_new(rate, err, sizeof err);
    cr_assert(r->band, "%s", err);
    struct hz_ddc_config how = {.offset_hz = offset,
                                .rate_hz = d->rate_hz,
                                .bandwidth_hz = d->bandwidth_hz,
                                .squelch_db = always ? 0 : 6,
                                .hang_s = 0.2f};
    cr_assert_eq(hz_ddc_init(&r->tuner, r->band, &how, NULL, err, sizeof err), 0, "%s", err);
    cr_assert_eq(hz_gate_init(&r->gate, r->band, &how, err, sizeof err), 0, "%s", err);
    r->always = always;
    cr_assert_eq(hz_spectrum_init(&r->now, r->band), 0);
    cr_assert_eq(hz_spectrum_init(&r->before, r->band), 0);
    struct hz_setup setup = {.rate_hz = d->rate_hz};
    rig_start(&r->rig, d, &setup);
    r->rig.sink.scale = rate / d->rate_hz;
    r->rig.sink.stamp.ns_per_sample = 1e9 / rate;
}

static void station_done(struct station *r)
{
    rig_free(&r->rig);
    hz_ddc_done(&r->tuner);
    hz_spectrum_done(&r->now);
    hz_spectrum_done(&r->before);
    hz_band_free(r->band);
}

static void feed(void *ctx, const struct hz_samples *samples)
{
    struct station *r = ctx;
    r->rig.decoder->push(r->rig.state, samples, &r->rig.sink);
}

static void broke(void *ctx)
{
    struct station *r = ctx;
    r->rig.decoder->reset(r->rig.state, &r->rig.sink);
}

static void block(struct station *r)
{
    struct hz_ddc_output to = {r, feed, broke};
    struct hz_mark mark = hz_gate_step(&r->gate, &r->now, hz_bins_power(&r->gate.bins, &r->now));
    hz_ddc_push(&r->tuner, r->now.block > 0 ? &r->before : NULL, &r->now, r->always ? NULL : &mark,
                &to);
    struct hz_spectrum swap = r->before;
    r->before = r->now;
    r->now = swap;
}

/* A whole recording, `step` samples a push; what it gave is then in r->rig. */
static void station_run(struct station *r, const char *name, size_t step)
{
    const char *shared = getenv("HZ_SHARED");
    char path[512];
    snprintf(path, sizeof path, "%s/%s", shared ? shared : "../shared", name);
    FILE *f = fopen(path, "rb");
    if (!f)
        cr_skip_test("needs ../shared: %s", path);
    uint8_t *raw = malloc(2 * step);
    uint64_t first = 0;
    size_t n;
    while ((n = fread(raw, 2, step, f)) > 0) {
        struct hz_samples in = {HZ_CU8, raw, n, first};
        first += n;
        while (hz_band_push(r->band, &in, &r->now))
            block(r);
    }
    while (hz_band_flush(r->band, &r->now))
        block(r);
    rig_finish(&r->rig);
    free(raw);
    fclose(f);
}

static double number(const cJSON *o, const char *name)
{
    const cJSON *v = cJSON_GetObjectItem(o, name);
    return v ? v->valuedouble : 0;
}

struct truth {
    double t, end, ctcss, measure; /* measure: deviation in Hz, or depth */
};

/* Times within 15 ms, the tone exactly, level of noise within 1 dB. */
static void check(const struct hz_decoder *d, const char *name, double offset,
                  const struct truth *truth, int count, const char *field, double tolerance)
{
    for (int always = 0; always < 2; always++) {
        struct station r;
        station_init(&r, d, 48000, offset, always);
        station_run(&r, name, 10000);
        cr_assert_eq(r.rig.n, (size_t)count);
        for (int i = 0; i < count; i++) {
            const cJSON *o = r.rig.message[i].whole, *own = r.rig.message[i].own;
            double t = number(o, "sample") / 48000, end = t + number(own, "duration_s");
            cr_expect_float_eq(t, truth[i].t, 0.015, "%d begins at %g", i, t);
            cr_expect_float_eq(end, truth[i].end, 0.015, "%d ends at %g", i, end);
            cr_expect_float_eq(number(o, "snr_db"), 20, 1, "%d: %g dB", i, number(o, "snr_db"));
            cr_expect_lt(fabs(number(o, "offset_hz")), 30);
            cr_expect_eq(number(own, "ctcss_hz"), truth[i].ctcss);
            cr_expect_float_eq(number(own, field), truth[i].measure, tolerance, "%d: %s %g", i,
                               field, number(own, field));
        }
        station_done(&r);
    }
}

Test(voice, nfm_transmissions_with_tone_and_deviation)
{
    static const struct truth truth[] = {{0.577413, 3.097996, 107.2, 2500},
                                         {3.611919, 5.011908, 186.2, 2500},
                                         {5.357563, 7.625355, 151.4, 2500},
                                         {8.147553, 10.690408, 100.0, 2500}};
    check(&hz_nfm_decoder, "lab/nfm_s20_446M_48k.cu8", 6250, truth, 4, "deviation_hz", 300);
}

Test(voice, am_transmissions_with_depth)
{
    static const struct truth truth[] = {{0.577413, 3.097996, 0, 0.692},
                                         {3.534508, 4.934497, 0, 0.482},
                                         {5.523768, 6.893185, 0, 0.703},
                                         {7.365543, 10.003313, 0, 0.315}};
    check(&hz_am_decoder, "lab/am_s20_118.69M_48k.cu8", 10000, truth, 4, "depth", 0.1);
}

Test(voice, the_same_lines_for_any_push)
{
    struct station a, b;
    station_init(&a, &hz_nfm_decoder, 48000, 6250, false);
    station_init(&b, &hz_nfm_decoder, 48000, 6250, false);
    station_run(&a, "lab/nfm_s20_446M_48k.cu8", 100000);
    station_run(&b, "lab/nfm_s20_446M_48k.cu8", 333);
    cr_expect_gt(strlen(a.rig.lines), 300000); /* 9 s of speech are in it */
    cr_expect(strcmp(a.rig.lines, b.rig.lines) == 0);
    station_done(&a);
    station_done(&b);
}

Test(voice, nothing_in_noise)
{
    static const struct hz_decoder *const decoders[] = {&hz_nfm_decoder, &hz_am_decoder};
    for (int d = 0; d < 2; d++) {
        struct station r;
        station_init(&r, decoders[d], 48000, 9000, true);
        station_run(&r, "air/noise/rtl_noise_a.cu8", 4800); /* 10 s at this rate */
        cr_expect_eq(r.rig.n, 0, "%s: %s", decoders[d]->name, r.rig.lines);
        station_done(&r);
    }
}

/* A wave file of 16-bit mono: its samples from byte 44 on. */
static size_t read_wave(const char *name, float *x, size_t cap)
{
    const char *shared = getenv("HZ_SHARED");
    char path[512];
    int16_t v;
    size_t n = 0;
    snprintf(path, sizeof path, "%s/%s", shared ? shared : "../shared", name);
    FILE *f = fopen(path, "rb");
    if (!f)
        cr_skip_test("needs ../shared: %s", path);
    fseek(f, 44, SEEK_SET);
    while (n < cap && fread(&v, 2, 1, f) == 1)
        x[n++] = (float)v / 32768;
    fclose(f);
    return n;
}

static float discriminated[80000];
static size_t have;

static void discriminate(void *state, const struct hz_samples *samples, struct hz_sink *sink)
{
    (void)sink;
    hz_fm_push(state, samples->data, samples->n, discriminated + have);
    have += samples->n;
}

static int begin(void *state, const struct hz_setup *setup, char *err, size_t err_len)
{
    (void)setup;
    (void)err;
    (void)err_len;
    hz_fm_init(state);
    return 0;
}

static void nothing(void *state, struct hz_sink *sink)
{
    (void)state;
    (void)sink;
}

/* Correlation, without their means, of a and b from sample `from` on, at the shift (up to `reach`)
 * where it is largest.
 */
static double correlation(const float *a, const float *b, size_t from, size_t n, int reach)
{
    double best = 0;
    for (int shift = -reach; shift <= reach; shift++) {
        double aa = 0, bb = 0, ab = 0, sa = 0, sb = 0;
        for (size_t i = from; i < from + n; i++) {
            double u = a[i], v = b[(ptrdiff_t)i + shift];
            aa += u * u;
            bb += v * v;
            ab += u * v;
            sa += u;
            sb += v;
        }
        double k = (double)n;
        best = fmax(best, (ab - sa * sb / k) / sqrt((aa - sa * sa / k) * (bb - sb * sb / k)));
    }
    return best;
}

/* Speech from the air, against what the project that recorded it made of it (without de-emphasis,
 * low-passed). Both at 48 kHz, so that the shift can be found finely. */
Test(voice, audio_of_a_signal_from_the_air)
{
    static const struct hz_decoder demodulator = {.name = "fm",
                                                  .rate_hz = 24000,
                                                  .bandwidth_hz = 12500,
                                                  .state_size = sizeof(struct hz_fm),
                                                  .init = begin,
                                                  .push = discriminate,
                                                  .reset = nothing,
                                                  .flush = nothing};
    static float wave[400000], theirs[400000], audio[80000], ours[240000];
    size_t n = read_wave("air/nfm/kpbenz_144.47M_demod_full.wav", wave, 400000);
    struct hz_resample *down = hz_resample_new(6, 7), *up = hz_resample_new(3, 1);
    struct hz_resample *filter = hz_voice_audio_new(24000, 24000 / 5000.0, HZ_VOICE_AUDIO_FM);
    cr_assert(down && up && filter);
    hz_resample_push(down, wave, n, theirs);
    struct station r;
    station_init(&r, &demodulator, 280000, 30400, true);
    station_run(&r, "air/nfm/kpbenz_144.47M_280k_a.cu8", 100000);
    station_done(&r);
    cr_assert_gt(have, 70000);
    n = hz_resample_push(filter, discriminated, have, audio);
    cr_expect_eq(n, (have * 2 + 2) / 3);
    hz_resample_push(up, audio, n, ours);
    double c = correlation(theirs, ours, 48000, 90000, 1000), power = 0;
    cr_expect_gt(c, 0.95, "correlation %.3f", c);
    for (size_t i = n / 3; i < n; i++)
        power += audio[i] * audio[i] / ((double)n * 2 / 3);
    double db = 10 * log10(power);
    cr_expect(db > -30 && db < -10, "level %.1f dB", db);
    hz_resample_free(down);
    hz_resample_free(up);
    hz_resample_free(filter);
}

/* What comes of a tone of `hz` in FM of 2.5 kHz deviation or AM of 50 %, in dB. */
static double response(enum hz_voice_audio kind, double hz)
{
    static float x[24000], out[16001];
    struct hz_resample *f = hz_voice_audio_new(24000, 1, kind);
    for (size_t i = 0; i < 24000; i++)
        x[i] = (float)sin(2 * M_PI * hz * (double)i / 24000);
    size_t n = hz_resample_push(f, x, 24000, out);
    double power = 1e-12;
    for (size_t i = n / 2; i < n; i++)
        power += 2 * out[i] * out[i] / ((double)n / 2);
    hz_resample_free(f);
    return 10 * log10(power);
}

Test(voice, audio_filters)
{
    cr_expect_float_eq(response(HZ_VOICE_AUDIO_AM, 1000), 0, 0.1);
    cr_expect_float_eq(response(HZ_VOICE_AUDIO_AM, 400), 0, 0.5);
    cr_expect_float_eq(response(HZ_VOICE_AUDIO_AM, 3000), 0, 0.5);
    cr_expect_float_eq(response(HZ_VOICE_AUDIO_FM, 1000), 0, 0.1);
    cr_expect_float_eq(response(HZ_VOICE_AUDIO_FM, 2000), -6, 0.5);
    cr_expect_float_eq(response(HZ_VOICE_AUDIO_FM, 500), 6, 1);
    cr_expect_lt(response(HZ_VOICE_AUDIO_FM, 203.5), -20, "CTCSS %g", response(1, 203.5));
    cr_expect_lt(response(HZ_VOICE_AUDIO_FM, 100), -40);
    cr_expect_lt(response(HZ_VOICE_AUDIO_FM, 4000), -40);
    cr_expect_lt(response(HZ_VOICE_AUDIO_AM, 0), -40);
}
