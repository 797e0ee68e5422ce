/* One telegram from a place that the search has found: tones, timing and clock from the pattern,
 * chips by the sequence detector (dsp/cpm.h), then line code, blocks and CRCs.
 *
 * Signal model: x(n) = A exp(j phi(n)) + noise, the frequency f1 in chips of 1 and f0 in others, no
 * filter. Estimates over the known chips k of the pattern: f1 and f0 maximise the sum of
 * |sum over n in chip k of x(n) exp(-j 2 pi f n)|^2 on a grid of 5 kHz, with a parabola through the
 * three highest; begin and chip rate then maximise the sum of the absolute values.
 *
 * Pure. One thread at a time. */
#ifndef HZ_PROTO_WMBUS_RECEIVE_H
#define HZ_PROTO_WMBUS_RECEIVE_H

#include "proto/out/sink.h"
#include "proto/wmbus/frame.h"
#include "proto/wmbus/search.h"

enum {
    HZ_WMBUS_TONES = 64,    /* of the grid */
    HZ_WMBUS_LONG_CHIP = 16 /* samples of the longest chip */
};

struct hz_wmbus_receive {
    const struct hz_wmbus_mode *mode;
    double rate_hz;
    struct hz_cpm *cpm;
    size_t samples; /* of the longest telegram, its pattern included */
    size_t max_chips;
    float *iq;          /* at baseband, pairs */
    float *sum[2];      /* prefix sums of the pattern's samples at each tone, pairs */
    double sum_tone[2]; /* these tones, cycles per sample */
    size_t sums;        /* their samples */
    float *turn;        /* [sample of a chip][cos, sin][tone] */
    uint8_t *chip;
    float *sure;
    struct hz_wmbus_bits bits;
};

struct hz_wmbus_found {
    uint8_t bytes[HZ_WMBUS_BYTES]; /* without CRCs */
    size_t n;
    int fixed;
    const char *mode; /* "T1" */
    char format;
    double begin, end; /* of pattern and frame, in samples from the hop's first one */
    double carrier;    /* cycles per sample */
};

/* 0 or -ENOMEM; then there is nothing to free. */
int hz_wmbus_receive_init(struct hz_wmbus_receive *r, const struct hz_wmbus_mode *mode,
                          double rate_hz);
void hz_wmbus_receive_done(struct hz_wmbus_receive *r);

/* Receives at that place of the hop that begins at iq; from there on n samples may be read, and
 * `before` in front of it. HZ_MESSAGE, or why there is none. */
enum hz_reason hz_wmbus_receive_run(struct hz_wmbus_receive *r, const float *iq, size_t before,
                                    size_t n, const struct hz_wmbus_place *place,
                                    struct hz_wmbus_found *out);

#endif
