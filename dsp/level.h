/* Levels in dB, and how strong a run of raw samples is: mean, noise floor, clipping. Pure; any
 * thread. */
#ifndef HZ_DSP_LEVEL_H
#define HZ_DSP_LEVEL_H

#include "dsp/samples.h"

/* Levels in dBFS over the whole band; a full-scale complex tone has 0 dBFS. */
struct hz_level {
    double mean_dbfs; /* -200 where there is nothing at all */
    double
        noise_dbfs; /* what is there without bursts: from the weakest tenth of runs of 64 samples */
    double clip_percent; /* of the samples, I or Q at the end of the converter's range */
};

/* 10 log10, which is dBFS of a power whose full scale is 1; -200 where there is nothing at all. */
float hz_db(float power);

/* IQ formats only; looks at the first 131072 samples at most. n of 0 gives -200 dBFS. */
struct hz_level hz_level_measure(const struct hz_samples *s);

#endif
