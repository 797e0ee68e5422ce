/* A complete recording, and the .json beside its file, by which hertzd knows that it is its own.
 * Pure. */
#ifndef HZ_DAEMON_OUTPUT_TAPED_H
#define HZ_DAEMON_OUTPUT_TAPED_H

#include "config/config.h"
#include "daemon/bus/frame.h"

struct hz_taped {
    struct hz_taped *next; /* of lists that hand several over */
    char channel[HZ_NAME_MAX + 1], receiver[HZ_NAME_MAX + 1];
    int64_t utc_ns; /* of its start */
    double seconds;
    uint64_t bytes;
    bool opus;
    char file[]; /* below the root, with its ending */
};

/* A copy with that file. NULL: no memory. */
struct hz_taped *hz_taped_new(const struct hz_taped *r, const char *file);

/* ".opus" or ".wav". */
const char *hz_taped_ending(bool opus);

/* Writes the .json, with its newline. name: of the section. message: what told of the transmission,
 * or NULL. Returns its length; 0: it does not fit. */
size_t hz_taped_print(const struct hz_taped *r, const char *name, const struct hz_frame *message,
                      char *text, size_t size);
/* Reads one of that section, whose file is named below the root. NULL: it is none, or no memory. */
struct hz_taped *hz_taped_parse(const char *text, size_t n, const char *name, const char *file);

#endif
