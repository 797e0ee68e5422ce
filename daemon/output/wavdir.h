/* A folder of recordings: the speech of the bus as one WAV file for each transmission, named
 * CHANNEL_TIME.wav after its first sample. One thread at a time. */
#ifndef HZ_DAEMON_OUTPUT_WAVDIR_H
#define HZ_DAEMON_OUTPUT_WAVDIR_H

#include "daemon/bus/bus.h"

struct hz_wavdir;

/* `path` must be a folder; it is made when it is not there. NULL with the reason in err. */
struct hz_wavdir *hz_wavdir_new(const char *path, char *err, size_t err_len);

/* Adds the speech of one audio frame. 0, or -errno of the file with one line in err. */
int hz_wavdir_write(struct hz_wavdir *w, const struct hz_frame *f, char *err, size_t err_len);

/* Completes the file of the transmission that a message tells the end of, if it is open. As above.
 */
int hz_wavdir_end(struct hz_wavdir *w, const struct hz_frame *f, char *err, size_t err_len);

/* Completes the files that are open. The first error as above. NULL is allowed. */
int hz_wavdir_close(struct hz_wavdir *w, char *err, size_t err_len);

#endif
