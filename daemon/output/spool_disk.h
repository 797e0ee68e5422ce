/* The files of a spool: records in order, each with its number, in segments that are only appended
 * to. What is released at the front is deleted by whole segments; so is the oldest where the limit
 * would be passed, which is counted.
 *
 * A record is whole or not there: behind a kill or a power cut the torn end of the last segment is
 * cut off. A power cut may take what was written in the last second: it is synced at most once a
 * second (hz_spool_disk_sync), and when a segment ends. Where the released ones end is in the file
 * `head`, written each time but synced with the rest.
 *
 * Every function may block. One thread at a time; which one does not matter. */
#ifndef HZ_DAEMON_OUTPUT_SPOOL_DISK_H
#define HZ_DAEMON_OUTPUT_SPOOL_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HZ_SPOOL_SEGMENT = 4 * 1024 * 1024 }; /* bytes; of a small spool an eighth of it */

struct hz_spool_disk;

struct hz_spool_counts {
    uint64_t first, next; /* numbers: of the first record not released, and of the next to come */
    uint64_t bytes;       /* of all files */
    uint64_t dropped;     /* records deleted for the limit since it was opened */
    uint64_t damaged;     /* records that could not be read back */
};

/* Opens the folder, which is made if only it is missing, and cleans up behind a kill. One process
 * at a time. path: borrowed. max_bytes: of all segments. NULL, with one line in err. */
struct hz_spool_disk *hz_spool_disk_open(const char *path, uint64_t max_bytes, char *err,
                                         size_t err_len);
/* Syncs and frees. */
void hz_spool_disk_close(struct hz_spool_disk *d);

/* Appends a record. 0; -errno with one line in err and nothing appended. */
int hz_spool_disk_append(struct hz_spool_disk *d, const void *data, size_t n, char *err,
                         size_t err_len);
/* The record that is next to read; after opening, the first. Its number, and its data until the
 * next call of any function. 0: there is none. */
uint64_t hz_spool_disk_read(struct hz_spool_disk *d, const uint8_t **data, size_t *n);
/* That one is read: the one behind it is next. Only after hz_spool_disk_read gave one. */
void hz_spool_disk_step(struct hz_spool_disk *d);
/* Records below this number are done with. */
void hz_spool_disk_release(struct hz_spool_disk *d, uint64_t number);
/* Brings to the disk what is not there yet. */
void hz_spool_disk_sync(struct hz_spool_disk *d);

struct hz_spool_counts hz_spool_disk_counts(const struct hz_spool_disk *d);

#endif
