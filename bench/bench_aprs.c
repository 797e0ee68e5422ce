/* What the decoder of packet radio at 1200 baud hears and what it costs.
 *
 *     bench_aprs                   ns per sample of 24 kHz: quiet and busy channels
 *     bench_aprs curve [N [WHAT [DB]]]  share of N (200) frames heard at each SNR in 12.5 kHz, with
 *                                       carriers within 2 kHz and clocks within 50 ppm; WHAT:
 *                                       one impairment of the table below
 *     bench_aprs false [MINUTES]   messages in white noise, and in talk (10 minutes each)
 *     bench_aprs lab               the captures of HZ_SHARED (../shared), against their truth
 *
 * Frames are the simulator's, whose modulator shares nothing with the detector. */
#include "dsp/band.h"
#include "dsp/slice.h"
#include "proto/aprs/detect.h"
#include "sim/afsk.h"
#include "sim/ax25.h"
#include "sim/hdlc.h"
#include "sim/noise.h"
#include "sim/rng.h"
#include "sim/voice.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { RATE = HZ_APRS_RATE_HZ, WINDOW = 96000, PUSH = 480, FRAMES_MAX = 20000, REFILL = 400 };

/* One frame sent, and what came of it. */
struct sent {
    uint8_t frame[HZ_SIM_AX25_MAX];
    size_t len;
    double at; /* sample at which its opening flag begins */
    double offset_hz;
    bool heard;
};

struct score {
    struct sent *sent;
    size_t n, heard, repaired, bad, twice, refused[HZ_REASONS];
    double offset_worst, at_worst, snr_sum;
};

struct impairment {
    const char *name;
    double deviation_hz, tone, drift_hz_s, clock;
    unsigned flags;  /* of preamble; 0: 25 to 60 */
    size_t text;     /* characters at most */
    double fade_hz;  /* Rayleigh */
    double clip;     /* amplitude over the signal's at which it is cut off; 0: none */
    double impulses; /* a second, 20 dB over the signal, 1 ms */
};

static const struct impairment impairments[] = {
    {"clean", 3000, 1, 0, 50e-6, 0, 60, 0, 0, 0},
    {"dev1500", 1500, 1, 0, 50e-6, 0, 60, 0, 0, 0},
    {"dev2000", 2000, 1, 0, 50e-6, 0, 60, 0, 0, 0},
    {"dev4500", 4500, 1, 0, 50e-6, 0, 60, 0, 0, 0},
    {"tone", 3000, 1.02, 0, 50e-6, 0, 60, 0, 0, 0},
    {"tonelow", 3000, 0.98, 0, 50e-6, 0, 60, 0, 0, 0},
    {"drift", 3000, 1, 2000, 50e-6, 0, 60, 0, 0, 0},
    {"clock", 3000, 1, 0, 200e-6, 0, 60, 0, 0, 0},
    {"short", 3000, 1, 0, 50e-6, 10, 60, 0, 0, 0},
    {"long", 3000, 1, 0, 100e-6, 0, 250, 0, 0, 0},
    {"fade1", 3000, 1, 0, 50e-6, 0, 60, 1, 0, 0},
    {"fade10", 3000, 1, 0, 50e-6, 0, 60, 10, 0, 0},
    {"clip", 3000, 1, 0, 50e-6, 0, 60, 0, 0.5, 0},
    {"impulses", 3000, 1, 0, 50e-6, 0, 60, 0, 0, 20},
};

static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void found(void *ctx, const struct hz_burst *b)
{
    struct score *s = ctx;
    for (size_t i = 0; i < s->n; i++) {
        struct sent *m = &s->sent[i];
        if (fabs(m->at - (double)b->sample) > 12000 || m->len != b->raw_len ||
            memcmp(m->frame, b->raw, m->len) != 0)
            continue;
        s->twice += m->heard;
        s->heard += !m->heard;
        m->heard = true;
        s->repaired += b->fixed_bits > 0;
        s->snr_sum += (double)b->snr_db;
        s->offset_worst = fmax(s->offset_worst, fabs((double)b->offset_hz - m->offset_hz));
        s->at_worst = fmax(s->at_worst, fabs((double)b->sample - m->at));
        return;
    }
    s->bad++;
}

static void refused(void *ctx, enum hz_reason reason)
{
    ((struct score *)ctx)->refused[reason]++;
}

static void compose(struct hz_rng *r, struct sent *m, size_t most)
{
    char text[HZ_SIM_AX25_MAX], info[260];
    size_t n = 10 + hz_rng_below(r, (uint32_t)most - 9);
    for (size_t i = 0; i < n; i++)
        info[i] = (char)(32 + hz_rng_below(r, 95));
    info[n] = 0;
    snprintf(text, sizeof text, "%c%c%u%c%c-%u>APRX%02u,WIDE1-1:>%s", 'A' + hz_rng_below(r, 26),
             'A' + hz_rng_below(r, 26), hz_rng_below(r, 10), 'A' + hz_rng_below(r, 26),
             'A' + hz_rng_below(r, 26), hz_rng_below(r, 16), hz_rng_below(r, 100), info);
    m->len = hz_sim_ax25(text, m->frame);
    if (m->len == 0)
        exit(2);
}

/* Adds a transmission of the frame to iq[2 n]; m->at is its opening flag. Returns its end. */
static double transmit(struct hz_rng *r, struct sent *m, const struct impairment *how, float *iq,
                       size_t n, double start)
{
    static uint8_t bit[8192];
    static float symbols[sizeof bit];
    struct hz_sim_bits bits = {bit, 0, sizeof bit};
    struct hz_sim_track track;
    unsigned flags = how->flags ? how->flags : 25 + hz_rng_below(r, 36);
    for (unsigned i = 0; i < flags; i++)
        hz_sim_bits_put(&bits, 8, 0x7e);
    hz_sim_hdlc_frame(&bits, m->frame, m->len);
    hz_sim_bits_put(&bits, 8, 0x7e);
    hz_sim_nrzi(&bits, symbols);
    if (hz_sim_afsk1200(symbols, bits.n, how->deviation_hz, how->tone, &track) != 0)
        exit(1);
    double span_s = (double)bits.n / 1200;
    for (size_t i = 0; i < track.n; i++)
        track.freq_hz[i] += (float)(how->drift_hz_s * span_s * ((double)i / (double)track.n - 0.5));
    double clock = 1 + hz_rng_between(r, -how->clock, how->clock);
    m->offset_hz = hz_rng_between(r, -2000, 2000);
    hz_sim_track_seal(&track);
    struct hz_span span = {iq, n, 0, RATE};
    m->at = start + flags * 8 * 20 / clock;
    hz_sim_track_add(&track,
                     &(struct hz_sim_burst){start, 1, m->offset_hz, hz_rng_between(r, 0, 1), clock},
                     &span);
    hz_sim_track_done(&track);
    return start + (double)bits.n * 20;
}

/* Rayleigh fading: sixteen paths of random Doppler. */
static void fade(struct hz_rng *r, double spread_hz, float *iq, size_t n)
{
    double f[16], p[16];
    for (int k = 0; k < 16; k++) {
        f[k] = spread_hz * cos(hz_rng_between(r, 0, 6.2832)) / RATE * 6.283185307;
        p[k] = hz_rng_between(r, 0, 6.2832);
    }
    for (size_t i = 0; i < n; i++) {
        double re = 0, im = 0;
        for (int k = 0; k < 16; k++) {
            re += cos(f[k] * (double)i + p[k]) / 4;
            im += sin(f[k] * (double)i + p[k]) / 4;
        }
        float x = iq[2 * i], y = iq[2 * i + 1];
        iq[2 * i] = (float)((double)x * re - (double)y * im);
        iq[2 * i + 1] = (float)((double)x * im + (double)y * re);
    }
}

static void impair(struct hz_rng *r, const struct impairment *how, struct hz_noise *noise,
                   float sigma, float *air, float *iq)
{
    hz_noise_fill(noise, iq, WINDOW, sigma);
    if (how->fade_hz > 0)
        fade(r, how->fade_hz, air, WINDOW);
    for (int k = 0; k < how->impulses * WINDOW / RATE; k++) {
        size_t at = hz_rng_below(r, WINDOW - 48);
        for (size_t i = 2 * at; i < 2 * at + 96; i++)
            iq[i] += 10 * (float)hz_rng_between(r, -1, 1);
    }
    for (int i = 0; i < 2 * WINDOW; i++) {
        float x = iq[i] + air[i], most = (float)how->clip;
        iq[i] = 0.01f * (most > 0 ? fminf(fmaxf(x, -most), most) : x);
    }
}

/* One point: every frame alone in a window of white noise over all of the 48 kHz. */
static struct score point(const struct impairment *how, double snr_db, size_t frames, uint64_t seed,
                          struct sent *sent)
{
    struct score s = {.sent = sent};
    struct hz_ax25_out out = {&s, found, refused};
    struct hz_aprs_detect *d = calloc(1, sizeof *d);
    float *iq = malloc(2 * WINDOW * sizeof *iq), *air = malloc(2 * WINDOW * sizeof *air);
    struct hz_rng r;
    struct hz_noise noise;
    float sigma = (float)sqrt(RATE / 12.5e3 / pow(10, snr_db / 10) / 2);
    hz_rng_init(&r, seed, 1);
    hz_noise_init(&noise, seed);
    if (!d || !iq || !air || hz_aprs_detect_init(d, REFILL) != 0)
        exit(1);
    memset(sent, 0, frames * sizeof *sent);
    uint64_t first = 0;
    while (s.n < frames) {
        struct sent *m = &sent[s.n++];
        compose(&r, m, how->text);
        memset(air, 0, 2 * WINDOW * sizeof *air);
        double end = transmit(&r, m, how, air, WINDOW, 1500 + hz_rng_between(&r, 0, 500));
        impair(&r, how, &noise, sigma, air, iq);
        size_t n = (size_t)end + 1500 < WINDOW ? ((size_t)end + 1500) / 16 * 16 : WINDOW;
        m->at += (double)first;
        struct hz_samples in = {HZ_CF32, iq, n, first};
        hz_aprs_detect_push(d, &in, &out);
        first += n;
    }
    hz_aprs_detect_flush(d, &out);
    hz_aprs_detect_done(d);
    free(d);
    free(iq);
    free(air);
    return s;
}

static void print_score(const struct score *s)
{
    double n = (double)(s->heard > 0 ? s->heard : 1);
    printf("%6.1f %%  repaired %zu  false %zu  twice %zu  bad crc %zu  no preamble %zu  shed %zu  "
           "snr %.1f  offset within %.0f Hz, start %.1f samples\n",
           100.0 * (double)s->heard / (double)s->n, s->repaired, s->bad, s->twice,
           s->refused[HZ_BAD_CRC], s->refused[HZ_NO_PREAMBLE], s->refused[HZ_SHED], s->snr_sum / n,
           s->offset_worst, s->at_worst);
}

static void curve(size_t frames, const char *what, const char *db, struct sent *sent)
{
    static const double clean[] = {-6, -5, -4, -3, -2, -1, 0, 1, 2, 4, 10, 20};
    const struct impairment *how = NULL;
    for (size_t i = 0; i < sizeof impairments / sizeof impairments[0]; i++)
        if (strcmp(impairments[i].name, what) == 0)
            how = &impairments[i];
    if (!how) {
        fprintf(stderr, "no impairment \"%s\"\n", what);
        exit(1);
    }
    for (size_t i = 0; i < sizeof clean / sizeof clean[0]; i++) {
        if (db && strtod(db, NULL) != clean[i])
            continue;
        struct score s = point(how, clean[i], frames, 77 + i, sent);
        printf("%s %5.1f dB ", what, clean[i]);
        print_score(&s);
        fflush(stdout);
    }
}

static size_t read_truth(const char *path, struct sent *sent, double *freq_hz)
{
    FILE *f = fopen(path, "r");
    static char line[8192];
    size_t n = 0;
    while (f && n < FRAMES_MAX && fgets(line, sizeof line, f)) {
        struct sent *m = memset(&sent[n++], 0, sizeof *m);
        const char *hex = strstr(line, "\"hex\": \"") + 8, *t = strstr(line, "\"t\": ") + 5;
        *freq_hz = strtod(strstr(line, "\"freq\": ") + 8, NULL);
        m->offset_hz = strtod(strstr(line, "\"foff\": ") + 8, NULL);
        m->at = strtod(t, NULL) * RATE;
        unsigned byte;
        for (; sscanf(hex, "%2x", &byte) == 1; hex += 2)
            m->frame[m->len++] = (uint8_t)byte;
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
    struct hz_slice *slice = hz_slice_new(band, freq_hz - 144.79e6, RATE, 12.5e3, err, sizeof err);
    struct hz_spectrum x;
    struct hz_ax25_out out = {&s, found, refused};
    struct hz_aprs_detect *d = calloc(1, sizeof *d);
    static uint8_t raw[2 * 65536];
    uint64_t first = 0;
    hz_spectrum_init(&x, band);
    hz_aprs_detect_init(d, REFILL);
    for (size_t n; (n = fread(raw, 2, sizeof raw / 2, f)) > 0; first += n) {
        struct hz_samples in = {HZ_CU8, raw, n, first};
        while (hz_band_push(band, &in, &x)) {
            struct hz_samples y = hz_slice_run(slice, &x);
            hz_aprs_detect_push(d, &y, &out);
        }
    }
    hz_aprs_detect_flush(d, &out);
    printf("%-26s", name);
    print_score(&s);
    hz_aprs_detect_done(d);
    free(d);
    hz_spectrum_done(&x);
    hz_slice_free(slice);
    hz_band_free(band);
    fclose(f);
}

/* CPU ns per sample over 12 s: noise alone, or frames one after the other. */
static void speed(const char *name, double snr_db, bool busy, struct sent *sent)
{
    enum { SPAN = 12 * RATE, AHEAD = 60000 };
    struct score s = {.sent = sent};
    struct hz_ax25_out out = {&s, found, refused};
    struct hz_aprs_detect *d = calloc(1, sizeof *d);
    float *iq = malloc(2 * sizeof *iq * SPAN);
    struct hz_rng r;
    struct hz_noise noise;
    hz_rng_init(&r, 5, 1);
    hz_noise_init(&noise, 5);
    hz_noise_fill(&noise, iq, SPAN, (float)sqrt(RATE / 12.5e3 / pow(10, snr_db / 10) / 2));
    for (double at = 100; busy && at < SPAN - AHEAD; at += 300) {
        struct sent *m = memset(&sent[s.n++], 0, sizeof *m);
        compose(&r, m, 60);
        size_t from = (size_t)at;
        at = transmit(&r, m, &impairments[0], iq + 2 * from, AHEAD, at - (double)from) +
             (double)from;
        m->at += (double)from;
    }
    hz_aprs_detect_init(d, REFILL);
    double best = INFINITY;
    for (int round = 0; round < 3; round++) {
        double begun = cpu_s();
        for (size_t at = 0; at < SPAN; at += PUSH) {
            struct hz_samples in = {HZ_CF32, iq + 2 * at, PUSH, at};
            hz_aprs_detect_push(d, &in, &out);
        }
        hz_aprs_detect_flush(d, &out);
        best = fmin(best, cpu_s() - begun);
    }
    printf("aprs %-12s %7.2f ns/sample of 24 kHz", name, 1e9 * best / SPAN);
    if (busy)
        printf("  %zu of %zu messages", s.heard, s.n);
    printf("  searched in vain %zu  bad crc %zu  shed %zu\n", s.refused[HZ_NO_PREAMBLE] / 3,
           s.refused[HZ_BAD_CRC] / 3, s.refused[HZ_SHED] / 3);
    hz_aprs_detect_done(d);
    free(d);
    free(iq);
}

/* Talk of six seconds in every ten, at 10 dB and at some deviation, over the noise in iq. */
static void talk(struct hz_rng *r, float *iq, float noise)
{
    struct hz_sim_track track;
    struct hz_span span = {iq, 10 * RATE, 0, RATE};
    if (hz_sim_nfm(6, hz_rng_between(r, 1500, 5000), hz_rng_below(r, 2) ? 88.5 : 0, r, &track) != 0)
        exit(1);
    float amplitude = noise * sqrtf(2 * 10 * 12.5e3f / RATE);
    struct hz_sim_burst burst = {hz_rng_between(r, 0, 3 * RATE), amplitude,
                                 hz_rng_between(r, -1000, 1000), 0, 1};
    hz_sim_track_add(&track, &burst, &span);
    hz_sim_track_done(&track);
}

static void false_messages(size_t minutes, bool voice)
{
    struct score s = {0};
    struct hz_ax25_out out = {&s, found, refused};
    struct hz_aprs_detect *d = calloc(1, sizeof *d);
    static float iq[2 * 10 * RATE];
    struct hz_noise noise;
    struct hz_rng r;
    hz_rng_init(&r, 98, 1);
    hz_noise_init(&noise, 99);
    hz_aprs_detect_init(d, REFILL);
    for (size_t turn = 0; turn < minutes * 6; turn++) {
        hz_noise_fill(&noise, iq, sizeof iq / sizeof *iq / 2, 0.01f);
        if (voice)
            talk(&r, iq, 0.01f);
        struct hz_samples in = {HZ_CF32, iq, 10 * RATE, turn * 10 * RATE};
        hz_aprs_detect_push(d, &in, &out);
    }
    hz_aprs_detect_flush(d, &out);
    printf("%zu minutes of %s: %zu messages, %zu searches in vain, %zu bad crc, %zu shed\n",
           minutes, voice ? "talk" : "noise", s.bad, s.refused[HZ_NO_PREAMBLE],
           s.refused[HZ_BAD_CRC], s.refused[HZ_SHED]);
    hz_aprs_detect_done(d);
    free(d);
}

int main(int argc, char **argv)
{
    struct sent *sent = calloc(FRAMES_MAX, sizeof *sent);
    if (argc > 1 && strcmp(argv[1], "curve") == 0) {
        size_t frames = argc > 2 ? strtoul(argv[2], NULL, 10) : 200;
        curve(frames < FRAMES_MAX ? frames : FRAMES_MAX, argc > 3 ? argv[3] : "clean",
              argc > 4 ? argv[4] : NULL, sent);
    } else if (argc > 1 && strcmp(argv[1], "false") == 0) {
        false_messages(argc > 2 ? strtoul(argv[2], NULL, 10) : 10, false);
        false_messages(argc > 2 ? strtoul(argv[2], NULL, 10) : 10, true);
    } else if (argc > 1 && strcmp(argv[1], "lab") == 0) {
        capture("aprs_s0_144.79M_48k", sent);
        capture("aprs_s2_144.79M_48k", sent);
        capture("aprs_s6_144.79M_48k", sent);
        capture("aprs_s15_144.79M_48k", sent);
    } else {
        speed("noise", 0, false, sent);
        speed("busy", 15, true, sent);
        speed("busy, weak", 1, true, sent);
    }
    free(sent);
    return 0;
}
