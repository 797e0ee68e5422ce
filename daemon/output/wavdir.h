/* A folder of recordings of speech: one WAV file for each transmission, named CHANNEL_TIME.wav
 * after the time of its first sample. One thread at a time. */
#ifndef HZ_DAEMON_OUTPUT_WAVDIR_H
#define HZ_DAEMON_OUTPUT_WAVDIR_H

#include "daemon/bus/bus.h"

struct hz_wavdir;

/* Opens the folder `path`, and makes it if it does not exist. NULL, with the reason in err. */
struct hz_wavdir *hz_wavdir_new(const char *path, char *err, size_t err_len);

/* Appends the speech of one audio frame. 0, or -errno with one line in err. */
int hz_wavdir_write(struct hz_wavdir *w, const struct hz_frame *f, char *err, size_t err_len);

/* Completes the open file, if any, of the transmission whose end this message reports. 0, or -errno
 * with one line in err. */
int hz_wavdir_end(struct hz_wavdir *w, const struct hz_frame *f, char *err, size_t err_len);

/* Completes all open files and frees w. 0, or the first -errno with its line in err. NULL is
 * allowed. */
int hz_wavdir_close(struct hz_wavdir *w, char *err, size_t err_len);

#endif
