/* What a recording is, before a sample is read: where its samples are and what they mean, from
 * options, from the head of a WAV, from SigMF or from its name, in this order.
 * Loop thread, at start and reload: it reads a few kilobytes of a file, and never of a pipe. */
#ifndef HZ_DAEMON_RECORDING_H
#define HZ_DAEMON_RECORDING_H

#include "config/config.h"

struct hz_recording {
    char *data_path; /* the file with the samples; "-": standard input. Owned */
    bool pipe;       /* standard input, a FIFO or a device: no size, cannot be read again */
    enum hz_format format;
    double rate_hz;
    double centre_hz;     /* 0: not known */
    uint64_t offset;      /* bytes before the first sample */
    uint64_t bytes;       /* of whole samples from there; UINT64_MAX: until a pipe ends */
    int64_t start_utc_ns; /* of the first sample; 0 (1970) when nothing tells it */
    char warning[160];    /* one line on what is odd but usable; "": nothing */
};

/* Fills in *r from `asked`: path, and what else it gives (has_format, wav, rate_hz, centre_hz,
 * start_utc_ns). 0; -EINVAL: an option is wrong, or one is needed; -EBADMSG: the recording is no
 * good; -ENOENT, -EISDIR, -EACCES … On failure err holds one line that begins with the path, and *r
 * needs no hz_recording_done. */
int hz_recording_open(const struct hz_conf_receiver *asked, struct hz_recording *r, char *err,
                      size_t err_len);
void hz_recording_done(struct hz_recording *r);

#endif
