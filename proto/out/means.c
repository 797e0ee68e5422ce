#include "proto/out/means.h"

#include <math.h>

void hz_means_join(struct hz_means *h, const struct hz_means *more)
{
    if (more->n == 0)
        return;
    h->n += more->n;
    double weight = fmin((double)more->n / fmin((double)h->n, HZ_MEANS_RECENT), 1);
    h->snr_db += (more->snr_db - h->snr_db) * weight;
    h->offset_hz += (more->offset_hz - h->offset_hz) * weight;
}

void hz_means_add(struct hz_means *h, double snr_db, double offset_hz)
{
    if (isfinite(snr_db) && isfinite(offset_hz))
        hz_means_join(h, &(struct hz_means){.n = 1, .snr_db = snr_db, .offset_hz = offset_hz});
}
