/* Writes the first inputs of fuzz_decoders: bursts of the simulator's bands, as bits to be keyed
 * and as samples cut from its captures.
 *
 *     build/fuzz/captures FOLDER */
#include "proto/registry.h"
#include "sim/ax25.h"
#include "sim/hdlc.h"
#include "sim/pocsag.h"
#include "sim/scene.h"
#include "sim/sonde.h"
#include "tests/fuzz/decoder_input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BURSTS = 64,     /* looked at in a scene */
    EACH = 4,        /* kept of a protocol */
    CAPTURE = 1600,  /* samples of a decoder's input */
    BITS = 1600,     /* of a seed of bits */
    SCENE_MS = 4000, /* of a scene */
    MARGIN = 40,     /* samples ahead of a burst */
};

struct burst {
    char protocol[16];
    uint64_t sample;
    double freq_hz;
    uint8_t raw[128];
    size_t raw_len;
};

struct bursts {
    struct burst b[BURSTS];
    size_t n;
};

static uint8_t number_of(const char *protocol)
{
    uint8_t i = 0;
    while (hz_decoders[i] && strcmp(hz_decoders[i]->name, protocol) != 0)
        i++;
    return i;
}

static void save(const char *folder, const char *name, size_t k, const struct fuzz_head *head,
                 const void *data, size_t size)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s-%zu", folder, name, k);
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(head, sizeof *head, 1, f) != 1 || fwrite(data, 1, size, f) != size ||
        fclose(f) != 0) {
        perror(path);
        exit(1);
    }
}

/* ---- bits ------------------------------------------------------------------------------- */

static void save_levels(const char *folder, const char *name, const struct fuzz_head *head,
                        const float *level, size_t n)
{
    uint8_t bytes[BITS / 8] = {0};
    n = n < BITS ? n : BITS;
    for (size_t i = 0; i < n; i++)
        bytes[i / 8] |= (uint8_t)((level[i] > 0) << i % 8);
    save(folder, name, 0, head, bytes, (n + 7) / 8);
}

/* A frame behind `training` bits of preamble, as its line levels. */
static void save_frame(const char *folder, const char *name, const struct fuzz_head *head,
                       const uint8_t *frame, size_t len, unsigned training, bool scrambled)
{
    static uint8_t bit[8192];
    static float level[8192];
    struct hz_sim_bits b = {bit, 0, sizeof bit};
    for (unsigned i = 0; i < training; i += 8)
        hz_sim_bits_put(&b, 8, scrambled ? 0x7e : 0x00);
    hz_sim_hdlc_frame(&b, frame, len);
    hz_sim_bits_put(&b, 24, 0); /* samples behind its end, which a demodulator waits for */
    if (scrambled)
        hz_sim_scramble_g3ruh(&b);
    hz_sim_nrzi(&b, level);
    save_levels(folder, name, head, level, b.n);
}

static void packets(const char *folder)
{
    uint8_t frame[HZ_SIM_AX25_MAX];
    size_t len = hz_sim_ax25("N0CALL>APRS:>x", frame);
    struct fuzz_head head = {.flags = FUZZ_BITS | FUZZ_TONES, .hold = 20, .deviation = 32};
    head.decoder = number_of("aprs");
    head.tone[0] = 47; /* 2,200 Hz at 24 ksps */
    head.tone[1] = 26; /* 1,200 Hz */
    save_frame(folder, "aprs-bits", &head, frame, len, 24, false);
    head.flags |= FUZZ_AUDIO;
    save_frame(folder, "aprs-audio", &head, frame, len, 24, false);
    head = (struct fuzz_head){.flags = FUZZ_BITS, .hold = 5, .deviation = 16};
    head.decoder = number_of("ax25-9600");
    save_frame(folder, "ax25-9600-bits", &head, frame, len, 64, true);
    head.flags |= FUZZ_AUDIO;
    save_frame(folder, "ax25-9600-audio", &head, frame, len, 64, true);
}

static void pages(const char *folder)
{
    static float level[HZ_SIM_POCSAG_MAX];
    const struct hz_sim_page page = {1234567, 3, 1, "fuzz"};
    size_t n = hz_sim_pocsag(&page, level);
    struct fuzz_head head = {.flags = FUZZ_BITS, .hold = 10, .deviation = 48};
    head.decoder = number_of("pocsag");
    /* the end of the preamble, the sync word and the first frames */
    save_levels(folder, "pocsag-bits", &head, level + 560, n - 560);
    head.flags |= FUZZ_AUDIO;
    save_levels(folder, "pocsag-audio", &head, level + 560, n - 560);
}

static void sondes(const char *folder)
{
    static float level[HZ_SIM_SONDE_SYMBOLS];
    struct hz_sim_sonde sonde;
    struct hz_rng r;
    uint8_t frame[HZ_SIM_SONDE_FRAME];
    struct fuzz_head head = {.flags = FUZZ_BITS, .hold = 5, .deviation = 26};
    hz_rng_init(&r, 1, 1);
    hz_sim_sonde_init(&sonde, &r, 50, 8, 1000);
    hz_sim_sonde_frame(&sonde, frame);
    hz_sim_sonde_symbols(frame, level);
    head.decoder = number_of("rs41");
    /* the end of the preamble, the header and what fits of the frame */
    const size_t skip = HZ_SIM_SONDE_PREAMBLE - 40;
    save_levels(folder, "rs41-bits", &head, level + skip, HZ_SIM_SONDE_SYMBOLS - skip);
    head.flags |= FUZZ_AUDIO;
    save_levels(folder, "rs41-audio", &head, level + skip, HZ_SIM_SONDE_SYMBOLS - skip);
}

static void mode_s(const char *folder, const struct burst *b)
{
    float chip[16 + 2 * 8 * 14 + 128] = {0};
    static const char preamble[] = "1010000101000000";
    struct fuzz_head head = {.flags = FUZZ_BITS | FUZZ_ON_OFF | 1 << FUZZ_RATE_SHIFT, .hold = 1};
    size_t n = 0, bits = 8 * b->raw_len < 112 ? 8 * b->raw_len : 112;
    for (; n < 16; n++)
        chip[n] = preamble[n] == '1';
    for (size_t i = 0; i < bits; i++) {
        bool bit = b->raw[i / 8] >> (7 - i % 8) & 1;
        chip[n++] = bit;
        chip[n++] = !bit;
    }
    head.decoder = number_of("adsb");
    save_levels(folder, "adsb-bits", &head, chip, n + 128);
}

static void bits_of(const char *folder, const struct burst *b)
{
    struct fuzz_head ais = {.flags = FUZZ_BITS, .hold = 5, .deviation = 13};
    ais.decoder = number_of("ais");
    if (strcmp(b->protocol, "ais") == 0)
        save_frame(folder, "ais-bits", &ais, b->raw, b->raw_len, 24, false);
    if (strcmp(b->protocol, "adsb") == 0)
        mode_s(folder, b);
}

/* ---- captures --------------------------------------------------------------------------- */

static void on_burst(void *ctx, const struct hz_scene_truth *t)
{
    struct bursts *all = ctx;
    struct burst *b = &all->b[all->n];
    size_t same = 0;
    if (all->n == BURSTS || t->snr_db < 15)
        return;
    for (size_t i = 0; i < all->n; i++)
        same += strcmp(all->b[i].protocol, t->protocol) == 0;
    if (same >= EACH || strlen(t->protocol) >= sizeof b->protocol)
        return;
    strcpy(b->protocol, t->protocol);
    b->sample = t->sample;
    b->freq_hz = t->freq_hz;
    b->raw_len = t->raw_len < sizeof b->raw ? t->raw_len : sizeof b->raw;
    if (b->raw_len > 0)
        memcpy(b->raw, t->raw, b->raw_len);
    all->n++;
}

static int8_t byte_of(double x)
{
    return (int8_t)(x < -127 ? -127 : x > 127 ? 127 : x);
}

/* The burst at the decoder's rate: mixed to 0 Hz, and the mean of each so many samples. */
static void cut(const char *folder, const struct burst *b, size_t k, const struct hz_scene_info *of,
                const uint8_t *iq, size_t n)
{
    struct fuzz_head head = {.decoder = number_of(b->protocol), .cut = 12, .reset = 255};
    const struct hz_decoder *d = hz_decoders[head.decoder];
    int8_t out[2 * CAPTURE];
    if (!d)
        return;
    bool whole = d->input == HZ_INPUT_BAND;
    size_t by = whole ? 1 : (size_t)(of->rate_hz / d->rate_hz), used = 0;
    size_t at = b->sample > MARGIN * by ? b->sample - MARGIN * by : 0;
    double step = whole ? 0 : 6.283185307179586 * (b->freq_hz - of->centre_hz) / of->rate_hz;
    for (; used < CAPTURE && at + by <= n; used++) {
        double re = 0, im = 0;
        for (size_t i = 0; i < by; i++, at++) {
            double x = iq[2 * at] - 127.5, y = iq[2 * at + 1] - 127.5;
            double c = cos(step * (double)at), s = -sin(step * (double)at);
            re += (x * c - y * s) / (double)by;
            im += (x * s + y * c) / (double)by;
        }
        /* 12 dB up: a channel's burst uses few of a band's 8 bits */
        out[2 * used] = byte_of(whole ? re : 4 * re);
        out[2 * used + 1] = byte_of(whole ? im : 4 * im);
    }
    char name[40];
    snprintf(name, sizeof name, "%s-capture", d->name);
    save(folder, name, k, &head, out, 2 * used);
}

static void scene(const char *folder, const char *name)
{
    static struct bursts all;
    struct hz_scene *s;
    all.n = 0;
    if (hz_scene_new(name, 1, &s) != 0 || hz_scene_about(s)->format != HZ_CU8)
        exit(1);
    const struct hz_scene_info *about = hz_scene_about(s);
    size_t n = (size_t)(about->rate_hz * SCENE_MS / 1000);
    uint8_t *iq = malloc(2 * n);
    if (!iq)
        exit(1);
    hz_scene_on_truth(s, on_burst, &all);
    hz_scene_read(s, iq, n);
    for (size_t i = 0; i < all.n; i++) {
        bits_of(folder, &all.b[i]);
        cut(folder, &all.b[i], i, about, iq, n);
    }
    free(iq);
    hz_scene_free(s);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    packets(argv[1]);
    pages(argv[1]);
    sondes(argv[1]);
    scene(argv[1], "aircraft");
    scene(argv[1], "vhf");
    return 0;
}
