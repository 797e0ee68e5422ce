/* What the AIS decoder hears and what it costs.
 *
 *     bench_ais                   ns per sample of 48 kHz: quiet and busy channels
 *     bench_ais curve [N [WHAT]]  share of N (240) messages heard at each SNR in 25 kHz, with
 * carriers within 1.5 kHz and clocks within 50 ppm; WHAT is clean or drift (2 kHz/s more) bench_ais
 * lab               the captures of HZ_SHARED (default ../shared), against their truth
 *
 * Messages are the simulator's, whose modulator shares nothing with the detector. */
#include "dsp/band.h"
#include "dsp/slice.h"
#include "proto/ais/detect.h"
#include "sim/fsk.h"
#include "sim/hdlc.h"
#include "sim/noise.h"
#include "sim/rng.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WINDOW = 4800, RATE = HZ_AIS_RATE_HZ, PUSH = 960, FRAMES_MAX = 20000 };

/* One message sent, and what came of it. */
struct sent {
    uint8_t payload[HZ_AIS_PAYLOAD_MAX];
    size_t len;
    double at; /* sample at which its training begins */
    double offset_hz;
    bool heard;
};

struct score {
    struct sent *sent;
    size_t n, heard, repaired, bad, twice, refused[HZ_REASONS];
    double snr_db, offset_worst, at_worst, snr_sum;
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
        if (fabs(m->at - (double)b->sample) > 600 || m->len != b->raw_len ||
            memcmp(m->payload, b->raw, m->len) != 0)
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

/* Bits count from 0. */
static void put(struct sent *m, unsigned bit, unsigned width, uint32_t value)
{
    for (unsigned i = width; i-- > 0; bit++) {
        uint8_t mask = (uint8_t)(0x80 >> bit % 8), byte = m->payload[bit / 8];
        m->payload[bit / 8] = (uint8_t)(value >> i & 1 ? byte | mask : byte & ~mask);
    }
}

/* A payload as ships send them: of types 1, 3, 18 and 5, contents at random within what is
 * possible. */
static void compose(struct hz_rng *r, struct sent *m)
{
    static const uint8_t types[] = {1, 1, 3, 18, 18, 5};
    unsigned type = types[hz_rng_below(r, sizeof types)], at = type == 18 ? 46 : 50;
    m->len = type == 5 ? 53 : 21;
    for (size_t i = 0; i < m->len; i++)
        m->payload[i] = (uint8_t)(type == 5 ? 0 : hz_rng_u32(r));
    put(m, 0, 8, type << 2);
    put(m, 8, 30, 201000000 + hz_rng_below(r, 574000000));
    if (type == 5) { /* call sign, name and destination of letters */
        for (unsigned i = 0; i < 47; i++)
            put(m,
                (i < 7    ? 70
                 : i < 27 ? 112 - 42
                          : 302 - 162) +
                    6 * i,
                6, 1 + hz_rng_below(r, 26));
        return;
    }
    put(m, at, 10, hz_rng_below(r, 600));            /* speed */
    put(m, at + 11, 28, hz_rng_below(r, 100000000)); /* east */
    put(m, at + 39, 27, hz_rng_below(r, 50000000));  /* north */
    put(m, at + 66, 12, hz_rng_below(r, 3600));      /* course */
    put(m, at + 78, 9, hz_rng_below(r, 360));        /* heading */
    if (type == 18) {
        put(m, 38, 8, 0);
        put(m, 141, 1, 0); /* with a slot's state */
    } else {
        put(m, 143, 5, 0); /* no manoeuvre, spare bits */
        put(m, 151, 3, 3); /* time-out: a number of stations follows */
    }
}

/* Adds the message to iq[2 n], which begins at sample 0 of its own; m->at is its training. */
static void transmit(struct hz_rng *r, struct sent *m, float *iq, size_t n, double drift,
                     double jitter)
{
    static const struct hz_sim_fsk gmsk = {9600, 2400, 0.4, 4};
    uint8_t bit[1400];
    float symbols[sizeof bit];
    struct hz_sim_bits bits = {bit, 0, sizeof bit};
    struct hz_sim_track track;
    bool form = hz_rng_chance(r, 0.5);
    hz_sim_bits_put(&bits, 32, form ? 0x55555555 : 0xaaaaaaaa); /* eight bits of ramp */
    hz_sim_hdlc_frame(&bits, m->payload, m->len);
    hz_sim_bits_put(&bits, 8, 0x55);
    hz_sim_nrzi(&bits, symbols);
    if (hz_sim_fsk(&gmsk, symbols, bits.n, &track) != 0)
        exit(1);
    double span_s = (double)bits.n / 9600;
    for (size_t i = 0; i < track.n; i++)
        track.freq_hz[i] += (float)(drift * span_s * ((double)i / (double)track.n - 0.5));
    hz_sim_track_seal(&track);
    double clock = 1 + hz_rng_between(r, -50e-6, 50e-6);
    m->offset_hz = hz_rng_between(r, -1500, 1500);
    struct hz_span span = {iq, n, 0, RATE};
    double start = 300 + hz_rng_between(r, 0, jitter);
    m->at = start + 8 * 5 / clock;
    hz_sim_track_add(&track,
                     &(struct hz_sim_burst){start, 1, m->offset_hz, hz_rng_between(r, 0, 1), clock},
                     &span);
    hz_sim_track_done(&track);
}

struct curve {
    double snr_db, drift;
    size_t frames;
    uint64_t seed;
};

/* One point: every message alone in a window of 0.1 s of white noise over all of the 48 kHz. */
static struct score point(const struct curve *c, struct sent *sent)
{
    struct score s = {.sent = sent};
    struct hz_ais_listener out = {&s, found, refused};
    struct hz_ais_detect *d = calloc(1, sizeof *d);
    float *iq = malloc(2 * WINDOW * sizeof *iq), *air = malloc(2 * WINDOW * sizeof *air);
    struct hz_rng r;
    struct hz_noise noise;
    float sigma = (float)sqrt(RATE / 25e3 / pow(10, c->snr_db / 10) / 2), scale = 0.01f;
    hz_rng_init(&r, c->seed, 1);
    hz_noise_init(&noise, c->seed);
    if (!d || hz_ais_detect_init(d) != 0)
        exit(1);
    memset(sent, 0, c->frames * sizeof *sent);
    for (; s.n < c->frames; s.n++) {
        struct sent *m = &sent[s.n];
        compose(&r, m);
        hz_noise_fill(&noise, iq, WINDOW, sigma);
        memset(air, 0, 2 * WINDOW * sizeof *air);
        transmit(&r, m, air, WINDOW, c->drift, 200);
        for (int i = 0; i < 2 * WINDOW; i++)
            iq[i] = scale * (iq[i] + air[i]);
        m->at += (double)(s.n * WINDOW);
        struct hz_samples in = {HZ_CF32, iq, WINDOW, s.n * WINDOW};
        hz_ais_detect_push(d, &in, &out);
    }
    hz_ais_detect_flush(d, &out);
    hz_ais_detect_done(d);
    free(d);
    free(iq);
    free(air);
    return s;
}

static void print_score(const struct score *s)
{
    double n = (double)(s->heard > 0 ? s->heard : 1);
    printf(
        "%6.1f %%  repaired %zu  false %zu  twice %zu  bad crc %zu  no preamble %zu  insane %zu  "
        "snr %.1f  offset within %.0f Hz, start %.1f samples\n",
        100.0 * (double)s->heard / (double)s->n, s->repaired, s->bad, s->twice,
        s->refused[HZ_BAD_CRC], s->refused[HZ_NO_PREAMBLE], s->refused[HZ_SANITY], s->snr_sum / n,
        s->offset_worst, s->at_worst);
}

static void curve(size_t frames, double drift, struct sent *sent)
{
    for (int half_db = -4; half_db <= 10; half_db++) {
        if (half_db % 2 && half_db > 6)
            continue;
        struct curve c = {half_db * 0.5, drift, frames, 77 + (uint64_t)half_db};
        struct score s = point(&c, sent);
        printf("%5.1f dB ", c.snr_db);
        print_score(&s);
    }
}

static size_t read_truth(const char *path, struct sent *sent, double *freq_hz)
{
    FILE *f = fopen(path, "r");
    char line[4096];
    size_t n = 0;
    while (f && n < FRAMES_MAX && fgets(line, sizeof line, f)) {
        struct sent *m = memset(&sent[n++], 0, sizeof *m);
        const char *hex = strstr(line, "\"hex\": \"") + 8, *t = strstr(line, "\"t\": ") + 5;
        *freq_hz = strtod(strstr(line, "\"freq\": ") + 8, NULL);
        m->offset_hz = strtod(strstr(line, "\"foff\": ") + 8, NULL);
        m->at = strtod(t, NULL) * RATE;
        unsigned byte;
        for (; sscanf(hex, "%2x", &byte) == 1; hex += 2)
            m->payload[m->len++] = (uint8_t)byte;
    }
    if (f)
        fclose(f);
    return n;
}

/* One channel of a capture, by the channelizer. */
static void capture(const char *name, double rate_hz, struct sent *sent)
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
    struct hz_band *band = hz_band_new(rate_hz, err, sizeof err);
    struct hz_slice *slice = hz_slice_new(band, freq_hz - 162e6, RATE, 25e3, err, sizeof err);
    struct hz_spectrum x;
    struct hz_ais_listener out = {&s, found, refused};
    struct hz_ais_detect *d = calloc(1, sizeof *d);
    uint8_t raw[2 * 65536];
    uint64_t first = 0;
    hz_spectrum_init(&x, band);
    hz_ais_detect_init(d);
    for (size_t n; (n = fread(raw, 2, sizeof raw / 2, f)) > 0; first += n) {
        struct hz_samples in = {HZ_CU8, raw, n, first};
        while (hz_band_push(band, &in, &x)) {
            struct hz_samples y = hz_slice_run(slice, &x);
            hz_ais_detect_push(d, &y, &out);
        }
    }
    hz_ais_detect_flush(d, &out);
    printf("%-22s", name);
    print_score(&s);
    hz_ais_detect_done(d);
    free(d);
    hz_spectrum_done(&x);
    hz_slice_free(slice);
    hz_band_free(band);
    fclose(f);
}

/* CPU ns per sample over `seconds`: noise alone, or messages of one slot in slots that are all
 * taken, at that SNR. */
static void speed(const char *name, double snr_db, bool busy, struct sent *sent)
{
    enum { SLOT = 1280, SLOTS = 75 * 20 };
    struct score s = {.sent = sent};
    struct hz_ais_listener out = {&s, found, refused};
    struct hz_ais_detect *d = calloc(1, sizeof *d);
    float *iq = malloc(2 * sizeof *iq * SLOT * SLOTS), sigma;
    struct hz_rng r;
    struct hz_noise noise;
    sigma = (float)sqrt(RATE / 25e3 / pow(10, snr_db / 10) / 2);
    hz_rng_init(&r, 5, 1);
    hz_noise_init(&noise, 5);
    hz_noise_fill(&noise, iq, SLOT * SLOTS, sigma);
    for (int i = 0; busy && i + 1 < SLOTS; i++) {
        struct sent *m = memset(&sent[s.n++], 0, sizeof *m);
        do
            compose(&r, memset(m, 0, sizeof *m));
        while (m->len > 21);
        transmit(&r, m, iq + (size_t)i * 2 * SLOT, 2 * SLOT, 0, 20);
        m->at += i * SLOT;
    }
    hz_ais_detect_init(d);
    double best = INFINITY;
    for (int round = 0; round < 3; round++) {
        double begun = cpu_s();
        for (size_t at = 0; at < SLOT * SLOTS; at += PUSH) {
            struct hz_samples in = {HZ_CF32, iq + 2 * at, PUSH, at};
            hz_ais_detect_push(d, &in, &out);
        }
        hz_ais_detect_flush(d, &out);
        best = fmin(best, cpu_s() - begun);
    }
    printf("ais %-12s %7.2f ns/sample of 48 kHz", name, 1e9 * best / (SLOT * SLOTS));
    if (busy)
        printf("  %zu of %zu messages", s.heard, s.n);
    printf("  searched %zu  bad crc %zu\n", s.refused[HZ_NO_PREAMBLE] / 3,
           s.refused[HZ_BAD_CRC] / 3);
    hz_ais_detect_done(d);
    free(d);
    free(iq);
}

int main(int argc, char **argv)
{
    struct sent *sent = calloc(FRAMES_MAX, sizeof *sent);
    if (argc > 1 && strcmp(argv[1], "curve") == 0) {
        size_t frames = argc > 2 ? strtoul(argv[2], NULL, 10) : 240;
        bool drift = argc > 3 && strcmp(argv[3], "drift") == 0;
        curve(frames < FRAMES_MAX ? frames : FRAMES_MAX, drift ? 2000 : 0, sent);
    } else if (argc > 1 && strcmp(argv[1], "lab") == 0) {
        static const char *const names[] = {"ais_s1_162M_288k", "ais_s2_162M_288k",
                                            "ais_s4_162M_288k", "ais_s10_162M_288k",
                                            "ais_s15_162M_288k"};
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
            capture(names[i], 288e3, sent);
    } else {
        speed("noise", 0, false, sent);
        speed("full slots", 15, true, sent);
        speed("full, weak", 1, true, sent);
    }
    free(sent);
    return 0;
}
