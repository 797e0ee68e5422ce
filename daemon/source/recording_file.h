/* How the parts of hz_recording_open that read a file tell what is wrong with it, and read it. Loop
 * thread. */
#ifndef HZ_DAEMON_SOURCE_RECORDING_FILE_H
#define HZ_DAEMON_SOURCE_RECORDING_FILE_H

#include "daemon/source/recording_parse.h"

struct hz_file_error {
    const char *path; /* what the line is about */
    char *text;
    size_t size;
};

/* Puts "PATH: …" into e->text; returns rc. */
int hz_file_fail(const struct hz_file_error *e, int rc, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Puts the path in front of a line that a parser left in e->text; returns -EBADMSG. */
int hz_file_fail_parse(const struct hz_file_error *e);

/* The first `max` bytes from `offset` on of a file, fewer where it ends, in memory that the caller
 * frees. -errno, told. */
int hz_file_read(const struct hz_file_error *e, const char *path, uint64_t offset, size_t max,
                 char **out, size_t *len);

enum { HZ_SIGMF_MAX = 16 << 20 }; /* bytes of metadata, annotations included */

/* Reads the first recording of a SigMF archive: its metadata into *t, with the place of its samples
 * in the file. What it is goes to r->warning. -errno, told. */
int hz_archive_look(const struct hz_file_error *e, struct hz_recording *r,
                    struct hz_recording_meta *t);

#endif
