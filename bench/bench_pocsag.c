/* What the POCSAG decoder hears and what it costs.
 *
 *     bench_pocsag                     ns per sample of 24 kHz: quiet and busy channels
 *     bench_pocsag curve [N [WHAT]]    pages heard of N (200) at each SNR in 12.5 kHz, with
 * carriers within 2 kHz, clocks within 50 ppm and deviations of 4.0 to 5.0 kHz; WHAT is one of the
 * names in `impairments` bench_pocsag point BAUD DB [N [WHAT [SEED]]]     one point of that, page
 * by page bench_pocsag noise MINUTES       what noise gives bench_pocsag lab                 the
 * captures of HZ_SHARED (default ../shared)
 *
 * Pages are the simulator's, whose modulator shares nothing with the detector. */
#include "dsp/band.h"
#include "dsp/slice.h"
#include "proto/pocsag/describe.h"
#include "proto/pocsag/detect.h"
#include "sim/fsk.h"
#include "sim/noise.h"
#include "sim/pocsag.h"
#include "sim/rng.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { RATE = HZ_POCSAG_RATE_HZ, PUSH = 480, PAGES_MAX = 2000, TEXT = 100 };

/* One page sent, and what came of it. */
struct sent {
    uint32_t address;
    unsigned function;
    char text[TEXT];
    double offset_hz;
    bool heard;
};

struct impairment {
    const char *name;
    double offset_hz, clock, dev_low, dev_high, fading_hz, drift_hz_s, neighbour_db, neighbour_hz,
        clip;
    bool impulses, join, inverted;
};

static const struct impairment impairments[] = {
    {.name = "errors", .offset_hz = 2000, .clock = 50e-6, .dev_low = 4000, .dev_high = 5000},
    {.name = "clean", .dev_low = 4500, .dev_high = 4500},
    {.name = "clock", .clock = 100e-6, .dev_low = 4500, .dev_high = 4500},
    {.name = "inverted", .dev_low = 4500, .dev_high = 4500, .inverted = true},
    {.name = "join", .offset_hz = 500, .dev_low = 4500, .dev_high = 4500, .join = true},
    {.name = "fade1", .dev_low = 4500, .dev_high = 4500, .fading_hz = 1},
    {.name = "fade50", .dev_low = 4500, .dev_high = 4500, .fading_hz = 50},
    {.name = "drift", .dev_low = 4500, .dev_high = 4500, .drift_hz_s = 200},
    {.name = "impulses", .dev_low = 4500, .dev_high = 4500, .impulses = true},
    {.name = "neighbour",
     .dev_low = 4500,
     .dev_high = 4500,
     .neighbour_db = 30,
     .neighbour_hz = 12500},
    {.name = "clip", .dev_low = 4500, .dev_high = 4500, .clip = 0.7},
    {0},
};

struct score {
    struct sent *sent;
    size_t n, now; /* pages sent; the one on the air */
    size_t heard, wrong, wrong_kept, twice, refused[HZ_REASONS], kept;
    double snr_sum, offset_worst;
    bool dump;
};

static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool same(const struct sent *m, const struct hz_pocsag_page *p, struct hz_pocsag_text *text)
{
    size_t len = strlen(m->text);
    if (m->address != p->address || m->function != p->function)
        return false;
    return (text->alpha_len == len && memcmp(text->alpha, m->text, len) == 0) ||
           (text->numeric_len == len && memcmp(text->numeric, m->text, len) == 0);
}

static void found(void *ctx, const struct hz_pocsag_page *p, const struct hz_pocsag_line *line,
                  const struct hz_burst *b)
{
    struct score *s = ctx;
    struct hz_pocsag_text text;
    struct sent *m = NULL;
    bool kept = p->quality >= hz_pocsag_quality_kept;
    hz_pocsag_text_read(p, HZ_CHARSET_US, &text);
    for (size_t i = 0; i < s->n && !m; i++)
        m = same(&s->sent[i], p, &text) ? &s->sent[i] : NULL;
    if (s->dump)
        printf("PAGE %s quality %.2f fixed %u words %zu trunc %d baud %u\n",
               m ? "right" : "WRONG", (double)p->quality, p->fixed,
               p->words, p->truncated, hz_pocsag_baud[line->baud]);
    if (!m) {
        s->wrong++;
        s->wrong_kept += kept;
        return;
    }
    s->twice += m->heard;
    s->heard += !m->heard;
    s->kept += !m->heard && kept;
    m->heard = true;
    s->snr_sum += (double)b->snr_db;
    s->offset_worst = fmax(s->offset_worst, fabs((double)b->offset_hz - m->offset_hz));
}

static void refused(void *ctx, enum hz_reason reason)
{
    ((struct score *)ctx)->refused[reason]++;
}

static void compose(struct hz_rng *r, struct sent *m)
{
    static const char digits[] = "0123456789-";
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz ABCDEF 0123456789 .,#";
    bool alpha = hz_rng_chance(r, 0.6);
    size_t n = alpha ? 5 + hz_rng_below(r, 50) : 3 + hz_rng_below(r, 12);
    for (size_t i = 0; i < n; i++)
        m->text[i] = alpha ? letters[hz_rng_below(r, sizeof letters - 1)]
                           : digits[hz_rng_below(r, sizeof digits - 1)];
    m->text[n] = 0;
    m->address = hz_rng_below(r, 1 << 21);
    m->function = alpha ? 3 : 0;
}

/* Adds the page to iq[2 n], which begins at sample 0; returns the sample after it. */
static double transmit(struct hz_rng *r, struct sent *m, unsigned baud,
                       const struct impairment *how, double start, float *iq, size_t n)
{
    static float symbols[HZ_SIM_POCSAG_MAX];
    struct hz_sim_fsk fsk = {baud, hz_rng_between(r, how->dev_low, how->dev_high),
                             baud == 512    ? 3
                             : baud == 1200 ? 2
                                            : 1,
                             2};
    struct hz_sim_page page = {m->address, m->function, m->function == 3, m->text};
    struct hz_sim_track track;
    size_t count = hz_sim_pocsag(&page, symbols), skip = how->join ? 576 - 4 : 0;
    for (size_t i = 0; how->inverted && i < count; i++)
        symbols[i] = -symbols[i];
    if (hz_sim_fsk(&fsk, symbols + skip, count - skip, &track) != 0)
        exit(1);
    double seconds = (double)(count - skip) / baud;
    for (size_t i = 0; i < track.n; i++)
        track.freq_hz[i] +=
            (float)(how->drift_hz_s * seconds * ((double)i / (double)track.n - 0.5));
    hz_sim_track_seal(&track);
    double clock = 1 + hz_rng_between(r, -how->clock, how->clock);
    m->offset_hz = hz_rng_between(r, -how->offset_hz, how->offset_hz);
    struct hz_span span = {iq, n, 0, RATE};
    struct hz_sim_burst burst = {start, 1, m->offset_hz, hz_rng_between(r, 0, 1), clock};
    hz_sim_track_add(&track, &burst, &span);
    double end = start + hz_sim_track_samples(&track, &burst, RATE);
    hz_sim_track_done(&track);
    return end;
}

/* Rayleigh fading of a Doppler spread: sixteen scattered waves. */
static void fade(struct hz_rng *r, double doppler_hz, float *iq, size_t n)
{
    enum { WAVES = 16 };
    double phase[WAVES], step[WAVES];
    for (int w = 0; w < WAVES; w++) {
        phase[w] = hz_rng_between(r, 0, 6.2832);
        step[w] = 6.2832 * doppler_hz / RATE * cos(hz_rng_between(r, 0, 6.2832));
    }
    double re = 1, im = 0;
    for (size_t i = 0; i < n; i++) {
        if (i % 16 == 0) {
            re = im = 0;
            for (int w = 0; w < WAVES; w++) {
                re += cos(phase[w] + step[w] * (double)i) / sqrt(WAVES);
                im += sin(phase[w] + step[w] * (double)i) / sqrt(WAVES);
            }
        }
        float x = iq[2 * i], y = iq[2 * i + 1];
        iq[2 * i] = x * (float)re - y * (float)im;
        iq[2 * i + 1] = x * (float)im + y * (float)re;
    }
}

/* An FM voice next door, as much of it as a channel filter of 60 dB lets through. */
static void disturb(struct hz_rng *r, const struct impairment *how, float *iq, size_t n)
{
    if (how->neighbour_db > 0) {
        float a = (float)pow(10, (how->neighbour_db - 60) / 20);
        double phase = 0;
        for (size_t i = 0; i < n; i++) {
            phase += 6.2832 / RATE *
                     (how->neighbour_hz - 6000 + 2500 * sin(6.2832 * 700 / RATE * (double)i));
            iq[2 * i] += a * (float)cos(phase);
            iq[2 * i + 1] += a * (float)sin(phase);
        }
    }
    for (size_t i = 0; how->impulses && i + 3 < n; i += 1 + hz_rng_below(r, RATE / 25)) {
        double phase = hz_rng_between(r, 0, 6.2832);
        for (size_t k = i; k < i + 3; k++) {
            iq[2 * k] += 10 * (float)cos(phase);
            iq[2 * k + 1] += 10 * (float)sin(phase);
        }
    }
    for (size_t i = 0; how->clip > 0 && i < 2 * n; i++)
        iq[i] = fmaxf(-(float)how->clip, fminf((float)how->clip, iq[i]));
}

struct point {
    unsigned baud;
    double snr_db;
    const struct impairment *how;
    uint64_t seed;
};

/* Every page alone in white noise over all of the 24 kHz. */
static struct score run_point(const struct point *c, size_t pages, struct sent *sent, bool dump)
{
    struct score s = {.sent = sent, .dump = dump};
    struct hz_pocsag_listener out = {&s, found, refused};
    struct hz_pocsag_detect *d = calloc(1, sizeof *d);
    size_t window = (576 + 544 * 5) * RATE / c->baud + RATE / 2;
    float *iq = malloc(2 * window * sizeof *iq), *air = malloc(2 * window * sizeof *air);
    struct hz_rng r;
    struct hz_noise noise;
    float sigma = (float)sqrt(RATE / 12.5e3 / pow(10, c->snr_db / 10) / 2), scale = 0.01f;
    uint64_t first = 0;
    hz_rng_init(&r, c->seed, 1);
    hz_noise_init(&noise, c->seed);
    if (!d || hz_pocsag_detect_init(d, false) != 0)
        exit(1);
    memset(sent, 0, pages * sizeof *sent);
    for (; s.n < pages;) {
        struct sent *m = &sent[s.n++];
        compose(&r, m);
        memset(air, 0, 2 * window * sizeof *air);
        double end =
            transmit(&r, m, c->baud, c->how, 2000 + hz_rng_between(&r, 0, 2000), air, window);
        size_t n = ((size_t)end / 480 + 8) * 480;
        n = n < window ? n : window;
        if (c->how->fading_hz > 0)
            fade(&r, c->how->fading_hz, air, n);
        hz_noise_fill(&noise, iq, window, sigma);
        disturb(&r, c->how, air, n);
        for (size_t i = 0; i < 2 * n; i++)
            iq[i] = scale * (iq[i] + air[i]);
        struct hz_samples in = {HZ_CF32, iq, n, first};
        hz_pocsag_detect_push(d, &in, &out);
        first += n;
    }
    hz_pocsag_detect_flush(d, &out);
    hz_pocsag_detect_done(d);
    free(d);
    free(iq);
    free(air);
    return s;
}

static void print_score(const struct score *s)
{
    double n = (double)(s->heard > 0 ? s->heard : 1), share = 100.0 / (double)(s->n ? s->n : 1);
    printf("%5.1f %% (kept %5.1f)  wrong %zu (kept %zu) twice %zu  bad crc %zu shed %zu snr %.1f "
           "offset within %.0f Hz\n",
           share * (double)s->heard, share * (double)s->kept, s->wrong, s->wrong_kept, s->twice,
           s->refused[HZ_BAD_CRC], s->refused[HZ_SHED], s->snr_sum / n, s->offset_worst);
}

static const struct impairment *find_impairment(const char *name)
{
    const struct impairment *how = impairments;
    while (how->name && strcmp(how->name, name) != 0)
        how++;
    if (!how->name) {
        fprintf(stderr, "no impairment \"%s\"\n", name);
        exit(1);
    }
    return how;
}

static void curve(size_t pages, const char *what, struct sent *sent)
{
    static const double from[HZ_POCSAG_BAUDS] = {-10, -7, -5};
    for (unsigned b = 0; b < HZ_POCSAG_BAUDS; b++) {
        for (int i = 0; i < 8; i++) {
            struct point p = {hz_pocsag_baud[b], from[b] + i, find_impairment(what),
                              1000 + 10 * b + (uint64_t)i};
            struct score s = run_point(&p, pages, sent, false);
            printf("%4u %5.1f dB ", p.baud, p.snr_db);
            print_score(&s);
        }
    }
}

static void noise_only(double minutes)
{
    struct score s = {0};
    struct hz_pocsag_listener out = {&s, found, refused};
    struct hz_pocsag_detect *d = calloc(1, sizeof *d);
    static float iq[2 * 4800];
    struct hz_noise noise;
    size_t rounds = (size_t)(minutes * 60 * RATE / 4800), opened = 0;
    hz_noise_init(&noise, 4);
    if (!d || hz_pocsag_detect_init(d, false) != 0)
        exit(1);
    for (size_t i = 0; i < rounds; i++) {
        hz_noise_fill(&noise, iq, 4800, 0.1f);
        struct hz_samples in = {HZ_CF32, iq, 4800, i * 4800};
        hz_pocsag_detect_push(d, &in, &out);
    }
    hz_pocsag_detect_flush(d, &out);
    printf("%.0f min of noise: pages %zu, of them kept %zu; sync words tried %zu, shed %zu\n",
           minutes, s.wrong, s.wrong_kept, s.refused[HZ_BAD_CRC], s.refused[HZ_SHED]);
    (void)opened;
    hz_pocsag_detect_done(d);
    free(d);
}

static size_t read_truth(const char *path, struct sent *sent, double *freq_hz)
{
    FILE *f = fopen(path, "r");
    char line[4096];
    size_t n = 0;
    while (f && n < PAGES_MAX && fgets(line, sizeof line, f)) {
        struct sent *m = memset(&sent[n++], 0, sizeof *m);
        const char *text = strstr(line, "\"text\": \"") + 9;
        *freq_hz = strtod(strstr(line, "\"freq\": ") + 8, NULL);
        m->offset_hz = strtod(strstr(line, "\"foff\": ") + 8, NULL);
        m->address = (uint32_t)strtoul(strstr(line, "\"address\": ") + 11, NULL, 10);
        m->function = (unsigned)strtoul(strstr(line, "\"function\": ") + 12, NULL, 10);
        snprintf(m->text, sizeof m->text, "%.*s", (int)strcspn(text, "\""), text);
    }
    if (f)
        fclose(f);
    return n;
}

/* One channel of a capture, by the channelizer. */
static void capture(const char *name, struct sent *sent)
{
    const char *shared = getenv("HZ_SHARED");
    char path[512], err[128];
    double freq_hz = 0;
    snprintf(path, sizeof path, "%s/lab/%s.jsonl", shared ? shared : "../shared", name);
    struct score s = {.sent = sent};
    s.n = read_truth(path, sent, &freq_hz);
    snprintf(path, sizeof path, "%s/lab/%s.cu8", shared ? shared : "../shared", name);
    FILE *f = fopen(path, "rb");
    if (!f) {
        printf("%s skipped: it is not there\n", path);
        return;
    }
    struct hz_band *band = hz_band_new(48e3, err, sizeof err);
    struct hz_slice *slice = hz_slice_new(band, freq_hz - 153.34e6, RATE, 12.5e3, err, sizeof err);
    struct hz_spectrum x;
    struct hz_pocsag_listener out = {&s, found, refused};
    struct hz_pocsag_detect *d = calloc(1, sizeof *d);
    static uint8_t raw[2 * 65536];
    uint64_t first = 0;
    hz_spectrum_init(&x, band);
    hz_pocsag_detect_init(d, false);
    for (size_t n; (n = fread(raw, 2, sizeof raw / 2, f)) > 0; first += n) {
        struct hz_samples in = {HZ_CU8, raw, n, first};
        while (hz_band_push(band, &in, &x)) {
            struct hz_samples y = hz_slice_run(slice, &x);
            hz_pocsag_detect_push(d, &y, &out);
        }
    }
    hz_pocsag_detect_flush(d, &out);
    printf("%-28s", name);
    print_score(&s);
    hz_pocsag_detect_done(d);
    free(d);
    hz_spectrum_done(&x);
    hz_slice_free(slice);
    hz_band_free(band);
    fclose(f);
}

/* CPU ns per sample: noise alone, or pages back to back at that rate and SNR. */
static void speed(const char *name, unsigned baud, double snr_db, struct sent *sent)
{
    enum { SECONDS = 40, N = RATE * SECONDS };
    struct score s = {.sent = sent};
    struct hz_pocsag_listener out = {&s, found, refused};
    struct hz_pocsag_detect *d = calloc(1, sizeof *d);
    float *iq = malloc(2 * sizeof *iq * N);
    struct hz_rng r;
    struct hz_noise noise;
    hz_rng_init(&r, 5, 1);
    hz_noise_init(&noise, 5);
    hz_noise_fill(&noise, iq, N, (float)sqrt(RATE / 12.5e3 / pow(10, snr_db / 10) / 2));
    for (double at = 100; baud > 0 && at < N - 8.0 * 544 * RATE / baud;) {
        struct sent *m = memset(&sent[s.n++], 0, sizeof *m);
        compose(&r, m);
        at = 100 + transmit(&r, m, baud, &impairments[1], at, iq, N);
    }
    hz_pocsag_detect_init(d, false);
    double best = INFINITY;
    for (int round = 0; round < 3; round++) {
        double begun = cpu_s();
        for (size_t at = 0; at < N; at += PUSH) {
            struct hz_samples in = {HZ_CF32, iq + 2 * at, PUSH, at};
            hz_pocsag_detect_push(d, &in, &out);
        }
        hz_pocsag_detect_flush(d, &out);
        best = fmin(best, cpu_s() - begun);
    }
    printf("pocsag %-14s %7.2f ns/sample of 24 kHz", name, 1e9 * best / N);
    if (baud > 0)
        printf("  %zu of %zu pages", s.heard, s.n);
    printf("  bad crc %zu shed %zu\n", s.refused[HZ_BAD_CRC] / 3, s.refused[HZ_SHED] / 3);
    hz_pocsag_detect_done(d);
    free(d);
    free(iq);
}

int main(int argc, char **argv)
{
    struct sent *sent = calloc(PAGES_MAX, sizeof *sent);
    const char *mode = argc > 1 ? argv[1] : "";
    if (strcmp(mode, "curve") == 0) {
        size_t pages = argc > 2 ? strtoul(argv[2], NULL, 10) : 200;
        curve(pages < PAGES_MAX ? pages : PAGES_MAX, argc > 3 ? argv[3] : "errors", sent);
    } else if (strcmp(mode, "point") == 0 && argc > 3) {
        size_t pages = argc > 4 ? strtoul(argv[4], NULL, 10) : 100;
        struct point p = {(unsigned)strtoul(argv[2], NULL, 10), strtod(argv[3], NULL),
                          find_impairment(argc > 5 ? argv[5] : "errors"),
                          argc > 6 ? strtoul(argv[6], NULL, 10) : 3};
        struct score s = run_point(&p, pages < PAGES_MAX ? pages : PAGES_MAX, sent, true);
        print_score(&s);
    } else if (strcmp(mode, "noise") == 0) {
        noise_only(argc > 2 ? strtod(argv[2], NULL) : 10);
    } else if (strcmp(mode, "lab") == 0) {
        static const char *const names[] = {
            "pocsag512_s-6_153.34M_48k", "pocsag1200_s-2_153.34M_48k", "pocsag1200_s5_153.34M_48k",
            "pocsag1200_s15_153.34M_48k", "pocsag2400_s1_153.34M_48k"};
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
            capture(names[i], sent);
    } else {
        speed("noise", 0, 0, sent);
        speed("busy 512", 512, 10, sent);
        speed("busy 1200", 1200, 10, sent);
        speed("busy 2400", 2400, 10, sent);
        speed("weak 512", 512, -7, sent);
        speed("weak 1200", 1200, -5, sent);
        speed("weak 2400", 2400, -2, sent);
    }
    free(sent);
    return 0;
}
