/* The metadata of a capture: SigMF 1.2 with an annotation for each message. Pure but for the file
 * that is written; any thread. */
#ifndef HZ_DAEMON_CAPTURE_SIGMF_H
#define HZ_DAEMON_CAPTURE_SIGMF_H

#include "config/config.h"
#include "daemon/capture/notes.h"

#include <stdio.h>

/* Samples that are consecutive in the file and in the receiver's stream. */
struct hz_capture_span {
    uint64_t at; /* index of the first one in the file */
    uint64_t n;
    uint32_t epoch;
    uint64_t first; /* its index in the epoch */
    int64_t utc_ns; /* of the first one */
    double centre_hz;
};

struct hz_sigmf {
    char name[HZ_NAME_MAX + 1], receiver[HZ_NAME_MAX + 1]; /* the section, and its receiver */
    char trigger[64];                                      /* what it was taken for */
    int64_t trigger_utc_ns;
    char device[160];
    enum hz_format format;
    double rate_hz;
    struct hz_capture_span *spans; /* in the order of the file */
    size_t n_spans;
    struct hz_note *notes; /* of these samples, and perhaps of others */
    size_t n_notes;
    uint64_t forgotten; /* messages that are not noted */
};

/* SigMF's name of an IQ format: "cu8", "ci16_le". False: it has none (24 bits). */
bool hz_sigmf_datatype(enum hz_format format, char *out, size_t size);

/* Where a note's first sample is in the file. False: it is none of these samples. */
bool hz_sigmf_place(const struct hz_sigmf *s, const struct hz_note *note, uint64_t *at);

/* Writes the metadata; `data` is the name of the file of samples, which is told where it does not
 * end in .sigmf-data. Sorts the notes. An error of writing is left in the stream. */
void hz_sigmf_write(FILE *out, struct hz_sigmf *s, const char *data);

#endif
