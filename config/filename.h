/* What the name of a recording tells. Pure; any thread. */
#ifndef HZ_CONFIG_FILENAME_H
#define HZ_CONFIG_FILENAME_H

#include "dsp/samples.h"

#include <stdbool.h>

struct hz_filename {
    bool has_format;
    enum hz_format format;
    bool wav, sigmf;           /* by its end: there is more to know in the file */
    double rate_hz, centre_hz; /* NAN: not told */
};

/* From a name as in "x_1090M_2400k.cu8" (a path is allowed): format by what is behind the last
 * dot; of the parts between characters that are neither letters nor digits, those that are a number
 * with M, Hz, kHz, MHz, GHz (centre) or k, sps, ksps, Msps, Gsps (rate), the last of each. */
struct hz_filename hz_filename_parse(const char *path);

#endif
