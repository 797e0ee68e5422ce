/* The names of a series of files: `path = /var/log/radio/messages.jsonl` with `rotate =` makes
 * messages_20261130T190000Z.jsonl, where the time (UTC) is the one at which the file begins. A name
 * that is taken gets a number: messages_20261130T190000Z_2.jsonl. Behind the name stands what state
 * the file is in. Pure; any thread. */
#ifndef HZ_DAEMON_OUTPUT_SERIES_NAME_H
#define HZ_DAEMON_OUTPUT_SERIES_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum hz_series_state {
    HZ_SERIES_DONE,    /* NAME: complete */
    HZ_SERIES_ZSTD,    /* NAME.zst: complete, compressed */
    HZ_SERIES_GZIP,    /* NAME.gz: likewise */
    HZ_SERIES_WRITTEN, /* NAME.part: being written */
    HZ_SERIES_CLOSED,  /* NAME.packing: full, to be compressed */
    HZ_SERIES_HALF,    /* NAME.zst.part, NAME.gz.part: of a compression that goes on, or was cut */
    HZ_SERIES_STATES
};

enum { HZ_SERIES_NAME_MAX = 255, HZ_SERIES_NUMBER_MAX = 9999 };

/* A file of the series, without its folder. */
struct hz_series_file {
    int64_t utc_s; /* when it begins */
    int number;    /* from 1 */
};

/* The bytes of `path` that are its folder, with the slash; 0: there is none. */
size_t hz_series_folder(const char *path);
/* Writes the name of that file in that state. `half`: ".zst" or ".gz", of HZ_SERIES_HALF alone.
 * False: it is too long. */
bool hz_series_name(const char *path, const struct hz_series_file *f, enum hz_series_state state,
                    const char *half, char name[HZ_SERIES_NAME_MAX + 1]);
/* Whether that name in the folder of `path` is one of the series, and which. */
bool hz_series_parse(const char *path, const char *name, struct hz_series_file *f,
                     enum hz_series_state *state);

#endif
