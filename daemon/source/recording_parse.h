/* The parts of hz_recording_open that do not access files: parsers for the headers of WAV and
 * SDRangel files, for SigMF metadata and for entries of an archive, and the resulting runs of
 * samples. Pure; any thread. */
#ifndef HZ_DAEMON_SOURCE_RECORDING_PARSE_H
#define HZ_DAEMON_SOURCE_RECORDING_PARSE_H

#include "daemon/source/recording.h"
#include "dsp/samples.h"

#include <stdbool.h>

/* A SigMF capture: properties of the samples from `sample` on. */
struct hz_capture {
    uint64_t sample;       /* index within the data, headers not counted */
    uint64_t header_bytes; /* bytes before that sample that are not samples */
    double centre_hz;      /* NAN: not stated */
    int64_t utc_ns;        /* time of that sample; INT64_MIN: not stated */
    int64_t resolution_ns; /* resolution of utc_ns as written */
    uint64_t global;       /* index in the recorded stream; UINT64_MAX: not stated */
    size_t order;          /* position in the metadata */
};

/* What options, headers, metadata and the name state about a recording. */
struct hz_recording_meta {
    bool audio; /* audio, not I and Q */
    bool has_format;
    enum hz_format format;
    double rate_hz, centre_hz; /* NAN: not stated */
    int64_t start_utc_ns;      /* INT64_MIN: not stated */
    uint64_t offset;           /* bytes before the first sample */
    uint64_t bytes;            /* size of the samples by the header; UINT64_MAX: to the end */
    bool bytes_32;             /* `bytes` is a WAV's number of 32 bits, which may have overflowed */
    uint64_t trailing_bytes;   /* bytes at the end of the file that are not samples */
    char dataset[256];         /* SigMF: name of the data file if it is not BASE.sigmf-data */
    struct hz_capture *captures; /* SigMF: owned */
    size_t n_captures;
    double asked_centre_hz; /* from an option, which overrides the rest; 0: none */
    int64_t asked_utc_ns;   /* likewise; INT64_MIN: none */
    char odd[200];          /* what could not be read but is not needed; "": nothing */
};

/* Initialises *t with nothing known. */
void hz_recording_meta_init(struct hz_recording_meta *t);
void hz_recording_meta_done(struct hz_recording_meta *t);

enum { HZ_WAV_HEAD = 1 << 20 }; /* bytes of a WAV within which its data must begin */

/* Parses the header of a WAV: RIFF, RF64 or BW64; PCM of 8 to 32 bits or IEEE float, also
 * WAVE_FORMAT_EXTENSIBLE; two channels, or one if t->audio. The `auxi` chunk of many SDR programs
 * gives the centre frequency and the start. 0, or -EINVAL with one line in err. */
int hz_wav_parse(const uint8_t *head, size_t len, struct hz_recording_meta *t, char *err,
                 size_t err_len);

/* Parses an `auxi` chunk: binary (SpectraVue, HDSDR, SDRuno, SDRangel and others) or XML in UTF-16
 * or UTF-8 (SDR Console). Other contents are ignored. */
void hz_auxi_parse(const uint8_t *p, size_t n, struct hz_recording_meta *t);

/* Whether n bytes after the samples of a WAV begin a chunk that ends within `left` bytes. */
bool hz_wav_is_chunk(const uint8_t *p, size_t n, uint64_t left);

enum { HZ_SDRIQ_HEAD = 32 };

/* Parses the header of SDRangel's .sdriq. 0, or -EINVAL with one line in err. */
int hz_sdriq_parse(const uint8_t *head, size_t len, struct hz_recording_meta *t, char *err,
                   size_t err_len);

/* Parses SigMF metadata (version 1): core:datatype, core:sample_rate, core:num_channels,
 * core:dataset, core:offset, core:trailing_bytes, and of each capture core:sample_start,
 * core:global_index, core:frequency, core:datetime, core:header_bytes. 0; -EINVAL with one line in
 * err; -ENOMEM. */
int hz_sigmf_parse(const char *json, size_t len, struct hz_recording_meta *t, char *err,
                   size_t err_len);

/* An entry of a tar archive. */
struct hz_tar_entry {
    char name[256];
    uint64_t size; /* of its contents, which follow, padded to whole blocks */
    char type;     /* '0': a file; 'L' and 'x': more about the next entry; others exist */
};

enum { HZ_TAR_BLOCK = 512 };

/* Parses the header of an entry (ustar, GNU). 1; 0: the end of the archive; -EINVAL: no header. */
int hz_tar_head(const uint8_t block[HZ_TAR_BLOCK], struct hz_tar_entry *e);
/* Reads name and size of the next entry from the contents of an entry of type 'L' or 'x'. */
void hz_tar_more(char type, const char *text, size_t len, struct hz_tar_entry *next);

/* Makes the runs of samples in a file of `size` bytes: sets r->runs, n_runs, bytes, start_utc_ns,
 * format, rate_hz, centre_hz, and warnings. 0; -EBADMSG with one line in err; -ENOMEM. */
int hz_runs_make(struct hz_recording *r, const struct hz_recording_meta *t, uint64_t size,
                 char *err, size_t err_len);

/* Appends a remark to r->warning, if there is room. */
void hz_recording_warn(struct hz_recording *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
