/* File access and error texts for the parts of hz_recording_open that read files. Loop thread. */
#ifndef HZ_DAEMON_SOURCE_RECORDING_FILE_H
#define HZ_DAEMON_SOURCE_RECORDING_FILE_H

#include "daemon/source/recording_parse.h"

struct hz_file_error {
    const char *path; /* the file of the error */
    char *text;
    size_t size;
};

/* Writes "PATH: …" to e->text and returns rc. */
int hz_file_fail(const struct hz_file_error *e, int rc, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Inserts the path before the line that a parser has written to e->text; returns -EBADMSG. */
int hz_file_fail_parse(const struct hz_file_error *e);

/* Reads up to `max` bytes of a file from `offset` on, into memory that the caller frees. 0, or
 * -errno with the error in e->text. */
int hz_file_read(const struct hz_file_error *e, const char *path, uint64_t offset, size_t max,
                 char **out, size_t *len);

enum { HZ_SIGMF_MAX = 16 << 20 }; /* bytes of metadata, annotations included */

/* Reads the first recording of a SigMF archive: its metadata, and the position of its samples in
 * the file, into *t. r->warning says which file is read. 0, or -errno with the error in
 * e->text. */
int hz_archive_look(const struct hz_file_error *e, struct hz_recording *r,
                    struct hz_recording_meta *t);

#endif
