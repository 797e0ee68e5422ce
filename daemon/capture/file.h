/* The files of one capture while they are written. They have hidden names until they are complete
 * and on the disk; the metadata gets its name last, so who sees it finds all of the samples.
 * Worker: one job at a time. */
#ifndef HZ_DAEMON_CAPTURE_FILE_H
#define HZ_DAEMON_CAPTURE_FILE_H

#include "daemon/capture/folder.h"
#include "daemon/capture/sigmf.h"

struct hz_capture_file {
    struct hz_folder *folder; /* borrowed */
    int fd;                   /* of the samples; -1: not open */
    struct hz_stored names;
    uint64_t written; /* bytes of samples */
};

/* Chooses names that are free, opens the file of samples and reserves that many bytes, so that a
 * disk that is too full says so at once. 0, or -errno with one line in err and nothing left. */
int hz_capture_file_begin(struct hz_capture_file *f, struct hz_folder *folder, const char *pattern,
                          const struct hz_capture_words *words, uint64_t bytes, char *err,
                          size_t err_len);
/* Appends samples. 0, or -errno with one line in err: then abandon it. */
int hz_capture_file_write(struct hz_capture_file *f, const void *data, size_t bytes, char *err,
                          size_t err_len);
/* Writes the metadata and gives both their names. 0, or -errno with one line in err and nothing
 * left. */
int hz_capture_file_finish(struct hz_capture_file *f, struct hz_sigmf *about, char *err,
                           size_t err_len);
/* Closes and deletes what was written; nothing if it is not open. */
void hz_capture_file_abandon(struct hz_capture_file *f);

#endif
