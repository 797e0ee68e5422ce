#include "daemon/receive/shared_band.h"

#include "dsp/fft.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

struct hz_shared_band *hz_shared_band_new(double rate_hz, double low_hz, double high_hz, char *err,
                                          size_t err_len)
{
    struct hz_shared_band *b = calloc(1, sizeof *b);
    if (!b) {
        snprintf(err, err_len, "out of memory");
        return NULL;
    }
    b->refs = 1;
    b->band = hz_band_new_part(rate_hz, low_hz, high_hz, err, err_len);
    if (b->band)
        return b;
    free(b);
    return NULL;
}

struct hz_shared_band *hz_shared_band_ref(struct hz_shared_band *b)
{
    b->refs++;
    return b;
}

void hz_shared_band_unref(struct hz_shared_band *b)
{
    if (!b || --b->refs > 0)
        return;
    for (size_t i = 0; i < HZ_BAND_SPARES; i++)
        free(b->spare[i]);
    hz_band_free(b->band);
    free(b);
}

float *hz_shared_band_spare(struct hz_shared_band *b)
{
    for (size_t i = 0; i < HZ_BAND_SPARES; i++) {
        float *x = atomic_exchange(&b->spare[i], NULL);
        if (x)
            return x;
    }
    return hz_fft_buffer(hz_band_bins(b->band));
}

void hz_shared_band_keep(struct hz_shared_band *b, float *x)
{
    float *none = NULL;
    for (size_t i = 0; i < HZ_BAND_SPARES; i++, none = NULL) {
        if (atomic_compare_exchange_strong(&b->spare[i], &none, x))
            return;
    }
    free(x);
}
