/* Levels in dB, and the level of a run of raw samples: mean, noise floor, clipping. Pure; any
 * thread. */
#ifndef HZ_DSP_LEVEL_H
#define HZ_DSP_LEVEL_H

#include "dsp/samples.h"

/* Levels in dBFS over the whole band; a full-scale complex tone has 0 dBFS. */
struct hz_level {
    double mean_dbfs;    /* -200 for silence */
    double noise_dbfs;   /* without bursts: from the weakest tenth of runs of 64 samples */
    double clip_percent; /* samples with I or Q at the end of the converter's range */
};

/* 10 log10(power), which is dBFS for a power with full scale 1; -200 for 0. */
float hz_db(float power);
double hz_db_double(double power);

/* Measures IQ samples (not audio); the first 131072 at most. -200 dBFS when n is 0. */
struct hz_level hz_level_measure(const struct hz_samples *s);

#endif
