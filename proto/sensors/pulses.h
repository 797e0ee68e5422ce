/* A strong burst as a person would measure it on a screen: on-off or frequency keyed, its carrier,
 * the lengths of its pulses and gaps, which of them belong together, and the rows into which long
 * gaps cut it. No declaration is needed for that, but the keying must stand out of the noise.
 * Pure; any thread. */
#ifndef HZ_PROTO_SENSORS_PULSES_H
#define HZ_PROTO_SENSORS_PULSES_H

#include "proto/sensors/wave.h"

#include <stdbool.h>

enum {
    HZ_PULSES_MAX = 4096,  /* lengths of one burst: 40 frames of 50 bits */
    HZ_PULSE_ROWS = 64,    /* of one burst */
    HZ_PULSE_CLASSES = 12, /* of pulses, and of gaps */
};

/* Lengths that are about the same. */
struct hz_pulse_class {
    float us;        /* their mean */
    float low, high; /* the shortest and the longest of them */
    unsigned n;      /* how many */
};

/* Lengths between two silences. */
struct hz_pulse_row {
    size_t from, n;  /* us[from] … us[from + n - 1] of the burst */
    float before_us; /* silence before it; 0: it is the first */
};

struct hz_pulses {
    enum hz_wave_modulation modulation;
    double carrier_hz;   /* against the centre of the samples; of FSK the middle of the tones */
    double deviation_hz; /* of FSK, tone to carrier; 0: OOK */
    float rssi_dbfs;     /* level of the carrier while it is on */
    float noise_dbfs;    /* level while it is off, in the bandwidth of the samples; where it is
                          * never off, 40 dB below */
    size_t first, end;   /* samples of the burst: the first, and one after the last */
    /* Microseconds, above 0 on (FSK: upper tone), below 0 off (lower tone), in turn within a row. A
     * row of OOK begins and ends with on. The silence between rows is not among them. */
    float us[HZ_PULSES_MAX];
    size_t n;
    struct hz_pulse_row row[HZ_PULSE_ROWS];
    size_t n_rows;
    /* Of all rows, the shortest class first. Silence between rows is none. */
    struct hz_pulse_class on[HZ_PULSE_CLASSES], off[HZ_PULSE_CLASSES];
    size_t n_on, n_off;
    bool cut; /* there was more than there is room for */
};

/* What is keyed in n samples (pairs of I and Q) of rate_hz. False, with n_rows 0: nothing that
 * stands 8 dB or more over what is there when it is off, or fewer than 8 lengths. The work is about
 * 30 ns a sample. */
bool hz_pulses_find(struct hz_pulses *p, const float *iq, size_t n, double rate_hz);

/* The same of lengths that are known: as of `us`, with silences among them. Cuts them into rows and
 * finds the classes; what is known of levels and frequencies stays. us may be p->us. */
bool hz_pulses_sort(struct hz_pulses *p, const float *us, size_t n);

/* Finds the classes of the lengths of all rows. */
void hz_pulses_classify(struct hz_pulses *p);

/* Lengths of about equal size together: at most max classes, the shortest first; what finds no
 * place is left out. `us` is sorted in place. Returns how many there are. */
size_t hz_pulse_classes(float *us, size_t n, struct hz_pulse_class *out, size_t max);

#endif
