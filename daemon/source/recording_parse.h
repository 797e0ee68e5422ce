/* The parts of hz_recording_open that look at bytes and touch no file: the heads of a WAV and of
 * SDRangel's files, SigMF metadata, entries of an archive, and the runs of samples that follow from
 * what these tell. Pure; any thread. */
#ifndef HZ_DAEMON_SOURCE_RECORDING_PARSE_H
#define HZ_DAEMON_SOURCE_RECORDING_PARSE_H

#include "daemon/source/recording.h"
#include "dsp/samples.h"

#include <stdbool.h>

/* One of SigMF's captures: what is told of the samples from `sample` on. */
struct hz_capture {
    uint64_t sample;       /* index within the data, headers not counted */
    uint64_t header_bytes; /* in front of that sample, which are none */
    double centre_hz;      /* NAN: not told */
    int64_t utc_ns;        /* of that sample; INT64_MIN: not told */
    int64_t resolution_ns; /* of utc_ns, as it was written */
    uint64_t global;       /* index in the stream that was recorded; UINT64_MAX: not told */
    size_t order;          /* in the metadata */
};

/* What is known of a recording so far. */
struct hz_recording_meta {
    bool audio; /* it is to be audio, not I and Q */
    bool has_format;
    enum hz_format format;
    double rate_hz, centre_hz; /* NAN: not told */
    int64_t start_utc_ns;      /* INT64_MIN: not told */
    uint64_t offset;           /* bytes before the first sample */
    uint64_t bytes;            /* of samples, as the head has it; UINT64_MAX: to the file's end */
    bool bytes_32;             /* `bytes` is a WAV's number of 32 bits, which may have gone round */
    uint64_t trailing_bytes;   /* at the file's end, which are no samples */
    char dataset[256];         /* SigMF: the data's file name where it is not BASE.sigmf-data */
    struct hz_capture *captures; /* SigMF: owned */
    size_t n_captures;
    double asked_centre_hz; /* options go over all: 0, INT64_MIN where there is none */
    int64_t asked_utc_ns;
    char odd[200]; /* what could not be read but does no harm; "" */
};

/* Nothing is known. */
void hz_recording_meta_init(struct hz_recording_meta *t);
void hz_recording_meta_done(struct hz_recording_meta *t);

enum { HZ_WAV_HEAD = 1 << 20 }; /* bytes of a WAV within which its data must begin */

/* The head of a WAV (RIFF, RF64 or BW64; PCM of 8 to 32 bits or IEEE float, WAVE_FORMAT_EXTENSIBLE
 * too; two channels, of audio (t->audio) one or two). Its `auxi` chunk, written by many SDR
 * programs in one of two ways, gives the centre frequency and the start. -EINVAL with a line in
 * err. */
int hz_wav_parse(const uint8_t *head, size_t len, struct hz_recording_meta *t, char *err,
                 size_t err_len);

/* The contents of an `auxi` chunk: binary (SpectraVue, HDSDR, SDRuno, SDRangel …) or XML in UTF-16
 * or UTF-8 (SDR Console). What is no such thing tells nothing. */
void hz_auxi_parse(const uint8_t *p, size_t n, struct hz_recording_meta *t);

/* Whether n bytes that follow the samples of a WAV begin as a chunk does that ends within `left`
 * bytes. */
bool hz_wav_is_chunk(const uint8_t *p, size_t n, uint64_t left);

enum { HZ_SDRIQ_HEAD = 32 };

/* The head of SDRangel's .sdriq. -EINVAL with a line in err. */
int hz_sdriq_parse(const uint8_t *head, size_t len, struct hz_recording_meta *t, char *err,
                   size_t err_len);

/* SigMF metadata (version 1): core:datatype, core:sample_rate, core:num_channels, core:dataset,
 * core:offset, core:trailing_bytes, and of all captures core:sample_start, core:global_index,
 * core:frequency, core:datetime, core:header_bytes. -EINVAL with a line in err; -ENOMEM. */
int hz_sigmf_parse(const char *json, size_t len, struct hz_recording_meta *t, char *err,
                   size_t err_len);

/* One entry of a tar. */
struct hz_tar_entry {
    char name[256];
    uint64_t size; /* of its contents, which follow, padded to whole blocks */
    char type;     /* '0' a file, 'L' and 'x': more about the next entry, … */
};

enum { HZ_TAR_BLOCK = 512 };

/* The head of an entry (ustar, GNU). 1; 0: the end of the archive; -EINVAL: it is no head. */
int hz_tar_head(const uint8_t block[HZ_TAR_BLOCK], struct hz_tar_entry *e);
/* Takes name and size out of what an entry of type 'L' or 'x' tells of the next one. */
void hz_tar_more(char type, const char *text, size_t len, struct hz_tar_entry *next);

/* Runs of samples in a file of `size` bytes. Takes over t's format, rate and centre; fills in
 * r->runs, n_runs, bytes, start_utc_ns, and what is odd. -EBADMSG with a line in err; -ENOMEM. */
int hz_runs_make(struct hz_recording *r, const struct hz_recording_meta *t, uint64_t size,
                 char *err, size_t err_len);

/* Adds a remark to r->warning; what has no room is left out. */
void hz_recording_warn(struct hz_recording *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
