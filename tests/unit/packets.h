/* Packets of the simulator's modulators, and the comparison of a detector's results with them. */
#ifndef HZ_TESTS_PACKETS_H
#define HZ_TESTS_PACKETS_H

#include "proto/packet/ax25/frame.h"
#include "sim/ax25.h"
#include "sim/noise.h"
#include "sim/packet.h"
#include "sim/signal.h"
#include "tests/unit/capture.h"
#include "tests/unit/rig.h"

/* Holds what was heard against the capture's truth; returns how many of its frames were. */
static inline size_t packets_compare(const char *name, unsigned rate_hz, const struct rig *h,
                                     size_t *sent)
{
    char hex[2 * HZ_AX25_FRAME_MAX + 2];
    static char line[8192];
    size_t right = 0;
    double snr_error = 0;
    FILE *f = capture_open(name, "jsonl");
    cr_assert_not_null(f);
    for (*sent = 0; fgets(line, sizeof line, f); ++*sent) {
        const char *want = strstr(line, "\"hex\": \"") + 8;
        double begin = capture_number(line, "\"t\": ") * rate_hz;
        double end = capture_number(line, "\"end\": ") * rate_hz;
        for (size_t i = 0; i < h->n; i++) {
            const struct hz_burst *b = &h->message[i].burst;
            for (size_t k = 0; k < b->raw_len; k++)
                snprintf(hex + 2 * k, 3, "%02X", h->message[i].burst.raw[k]);
            strcat(hex, "\"");
            if ((double)b->sample < begin || (double)b->sample > end ||
                strncmp(want, hex, 2 * b->raw_len + 1) != 0)
                continue;
            right++;
            cr_expect_float_eq((double)b->offset_hz, capture_number(line, "\"foff\": "), 100);
            snr_error += (double)b->snr_db - capture_number(line, "\"snr\": ");
        }
    }
    fclose(f);
    cr_expect_float_eq(snr_error / (double)right, 0, 1, "%s", name);
    return right;
}

/* A transmission of frames one after another. */
struct packet_made {
    double snr_db, deviation_hz;
    double tone; /* of Bell 202, over nominal; 0: G3RUH's modem */
    double offset_hz, drift_hz_s, clock;
    unsigned flags, frames;
    size_t text; /* characters in each frame */
};

/* It on the air, at power 1 in noise. */
struct packet_air {
    float *iq; /* to be freed */
    size_t n;
    double opening; /* sample at which its first frame's flag begins */
    uint8_t frame[HZ_SIM_AX25_MAX];
    size_t len;
};

/* At 24 (Bell 202) or 48 ksps, `before` samples of silence ahead; the SNR is that in half of it. */
static inline void packet_make(const struct packet_made *how, size_t before, struct packet_air *a)
{
    const struct hz_sim_fsk fsk = {9600, how->deviation_hz, 0.5, 8};
    double rate = how->tone != 0 ? 24e3 : 48e3, bandwidth = how->tone != 0 ? 12.5e3 : 25e3;
    double bit = how->tone != 0 ? 20 : 5;
    char text[HZ_SIM_AX25_MAX], info[300];
    struct hz_sim_track track;
    struct hz_noise noise;
    for (size_t i = 0; i < how->text; i++)
        info[i] = (char)(33 + i * 31 % 93);
    info[how->text] = 0;
    snprintf(text, sizeof text, "SP2XYZ-9>APRX29,WIDE1-1:>%s", info);
    a->len = hz_sim_ax25(text, a->frame);
    cr_assert_gt(a->len, 0);
    struct hz_sim_packet packet = {a->frame, a->len, how->flags, how->frames};
    int err = how->tone != 0 ? hz_sim_packet_bell202(&packet, how->deviation_hz, how->tone, &track)
                             : hz_sim_packet_g3ruh(&packet, &fsk, &track);
    cr_assert_eq(err, 0);
    hz_sim_track_drift(&track, how->drift_hz_s);
    struct hz_sim_burst burst = {(double)before + 0.3, 1, how->offset_hz, 0.2, how->clock};
    a->n = (before + (size_t)hz_sim_track_samples(&track, &burst, rate) + 3000) / 16 * 16;
    a->iq = malloc(2 * sizeof *a->iq * a->n);
    hz_noise_init(&noise, 3);
    float sigma = (float)sqrt(rate / bandwidth / pow(10, how->snr_db / 10) / 2);
    hz_noise_fill(&noise, a->iq, a->n, sigma);
    struct hz_span span = {a->iq, a->n, 0, rate};
    hz_sim_track_add(&track, &burst, &span);
    a->opening = burst.start + how->flags * 8 * bit / how->clock;
    hz_sim_track_done(&track);
}

/* All of its frames were heard, and nothing else; the first where it began, to within that. */
static inline void packets_all(const struct rig *h, const struct packet_made *how,
                               const struct packet_air *a, double within, const char *what)
{
    cr_expect_eq(h->n, how->frames, "%s: %zu of %u", what, h->n, how->frames);
    for (size_t i = 0; i < h->n; i++) {
        cr_expect_eq(h->message[i].burst.raw_len, a->len, "%s", what);
        cr_expect_arr_eq(h->message[i].burst.raw, a->frame, a->len);
    }
    if (h->n > 0) {
        const struct hz_burst *b = &h->message[0].burst;
        cr_expect_float_eq((double)b->sample, a->opening, within);
        cr_expect_float_eq((double)b->rssi_dbfs, 0, 1);
        cr_expect_float_eq((double)b->snr_db, how->snr_db, 1, "%s: %f", what, (double)b->snr_db);
    }
}

/* Captures of a generator that shares nothing with the decoder: at least so many of their `sent`
 * frames are decoded, and nothing else. */
struct packets_capture {
    const char *name;
    size_t least;
};

static inline void packets_captures(const struct hz_decoder *d, const struct capture_channel *where,
                                    const struct packets_capture *captures, size_t count,
                                    size_t sent)
{
    for (size_t i = 0; i < count; i++) {
        struct rig r = {0};
        size_t n, told;
        float *iq = capture_channel(captures[i].name, where, &n);
        if (!iq)
            cr_skip_test("needs ../shared/lab");
        rig_decode(&r, d, NULL, &(struct hz_samples){HZ_CF32, iq, n, 0}, 960);
        size_t right = packets_compare(captures[i].name, where->rate_hz, &r, &told);
        cr_expect_eq(told, sent);
        cr_expect_eq(right, r.n, "false: %s", captures[i].name);
        cr_expect_geq(right, captures[i].least, "%s: %zu", captures[i].name, right);
        rig_free(&r);
        free(iq);
    }
}

static inline void packets_expect_all(const struct hz_decoder *d, const struct packet_made *how,
                                      double within, const char *what)
{
    struct packet_air air;
    struct rig r = {0};
    packet_make(how, 4000, &air);
    rig_decode(&r, d, NULL, &(struct hz_samples){HZ_CF32, air.iq, air.n, 0}, 777);
    packets_all(&r, how, &air, within, what);
    rig_free(&r);
    free(air.iq);
}

/* At least so many frames, the same however the stream is cut. */
static inline void packets_expect_cuts(const struct hz_decoder *d, const struct packet_made *how,
                                       size_t least)
{
    struct packet_air air;
    struct rig r = {0};
    packet_make(how, 3001, &air);
    struct hz_samples all = {HZ_CF32, air.iq, air.n, 1234567};
    rig_decode(&r, d, NULL, &all, air.n);
    cr_expect_geq(r.n, least);
    rig_expect_cuts(&r, d, NULL, &all);
    rig_free(&r);
    free(air.iq);
}

/* A stream that breaks `after` samples behind the beginning of the frame: it is not decoded; the
 * whole one behind it is. */
static inline void packets_expect_break(const struct hz_decoder *d, const struct packet_made *how,
                                        size_t after)
{
    struct packet_air air;
    struct rig r = {0};
    packet_make(how, 3001, &air);
    size_t cut = (size_t)air.opening + after;
    rig_start(&r, d, NULL);
    rig_push(&r, &(struct hz_samples){HZ_CF32, air.iq, cut, 0}, cut);
    rig_push(&r, &(struct hz_samples){HZ_CF32, air.iq + 2 * cut, air.n - cut, 2 * cut}, air.n);
    cr_expect_eq(r.sink.count[HZ_MESSAGE], 0);
    rig_push(&r, &(struct hz_samples){HZ_CF32, air.iq, air.n, 10 * air.n}, air.n);
    rig_finish(&r);
    cr_expect_eq(r.n, 1);
    rig_free(&r);
    free(air.iq);
}

/* So many samples of white noise: no message, and at most two candidates. */
static inline void packets_expect_quiet(const struct hz_decoder *d, size_t n)
{
    struct rig r = {0};
    float *iq = malloc(2 * sizeof *iq * n);
    struct hz_span span = {iq, n, 0, d->rate_hz};
    hz_sim_signal_noise(&span, 0.02, d->rate_hz, 11);
    rig_decode(&r, d, NULL, &(struct hz_samples){HZ_CF32, iq, n, 0}, 960);
    cr_expect_eq(r.n, 0);
    cr_expect_leq(r.sink.count[HZ_NO_PREAMBLE] + r.sink.count[HZ_BAD_CRC], 2);
    rig_free(&r);
    free(iq);
}

#endif
