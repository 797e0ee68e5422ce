/* The demodulator and the decoder around it, against captures whose contents are known from
 * elsewhere (HZ_SHARED, default ../shared; skipped where they are missing). */
#include "proto/adsb/demod.h"
#include "proto/registry.h"
#include "sim/scene.h"
#include "tests/unit/rig.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bytes {
    uint8_t *data;
    size_t n;
};

/* A whole file, with a zero behind it; skips the test when it is missing. */
static struct bytes load(const char *name)
{
    const char *shared = getenv("HZ_SHARED");
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", shared ? shared : "../shared", name);
    FILE *f = fopen(path, "rb");
    if (!f)
        cr_skip_test("needs ../shared: %s", path);
    struct bytes b = {0};
    fseek(f, 0, SEEK_END);
    b.n = (size_t)ftell(f);
    rewind(f);
    b.data = calloc(1, b.n + 1);
    cr_assert_eq(fread(b.data, 1, b.n, f), b.n);
    fclose(f);
    return b;
}

/* One run of the decoder. */
struct run {
    struct rig rig;
    const char *text; /* all lines, since `stop` */
    size_t len;
    double rate;
};

static void start(struct run *r, double rate)
{
    const struct hz_decoder *d = hz_decoder_find("adsb");
    struct hz_setup setup = rig_setup(d);
    setup.rate_hz = rate;
    *r = (struct run){.rate = rate};
    rig_start(&r->rig, d, &setup);
}

static void feed(struct run *r, enum hz_format format, const void *data, size_t n, uint64_t first)
{
    rig_push(&r->rig, &(struct hz_samples){format, data, n, first}, n);
}

static void stop(struct run *r)
{
    rig_finish(&r->rig);
    r->text = r->rig.lines;
    r->len = strlen(r->text);
}

/* All of a capture through the decoder; the caller frees r->rig. */
static void decode(struct run *r, enum hz_format format, struct bytes b, double rate)
{
    start(r, rate);
    feed(r, format, b.data, b.n / hz_format_bytes(format), 0);
    stop(r);
}

/* The value behind "key": in a line; NULL when the line ends before. */
static const char *value(const char *line, const char *key)
{
    char quoted[32];
    snprintf(quoted, sizeof(quoted), "\"%s\":", key);
    const char *at = strstr(line, quoted), *end = strchr(line, '\n');
    if (!at || (end && at > end))
        return NULL;
    at += strlen(quoted);
    return at + strspn(at, " \"");
}

struct truth {
    char hex[29];
    double t, snr;
    bool found;
};

static size_t read_truth(const char *text, struct truth *out, size_t most)
{
    size_t n = 0;
    for (const char *line = text; *line && n < most; line = strchr(line, '\n') + 1) {
        struct truth t = {.t = atof(value(line, "t")), .snr = atof(value(line, "snr"))};
        const char *hex = value(line, "hex");
        for (int k = 0; k < 28 && hex[k] != '"'; k++)
            t.hex[k] = (char)(hex[k] >= 'A' ? hex[k] + 32 : hex[k]);
        out[n++] = t;
    }
    return n;
}

struct score {
    size_t sent, long_sent, long_found, found, invented, misplaced, mislevelled;
};

/* Holds each decoded line against what was sent: contents, place within one sample (and half for
 * the rounding of the index), level within 1 dB. */
static struct score score(const struct run *r, const char *truth_text)
{
    static struct truth t[512];
    struct score s = {.sent = read_truth(truth_text, t, 512)};
    for (const char *line = r->text; *line; line = strchr(line, '\n') + 1) {
        double at = atof(value(line, "sample")), snr = atof(value(line, "snr_db"));
        const char *raw = value(line, "raw");
        struct truth *hit = NULL;
        for (size_t k = 0; k < s.sent && !hit; k++)
            if (!t[k].found && strncmp(raw, t[k].hex, strlen(t[k].hex)) == 0 &&
                fabs(t[k].t * r->rate - at) < 240)
                hit = t + k;
        if (!hit) {
            s.invented++;
            continue;
        }
        hit->found = true;
        s.misplaced += fabs(hit->t * r->rate - at) > 1.5;
        s.mislevelled += fabs(hit->snr - snr) > 1.0;
    }
    for (size_t k = 0; k < s.sent; k++) {
        bool is_long = strlen(t[k].hex) == 28;
        s.found += t[k].found;
        s.long_sent += is_long;
        s.long_found += is_long && t[k].found;
    }
    return s;
}

static struct score capture(const char *stem, double rate)
{
    char name[128];
    struct run r;
    snprintf(name, sizeof(name), "lab/%s.jsonl", stem);
    struct bytes truth = load(name);
    snprintf(name, sizeof(name), "lab/%s.cu8", stem);
    struct bytes iq = load(name);
    decode(&r, HZ_CU8, iq, rate);
    struct score s = score(&r, (const char *)truth.data);
    cr_expect_eq(s.invented, 0, "%s", stem);
    cr_expect_eq(s.misplaced, 0, "%s", stem);
    cr_expect_eq(s.mislevelled, 0, "%s", stem);
    rig_free(&r.rig);
    free(iq.data);
    free(truth.data);
    return s;
}

/* The yields are those measured, less what another compiler's rounding may cost; a peer on the same
 * captures finds 0, 25, 87 and 99.5 %. */
Test(adsb_demod, yield_at_5_db)
{
    struct score s = capture("adsb_s5_1090M_2400k", 2.4e6);
    cr_expect_geq(s.found, 130, "of %zu", s.sent);
}

Test(adsb_demod, yield_at_7_db)
{
    struct score s = capture("adsb_s7_1090M_2400k", 2.4e6);
    cr_expect_geq(s.found, 196, "of %zu", s.sent);
}

Test(adsb_demod, yield_at_10_db)
{
    struct score s = capture("adsb_s10_1090M_2400k", 2.4e6);
    cr_expect_geq(s.found, 198, "of %zu", s.sent);
}

Test(adsb_demod, yield_at_20_db)
{
    struct score s = capture("adsb_s20_1090M_2400k", 2.4e6);
    cr_expect_eq(s.found, 200);
}

Test(adsb_demod, yield_at_12_db_and_two_samples_a_bit)
{
    struct score s = capture("adsb_s12_1090M_2000k", 2.0e6);
    cr_expect_geq(s.found, 198, "of %zu", s.sent);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Off the air: one aircraft, 2.0 Msps. A peer finds 123 different DF17 in it. */
Test(adsb_demod, recording_gives_many_different_frames)
{
    static char seen[1024][29];
    size_t n = 0, different = 0;
    struct run r;
    struct bytes iq = load("air/adsb/modes1_1090M_2000k.cu8");
    decode(&r, HZ_CU8, iq, 2.0e6);
    for (const char *line = r.text; *line; line = strchr(line, '\n') + 1) {
        const char *raw = value(line, "raw");
        if (raw[0] == '8' && raw[1] >= '8' && n < 1024) /* DF17 */
            memcpy(seen[n++], raw, 28);
    }
    qsort(seen, n, sizeof(*seen), by_text);
    for (size_t k = 0; k < n; k++)
        different += k == 0 || strcmp(seen[k], seen[k - 1]) != 0;
    cr_expect_geq(different, 170, "%zu of %zu", different, n);
    rig_free(&r.rig);
    free(iq.data);
}

/* Marsaglia's xorshift: repeatable, and good enough for noise. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t x = *state;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return *state = x;
}

/* Bytes of Gaussian noise by 16 random bits, through the inverse of the distribution. */
static void noise_table(uint8_t table[65536], double sigma)
{
    double below = 0; /* share of all noise under byte b's upper edge */
    size_t k = 0;
    for (int b = 0; b < 256; b++) {
        below = 0.5 * erfc(-(b + 0.5 - 127.5) / (sigma * sqrt(2)));
        for (; k < 65536 && (double)k < below * 65536; k++)
            table[k] = (uint8_t)b;
    }
    for (; k < 65536; k++)
        table[k] = 255;
}

Test(adsb_demod, a_minute_of_noise_says_nothing, .timeout = 120)
{
    enum { N = 240000, RUNS = 600 };
    static uint8_t table[65536], iq[2 * N];
    uint64_t seed = 88172645463325252u;
    struct run r;
    noise_table(table, 3.4);
    start(&r, 2.4e6);
    for (uint64_t run = 0; run < RUNS; run++) {
        for (size_t k = 0; k < 2 * N; k += 4) {
            uint64_t x = next_random(&seed);
            for (size_t m = 0; m < 4; m++)
                iq[k + m] = table[x >> 16 * m & 0xffff];
        }
        feed(&r, HZ_CU8, iq, N, run * N);
    }
    stop(&r);
    cr_expect_eq(r.len, 0, "%s", r.text);
    rig_free(&r.rig);
}

Test(adsb_demod, cuts_between_pushes_change_nothing)
{
    struct run whole, cut;
    struct bytes iq = load("lab/adsb_s7_1090M_2400k.cu8");
    uint64_t seed = 4711;
    decode(&whole, HZ_CU8, iq, 2.4e6);
    start(&cut, 2.4e6);
    for (size_t at = 0, n = iq.n / 2; at < n;) {
        size_t most = (size_t)1 << (next_random(&seed) % 16);
        size_t run = 1 + (size_t)next_random(&seed) % most;
        run = run < n - at ? run : n - at;
        feed(&cut, HZ_CU8, iq.data + 2 * at, run, at);
        at += run;
    }
    stop(&cut);
    cr_expect_gt(whole.len, 1000);
    cr_expect_str_eq(whole.text, cut.text);
    rig_free(&whole.rig);
    rig_free(&cut.rig);
    free(iq.data);
}

/* Everything but the last decimal of levels is the same for any way to write the samples down. */
Test(adsb_demod, all_formats_hear_the_same)
{
    static const struct {
        enum hz_format format;
        double scale;
    } forms[] = {{HZ_CS8, 1.0}, {HZ_CS16, 32768 / 127.5}, {HZ_CF32, 1 / 127.5}};
    struct bytes truth = load("lab/adsb_s10_1090M_2400k.jsonl");
    struct bytes iq = load("lab/adsb_s10_1090M_2400k.cu8");
    for (size_t f = 0; f < sizeof(forms) / sizeof(*forms); f++) {
        size_t size = hz_format_bytes(forms[f].format) / 2;
        struct bytes other = {calloc(iq.n, size), iq.n * size};
        for (size_t k = 0; k < iq.n; k++) {
            double v = (iq.data[k] - 127.5) * forms[f].scale;
            int16_t s16 = (int16_t)lrint(v);
            int8_t s8 = (int8_t)lrint(v);
            float f32 = (float)v;
            const void *from = size == 1 ? (void *)&s8 : size == 2 ? (void *)&s16 : (void *)&f32;
            memcpy(other.data + k * size, from, size);
        }
        struct run r;
        decode(&r, forms[f].format, other, 2.4e6);
        struct score s = score(&r, (const char *)truth.data);
        cr_expect_geq(s.found, 197, "%s", hz_format_name(forms[f].format));
        cr_expect_eq(s.invented, 0, "%s", hz_format_name(forms[f].format));
        cr_expect_eq(s.mislevelled, 0, "%s", hz_format_name(forms[f].format));
        rig_free(&r.rig);
        free(other.data);
    }
    free(iq.data);
    free(truth.data);
}

/* A stream that breaks and begins again elsewhere: the frames before and after come, at their own
 * places, and what straddles the break does not. */
Test(adsb_demod, a_reset_starts_anew_with_trust_kept)
{
    struct run r;
    struct bytes iq = load("lab/adsb_s20_1090M_2400k.cu8");
    const size_t half = iq.n / 4;
    const uint64_t away = 1000000000;
    start(&r, 2.4e6);
    feed(&r, HZ_CU8, iq.data, half, 0);
    r.rig.decoder->reset(r.rig.state, &r.rig.sink);
    uint64_t before = r.rig.sink.count[HZ_MESSAGE];
    feed(&r, HZ_CU8, iq.data + 2 * half, iq.n / 2 - half, away + half);
    stop(&r);
    size_t lines = 0;
    for (const char *line = r.text; *line; line = strchr(line, '\n') + 1, lines++) {
        double at = atof(value(line, "sample"));
        cr_expect(lines < before ? at < (double)half : at >= (double)away + (double)half);
    }
    cr_expect_geq(lines, 198);
    rig_free(&r.rig);
    free(iq.data);
}

Test(adsb_demod, wrong_rates_are_refused_with_the_reason)
{
    const struct hz_decoder *d = hz_decoder_find("adsb");
    size_t size = (d->state_size + 63) / 64 * 64;
    void *state = memset(aligned_alloc(64, size), 0, size);
    const double rates[] = {0, 1.9e6, 3.3e6, -2.4e6, NAN};
    for (size_t k = 0; k < sizeof(rates) / sizeof(*rates); k++) {
        struct hz_setup setup = {.rate_hz = rates[k],
                                 .centre_hz = 1090e6,
                                 .freq_hz = 1090e6,
                                 .latitude = NAN,
                                 .longitude = NAN};
        char err[128] = "";
        cr_expect_lt(d->init(state, &setup, err, sizeof(err)), 0);
        cr_expect(strstr(err, "sample rate") != NULL, "%s", err);
    }
    free(state);
}

/* Samples of a scene of the simulator. */
static struct bytes scene(const char *name, double seconds)
{
    struct hz_scene *made;
    cr_assert_eq(hz_scene_new(name, 1, &made), 0);
    size_t n = (size_t)(seconds * hz_scene_about(made)->rate_hz);
    struct bytes b = {malloc(2 * n), 2 * n};
    hz_scene_read(made, b.data, n);
    hz_scene_free(made);
    return b;
}

/* Pushes of equal size, or of random ones; the caller frees r->rig. */
static void decode_in_pieces(struct run *r, struct bytes iq, bool random)
{
    uint64_t seed = 815;
    start(r, 2.4e6);
    for (size_t at = 0, n = iq.n / 2; at < n;) {
        size_t most = random ? (size_t)1 << (next_random(&seed) % 18) : 131072;
        size_t run = random ? 1 + (size_t)next_random(&seed) % most : most;
        run = run < n - at ? run : n - at;
        feed(r, HZ_CU8, iq.data + 2 * at, run, at);
        at += run;
    }
    stop(r);
}

/* More traffic than the credit pays for: it is shed and counted, the same however it is cut. */
Test(adsb_demod, an_overload_is_shed_alike_for_any_cut, .timeout = 60)
{
    struct run whole, cut;
    struct bytes iq = scene("dense", 6);
    decode_in_pieces(&whole, iq, false);
    decode_in_pieces(&cut, iq, true);
    cr_expect_gt(whole.rig.sink.count[HZ_SHED], 100);
    cr_expect_gt(whole.rig.sink.count[HZ_MESSAGE], 11500);
    cr_expect(strcmp(whole.text, cut.text) == 0);
    for (int k = 0; k < HZ_REASONS; k++)
        cr_expect_eq(whole.rig.sink.count[k], cut.rig.sink.count[k], "%s",
                     hz_reason_name((enum hz_reason)k));
    rig_free(&whole.rig);
    rig_free(&cut.rig);
    free(iq.data);
}

Test(adsb_demod, ordinary_traffic_is_not_shed, .timeout = 60)
{
    struct run r;
    struct bytes iq = scene("aircraft", 5);
    decode(&r, HZ_CU8, iq, 2.4e6);
    cr_expect_gt(r.rig.sink.count[HZ_MESSAGE], 500);
    cr_expect_eq(r.rig.sink.count[HZ_SHED], 0);
    rig_free(&r.rig);
    free(iq.data);
}
