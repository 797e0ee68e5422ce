/* Frames of AX.25 that a detector told, held against what was sent. */
#ifndef HZ_TESTS_PACKETS_H
#define HZ_TESTS_PACKETS_H

#include "proto/ax25/frame.h"
#include "proto/ax25/tell.h"
#include "tests/unit/capture.h"

enum { PACKETS_MOST = 256 };

struct packets {
    size_t n, refused[HZ_REASONS];
    struct {
        uint8_t raw[HZ_AX25_FRAME_MAX];
        struct hz_burst burst;
    } of[PACKETS_MOST];
};

static inline void packets_found(void *ctx, const struct hz_burst *b)
{
    struct packets *h = ctx;
    cr_assert_lt(h->n, PACKETS_MOST);
    cr_assert_leq(b->raw_len, sizeof h->of[0].raw);
    memcpy(h->of[h->n].raw, b->raw, b->raw_len);
    h->of[h->n++].burst = *b;
}

static inline void packets_refused(void *ctx, enum hz_reason reason)
{
    ((struct packets *)ctx)->refused[reason]++;
}

static inline struct hz_ax25_out packets_out(struct packets *h)
{
    return (struct hz_ax25_out){h, packets_found, packets_refused};
}

/* Holds what was heard against the capture's truth; returns how many of its frames were. */
static inline size_t packets_compare(const char *name, unsigned rate_hz, const struct packets *h,
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
            const struct hz_burst *b = &h->of[i].burst;
            for (size_t k = 0; k < b->raw_len; k++)
                snprintf(hex + 2 * k, 3, "%02X", h->of[i].raw[k]);
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

#endif
