/* What a recording is, before a sample is read: where its samples are and what they mean, from
 * options, from the head of a WAV, from SigMF or from its name, in this order.
 * Loop thread, at start and reload: it reads the head of a file, and never of a pipe. */
#ifndef HZ_DAEMON_SOURCE_RECORDING_H
#define HZ_DAEMON_SOURCE_RECORDING_H

#include "config/config.h"

/* Samples that lie together in the file, were taken without a break, and at one centre. */
struct hz_run {
    uint64_t offset, bytes; /* in the file; whole samples */
    uint64_t lost;          /* samples missing before it */
    bool retuned;           /* counting begins anew: another centre, or a time that went back */
    double centre_hz;       /* 0: not known */
    int64_t utc_ns;         /* of its first sample; INT64_MIN: as it follows from the run before */
};

struct hz_recording {
    char *data_path; /* the file with the samples; "-": standard input. Owned */
    bool pipe;       /* standard input, a FIFO or a device: no size, cannot be read again */
    enum hz_format format;
    double rate_hz;
    double centre_hz;    /* of the first run; 0: not known */
    struct hz_run *runs; /* in the order of time; none of a pipe. Owned */
    size_t n_runs;
    uint64_t bytes;       /* of all runs; UINT64_MAX: until a pipe ends */
    int64_t start_utc_ns; /* of the first sample; 0 (1970) when nothing tells it */
    bool clocked;      /* a pipe of which nothing tells the start: it is live, and the clock does */
    char warning[640]; /* one line on what is odd but usable; "": nothing */
};

/* Fills in *r from `asked`: path, and what else it gives (has_format, wav, audio, rate_hz,
 * centre_hz, start_utc_ns). 0; -EINVAL: an option is wrong, or one is needed; -EBADMSG: the
 * recording is no good; -ENOENT, -EISDIR, -EACCES … On failure err holds one line that begins with
 * the path, and *r needs no hz_recording_done. */
int hz_recording_open(const struct hz_conf_receiver *asked, struct hz_recording *r, char *err,
                      size_t err_len);
void hz_recording_done(struct hz_recording *r);

#endif
