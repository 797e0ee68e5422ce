/* Transmissions whose coding no declaration can say: scrambled, or with symbols of their own. Each
 * model is a file coded_NAME.c and a line in coded.c: it listens at a carrier that the engine has
 * found, and says a frame only when a strong check is right.
 *
 * Pure. One thread at a time. */
#ifndef HZ_PROTO_SENSORS_CODED_H
#define HZ_PROTO_SENSORS_CODED_H

#include "proto/out/json.h"
#include "proto/sensors/tone.h"
#include "proto/sensors/wave.h"

#include <stdbool.h>

enum { HZ_CODED_STEPS = 1 << 15, HZ_CODED_BYTES = 64 };

/* A carrier in a burst, and memory for its levels. */
struct hz_coded_ear {
    const struct hz_tone *upper, *lower; /* lower: of two tones; else NULL */
    double rate_hz;
    float *v, *scratch; /* HZ_CODED_STEPS each */
};

struct hz_coded_frame {
    double begin, end; /* samples of the tones */
    uint8_t bytes[HZ_CODED_BYTES];
    size_t n;
    int fixed_bits;
};

struct hz_coded {
    const char *model; /* as rtl_433 calls it */
    enum hz_wave_modulation modulation;
    double longest_s; /* of a burst that may be one */
    /* The first frame at the carrier. */
    bool (*hear)(const struct hz_coded_ear *ear, struct hz_coded_frame *out);
    /* Its fields, without the model, into the object that is open in j. */
    void (*fields)(const uint8_t *bytes, size_t n, struct hz_json *j);
};

/* All of them; ends with NULL. */
extern const struct hz_coded *const hz_coded_list[];

/* Levels of a carrier: v[i] is the amplitude in a window of `window_us` whose middle is at i steps
 * of `step_us`, of two tones the upper one's less the lower one's. Returns how many. */
size_t hz_coded_levels(const struct hz_coded_ear *ear, double window_us, double step_us);

/* v[n], linear between steps, `at` steps from its beginning; 0 beside it. */
float hz_coded_level(const float *v, size_t n, double at);

#endif
