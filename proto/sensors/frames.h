/* Frames of one length that were found in a burst, and what a sensor makes of them: each by itself,
 * the sum of those that repeat each other, and with the least sure symbols changed. What is told
 * and what is not is decided here:
 *
 *   strength  The bits of a frame that are fixed or checked. Each doubling of the number of symbol
 *             patterns that were tried costs one.
 *   fit       How much of what the level stream says about the frame the decided symbols explain:
 *             1 is all that is to be expected at this level.
 *   repeats   Frames that say the same.
 *
 * A frame is told with a strength of 16; of 8 with two repeats or a fit of 0.85; of 4 with three
 * repeats; else with three repeats, a fit of 0.9, and bits that are not all the same.
 *
 * Pure. One thread at a time. */
#ifndef HZ_PROTO_SENSORS_FRAMES_H
#define HZ_PROTO_SENSORS_FRAMES_H

#include "proto/sensors/dp.h"
#include "proto/sensors/set.h"

enum { HZ_FRAMES_MAX = 24 };

struct hz_frame {
    double begin, end; /* in samples: sync to the last symbol */
    float fit, score;  /* score: of its sync */
    float evidence;    /* sum of |soft| */
    float soft[HZ_DP_SYMBOLS_MAX];
    uint8_t symbol[HZ_DP_SYMBOLS_MAX];
};

struct hz_frames {
    int symbols; /* of each */
    size_t n;
    float a2;  /* level: carrier power over the noise in a look */
    bool ends; /* the end of a frame is known: what follows it is declared */
    struct hz_frame frame[HZ_FRAMES_MAX];
};

/* What a sensor said. */
struct hz_reading {
    const struct hz_sensor *sensor;
    double begin, end; /* of the first of its frames to the last, in samples */
    float fit, a2;     /* a2: carrier power over the noise, per sample */
    float evidence; /* of the frames that repeat it, each the share that speaks for its symbols */
    int repeats, strength, flips;
    bool summed; /* no frame alone passed */
    size_t symbols;
    uint8_t symbol[HZ_DP_SYMBOLS_MAX];
};

/* Decides the symbols of a frame by its soft values, by the rules of the code. `last`: the symbol
 * before the data, -1: not known. */
void hz_frame_decide(const struct hz_wave *w, int last, struct hz_frame *f, int n);

/* Reads the frames as those of the sensor. Writes at most `room` readings, different from each
 * other, and returns how many. *work grows by judgements. */
size_t hz_frames_read(struct hz_frames *f, const struct hz_sensor *s, struct hz_reading *out,
                      size_t room, uint64_t *work);

#endif
