/* A wave as the engine looks at it: every part as looks at the level stream, on a grid of about an
 * eighth of the shortest duration.
 *
 * A look is one value of the level stream: a window of one chip, or of a part of it where the chip
 * is longer than an oscillator of a cheap transmitter is coherent. A duration is cut into as many
 * looks as windows fit in. All offsets are in steps of the grid, at the nominal clock; for another
 * clock the grid itself is stretched.
 *
 * Pure. Made once for a set; read-only from then on. */
#ifndef HZ_PROTO_SENSORS_SHAPE_H
#define HZ_PROTO_SENSORS_SHAPE_H

#include "proto/sensors/wave.h"

#include <stdbool.h>

struct hz_look {
    float at;     /* steps from the beginning of its part (sync: before the data, so below 0) */
    float weight; /* above 0: on is expected, below: off; 1 for a duration of one window */
};

struct hz_looks {
    struct hz_look *list; /* owned by the shape */
    size_t n;
    float weight; /* sum of all |weight| */
};

/* Durations in steps, at the nominal clock. */
struct hz_shape {
    const struct hz_wave *wave; /* of the first sensor with this shape */
    float chip_us, step_us, window_us;
    struct hz_looks symbol[2][2]; /* [parity][bit]: parity differs for HZ_WAVE_PIWM only */
    int length[2];                /* of zero and one, rounded */
    float exact[2];
    float freedom[2];     /* standard deviation of their length: jitter of cheap oscillators */
    struct hz_looks sync; /* offsets up to 0, and a little beyond: what zero and one begin with */
    /* The same for the search: without the longest pause, of which every step counts, so that no
     * pulse slips between looks. Steps to the data, below 0; weight 0: there is none. */
    struct hz_looks search;
    float pause_from, pause_to, pause_weight;
    float sync_length;   /* from the first edge of sync to the data */
    bool sync_certain;   /* long and varied enough to tell the clock */
    float start_slack;   /* steps by which the data may begin elsewhere than sync says */
    struct hz_looks end; /* what follows the last symbol: tail, gap or the next sync */
    float end_length;
    bool variable; /* zero and one differ in length */
};

/* 0 or -ENOMEM; then nothing is to be freed. */
int hz_shape_init(struct hz_shape *s, const struct hz_wave *wave);
void hz_shape_done(struct hz_shape *s);

/* Whether what this shape finds is also where frames of the wave are: the same modulation, coding
 * and durations within 7 %. Lengths of frames may differ. */
bool hz_shape_fits(const struct hz_shape *s, const struct hz_wave *wave);

/* Whether its symbols are those of the wave: then their clocks are the same too. */
bool hz_shape_symbols_fit(const struct hz_shape *s, const struct hz_wave *wave);

#endif
