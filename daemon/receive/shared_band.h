/* The band of which a band strand makes spectra, or a part of it (dsp/band.h), with the buffers for
 * its blocks. The strand may change to another one in the middle of a stream. All that was made of
 * the one before, or for it, holds a reference.
 *
 * Loop thread, but for the band, which belongs to the worker that gathers samples, and the buffers.
 */
#ifndef HZ_DAEMON_RECEIVE_SHARED_BAND_H
#define HZ_DAEMON_RECEIVE_SHARED_BAND_H

#include "dsp/band.h"

enum { HZ_BAND_SPARES = 16 };

struct hz_shared_band {
    int refs;
    struct hz_band *band;
    _Atomic(float *) spare[HZ_BAND_SPARES]; /* free buffers */
};

/* As hz_band_new_part, with one reference. NULL, with the reason in err. */
struct hz_shared_band *hz_shared_band_new(double rate_hz, double low_hz, double high_hz, char *err,
                                          size_t err_len);
struct hz_shared_band *hz_shared_band_ref(struct hz_shared_band *b);
void hz_shared_band_unref(struct hz_shared_band *b); /* NULL is allowed */

/* Any thread: a buffer for the samples of a block (NULL: no memory), and takes it back. */
float *hz_shared_band_spare(struct hz_shared_band *b);
void hz_shared_band_keep(struct hz_shared_band *b, float *x);

#endif
