/* What the name of a recording tells. Pure; any thread. */
#ifndef HZ_CONFIG_FILENAME_H
#define HZ_CONFIG_FILENAME_H

#include "dsp/samples.h"

#include <stdbool.h>

struct hz_filename {
    bool has_format; /* of IQ */
    bool has_audio;  /* it ends as 16-bit audio and the like do: .s16, .f32 */
    enum hz_format format;
    /* by its end: there is more to know in the file */
    bool wav, sigmf;
    bool archive;              /* a SigMF archive */
    bool sdriq;                /* a recording of SDRangel */
    bool says_audio;           /* as SDR++ (audio_…), SDR# and HDSDR (…_AF) call their audio */
    double rate_hz, centre_hz; /* NAN: not told */
    int64_t start_utc_ns;      /* of its first sample; INT64_MIN: not told */
    bool local_time; /* the program that names its files so takes its own zone, which is not known:
                      * start_utc_ns is as if it were UTC */
};

/* From a name (a path is allowed; capitals mean the same):
 * - format by what is behind the last dot;
 * - of the parts between characters that are neither letters nor digits, numbers with M, Hz, kHz,
 * MHz or GHz are the centre, with k, sps, ksps, Msps or Gsps the rate. Of several centres the
 * highest counts; where no rate stands beside two of them, the lower is the rate;
 * - gqrx: DATE_TIME_CENTRE_RATE_fc.raw, floats;
 * - the start by a date and a time: 20260131_235959, 2026-01-31_23-59-59 (SatDump, SDRangel),
 *   23-59-59_31-01-2026 (SDR++), 31-Jan-2026 235959.123 (SDR Console). */
struct hz_filename hz_filename_parse(const char *path);

#endif
