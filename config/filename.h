/* Properties of a recording that its name states. Pure; any thread. */
#ifndef HZ_CONFIG_FILENAME_H
#define HZ_CONFIG_FILENAME_H

#include "dsp/samples.h"

#include <stdbool.h>

struct hz_filename {
    bool has_format; /* `format` is an IQ format */
    bool has_audio;  /* `format` is an audio format, as from .s16 or .f32 */
    enum hz_format format;
    /* containers, by the suffix: the file has a header */
    bool wav, sigmf;
    bool archive;    /* a SigMF archive */
    bool sdriq;      /* a recording of SDRangel */
    bool says_audio; /* the name marks it as audio: SDR++ audio_…, SDR# and HDSDR …_AF */
    double rate_hz, centre_hz; /* NAN: not stated */
    int64_t start_utc_ns;      /* time of the first sample; INT64_MIN: not stated */
    bool local_time; /* the time is local time of an unknown zone; start_utc_ns takes it as UTC */
};

/* Parses a name (or a path), ignoring case:
 * - format: the suffix after the last dot;
 * - rate and centre: in the parts between characters that are neither letters nor digits, a number
 *   with M, Hz, kHz, MHz or GHz is the centre, one with k, sps, ksps, Msps or Gsps the rate. Of
 *   several centres the highest counts; if there are two and no rate, the lower one is the rate;
 * - gqrx: DATE_TIME_CENTRE_RATE_fc.raw, floats;
 * - start: a date and a time, as 20260131_235959, 2026-01-31_23-59-59 (SatDump, SDRangel),
 *   23-59-59_31-01-2026 (SDR++), 31-Jan-2026 235959.123 (SDR Console). */
struct hz_filename hz_filename_parse(const char *path);

#endif
