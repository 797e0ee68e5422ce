/* The lengths of pulses and gaps of a strong burst, and how many of them a class of sensors has:
 * of a burst that can be cut into lengths, only classes with such lengths are tried.
 *
 * Pure. */
#ifndef HZ_PROTO_SENSORS_RUNS_H
#define HZ_PROTO_SENSORS_RUNS_H

#include "proto/sensors/tone.h"
#include "proto/sensors/wave.h"

#include <stdbool.h>

enum {
    HZ_RUN_KINDS = 16,   /* lengths that are told apart, of pulses and of gaps */
    HZ_RUN_LENGTHS = 24, /* that a class has, of each */
};

/* Lengths that are about the same. */
struct hz_run_kind {
    float us, n; /* their mean, and how many there are */
};

struct hz_runs {
    struct hz_run_kind on[HZ_RUN_KINDS], off[HZ_RUN_KINDS];
    size_t n_on, n_off;
    float shortest_us; /* what is shorter was not seen */
};

/* Lengths of a class, in microseconds. */
struct hz_run_lengths {
    float on[HZ_RUN_LENGTHS], off[HZ_RUN_LENGTHS];
    size_t n_on, n_off;
    float chip_us;
};

/* Those of a wave. */
void hz_run_lengths(const struct hz_wave *w, struct hz_run_lengths *out);

/* Cuts a burst: of two tones (lower NULL: of one that is on and off). a2: carrier power over the
 * noise, per sample. scratch: 2 HZ_RUN_STEPS. False: the burst is too weak for it. */
enum { HZ_RUN_STEPS = 1 << 17 };
bool hz_runs_find(const struct hz_tone *upper, const struct hz_tone *lower, double rate_hz,
                  float noise, float a2, float *scratch, struct hz_runs *out);

/* The share, 0 to 1, of the burst's lengths that the class has. */
float hz_runs_share(const struct hz_runs *r, const struct hz_run_lengths *l);

#endif
