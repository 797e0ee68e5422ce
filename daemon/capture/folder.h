/* The files of one [capture] section on the disk: which there are, and room for more. The oldest
 * are deleted so that all of them stay within the quota. Files of others in the same folder are
 * left alone: ours are those whose metadata names the section. Worker: one job at a time. */
#ifndef HZ_DAEMON_CAPTURE_FOLDER_H
#define HZ_DAEMON_CAPTURE_FOLDER_H

#include "daemon/capture/name.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HZ_CAPTURE_PART                                                                            \
    ".hertzd-part" /* behind the hidden name of a file that is being written                       \
                    */

struct hz_stored {
    char data[HZ_CAPTURE_NAME_MAX + 1], meta[HZ_CAPTURE_NAME_MAX + 1];
    uint64_t bytes; /* of both */
    int64_t mtime_ns;
};

struct hz_folder {
    char *path;             /* owned */
    const char *name;       /* of the section; borrowed */
    uint64_t quota;         /* bytes */
    struct hz_stored *list; /* oldest first */
    size_t n, cap;
    uint64_t bytes, deleted;
    bool known; /* the folder was read */
};

/* -ENOMEM. */
int hz_folder_init(struct hz_folder *f, const char *path, const char *name, uint64_t quota);
void hz_folder_done(struct hz_folder *f);

/* Makes the folder if its parent is there, and finds what it holds. What a crash has left of this
 * section is completed if all of it is there, else deleted. 0, or -errno with one line in err. */
int hz_folder_read(struct hz_folder *f, char *err, size_t err_len);
/* Deletes the oldest until that many bytes more are within the quota. 0; -EDQUOT: the quota is
 * less; or another -errno; with one line in err. */
int hz_folder_make_room(struct hz_folder *f, uint64_t bytes, char *err, size_t err_len);
/* A capture that is complete. */
void hz_folder_add(struct hz_folder *f, const struct hz_stored *s);

/* Deletes the oldest, but not the newest, until the rest is within the quota: what the metadata
 * takes is known at the end. */
void hz_folder_trim(struct hz_folder *f);

#endif
