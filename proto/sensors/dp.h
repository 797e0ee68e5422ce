/* The likeliest symbols of a frame, and how sure each of them is, where symbols may differ in
 * length: dynamic programming over (symbol, time), forward and backward (max-log; L. R. Bahl et
 * al., IEEE Trans. Inf. Theory 20, 1974, with the sum replaced by its largest term).
 *
 * A look that agrees with the level stream is free and one that disagrees costs its likelihood.
 * Against the plain sum of likelihoods this makes paths of different length comparable: what the
 * stream could say at best is the same for all of them.
 *
 * Pure. One thread at a time. */
#ifndef HZ_PROTO_SENSORS_DP_H
#define HZ_PROTO_SENSORS_DP_H

#include "proto/sensors/shape.h"

#include <stdint.h>

/* The cost of each symbol at each step of a grid. */
struct hz_dp_costs {
    const float *on, *off;     /* of one look: as if on, as if off */
    const float *symbol[2][2]; /* [parity][bit], of a symbol that begins there */
    size_t n;                  /* steps; symbol costs within a symbol of the end are partial */
};

enum {
    HZ_DP_SYMBOLS_MAX = 2048,
    HZ_DP_CELLS_MAX = 1 << 20,
    HZ_DP_ROW_MAX = 16384,
};

/* Memory of a run, taken once. */
struct hz_dp {
    float *forward; /* HZ_DP_CELLS_MAX */
    float *row[6];  /* HZ_DP_ROW_MAX of each */
    int32_t low[HZ_DP_SYMBOLS_MAX + 2], width[HZ_DP_SYMBOLS_MAX + 2];
    size_t at[HZ_DP_SYMBOLS_MAX + 2];
    int32_t path[HZ_DP_SYMBOLS_MAX + 1]; /* where each symbol begins, and the last one ends */
    int symbols;                         /* of the forward run */
};

int hz_dp_init(struct hz_dp *d); /* 0 or -ENOMEM */
void hz_dp_done(struct hz_dp *d);

/* Forward, from a frame that begins at step `start`, about, for at most `symbols` symbols. Returns
 * how many fitted into the stream and the memory. */
int hz_dp_forward(struct hz_dp *d, const struct hz_shape *s, const struct hz_dp_costs *c, int start,
                  int symbols, uint64_t *work);

/* The cost of a frame of n symbols (at most those of the forward run), with what follows it:
 * silence, or the shape's end. */
float hz_dp_ending(struct hz_dp *d, const struct hz_shape *s, const struct hz_dp_costs *c, int n,
                   bool silence);

/* The best path of the frame whose end was looked at last: its symbols, and d->path. Returns what
 * it costs. */
float hz_dp_path(struct hz_dp *d, const struct hz_shape *s, const struct hz_dp_costs *c, int n,
                 uint8_t *symbol);

/* Backward from there: soft[n], above 0 for one. */
void hz_dp_backward(struct hz_dp *d, const struct hz_shape *s, const struct hz_dp_costs *c, int n,
                    float *soft, uint64_t *work);

#endif
