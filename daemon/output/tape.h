/* One transmission as a file: Ogg Opus or WAV, written under a temporary name beside its place, and
 * renamed when it is complete. A file that exists is never replaced: the new one is called NAME_2.
 * One thread at a time. */
#ifndef HZ_DAEMON_OUTPUT_TAPE_H
#define HZ_DAEMON_OUTPUT_TAPE_H

#include "daemon/bus/frame.h"
#include "daemon/output/taped.h"

/* Temporary files are called .NAME and this. Who writes one holds a lock on it (flock). */
#define HZ_TAPE_PART ".hertzd-part"

struct hz_tape;

struct hz_tape_where {
    const char *root, *pattern; /* daemon/output/tape_name.h */
    const char *name;           /* of the section; "": files get no .json beside them */
    bool opus;                  /* otherwise WAV */
};

/* Opens the file of a transmission of which `f` is a piece; the folders are made. NULL, with the
 * reason in err. */
struct hz_tape *hz_tape_new(const struct hz_tape_where *where, const struct hz_frame *f, char *err,
                            size_t err_len);
/* Whether the piece or message is of this transmission. */
bool hz_tape_is_of(const struct hz_tape *t, const struct hz_frame *f);
bool hz_tape_is_of_channel(const struct hz_tape *t, const struct hz_frame *f);
/* Adds a piece. 0, or -errno with one line in err: after an error the file is given up, and is
 * removed by hz_tape_end. */
int hz_tape_add(struct hz_tape *t, const struct hz_frame *f, char *err, size_t err_len);
/* Completes the file with what is known of the transmission, and frees t. message: NULL if it did
 * not come. 0, with the recording in *made (NULL if the tape has no .json), which the caller frees;
 * or -errno with one line in err, and no file. */
int hz_tape_end(struct hz_tape *t, const struct hz_frame *message, struct hz_taped **made,
                char *err, size_t err_len);

#endif
