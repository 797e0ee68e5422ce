/* One channel of a capture in ../shared/lab (HZ_SHARED), as a decoder receives it. */
#ifndef HZ_TESTS_CAPTURE_H
#define HZ_TESTS_CAPTURE_H

#include "dsp/slice.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct capture_channel {
    double band_hz, offset_hz; /* of the capture; of the channel from its centre */
    unsigned rate_hz;
    double bandwidth_hz;
    size_t most; /* samples */
};

static inline const char *capture_shared(void)
{
    const char *shared = getenv("HZ_SHARED");
    return shared ? shared : "../shared";
}

static inline FILE *capture_open(const char *name, const char *ending)
{
    char path[512];
    snprintf(path, sizeof path, "%s/lab/%s.%s", capture_shared(), name, ending);
    return fopen(path, "rb");
}

/* Its samples, for the caller to free, and their number; NULL where the capture is not there. */
static inline float *capture_channel(const char *name, const struct capture_channel *c, size_t *n)
{
    static uint8_t raw[2 * 16384];
    char err[128];
    FILE *f = capture_open(name, "cu8");
    if (!f)
        return NULL;
    struct hz_band *band = hz_band_new(c->band_hz, err, sizeof err);
    cr_assert(band, "%s", err);
    struct hz_slice *slice =
        hz_slice_new(band, c->offset_hz, c->rate_hz, c->bandwidth_hz, err, sizeof err);
    cr_assert(slice, "%s", err);
    struct hz_spectrum x;
    float *iq = malloc(2 * sizeof *iq * c->most);
    uint64_t first = 0;
    cr_assert_eq(hz_spectrum_init(&x, band), 0);
    *n = 0;
    for (size_t got; (got = fread(raw, 2, sizeof raw / 2, f)) > 0; first += got) {
        struct hz_samples in = {HZ_CU8, raw, got, first};
        while (hz_band_push(band, &in, &x)) {
            struct hz_samples y = hz_slice_run(slice, &x);
            cr_assert_leq(*n + y.n, c->most);
            memcpy(iq + 2 * *n, y.data, 2 * y.n * sizeof *iq);
            *n += y.n;
        }
    }
    hz_spectrum_done(&x);
    hz_slice_free(slice);
    hz_band_free(band);
    fclose(f);
    return iq;
}

/* The number behind a key, in a line of a capture's truth. */
static inline double capture_number(const char *line, const char *key)
{
    const char *at = strstr(line, key);
    cr_assert_not_null(at);
    return strtod(at + strlen(key), NULL);
}

#endif
