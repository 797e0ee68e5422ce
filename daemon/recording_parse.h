/* The parts of hz_recording_open that look at bytes and touch no file: the head of a WAV, SigMF
 * metadata. Pure; any thread. */
#ifndef HZ_DAEMON_RECORDING_PARSE_H
#define HZ_DAEMON_RECORDING_PARSE_H

#include "dsp/samples.h"

#include <stdbool.h>

/* What is known of a recording so far. */
struct hz_told {
    bool audio; /* it is to be one channel of audio, not I and Q */
    bool has_format;
    enum hz_format format;
    double rate_hz, centre_hz; /* NAN: not told */
    int64_t start_utc_ns;      /* INT64_MIN: not told */
    uint64_t offset;           /* bytes before the first sample */
    uint64_t bytes;            /* of samples, as the head has it; UINT64_MAX: to the file's end */
    char dataset[256];         /* SigMF: the data's file name where it is not BASE.sigmf-data */
};

/* Nothing is known. */
void hz_told_init(struct hz_told *t);

enum { HZ_WAV_HEAD = 65536 }; /* bytes of a WAV within which its data must begin */

/* The head of a WAV (RIFF or RF64; PCM or IEEE float, WAVE_FORMAT_EXTENSIBLE too; two channels, or
 * one where t->audio says so).
 * Its `auxi` chunk, written by several SDR programs, gives the centre frequency. -EINVAL with a
 * line in err. */
int hz_wav_parse(const uint8_t *head, size_t len, struct hz_told *t, char *err, size_t err_len);

/* SigMF metadata (version 1): core:datatype, core:sample_rate, core:num_channels, core:dataset, and
 * of the captures core:frequency, core:datetime, core:header_bytes. -EINVAL with a line in err. */
int hz_sigmf_parse(const char *json, size_t len, struct hz_told *t, char *err, size_t err_len);

#endif
