/* Records speech: one file for each transmission (daemon/output/tape.h). One thread at a time. */
#ifndef HZ_DAEMON_OUTPUT_TAPES_H
#define HZ_DAEMON_OUTPUT_TAPES_H

#include "daemon/output/tape.h"

struct hz_tapes;

/* path: as daemon/output/tape_name.h has it; its last root folder is made if it does not exist.
 * name: of the section; "": no .json. opus: otherwise WAV. NULL, with the reason in err. */
struct hz_tapes *hz_tapes_new(const char *path, const char *name, bool opus, char *err,
                              size_t err_len);
const char *hz_tapes_root(const struct hz_tapes *t);

/* Whether the frame means something here: speech, or the message of a transmission. */
bool hz_tapes_wants(const struct hz_frame *f);
/* Adds a piece of speech; or the message of a transmission, which completes its file. 0, or -errno
 * with one line in err. */
int hz_tapes_take(struct hz_tapes *t, const struct hz_frame *f, char *err, size_t err_len);

/* The recordings that were completed since the last call, oldest first; the caller frees them. */
struct hz_taped *hz_tapes_made(struct hz_tapes *t);

/* Completes all open files and frees t. 0, or the first -errno with its line in err. NULL is
 * allowed. */
int hz_tapes_close(struct hz_tapes *t, char *err, size_t err_len);

#endif
