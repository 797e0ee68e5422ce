/* Finds out what a recording is before its samples are read: where they are and what they mean. The
 * sources are, in this order: options, the header of a WAV, SigMF, and its name.
 * Loop thread, at start and reload. It reads the header of files, never of pipes. */
#ifndef HZ_DAEMON_SOURCE_RECORDING_H
#define HZ_DAEMON_SOURCE_RECORDING_H

#include "config/config.h"

/* [receiver] with source = file. */
struct hz_conf_file {
    struct hz_conf_receiver receiver;
    char *path;              /* "-": standard input */
    int64_t start_utc_ns;    /* of its first sample; INT64_MIN: not given */
    struct hz_where path_at; /* where the path stood; line 0: nowhere */
};

/* Samples that are consecutive in the file and in time, at one centre frequency. */
struct hz_run {
    uint64_t offset, bytes; /* position in the file; whole samples */
    uint64_t lost;          /* number of samples missing before it */
    bool retuned;           /* it begins a new epoch: another centre, or a time that goes back */
    double centre_hz;       /* 0: unknown */
    int64_t utc_ns;         /* time of its first sample; INT64_MIN: it follows the run before */
};

struct hz_recording {
    char *data_path; /* the file with the samples; "-": standard input. Owned */
    bool pipe;       /* standard input, a FIFO or a device: no size, can be read only once */
    enum hz_format format;
    double rate_hz;
    double centre_hz;    /* of the first run; 0: unknown */
    struct hz_run *runs; /* in order of time; a pipe has none. Owned */
    size_t n_runs;
    uint64_t bytes;       /* of all runs; UINT64_MAX for a pipe */
    int64_t start_utc_ns; /* time of the first sample; 0 (1970) if unknown */
    bool clocked;         /* a pipe without a known start: it is live and timed by the clock */
    char warning[640];    /* one line about anomalies of a usable recording; "": none */
};

/* Fills in *r from `asked`: the path, and the options that are given (has_format, wav, audio,
 * rate_hz, centre_hz, start_utc_ns). 0; -EINVAL: an option is wrong or missing; -EBADMSG: the
 * recording is invalid; -ENOENT, -EISDIR, -EACCES and others. On failure err holds one line that
 * begins with the path, and *r needs no hz_recording_done. */
int hz_recording_open(const struct hz_conf_file *asked, struct hz_recording *r, char *err,
                      size_t err_len);
void hz_recording_done(struct hz_recording *r);

#endif
